//! The gateway, through which interactions reach the bot without an open port.
//!
//! The bot makes each interaction durable before it acknowledges it to Discord, and processes it
//! after that. If it cannot make it durable, it sends no acknowledgement, and Discord tells the
//! person that the interaction failed.

use std::sync::Arc;
use std::time::Duration;

use commands::input::command::{ArgumentKind, Verb};
use futures_util::future::BoxFuture;
use serde_json::json;
use serenity::all::{CommandInteraction, Interaction};
use serenity::async_trait;
use serenity::client::{ClientBuilder, Context, EventHandler};
use serenity::gateway::{ConnectionStage, ShardManager};
use serenity::model::gateway::{GatewayIntents, Ready};
use thiserror::Error;
use tokio::time::Instant;

use super::api::Discord;
use super::client;
use super::decode;
use super::origin::Origin;
use crate::chat::clamp::length;
use crate::chat::{DiscordReply, Inbound, Reply};
use crate::telemetry::metrics;

/// Makes an interaction durable, then runs the second argument, which acknowledges it, and then
/// releases it for processing.
pub type Handler = Arc<
    dyn Fn(Inbound, BoxFuture<'static, ()>) -> BoxFuture<'static, Result<(), anyhow::Error>>
        + Send
        + Sync,
>;

/// Returns suggestions for an argument, from what the person has typed so far and the environment
/// that they have already named, if any.
pub type Suggester = Arc<
    dyn Fn(ArgumentKind, String, Option<String>) -> BoxFuture<'static, Vec<String>> + Send + Sync,
>;

/// The maximum length of a suggestion.
const CHOICE: usize = 100;
/// Discord waits three seconds for the first response.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Why receiving ended.
#[derive(Debug, Error)]
pub enum ListenError {
    /// The client gave up. It reconnects by itself as long as that makes sense.
    #[error("the gateway of Discord is closed to us: {0}")]
    Closed(String),
    /// There was no connection for too long.
    #[error("no connection to Discord's gateway for {} s", .0.as_secs())]
    Silence(Duration),
    /// The client ended without a reason.
    #[error("listening to Discord has ended")]
    Ended,
}

/// How long there may be no connection before [`listen`] gives up: the client would wait for ever
/// for a server that accepts its connection and sends nothing.
const SILENCE: Duration = Duration::from_secs(180);

/// Receives until that no longer makes sense, and reports each second whether there is a
/// connection. Dropping the future closes the connection.
pub async fn listen(
    discord: &Discord,
    handler: Handler,
    suggester: Suggester,
    connected: impl Fn(bool),
) -> Result<(), ListenError> {
    let gateway_handler = GatewayHandler { discord: discord.clone(), handler, suggester };
    let intents = GatewayIntents::GUILDS;
    let http = discord.inner.access.client(client::TIMEOUT);
    let http = http.map_err(|error| ListenError::Closed(error.to_string()))?;
    let built = ClientBuilder::new_with_http(http, intents);
    let mut client = built.event_handler(gateway_handler).await.map_err(closed)?;
    let shards = Arc::clone(&client.shard_manager);
    tokio::select! {
        ended = client.start() => Err(ended.err().map_or(ListenError::Ended, closed)),
        silence = watch(&shards, connected) => Err(ListenError::Silence(silence)),
    }
}

/// Ends when there was no connection for too long.
async fn watch(shards: &ShardManager, connected: impl Fn(bool)) -> Duration {
    let mut last = Instant::now();
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    loop {
        seconds.tick().await;
        let runners = shards.runners.lock().await;
        let is_connected =
            runners.values().any(|runner| runner.stage == ConnectionStage::Connected);
        drop(runners);
        connected(is_connected);
        if is_connected {
            last = Instant::now();
        } else if last.elapsed() >= SILENCE {
            return SILENCE;
        }
    }
}

/// The message never contains a token.
fn closed(error: serenity::Error) -> ListenError {
    ListenError::Closed(match error {
        serenity::Error::Gateway(error) => error.to_string(),
        other => super::DiscordError::of("Gateway", other).to_string(),
    })
}

struct GatewayHandler {
    discord: Discord,
    handler: Handler,
    suggester: Suggester,
}

#[async_trait]
impl EventHandler for GatewayHandler {
    async fn ready(&self, _: Context, ready: Ready) {
        tracing::info!(discord.guilds = ready.guilds.len(), "listening to Discord");
    }

    async fn interaction_create(&self, _: Context, interaction: Interaction) {
        let Some(origin) = Origin::of(&interaction) else {
            tracing::warn!(discord.kind = ?interaction.kind(), "an interaction was not understood");
            return;
        };
        let outsider = match self.discord.outsider(&origin).await {
            Ok(outsider) => outsider,
            Err(error) => {
                tracing::error!(discord.error = %error, "failed to check whether the author of an interaction is a member: Discord tells them that it failed");
                return;
            }
        };
        if let Some(why) = outsider {
            tracing::warn!(discord.origin = ?origin, "an outsider asked for something; it is refused");
            metrics::outsider("discord", why.word());
        }
        let inbound = match &interaction {
            Interaction::Command(command) => decode::command(command),
            Interaction::Component(press) => decode::press(press),
            Interaction::Modal(modal) => decode::submission(modal),
            Interaction::Autocomplete(_) if outsider.is_some() => None,
            Interaction::Autocomplete(typing) => return self.suggest(typing).await,
            _ => None,
        };
        let Some(mut inbound) = inbound else { return };
        (inbound.outside, inbound.parent) = (outsider.is_some(), origin.parent);
        let user = inbound.who.id.clone();
        let acknowledge = self.acknowledge(&inbound);
        if let Err(error) = (self.handler)(inbound, acknowledge).await {
            tracing::error!(
                discord.user = user,
                error = format!("{error:#}"),
                "failed to store an interaction: Discord tells its author that it failed"
            );
        }
    }
}

impl GatewayHandler {
    fn acknowledge(&self, inbound: &Inbound) -> BoxFuture<'static, ()> {
        let Reply::Discord(reply) = inbound.reply.clone() else { return Box::pin(async {}) };
        let discord = self.discord.clone();
        Box::pin(async move {
            if !reply.deferred {
                return;
            }
            match tokio::time::timeout(TIMEOUT, discord.defer(&reply)).await {
                Ok(Ok(())) => {}
                // The interaction is durable, so the answer takes another way.
                Ok(Err(error)) => {
                    tracing::warn!(discord.error = %error, "failed to acknowledge an interaction to Discord")
                }
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
        let beside = decode::given(&typing.data.options, ArgumentKind::Environment);
        let beside = beside.filter(|_| argument.kind != ArgumentKind::Environment);
        let found = (self.suggester)(argument.kind, option.value.to_owned(), beside).await;
        let choices: Vec<_> = found
            .iter()
            // Discord accepts no longer suggestion, and a shortened one would name something else.
            .filter(|one| length(one) <= CHOICE)
            .map(|one| json!({ "name": one, "value": one }))
            .collect();
        let to = DiscordReply {
            channel: typing.channel_id.to_string(),
            user: typing.user.id.to_string(),
            interaction: typing.id.to_string(),
            token: typing.token.clone(),
            deferred: false,
            replaces: false,
        };
        let response = json!({ "type": 8, "data": { "choices": choices } });
        if let Err(error) =
            self.discord.respond("Create Interaction Response", &to, &response).await
        {
            tracing::info!(discord.error = %error, "a suggestion did not arrive");
        }
    }
}
