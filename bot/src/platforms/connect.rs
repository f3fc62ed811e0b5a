//! Connects to the configured platforms.

use std::sync::Arc;

use anyhow::{Context, Result};

use crate::chat::{Directory, Platform};
use crate::config::{Config, ListenSecret, Secrets};
use crate::discord::{self, Discord};
use crate::exit::NotConfigured;
use crate::platforms::Chat;
use crate::slack::{self, Slack};
use crate::telemetry::Connections;

/// Creates the clients of the configured platforms. If a platform refuses a token, the start fails.
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

/// The connections that the bot must keep open: none to Slack if Slack calls the bot.
pub(crate) fn connections(config: &Config) -> Connections {
    Connections {
        slack: config.slack.as_ref().is_some_and(|slack| slack.port.is_none()),
        discord: config.discord.is_some(),
    }
}

/// Checks Slack's tokens. A refused token makes the start fail, or the bot would retry for ever and
/// receive nothing. If Slack is unreachable now, it may answer later, so that is no error.
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

/// Turns the refusal of a token into a permanent error: it lasts until somebody replaces the token,
/// and the supervisor sees that in the exit code.
fn refused(
    error: &(impl std::error::Error + Clone + Send + Sync + 'static),
    of_token: bool,
) -> anyhow::Error {
    if of_token { NotConfigured(error.to_string()).into() } else { error.clone().into() }
}

/// Checks Discord's token in the same way.
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
