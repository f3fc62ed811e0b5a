//! Secrets: from the process environment only, never from the file, never shown.

use anyhow::{Context, Result, ensure};

use crate::secret::Secret;

/// The tokens and keys that the bot needs.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// `SLACK_BOT_TOKEN`, `xoxb-…`.
    pub slack_bot: Secret,
    /// `SLACK_APP_TOKEN`, `xapp-…`.
    pub slack_app: Secret,
    /// `NVD_API_KEY`; without it the NVD answers a tenth as often.
    pub nvd: Option<Secret>,
}

impl Secrets {
    /// Reads them through `variable`, which gives the value of an environment variable.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
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
            slack_app: token("SLACK_APP_TOKEN", "xapp-", "app-level token")?,
            nvd: variable("NVD_API_KEY").filter(|value| !value.is_empty()).map(Secret::new),
        })
    }
}
