//! What people did, in the same shape from every platform.

use std::collections::BTreeSet;

use commands::book::Ask;
use serde::{Deserialize, Serialize};

use crate::chat::Platform;
use crate::{discord, slack};

/// Something that a person did. It is stored before it is acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// The same for every delivery of the same deed.
    pub key: String,
    /// Who.
    pub who: Who,
    /// What they asked for.
    pub ask: Ask,
    /// Where an answer can go.
    pub reply: Reply,
}

/// Who did something, as the platform knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// Which platform.
    pub platform: Platform,
    /// Their id there.
    pub id: String,
    /// The roles that the platform said they have, where it says so with the deed.
    pub roles: BTreeSet<String>,
}

/// Where an answer can go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// To somebody in Slack.
    Slack(slack::ReplyTo),
    /// To somebody in Discord.
    Discord(discord::ReplyTo),
}

impl Reply {
    /// The platform it was asked on.
    pub fn platform(&self) -> Platform {
        match self {
            Self::Slack(_) => Platform::Slack,
            Self::Discord(_) => Platform::Discord,
        }
    }

    /// The channel it was asked in.
    pub fn channel(&self) -> &str {
        match self {
            Self::Slack(to) => &to.channel,
            Self::Discord(to) => &to.channel,
        }
    }
}

impl From<slack::Inbound> for Inbound {
    fn from(deed: slack::Inbound) -> Self {
        let who = Who { platform: Platform::Slack, id: deed.user, roles: BTreeSet::new() };
        let ask = match deed.ask {
            slack::Ask::Command(text) => Ask::Command { text },
            slack::Ask::Home => Ask::Home,
            // Its dialog has asked already, where the button has one.
            slack::Ask::Press { token, .. } => Ask::Press { token, confirmed: true },
            slack::Ask::Form(filled) => Ask::Form(filled),
        };
        Self { key: deed.key, who, ask, reply: Reply::Slack(deed.reply) }
    }
}

/// A deed as it may lie in the store: what an earlier version wrote was always Slack's.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Stored {
    Now(Inbound),
    OfSlack(slack::Inbound),
}

impl From<Stored> for Inbound {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Now(deed) => deed,
            Stored::OfSlack(deed) => deed.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_earlier_version_stored_is_read() {
        let old = json!({
            "key": "slack:command:7", "user": "U1", "team": "T1",
            "reply": {
                "channel": "C1", "user": "U1", "response_url": null, "trigger_id": "7", "thread": null,
            },
            "ask": { "command": "status" },
        });
        let deed: Inbound = serde_json::from_value::<Stored>(old).expect("it is read").into();
        assert_eq!(deed.ask, Ask::Command { text: "status".into() });
        assert_eq!((deed.who.platform, deed.who.id.as_str()), (Platform::Slack, "U1"));
        assert_eq!(deed.reply.channel(), "C1");
        // A dialog, when it had two fields at the most.
        let old = json!({
            "key": "slack:form:U1:V1", "user": "U1", "team": "T1",
            "reply": {
                "channel": "C1", "user": "U1", "response_url": null, "trigger_id": null, "thread": null,
            },
            "ask": { "form": { "token": "p1|stop|web-1", "reason": "alarms", "command": "" } },
        });
        let form: Inbound = serde_json::from_value::<Stored>(old).expect("it is read").into();
        let Ask::Form(filled) = form.ask else { panic!("{form:?}") };
        assert_eq!((filled.token.as_str(), filled.written("reason")), ("p1|stop|web-1", "alarms"));
        let now = serde_json::to_value(&deed).expect("it can be stored");
        let again: Inbound = serde_json::from_value::<Stored>(now).expect("and read").into();
        assert_eq!(again, deed);
    }
}
