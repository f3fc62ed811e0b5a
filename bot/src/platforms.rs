//! Connecting the platforms that are configured, and listening to all of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use backon::{BackoffBuilder, ExponentialBuilder};
use serenity::model::id::GuildId;
use tokio::net::TcpListener;

use crate::chat::{Chat, Directory, Inbound, Platform};
use crate::config::{Config, ListenSecret, Secrets, SlackSecrets};
use crate::discord::{self, Discord};
use crate::engine::Intake;
use crate::exit::NotConfigured;
use crate::slack::{self, Slack, http, socket_mode::ListenStats, socket_mode::Settings};
use crate::telemetry::{Connections, Health, metrics};

/// Makes the configured platforms ready. Tokens that a platform refuses end the start.
pub(crate) async fn connect(config: &Config, secrets: &Secrets, drill: bool) -> Result<Chat> {
    let guild = config.discord.as_ref().and_then(|settings| settings.guild);
    let directory = Directory::new(config.people.clone()).with_groups(config.groups.clone());
    let directory = Arc::new(directory.in_discord(guild.map(|guild| guild.to_string())));
    let slack = match (&config.slack, &secrets.slack) {
        (Some(settings), Some(secrets)) => {
            let access = slack::Access {
                bot_token: secrets.bot.expose().to_owned(),
                app_token: match &secrets.listen {
                    ListenSecret::Sockets(token) => Some(token.expose().to_owned()),
                    ListenSecret::Http(_) => None,
                },
                api_url: settings.api_url.clone(),
                plain_http: drill,
            };
            let slack =
                Slack::new(&access, Arc::clone(&directory)).context("failed to set Slack up")?;
            slack_tokens_are_good(&slack).await?;
            Some(slack)
        }
        _ => None,
    };
    let discord = match (&config.discord, &secrets.discord) {
        (Some(settings), Some(token)) => {
            let access = discord::Access {
                token: token.expose().to_owned(),
                application: settings.application,
                guild: settings.guild,
                channels: config
                    .channels
                    .iter()
                    .filter(|channel| channel.platform == Platform::Discord)
                    .map(|channel| channel.id.clone())
                    .collect(),
                api_url: settings.api_url.clone(),
            };
            let discord = Discord::new(&access, Arc::clone(&directory))
                .context("failed to set Discord up")?;
            discord_token_is_good(&discord).await?;
            Some(discord)
        }
        _ => None,
    };
    Ok(Chat { slack, discord, directory })
}

/// Which connections are kept open: none to Slack where it calls the bot.
pub(crate) fn connections(config: &Config) -> Connections {
    Connections {
        slack: config.slack.as_ref().is_some_and(|slack| slack.port.is_none()),
        discord: config.discord.is_some(),
    }
}

/// Listens to every platform until one of them ends: a bot that hears only one of two is worse than none.
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

/// Listens to Slack, over sockets or over HTTP, until something ends that.
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

/// Makes Discord offer `/patch` where it is configured, and nowhere else. Gives whether that is done;
/// where it is not yet, what was registered before still works.
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
        // Whoever types finds it twice, and both work.
        Err(error) => tracing::warn!(discord.error = %error, "/patch may be offered twice"),
    }
    Ok(true)
}

/// Tries it until it is done, from each second to every five minutes.
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

/// A token that Slack refuses ends the start, or the bot would try it for ever and receive nothing.
/// Slack that cannot be asked now may be there later.
async fn slack_tokens_are_good(slack: &Slack) -> Result<()> {
    let checked = match slack.check_tokens().await {
        Err(error) if !error.is_temporary() => {
            return Err(refused(&error, error.is_of_token()))
                .context("failed to talk to Slack with SLACK_BOT_TOKEN");
        }
        checked => checked,
    };
    let missing = checked.as_ref().ok().and_then(|tokens| tokens.missing.clone());
    if let Some(missing) = missing.filter(|missing| !missing.is_empty()) {
        tracing::info!(slack.missing = ?missing, "the bot token lacks scopes");
    }
    match checked.and_then(|tokens| tokens.listening) {
        Ok(()) => Ok(()),
        Err(error) if error.is_temporary() => {
            tracing::warn!(slack.error = %error, "the tokens could not be tried");
            Ok(())
        }
        Err(error) => Err(refused(&error, error.is_of_token()))
            .context("failed to listen to Slack with SLACK_APP_TOKEN"),
    }
}

/// A token that is refused as such stays so until somebody mends it: the supervisor reads that from the exit code.
fn refused(
    error: &(impl std::error::Error + Clone + Send + Sync + 'static),
    of_token: bool,
) -> anyhow::Error {
    if of_token { NotConfigured(error.to_string()).into() } else { error.clone().into() }
}

/// The same for Discord.
async fn discord_token_is_good(discord: &Discord) -> Result<()> {
    match discord.identify().await {
        Ok(_) => Ok(()),
        Err(error) if error.is_temporary() => {
            tracing::warn!(discord.error = %error, "the token could not be tried");
            Ok(())
        }
        Err(error) => Err(refused(&error, error.is_of_token()))
            .context("failed to talk to Discord with DISCORD_BOT_TOKEN"),
    }
}
