//! What each person has of the bot: the app's home page, and their direct messages.

use std::sync::PoisonError;

use commands::text::wording::Locale;
use commands::view::Card;
use futures_util::FutureExt as _;
use serde_json::json;

use super::api::Slack;
use super::error::SlackError;
use super::render::{Detail, Look, Rendered, render};
use super::wire;

impl Slack {
    /// Shows a card as a person's home page, in place of the previous one.
    pub async fn show_home(
        &self,
        user: &str,
        card: &Card,
        locale: Locale,
    ) -> Result<(), SlackError> {
        let publish = |rendered: Rendered| {
            let view = json!({ "type": "home", "blocks": rendered.blocks.unwrap_or_default() });
            let request = json!({ "user_id": user, "view": view });
            async move { self.call::<_, wire::Done>("views.publish", &request).await.map(drop) }
                .boxed()
        };
        // A home page accepts neither tables nor charts.
        let draw = |look: &Look<'_>| render(card, &Look { detail: Detail::Simple, ..*look });
        self.simpler_if_refused(locale, &[], draw, publish).await
    }

    /// The channel of direct messages between the bot and this person.
    pub async fn direct(&self, user: &str) -> Result<String, SlackError> {
        let opened: wire::Opened =
            self.call("conversations.open", &json!({ "users": user })).await?;
        Ok(opened.channel.id)
    }

    /// The address of a message; requested once for each.
    pub async fn address(&self, channel: &str, ts: &str) -> Result<String, SlackError> {
        let key = (channel.to_owned(), ts.to_owned());
        let known = || self.inner.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known().get(&key).cloned();
        if let Some(address) = found {
            return Ok(address);
        }
        let address = self.permalink(channel, ts).await?;
        known().insert(key, address.clone());
        Ok(address)
    }
}
