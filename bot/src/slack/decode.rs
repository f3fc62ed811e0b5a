//! Decodes interactions as Slack delivers them.
//!
//! The library's own types are not used for this: they expect the whole message of a button, with
//! every block, and drop the click if they do not know one of the blocks. This module expects only
//! what the bot needs.

use commands::view::form::Filled;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::form::{CALLBACK, Carried, Values, written};
use crate::chat::SlackReply;

/// An interaction of a person in Slack. The bot stores it before it acknowledges it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Identifies the interaction: every delivery of it has the same key.
    pub key: String,
    /// The user id of the person.
    pub user: String,
    /// Where the interaction comes from, according to Slack.
    pub origin: Origin,
    /// Where the answer can go.
    pub reply: SlackReply,
    /// What the person asked for.
    pub ask: Interaction,
}

/// Where an interaction comes from. A channel that is shared with other companies includes their
/// people, too; an app that is installed in a whole enterprise receives `null` for the team.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The workspace; `None` if Slack does not say.
    pub team: Option<String>,
    /// The enterprise; `None` if there is none, or Slack does not say.
    pub enterprise: Option<String>,
    /// The workspace of the user; `None` if Slack does not say.
    pub user_team: Option<String>,
}

/// What a person asked for, not yet interpreted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interaction {
    /// The text after `/patch`.
    Command(String),
    /// A button was pressed.
    Press {
        /// The token of the button.
        token: String,
        /// The message that contains the button.
        message_ts: String,
    },
    /// The person opened the app's home page.
    Home,
    /// A submitted dialog.
    Form(Filled),
}

/// What a payload turns out to be.
#[derive(Debug)]
pub(super) enum Decoded {
    /// Interactions to process.
    Interactions(Vec<Inbound>),
    /// Nothing for us, such as a closed dialog or the interaction of a bot.
    Nothing,
    /// The payload could not be parsed.
    Unreadable,
}

/// Decodes the payload of a slash command.
pub(super) fn command(payload: &Value) -> Decoded {
    let Ok(command) = Command::deserialize(payload) else { return Decoded::Unreadable };
    Decoded::Interactions(vec![Inbound {
        key: format!("slack:command:{}", command.trigger_id),
        user: command.user_id.clone(),
        origin: Origin {
            team: command.team_id,
            enterprise: command.enterprise_id,
            user_team: None,
        },
        reply: SlackReply {
            channel: command.channel_id,
            user: command.user_id,
            response_url: command.response_url,
            trigger_id: Some(command.trigger_id),
            thread: command.thread_ts,
        },
        ask: Interaction::Command(command.text.unwrap_or_default()),
    }])
}

/// Decodes the payload of an event. The only one that matters is the opening of the home page.
pub(super) fn event(payload: &Value) -> Decoded {
    let kind = payload.pointer("/event/type").and_then(Value::as_str);
    if kind != Some("app_home_opened") {
        return Decoded::Nothing;
    }
    // The other tab contains the messages.
    if payload.pointer("/event/tab").and_then(Value::as_str).is_some_and(|tab| tab != "home") {
        return Decoded::Nothing;
    }
    let Ok(opened) = Event::deserialize(payload) else { return Decoded::Unreadable };
    Decoded::Interactions(vec![Inbound {
        key: format!("slack:event:{}", opened.event_id),
        user: opened.event.user.clone(),
        origin: Origin {
            team: opened.team_id,
            enterprise: opened.enterprise_id,
            user_team: opened.event.user_team,
        },
        reply: SlackReply {
            channel: opened.event.channel.unwrap_or_default(),
            user: opened.event.user,
            response_url: None,
            trigger_id: None,
            thread: None,
        },
        ask: Interaction::Home,
    }])
}

#[derive(Deserialize)]
struct Event {
    event_id: String,
    team_id: Option<String>,
    enterprise_id: Option<String>,
    event: HomeOpened,
}

#[derive(Deserialize)]
struct HomeOpened {
    user: String,
    user_team: Option<String>,
    channel: Option<String>,
}

/// Decodes the payload of a button press or a dialog.
pub(super) fn interaction(payload: &Value) -> Decoded {
    let by_bot = payload.pointer("/user/is_bot").and_then(Value::as_bool) == Some(true)
        || payload.get("bot_id").is_some_and(Value::is_string);
    if by_bot {
        return Decoded::Nothing;
    }
    match payload.get("type").and_then(Value::as_str) {
        Some("block_actions") => match Actions::deserialize(payload) {
            Ok(actions) => actions.read(),
            Err(_) => Decoded::Unreadable,
        },
        Some("view_submission") => match Submission::deserialize(payload) {
            Ok(submission) => submission.read(),
            Err(_) => Decoded::Unreadable,
        },
        Some("view_closed" | "shortcut" | "message_action" | "block_suggestion") => {
            Decoded::Nothing
        }
        Some(_) | None => Decoded::Unreadable,
    }
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
struct User {
    id: String,
    team_id: Option<String>,
}

impl User {
    fn origin(&self, team: Option<Id>, enterprise: Option<Id>) -> Origin {
        Origin {
            team: team.map(|team| team.id),
            enterprise: enterprise.map(|enterprise| enterprise.id),
            user_team: self.team_id.clone(),
        }
    }
}

#[derive(Deserialize)]
struct Command {
    user_id: String,
    channel_id: String,
    trigger_id: String,
    team_id: Option<String>,
    enterprise_id: Option<String>,
    text: Option<String>,
    response_url: Option<String>,
    thread_ts: Option<String>,
}

#[derive(Deserialize)]
struct Actions {
    user: User,
    team: Option<Id>,
    enterprise: Option<Id>,
    channel: Option<Id>,
    container: Option<Container>,
    message: Option<Message>,
    response_url: Option<String>,
    trigger_id: Option<String>,
    actions: Vec<Action>,
}

#[derive(Deserialize)]
struct Container {
    message_ts: Option<String>,
    channel_id: Option<String>,
    thread_ts: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    ts: Option<String>,
    thread_ts: Option<String>,
}

#[derive(Deserialize)]
struct Action {
    #[serde(rename = "type")]
    kind: String,
    action_id: String,
    value: Option<String>,
    action_ts: Option<String>,
}

impl Actions {
    fn read(self) -> Decoded {
        let (container_ts, container_channel, container_thread) = match self.container {
            Some(container) => (container.message_ts, container.channel_id, container.thread_ts),
            None => (None, None, None),
        };
        let (ts, thread) = match self.message {
            Some(message) => (message.ts, message.thread_ts),
            None => (None, None),
        };
        let channel = self.channel.map(|channel| channel.id).or(container_channel);
        let (Some(message_ts), Some(channel)) = (container_ts.or(ts), channel) else {
            // A button without a message is not ours.
            return Decoded::Nothing;
        };
        let reply = SlackReply {
            channel,
            user: self.user.id.clone(),
            response_url: self.response_url,
            trigger_id: self.trigger_id,
            thread: thread.or(container_thread),
        };
        let origin = self.user.origin(self.team, self.enterprise);
        let presses = self.actions.into_iter().filter(|action| action.kind == "button");
        let asked: Vec<Inbound> = presses
            .filter_map(|action| {
                let at = action.action_ts.or_else(|| reply.trigger_id.clone())?;
                Some(Inbound {
                    key: format!(
                        "slack:press:{}:{message_ts}:{}:{at}",
                        self.user.id, action.action_id
                    ),
                    user: self.user.id.clone(),
                    origin: origin.clone(),
                    reply: reply.clone(),
                    ask: Interaction::Press {
                        token: action.value?,
                        message_ts: message_ts.clone(),
                    },
                })
            })
            .collect();
        if asked.is_empty() { Decoded::Nothing } else { Decoded::Interactions(asked) }
    }
}

#[derive(Deserialize)]
struct Submission {
    user: User,
    team: Option<Id>,
    enterprise: Option<Id>,
    view: View,
}

#[derive(Deserialize)]
struct View {
    id: String,
    #[serde(default)]
    callback_id: String,
    #[serde(default)]
    private_metadata: String,
    state: Option<State>,
}

#[derive(Deserialize)]
struct State {
    values: Values,
}

impl Submission {
    fn read(self) -> Decoded {
        if self.view.callback_id != CALLBACK {
            return Decoded::Nothing;
        }
        let Ok(carried) = serde_json::from_str::<Carried>(&self.view.private_metadata) else {
            return Decoded::Unreadable;
        };
        let values = self.view.state.map(|state| state.values).unwrap_or_default();
        let values = written(values);
        Decoded::Interactions(vec![Inbound {
            // An accepted dialog is gone; one with mistakes can be submitted again.
            key: format!("slack:form:{}:{}", self.user.id, self.view.id),
            user: self.user.id.clone(),
            origin: self.user.origin(self.team, self.enterprise),
            // The person who submitted the dialog counts, even if another person opened it.
            reply: SlackReply { user: self.user.id, ..carried.reply },
            ask: Interaction::Form(Filled { token: carried.token, values }),
        }])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(decoded: Decoded) -> Inbound {
        match decoded {
            Decoded::Interactions(mut all) => all.remove(0),
            other => panic!("nothing was asked: {other:?}"),
        }
    }

    fn click() -> Value {
        json!({
            "type": "block_actions", "team": null, "user": {"id": "U1", "name": "aiko"},
            "container": {"type": "message", "message_ts": "1.5", "channel_id": "C1"},
            "channel": {"id": "C1", "name": "patches"},
            "message": {"ts": "1.5", "blocks": [{"type": "hologram"}]},
            "response_url": "https://hooks.slack.com/actions/1", "trigger_id": "9.9",
            "actions": [{"type": "button", "action_id": "press-0", "value": "p1|withdraw|v-1", "action_ts": "2.0"}],
        })
    }

    #[test]
    fn a_click_is_read_whatever_its_message_holds() {
        let inbound = asked(interaction(&click()));
        assert_eq!(inbound.key, asked(interaction(&click())).key);
        assert_eq!((inbound.user.as_str(), &inbound.origin.team), ("U1", &None));
        assert_eq!(
            inbound.ask,
            Interaction::Press { token: "p1|withdraw|v-1".into(), message_ts: "1.5".into() }
        );
        assert_eq!(inbound.reply.trigger_id.as_deref(), Some("9.9"));
        let stored = serde_json::to_string(&inbound).expect("it can be stored");
        assert_eq!(serde_json::from_str::<Inbound>(&stored).expect("and read"), inbound);
    }

    #[test]
    fn two_clicks_differ() {
        let mut second = click();
        second["actions"][0]["action_ts"] = json!("3.0");
        assert_ne!(asked(interaction(&click())).key, asked(interaction(&second)).key);
    }

    #[test]
    fn a_command_is_read() {
        let payload = json!({
            "user_id": "U1", "channel_id": "C1", "trigger_id": "7", "team_id": "T1",
            "command": "/patch", "text": "plan verification", "response_url": "https://x.example/1",
            "is_enterprise_install": "false", "api_app_id": "A1",
        });
        let inbound = asked(command(&payload));
        assert_eq!(inbound.key, "slack:command:7");
        assert_eq!(inbound.ask, Interaction::Command("plan verification".into()));
    }

    #[test]
    fn only_the_opening_of_the_home_is_an_event_for_us() {
        let opened = |kind: &str, tab: &str| {
            json!({
                "type": "event_callback", "event_id": "Ev1", "team_id": "T1",
                "event": {"type": kind, "user": "U1", "channel": "D1", "tab": tab},
            })
        };
        let inbound = asked(event(&opened("app_home_opened", "home")));
        assert_eq!((inbound.key.as_str(), inbound.user.as_str()), ("slack:event:Ev1", "U1"));
        assert_eq!(inbound.ask, Interaction::Home);
        assert!(matches!(event(&opened("app_home_opened", "messages")), Decoded::Nothing));
        assert!(matches!(event(&opened("message", "home")), Decoded::Nothing));
        let nobody = json!({"event_id": "Ev1", "event": {"type": "app_home_opened"}});
        assert!(matches!(event(&nobody), Decoded::Unreadable));
    }

    #[test]
    fn a_dialog_is_read() {
        let reply = SlackReply {
            channel: "C1".into(),
            user: "U1".into(),
            response_url: None,
            trigger_id: None,
            thread: None,
        };
        let carried = Carried { token: "p1|reject|v-1|0123456789ab".into(), reply: reply.clone() };
        let payload = json!({
            "type": "view_submission", "user": {"id": "U2"}, "team": {"id": "T1"},
            "view": {
                "id": "V1", "callback_id": CALLBACK, "hash": "x",
                "private_metadata": serde_json::to_string(&carried).expect("it can be written"),
                "state": {"values": {"reason": {"reason": {"type": "plain_text_input", "value": "freeze"}}}},
            },
        });
        let inbound = asked(interaction(&payload));
        let values = [("reason".to_owned(), "freeze".to_owned())].into();
        assert_eq!(inbound.ask, Interaction::Form(Filled { token: carried.token, values }));
        assert_eq!(inbound.reply, SlackReply { user: "U2".into(), ..reply });
    }

    #[test]
    fn bots_are_not_listened_to() {
        let mut payload = click();
        payload["user"]["is_bot"] = json!(true);
        assert!(matches!(interaction(&payload), Decoded::Nothing));
    }

    #[test]
    fn what_is_not_understood_is_said_to_be() {
        assert!(matches!(interaction(&json!({"type": "hologram"})), Decoded::Unreadable));
        assert!(matches!(command(&json!({"text": "help"})), Decoded::Unreadable));
    }
}
