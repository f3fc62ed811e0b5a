//! Connecting the platforms that are configured, and hearing all of them.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use storage::Store;
use tokio::net::TcpListener;

use crate::chat::{Chat, People};
use crate::config::{Config, Hearing, Secrets, SlackSecrets};
use crate::discord::{self, Discord};
use crate::engine::Intake;
use crate::health::Health;
use crate::slack::{self, Slack, http, listen::Heard, listen::Settings};

/// Makes the configured platforms ready. Tokens that a platform refuses end the start.
pub(crate) async fn connect(config: &Config, secrets: &Secrets, drill: bool) -> Result<Chat> {
    let people = Arc::new(People::new(config.people.clone()).with_groups(config.groups.clone()));
    let slack = match (&config.slack, &secrets.slack) {
        (Some(settings), Some(secrets)) => {
            let access = slack::Access {
                bot_token: secrets.bot.expose().to_owned(),
                app_token: match &secrets.hearing {
                    Hearing::Sockets(token) => Some(token.expose().to_owned()),
                    Hearing::Http(_) => None,
                },
                api_url: settings.api_url.clone(),
                plain_http: drill,
            };
            let slack =
                Slack::new(&access, Arc::clone(&people)).context("failed to set Slack up")?;
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
                api_url: settings.api_url.clone(),
            };
            let discord = Discord::new(&access, Arc::clone(&people));
            discord_token_is_good(&discord).await?;
            Some(discord)
        }
        _ => None,
    };
    Ok(Chat { slack, discord, people })
}

/// Whether there is no connection to Slack to be kept open: it calls the bot, or is not there.
pub(crate) fn need_no_connection(config: &Config) -> bool {
    config.slack.as_ref().is_none_or(|slack| slack.port.is_some())
}

/// Hears every platform until one of them ends: a bot that is deaf on one side is worse than none.
pub(crate) async fn hear<S: Store + 'static>(
    chat: &Chat,
    config: &Config,
    secrets: &Secrets,
    intake: Intake<S>,
    health: &Health,
) -> Result<()> {
    let intake = Arc::new(intake);
    let slack = async {
        match (&chat.slack, &secrets.slack) {
            (Some(slack), Some(secrets)) => {
                let port = config.slack.as_ref().and_then(|settings| settings.port);
                let heard = health.heard.clone();
                hear_slack(slack, secrets, port, Arc::clone(&intake), heard).await
            }
            _ => std::future::pending().await,
        }
    };
    let discord = async {
        match &chat.discord {
            Some(discord) => hear_discord(discord, config, Arc::clone(&intake)).await,
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

/// Hears Slack, over sockets or over HTTP, until something ends that.
async fn hear_slack<S: Store + 'static>(
    slack: &Slack,
    secrets: &SlackSecrets,
    port: Option<SocketAddr>,
    intake: Arc<Intake<S>>,
    heard: Arc<Heard>,
) -> Result<()> {
    let handler: slack::Handler = Arc::new(move |deed| {
        let intake = Arc::clone(&intake);
        Box::pin(async move { intake.take(deed.into()).await })
    });
    let forever = std::future::pending();
    match (&secrets.hearing, port) {
        (Hearing::Http(secret), Some(address)) => {
            let listener = TcpListener::bind(address)
                .await
                .with_context(|| format!("failed to open {address} (`slack.listen`)"))?;
            http::hear(listener, secret, handler, heard, forever).await?;
        }
        (Hearing::Sockets(_) | Hearing::Http(_), _) => {
            slack::listen(slack, Settings::default(), handler, heard, forever).await?;
        }
    }
    Ok(())
}

async fn hear_discord<S: Store + 'static>(
    discord: &Discord,
    config: &Config,
    intake: Arc<Intake<S>>,
) -> Result<()> {
    let guild = config.discord.as_ref().and_then(|settings| settings.guild);
    match discord.register(guild).await {
        Ok(changed) => tracing::info!(discord.changed = changed, "Discord knows /patch"),
        // What was registered before still works.
        Err(error) if error.is_temporary() => {
            tracing::warn!(discord.error = %error, "/patch could not be registered");
        }
        Err(error) => return Err(error).context("failed to register /patch"),
    }
    let taking = Arc::clone(&intake);
    let handler: discord::Handler = Arc::new(move |deed, acknowledge| {
        let intake = Arc::clone(&taking);
        Box::pin(async move { intake.take_and(deed, acknowledge).await.map(drop) })
    });
    let suggester: discord::Suggester = Arc::new(move |kind, typed, beside| {
        let intake = Arc::clone(&intake);
        Box::pin(async move { intake.suggest(kind, typed, beside).await })
    });
    discord::listen(discord, handler, suggester).await?;
    Ok(())
}

/// A token that Slack refuses ends the start, or the bot would try it for ever and hear nothing.
/// Slack that cannot be asked now may be there later.
async fn slack_tokens_are_good(slack: &Slack) -> Result<()> {
    let checked = match slack.check_tokens().await {
        Err(error) if !error.is_temporary() => {
            return Err(error).context("failed to talk to Slack with SLACK_BOT_TOKEN");
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
        Err(error) => Err(error).context("failed to listen to Slack with SLACK_APP_TOKEN"),
    }
}

/// The same for Discord.
async fn discord_token_is_good(discord: &Discord) -> Result<()> {
    match discord.identify().await {
        Ok(_) => Ok(()),
        Err(error) if error.is_temporary() => {
            tracing::warn!(discord.error = %error, "the token could not be tried");
            Ok(())
        }
        Err(error) => Err(error).context("failed to talk to Discord with DISCORD_BOT_TOKEN"),
    }
}
