//! Secrets: from the process environment only, never from the file, never shown.

use anyhow::{Context, Result, ensure};

use crate::secret::Secret;

/// The tokens and keys that the bot needs.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// `SLACK_BOT_TOKEN`, `xoxb-…`.
    pub slack_bot: Secret,
    /// How Slack is heard.
    pub slack_hearing: Hearing,
    /// `NVD_API_KEY`; without it the NVD answers a tenth as often.
    pub nvd: Option<Secret>,
}

/// The secret that hearing Slack takes.
#[derive(Clone, Debug)]
pub enum Hearing {
    /// `SLACK_APP_TOKEN`, `xapp-…`: the bot opens sockets with it.
    Sockets(Secret),
    /// `SLACK_SIGNING_SECRET`: Slack signs its requests with it.
    Http(Secret),
}

impl Secrets {
    /// Reads them through `variable`, which gives the value of an environment variable. `over_http`
    /// is whether Slack calls the bot.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>, over_http: bool) -> Result<Self> {
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
        Ok(Self {
            slack_bot: token("SLACK_BOT_TOKEN", "xoxb-", "bot token")?,
            slack_hearing: if over_http {
                let secret = variable("SLACK_SIGNING_SECRET").filter(|value| !value.is_empty());
                let secret = secret.context(
                    "SLACK_SIGNING_SECRET is not set: with `slack.mode = \"http\"` it has to hold the \
                     signing secret of the app (Basic Information, App Credentials)",
                )?;
                Hearing::Http(Secret::new(secret))
            } else {
                Hearing::Sockets(token("SLACK_APP_TOKEN", "xapp-", "app-level token")?)
            },
            nvd: variable("NVD_API_KEY").filter(|value| !value.is_empty()).map(Secret::new),
        })
    }
}
