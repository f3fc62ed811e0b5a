//! Answers and dialogs, which only one person sees.

use commands::text::wording::Locale;
use commands::view::Card;
use commands::view::form::Form;
use futures_util::FutureExt as _;
use serde::Serialize;
use slack_morphism::prelude::*;

use super::api::{Slack, content, in_time};
use super::error::SlackError;
use super::form::dialog;
use super::render::{Rendered, render};
use super::upload::charts;
use super::wire;
use crate::chat::SlackReply;

/// The codes for a trigger that has expired or was used: it opens one dialog, within 3 seconds.
const TOO_LATE: [&str; 5] = [
    "exchanged_trigger_id",
    "expired_trigger_id",
    "invalid_trigger_id",
    "trigger_exchanged",
    "trigger_expired",
];

impl Slack {
    /// Answers in private. It tries the address that came with the interaction; if that is used up
    /// or has expired, it posts a message that only the person sees.
    pub async fn answer(
        &self,
        to: &SlackReply,
        card: &Card,
        locale: Locale,
    ) -> Result<(), SlackError> {
        let answer = |rendered: Rendered| self.answer_once(to, rendered).boxed();
        self.simpler_if_refused(locale, &charts(card), |look| render(card, look), answer).await
    }

    async fn answer_once(&self, to: &SlackReply, rendered: Rendered) -> Result<(), SlackError> {
        if let Some(url) = &to.response_url {
            match self.respond(url, content(rendered.clone()), to.thread.as_deref()).await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_about_blocks() => return Err(error),
                Err(error) => tracing::info!(slack.error = %error, "answered another way"),
            }
        }
        let request = SlackApiChatPostEphemeralRequest::new(
            SlackChannelId(to.channel.clone()),
            SlackUserId(to.user.clone()),
            content(rendered),
        )
        .opt_thread_ts(to.thread.clone().map(SlackTs));
        self.call::<_, wire::Done>("chat.postEphemeral", &request).await.map(drop)
    }

    async fn respond(
        &self,
        url: &str,
        content: SlackMessageContent,
        thread: Option<&str>,
    ) -> Result<(), SlackError> {
        #[derive(Serialize)]
        struct Response<'a> {
            #[serde(flatten)]
            content: SlackMessageContent,
            response_type: &'static str,
            replace_original: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            thread_ts: Option<&'a str>,
        }
        const METHOD: &str = "response_url";
        let url = reqwest::Url::parse(url)
            .map_err(|_| SlackError::Settings("a response_url is no address".into()))?;
        let response = Response {
            content,
            response_type: "ephemeral",
            replace_original: false,
            thread_ts: thread,
        };
        let span = tracing::debug_span!("slack.respond");
        let context = SlackClientApiCallContext {
            rate_control_params: None,
            token: None,
            tracing_span: &span,
            is_sensitive_url: true,
        };
        let connector = &self.inner.client.http_api.connector;
        let send =
            || connector.http_post_uri::<_, wire::Done>(url.clone(), &response, context.clone());
        in_time(METHOD, send).await.map(drop)
    }

    /// Opens a dialog for the person who just pressed a button: within 3 seconds.
    pub async fn open_form(&self, form: &Form, reply: &SlackReply) -> Result<(), SlackError> {
        let trigger = reply.trigger_id.clone().ok_or(SlackError::TooLateForDialog)?;
        let view = dialog(form, reply, &self.inner.directory)
            .map_err(|_| SlackError::Settings("a dialog could not be written".into()))?;
        let request = SlackApiViewsOpenRequest::new(SlackTriggerId(trigger), view);
        match self.call::<_, wire::Done>("views.open", &request).await {
            Err(SlackError::Refused { code, .. }) if TOO_LATE.contains(&code.as_str()) => {
                Err(SlackError::TooLateForDialog)
            }
            other => other.map(drop),
        }
    }
}
