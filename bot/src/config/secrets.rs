//! The secrets: read from the process environment only, never from the file, and never shown.

use anyhow::{Context, Result, ensure};

use super::{Config, SlackSettings};
use crate::secret::Secret;

/// The tokens and keys that the bot needs.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// The secrets of Slack; `None` if it is not configured.
    pub slack: Option<SlackSecrets>,
    /// `DISCORD_BOT_TOKEN`; `None` if Discord is not configured.
    pub discord: Option<Secret>,
    /// `NVD_API_KEY`; without it the NVD accepts a tenth of the requests.
    pub nvd: Option<Secret>,
}

/// The secrets of Slack.
#[derive(Clone, Debug)]
pub struct SlackSecrets {
    /// `SLACK_BOT_TOKEN`, `xoxb-…`.
    pub bot: Secret,
    /// The secret for receiving from Slack.
    pub listen: ListenSecret,
}

/// The secret for receiving from Slack, by the way of receiving.
#[derive(Clone, Debug)]
pub enum ListenSecret {
    /// `SLACK_APP_TOKEN`, `xapp-…`, with which the bot opens sockets.
    Sockets(Secret),
    /// `SLACK_SIGNING_SECRET`, with which Slack signs its requests.
    Http(Secret),
}

impl Secrets {
    /// Reads the secrets that `config` needs with `variable`, which returns the value of an
    /// environment variable.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>, config: &Config) -> Result<Self> {
        let token = |name: &str, prefix: &str, kind: &str| -> Result<Secret> {
            let value = variable(name).filter(|value| !value.is_empty()).with_context(|| {
                format!("{name} is not set: it has to hold the {kind}, which begins with {prefix}")
            })?;
            // The message never contains the value itself.
            ensure!(
                value.starts_with(prefix),
                "{name} does not hold the {kind}, which begins with {prefix}"
            );
            Ok(Secret::new(value))
        };
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let slack = |settings: &SlackSettings| -> Result<SlackSecrets> {
            let bot = token("SLACK_BOT_TOKEN", "xoxb-", "bot token")?;
            let listen = if settings.port.is_some() {
                let secret = set("SLACK_SIGNING_SECRET").context(
                    "SLACK_SIGNING_SECRET is not set: with `slack.mode = \"http\"` it has to hold the \
                     signing secret of the app (Basic Information, App Credentials)",
                )?;
                ListenSecret::Http(Secret::new(secret))
            } else {
                ListenSecret::Sockets(token("SLACK_APP_TOKEN", "xapp-", "app-level token")?)
            };
            Ok(SlackSecrets { bot, listen })
        };
        let discord = || {
            let token = set("DISCORD_BOT_TOKEN").context(
                "DISCORD_BOT_TOKEN is not set: with [discord] it has to hold the bot's token \
                 (Developer Portal, Bot, Token)",
            )?;
            anyhow::Ok(Secret::new(token))
        };
        Ok(Self {
            slack: config.slack.as_ref().map(slack).transpose()?,
            discord: config.discord.as_ref().map(|_| discord()).transpose()?,
            nvd: set("NVD_API_KEY").map(Secret::new),
        })
    }
}
