//! Secrets: from the process environment only, never from the file, never shown.

use anyhow::{Context, Result, ensure};

use super::{Config, SlackSettings};
use crate::secret::Secret;

/// The tokens and keys that the bot needs.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Those of Slack, if it is configured.
    pub slack: Option<SlackSecrets>,
    /// `DISCORD_BOT_TOKEN`, if Discord is configured.
    pub discord: Option<Secret>,
    /// `NVD_API_KEY`; without it the NVD answers a tenth as often.
    pub nvd: Option<Secret>,
}

/// The secrets of Slack.
#[derive(Clone, Debug)]
pub struct SlackSecrets {
    /// `SLACK_BOT_TOKEN`, `xoxb-…`.
    pub bot: Secret,
    /// What listening to Slack takes.
    pub listen: ListenSecret,
}

/// The secret with which Slack is listened to.
#[derive(Clone, Debug)]
pub enum ListenSecret {
    /// `SLACK_APP_TOKEN`, `xapp-…`: the bot opens sockets with it.
    Sockets(Secret),
    /// `SLACK_SIGNING_SECRET`: Slack signs its requests with it.
    Http(Secret),
}

impl Secrets {
    /// Reads those that `config` needs through `variable`, which gives the value of an environment
    /// variable.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>, config: &Config) -> Result<Self> {
        let token = |name: &str, prefix: &str, kind: &str| -> Result<Secret> {
            let value = variable(name).filter(|value| !value.is_empty()).with_context(|| {
                format!("{name} is not set: it has to hold the {kind}, which begins with {prefix}")
            })?;
            // The value itself is never part of the message.
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
