//! The placeholders of the example file, which an operator has to replace.

use super::tree::Entry;
use super::value_type::ValueType;

/// Whether placeholders are permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Example {
    /// The file is the example, or that of a drill.
    MayStay,
    /// The file is about to be used.
    IsReplaced,
}

/// Which placeholders are refused. For a service that a simulator provides they are permitted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    anywhere: bool,
    aws: bool,
    slack: bool,
    discord: bool,
}

const SAYS: &str =
    "still has the placeholder of patchbot.example.toml: put your own value in its place";
const ACCOUNTS: [&str; 2] = ["111111111111", "222222222222"];
const SLACK_IDS: [&str; 4] = ["0123456789", "0123456790", "0987654321", "XXXXXXXX"];
const DISCORD_ID: &str = "123456789012345678";

impl Example {
    /// Refuses only the placeholders of the real services in the file.
    pub(super) fn at(self, file: &Entry<'_>) -> Left {
        let anywhere = self == Self::IsReplaced;
        let real = |table, key| anywhere && !file.key(table).key(key).is_there();
        Left {
            anywhere,
            aws: real("aws", "endpoint"),
            slack: real("slack", "api_url"),
            discord: real("discord", "api_url"),
        }
    }
}

impl Left {
    /// The message about `text`, which has `value_type`; `None` if it may stay.
    pub(super) fn says(self, text: &str, value_type: ValueType) -> Option<&'static str> {
        let slack =
            || SLACK_IDS.iter().any(|id| text.get(1..).is_some_and(|rest| rest.starts_with(id)));
        let placeholder = match value_type {
            _ if self.anywhere && text.contains("replace-with") => true,
            ValueType::Account | ValueType::RoleArn | ValueType::Queue => {
                self.aws && ACCOUNTS.iter().any(|account| text.contains(account))
            }
            ValueType::SlackChannel | ValueType::SlackUser | ValueType::SlackGroup => {
                self.slack && slack()
            }
            ValueType::Snowflake if self.discord && text.len() < 17 => {
                return Some(
                    "is too short for an id of Discord, which has 17 digits at least: \"Copy ID\" in developer mode gives it",
                );
            }
            ValueType::Snowflake => self.discord && text == DISCORD_ID,
            _ => false,
        };
        placeholder.then_some(SAYS)
    }
}
