//! The gateway: what people do reaches the bot without any open port.
//!
//! Each deed is made durable before Discord is told that it arrived, and worked on after that. If
//! it could not be made durable, Discord is told nothing and says so to whoever did it.

use std::sync::Arc;
use std::time::Duration;

use commands::command::{ArgumentKind, Verb};
use futures_util::future::BoxFuture;
use serde_json::json;
use serenity::all::{CommandInteraction, Interaction};
use serenity::async_trait;
use serenity::client::{ClientBuilder, Context, EventHandler};
use serenity::model::gateway::{GatewayIntents, Ready};
use thiserror::Error;

use super::api::{Discord, client};
use super::inbound::{self, ReplyTo};
use crate::chat::{Inbound, Reply};

/// Makes a deed durable, then runs the second part, then lets it be worked on.
pub type Handler = Arc<
    dyn Fn(Inbound, BoxFuture<'static, ()>) -> BoxFuture<'static, Result<(), anyhow::Error>>
        + Send
        + Sync,
>;

/// What somebody may want to name, by what they have typed so far and the environment that they have
/// named already, if they have.
pub type Suggester = Arc<
    dyn Fn(ArgumentKind, String, Option<String>) -> BoxFuture<'static, Vec<String>> + Send + Sync,
>;

/// Discord waits three seconds for a first answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why listening ended.
#[derive(Debug, Error)]
pub enum ListenError {
    /// The client gave up: it reconnects by itself as long as that makes sense.
    #[error("the gateway of Discord is closed to us: {0}")]
    Closed(String),
    /// It ended without saying why.
    #[error("listening to Discord has ended")]
    Ended,
}

/// Listens until that makes no sense any more. To drop it closes the connection.
pub async fn listen(
    discord: &Discord,
    handler: Handler,
    suggester: Suggester,
) -> Result<(), ListenError> {
    let ear = Ear { discord: discord.clone(), handler, suggester };
    let intents = GatewayIntents::GUILDS;
    let built = ClientBuilder::new_with_http(client(&discord.inner.access), intents);
    let mut client = built.event_handler(ear).await.map_err(closed)?;
    client.start().await.map_err(closed)?;
    Err(ListenError::Ended)
}

/// What is said of it never has a token in it.
fn closed(error: serenity::Error) -> ListenError {
    ListenError::Closed(match error {
        serenity::Error::Gateway(error) => error.to_string(),
        other => super::DiscordError::of("connecting", other).to_string(),
    })
}

struct Ear {
    discord: Discord,
    handler: Handler,
    suggester: Suggester,
}

#[async_trait]
impl EventHandler for Ear {
    async fn ready(&self, _: Context, ready: Ready) {
        tracing::info!(discord.guilds = ready.guilds.len(), "listening to Discord");
    }

    async fn interaction_create(&self, _: Context, interaction: Interaction) {
        let deed = match &interaction {
            Interaction::Command(command) => inbound::command(command),
            Interaction::Component(press) => inbound::press(press),
            Interaction::Modal(modal) => inbound::submission(modal),
            Interaction::Autocomplete(typing) => return self.suggest(typing).await,
            Interaction::Ping(_) => None,
            _ => {
                tracing::warn!(discord.kind = ?interaction.kind(), "an interaction was not understood");
                None
            }
        };
        let Some(deed) = deed else { return };
        let user = deed.who.id.clone();
        let acknowledge = self.acknowledge(&deed);
        if let Err(error) = (self.handler)(deed, acknowledge).await {
            tracing::error!(
                discord.user = user,
                error = format!("{error:#}"),
                "not durable; Discord tells them that it failed"
            );
        }
    }
}

impl Ear {
    fn acknowledge(&self, deed: &Inbound) -> BoxFuture<'static, ()> {
        let Reply::Discord(reply) = deed.reply.clone() else { return Box::pin(async {}) };
        let discord = self.discord.clone();
        Box::pin(async move {
            if !reply.deferred {
                return;
            }
            match tokio::time::timeout(PATIENCE, discord.defer(&reply)).await {
                Ok(Ok(())) => {}
                // It is durable: the answer comes another way.
                Ok(Err(error)) => tracing::warn!(discord.error = %error, "not acknowledged"),
                Err(_) => tracing::warn!("Discord did not take an acknowledgement in time"),
            }
        })
    }

    async fn suggest(&self, typing: &CommandInteraction) {
        let Some(option) = typing.data.autocomplete() else { return };
        let verb = typing.data.options.first().map(|verb| verb.name.as_str()).unwrap_or_default();
        let verb = Verb::ALL.into_iter().find(|known| known.word() == verb);
        let arguments = verb.map_or(&[][..], Verb::arguments);
        let Some(argument) = arguments.iter().find(|known| known.name == option.name) else {
            return;
        };
        let beside = inbound::given(&typing.data.options, ArgumentKind::Environment);
        let beside = beside.filter(|_| argument.kind != ArgumentKind::Environment);
        let found = (self.suggester)(argument.kind, option.value.to_owned(), beside).await;
        let choices: Vec<_> = found
            .iter()
            .map(|one| crate::chat::clamp::clamp(one, 100))
            .map(|one| json!({ "name": one, "value": one }))
            .collect();
        let to = ReplyTo {
            channel: typing.channel_id.to_string(),
            user: typing.user.id.to_string(),
            interaction: typing.id.to_string(),
            token: typing.token.clone(),
            deferred: false,
            replaces: false,
        };
        let response = json!({ "type": 8, "data": { "choices": choices } });
        if let Err(error) = self.discord.respond("suggesting", &to, &response).await {
            tracing::info!(discord.error = %error, "a suggestion did not arrive");
        }
    }
}
