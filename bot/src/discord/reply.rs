//! Answers and dialogs, which only one person sees.

use commands::text::wording::Locale;
use commands::view::Card;
use commands::view::form::Form;
use serde_json::{Value, json};
use serenity::model::id::InteractionId;

use super::api::{Discord, channel_id};
use super::error::DiscordError;
use super::render::{Look, allowed, dialog, render};
use crate::chat::DiscordReply;

/// The message flag for "only the person who asked sees it".
const EPHEMERAL: u64 = 64;
/// The error code for "already acknowledged".
const ACKNOWLEDGED: i64 = 40_060;
const ANSWERING: &str = "Create Followup Message";

impl Discord {
    /// Announces an answer that only one person will see.
    pub(super) async fn defer(&self, to: &DiscordReply) -> Result<(), DiscordError> {
        // In the meantime Discord shows the question, or that an answer will follow.
        let first = if to.replaces {
            json!({ "type": 6 })
        } else {
            json!({ "type": 5, "data": { "flags": EPHEMERAL } })
        };
        self.respond("Create Interaction Response", to, &first).await
    }

    /// Answers in private. If the interaction is too old for that, the bot writes to the channel
    /// and mentions the person: an answer that nobody sees is worse than one that everybody sees.
    pub async fn answer(
        &self,
        to: &DiscordReply,
        card: &Card,
        locale: Locale,
    ) -> Result<(), DiscordError> {
        // Answers carry no files; a chart is put into words.
        let look = Look { locale, people: &self.inner.directory, pictured: false };
        let mut body = render(card, None, &look);
        if let Some(fields) = body.as_object_mut() {
            fields.remove("attachments");
        }
        match self.answer_in_private(to, &body).await {
            Err(error) if error.is_expired() => {
                tracing::info!(discord.error = %error, "answered in the channel instead");
                body["content"] = format!("<@{}>", to.user).into();
                body["allowed_mentions"] = allowed(vec![to.user.clone()], Vec::new());
                let channel = channel_id(&to.channel)?;
                let sent = self.inner.http.send_message(channel, Vec::new(), &body).await;
                sent.map(drop).map_err(|error| DiscordError::of(ANSWERING, error))
            }
            other => other,
        }
    }

    async fn answer_in_private(&self, to: &DiscordReply, body: &Value) -> Result<(), DiscordError> {
        if to.replaces {
            let http = &self.inner.http;
            let edited = http.edit_original_interaction_response(&to.token, body, Vec::new()).await;
            match edited.map(drop).map_err(|error| DiscordError::of(ANSWERING, error)) {
                // The person has dismissed the message, so the answer becomes a new one.
                Err(error) if error.is_message_gone() => {}
                other => return other,
            }
        }
        let mut body = body.clone();
        body["flags"] = EPHEMERAL.into();
        if !to.deferred {
            let first = json!({ "type": 4, "data": body });
            match self.respond(ANSWERING, to, &first).await {
                Err(error) if error.code() == Some(ACKNOWLEDGED) => {}
                other => return other,
            }
        }
        let sent = self.inner.http.create_followup_message(&to.token, &body, Vec::new()).await;
        sent.map(drop).map_err(|error| DiscordError::of(ANSWERING, error))
    }

    /// Opens a dialog for the person who just pressed a button: within 3 seconds.
    pub async fn open_form(&self, form: &Form, to: &DiscordReply) -> Result<(), DiscordError> {
        let modal = json!({ "type": 9, "data": dialog(form) });
        match self.respond("Create Interaction Response", to, &modal).await {
            Err(error) if error.is_expired() || error.code() == Some(ACKNOWLEDGED) => {
                Err(DiscordError::TooLateForDialog)
            }
            other => other,
        }
    }

    pub(super) async fn respond(
        &self,
        operation: &'static str,
        to: &DiscordReply,
        response: &Value,
    ) -> Result<(), DiscordError> {
        let id = to.interaction.parse().map(InteractionId::new);
        let id = id.map_err(|_| DiscordError::Settings("an interaction without an id".into()))?;
        let sent = self.inner.http.create_interaction_response(id, &to.token, response, Vec::new());
        sent.await.map_err(|error| DiscordError::of(operation, error))
    }
}
