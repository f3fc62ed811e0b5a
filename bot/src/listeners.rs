//! Receives interactions from the configured platforms, and hands them to the engine's intake.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use backon::{BackoffBuilder, ExponentialBuilder};
use commands::decide::Interaction;
use serenity::model::id::GuildId;
use tokio::net::TcpListener;

use crate::chat::{Inbound, Platform, Reply, Who};
use crate::config::{Config, ListenSecret, Secrets, SlackSecrets};
use crate::discord::{self, Discord};
use crate::engine::Intake;
use crate::platforms::Chat;
use crate::slack::{self, Slack, http, socket_mode::Settings};
use crate::telemetry::{Health, ListenStats, metrics};

/// Receives from every platform until one of them ends: a bot that receives from only one of two is
/// worse than none.
pub(crate) async fn listen(
    chat: &Chat,
    config: &Config,
    secrets: &Secrets,
    intake: Intake,
    health: &Health,
) -> Result<()> {
    let intake = Arc::new(intake);
    let slack = async {
        match (&chat.slack, &secrets.slack) {
            (Some(slack), Some(secrets)) => {
                let port = config.slack.as_ref().and_then(|settings| settings.port);
                let stats = health.slack.clone();
                listen_to_slack(slack, secrets, port, Arc::clone(&intake), stats).await
            }
            _ => std::future::pending().await,
        }
    };
    let discord = async {
        match &chat.discord {
            Some(discord) => listen_to_discord(discord, config, Arc::clone(&intake), health).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = Box::pin(slack) => match ended {
            Ok(()) => bail!("listening to Slack has ended"),
            Err(error) => Err(error).context("failed to listen to Slack"),
        },
        ended = Box::pin(discord) => ended.context("failed to listen to Discord"),
    }
}

/// Receives from Slack, over sockets or over HTTP, until an error ends that.
async fn listen_to_slack(
    slack: &Slack,
    secrets: &SlackSecrets,
    port: Option<SocketAddr>,
    intake: Arc<Intake>,
    stats: Arc<ListenStats>,
) -> Result<()> {
    let ours = slack.clone();
    let handler: slack::Handler = Arc::new(move |interaction| {
        let (intake, slack) = (Arc::clone(&intake), ours.clone());
        Box::pin(async move {
            let outsider = slack.outsider(&interaction.origin).await;
            let outsider = outsider.context("failed to tell our own people from outsiders")?;
            let mut interaction = Inbound::from(interaction);
            if let Some(why) = outsider {
                metrics::outsider("slack", why.word());
                interaction.outside = true;
            }
            intake.accept(interaction).await
        })
    });
    let forever = std::future::pending();
    match (&secrets.listen, port) {
        (ListenSecret::Http(secret), Some(address)) => {
            let listener = TcpListener::bind(address)
                .await
                .with_context(|| format!("failed to open {address} (`slack.listen`)"))?;
            http::listen(listener, secret, handler, stats, forever).await?;
        }
        (ListenSecret::Sockets(_) | ListenSecret::Http(_), _) => {
            slack::listen(slack, Settings::default(), handler, stats, forever).await?;
        }
    }
    Ok(())
}

async fn listen_to_discord(
    discord: &Discord,
    config: &Config,
    intake: Arc<Intake>,
    health: &Health,
) -> Result<()> {
    let guild = config.discord.as_ref().and_then(|settings| settings.guild);
    let is_registered = register_command(discord, guild).await?;
    let registered = async {
        if !is_registered {
            register_later(discord, guild).await?;
        }
        std::future::pending().await
    };
    let accepting = Arc::clone(&intake);
    let handler: discord::Handler = Arc::new(move |interaction, acknowledge| {
        let intake = Arc::clone(&accepting);
        Box::pin(async move { intake.accept_then(interaction, acknowledge).await.map(drop) })
    });
    let suggester: discord::Suggester = Arc::new(move |kind, typed, beside| {
        let intake = Arc::clone(&intake);
        Box::pin(async move { intake.suggest(kind, typed, beside).await })
    });
    let connected = |connected| health.discord_connected(connected);
    tokio::select! {
        ended = discord::listen(discord, handler, suggester, connected) => Ok(ended?),
        failed = registered => failed,
    }
}

/// Registers `/patch` with Discord where it is configured, and nowhere else. Returns whether it
/// succeeded; until it does, an earlier registration still works.
async fn register_command(discord: &Discord, guild: Option<GuildId>) -> Result<bool> {
    match discord.register(guild).await {
        Ok(changed) => tracing::info!(discord.changed = changed, "Discord knows /patch"),
        Err(error) if error.is_temporary() => {
            tracing::warn!(discord.error = %error, "/patch could not be registered; it is tried again");
            return Ok(false);
        }
        Err(error) => return Err(error).context("failed to register /patch"),
    }
    match discord.unregister_elsewhere(guild).await {
        Ok(0) => {}
        Ok(removed) => tracing::info!(
            discord.registrations.removed = removed,
            "/patch is no longer offered there"
        ),
        // People then find the command twice, and both work.
        Err(error) => tracing::warn!(discord.error = %error, "/patch may be offered twice"),
    }
    Ok(true)
}

/// Retries until it succeeds, with pauses from a second to five minutes.
async fn register_later(discord: &Discord, guild: Option<GuildId>) -> Result<()> {
    let pauses = ExponentialBuilder::default()
        .with_max_delay(Duration::from_secs(300))
        .with_jitter()
        .without_max_times();
    for pause in pauses.build() {
        tokio::time::sleep(pause).await;
        if register_command(discord, guild).await? {
            break;
        }
    }
    Ok(())
}

impl From<slack::Inbound> for Inbound {
    fn from(interaction: slack::Inbound) -> Self {
        let who = Who { platform: Platform::Slack, id: interaction.user, roles: BTreeSet::new() };
        let ask = match interaction.ask {
            slack::Interaction::Command(text) => Interaction::Command { text },
            slack::Interaction::Home => Interaction::Home,
            // If the button has a dialog, the dialog has already asked for confirmation.
            slack::Interaction::Press { token, .. } => {
                Interaction::Press { token, confirmed: true }
            }
            slack::Interaction::Form(filled) => Interaction::Form(filled),
        };
        let reply = Reply::Slack(interaction.reply);
        Self { key: interaction.key, who, ask, reply, parent: None, outside: false }
    }
}
