//! The state of the workspace. One lock guards it, and nothing in here waits.

use std::collections::{HashMap, HashSet, VecDeque};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Deadline;
use super::message::{Message, View};
use super::rate_limits::Rates;
use super::record::{Call, Fault};
use super::request_url::{RequestUrl, Signed};
use super::socket::Sockets;
use super::wire::File;
use super::workspace::{App, Channel, Command, Person, Team, Tokens, UserGroup};
use crate::server::RateLimits;

pub(crate) struct World {
    pub(crate) base: String,
    pub(crate) team: Team,
    pub(crate) app: App,
    pub(crate) people: Vec<Person>,
    pub(crate) groups: Vec<UserGroup>,
    pub(crate) channels: Vec<Channel>,
    pub(crate) tokens: Tokens,
    pub(crate) commands: Vec<Command>,
    pub(crate) messages: Vec<Message>,
    pub(crate) ephemerals: Vec<Message>,
    /// Open modals, the topmost of each person last.
    pub(crate) modals: Vec<View>,
    pub(crate) homes: HashMap<String, View>,
    pub(crate) files: Vec<File>,
    pub(crate) triggers: HashMap<String, Trigger>,
    pub(crate) response_urls: HashMap<String, ResponseUrl>,
    pub(crate) sockets: Sockets,
    /// The app's request URL, if it does not use sockets.
    pub(crate) request_url: Option<RequestUrl>,
    pub(crate) requests: Vec<Signed>,
    pub(crate) calls: Vec<Call>,
    pub(crate) complaints: Vec<String>,
    pub(crate) faults: HashMap<String, VecDeque<Fault>>,
    pub(crate) rates: Rates,
    pub(crate) rate_limits: RateLimits,
    pub(crate) refuse_charts: bool,
    /// Buttons and commands that wait for an answer, as `(user, what)`: a person sees a spinner.
    pub(crate) busy: HashSet<(String, String)>,
    last_ts: i64,
    serial: u64,
}

/// The right to open one modal, for a moment after a person did something.
pub(crate) struct Trigger {
    pub(crate) user: String,
    pub(crate) deadline: Deadline,
    pub(crate) is_used: bool,
}

/// A `response_url`.
pub(crate) struct ResponseUrl {
    pub(crate) channel: String,
    pub(crate) user: String,
    /// The message whose button was pressed; `None` for a command.
    pub(crate) original: Option<Original>,
    pub(crate) uses_left: u8,
    pub(crate) expires: DateTime<Utc>,
}

#[derive(Clone)]
pub(crate) struct Original {
    pub(crate) ts: String,
    pub(crate) thread_ts: Option<String>,
    pub(crate) is_ephemeral: bool,
}

impl World {
    pub(crate) fn new(mut people: Vec<Person>, channels: Vec<Channel>, tokens: Tokens) -> Self {
        let bot = people.iter().find(|person| person.is_bot).cloned().unwrap_or_else(|| {
            let bot = Person::bot("U0APP", "app", "App");
            people.push(bot.clone());
            bot
        });
        let app = App {
            id: "A0SIMULATED".to_owned(),
            bot_id: "B0SIMULATED".to_owned(),
            user: bot.id,
            name: bot.real_name,
        };
        let patch = Command {
            name: "/patch".to_owned(),
            description: "Ask the app".to_owned(),
            usage_hint: "[help]".to_owned(),
        };
        Self {
            base: String::new(),
            team: Team {
                id: "T0SIMULATED".to_owned(),
                name: "Sandbox".to_owned(),
                domain: "sandbox".to_owned(),
            },
            app,
            people,
            groups: Vec::new(),
            channels,
            tokens,
            commands: vec![patch],
            messages: Vec::new(),
            ephemerals: Vec::new(),
            modals: Vec::new(),
            homes: HashMap::new(),
            files: Vec::new(),
            triggers: HashMap::new(),
            response_urls: HashMap::new(),
            sockets: Sockets::default(),
            request_url: None,
            calls: Vec::new(),
            complaints: Vec::new(),
            faults: HashMap::new(),
            rates: Rates::default(),
            requests: Vec::new(),
            rate_limits: RateLimits::default(),
            refuse_charts: false,
            busy: HashSet::new(),
            last_ts: 0,
            serial: 0,
        }
    }

    pub(crate) fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    pub(crate) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.id == id)
    }

    pub(crate) fn message(&self, channel: &str, ts: &str) -> Option<&Message> {
        self.messages.iter().rev().find(|message| message.channel == channel && message.ts == ts)
    }

    pub(crate) fn message_mut(&mut self, channel: &str, ts: &str) -> Option<&mut Message> {
        let mut newest_first = self.messages.iter_mut().rev();
        newest_first.find(|message| message.channel == channel && message.ts == ts)
    }

    pub(crate) fn ephemeral(&self, user: &str, ts: &str) -> Option<&Message> {
        let mut newest_first = self.ephemerals.iter().rev();
        newest_first.find(|message| message.ts == ts && message.only_for.as_deref() == Some(user))
    }

    pub(crate) fn complain(&mut self, what: impl Into<String>) {
        let what = what.into();
        tracing::warn!(complaint = what, "the Slack simulator was spoken to wrongly");
        self.complaints.push(what);
    }

    /// The direct message between `user` and the app, which is created on first use.
    pub(crate) fn direct(&mut self, user: &str) -> String {
        let found = self.channels.iter().find(|channel| channel.is_im && channel.has(user));
        if let Some(channel) = found {
            return channel.id.clone();
        }
        let id = format!("D{}", user.trim_start_matches(['U', 'W']));
        let members = vec![user.to_owned(), self.app.user.clone()];
        self.channels.push(Channel { id: id.clone(), name: String::new(), members, is_im: true });
        id
    }

    /// A message id: the time, increased until it is unique.
    pub(crate) fn next_ts(&mut self, now: DateTime<Utc>) -> String {
        self.last_ts = now.timestamp_micros().max(self.last_ts + 100);
        format!("{}.{:06}", self.last_ts / 1_000_000, self.last_ts % 1_000_000)
    }

    /// A short id that nobody has to guess, like those that Slack gives to blocks without one.
    pub(crate) fn next_id(&mut self, prefix: &str) -> String {
        self.serial += 1;
        format!("{prefix}{:05X}", self.serial)
    }

    pub(crate) fn new_trigger(&mut self, user: &str, deadline: Deadline) -> String {
        self.serial += 1;
        let id = format!("{}.{}", self.serial, Uuid::new_v4().simple());
        let trigger = Trigger { user: user.to_owned(), deadline, is_used: false };
        self.triggers.insert(id.clone(), trigger);
        id
    }

    /// A `response_url`; `kind` is `commands` or `actions`.
    pub(crate) fn new_response_url(&mut self, kind: &str, hook: ResponseUrl) -> String {
        let secret = Uuid::new_v4().simple().to_string();
        let url = format!("{}/hooks/{kind}/{}/{secret}", self.base, self.team.id);
        self.response_urls.insert(secret, hook);
        url
    }

    /// The blocks with the ids that Slack gives to blocks and elements without one.
    pub(crate) fn with_ids(&mut self, blocks: &[Value]) -> Vec<Value> {
        let mut blocks = blocks.to_vec();
        for block in &mut blocks {
            let Some(block) = block.as_object_mut() else { continue };
            if !block.contains_key("block_id") {
                block.insert("block_id".to_owned(), json!(self.next_id("b")));
            }
            let elements = match block.get_mut("elements") {
                Some(Value::Array(elements)) => elements.iter_mut().collect(),
                _ => Vec::new(),
            };
            for element in elements {
                self.give_action_id(element);
            }
            for name in ["accessory", "element"] {
                if let Some(element) = block.get_mut(name) {
                    self.give_action_id(element);
                }
            }
        }
        blocks
    }

    fn give_action_id(&mut self, element: &mut Value) {
        let is_interactive = element.get("type").and_then(Value::as_str).is_some_and(|kind| {
            !matches!(kind, "image" | "mrkdwn" | "plain_text") && !kind.starts_with("rich_text")
        });
        if let (true, Some(element)) = (is_interactive, element.as_object_mut())
            && !element.contains_key("action_id")
        {
            element.insert("action_id".to_owned(), json!(self.next_id("a")));
        }
    }

    /// Posts a message, and returns its ts.
    pub(crate) fn post(&mut self, now: DateTime<Utc>, mut message: Message) -> String {
        message.blocks = self.with_ids(&message.blocks);
        message.ts = self.next_ts(now);
        let ts = message.ts.clone();
        match message.only_for {
            Some(_) => self.ephemerals.push(message),
            None => self.messages.push(message),
        }
        ts
    }

    /// Posts a message of Slack itself that only `user` sees.
    pub(crate) fn slackbot(&mut self, now: DateTime<Utc>, channel: &str, user: &str, text: String) {
        let message = Message {
            only_for: Some(user.to_owned()),
            ..new_message(channel, "USLACKBOT", text, Vec::new())
        };
        self.post(now, message);
    }
}

/// A message with only a text.
pub(crate) fn new_message(channel: &str, user: &str, text: String, blocks: Vec<Value>) -> Message {
    Message {
        channel: channel.to_owned(),
        ts: String::new(),
        thread_ts: None,
        is_broadcast: false,
        user: user.to_owned(),
        text,
        blocks,
        metadata: None,
        edited: None,
        only_for: None,
        past: Vec::new(),
        reactions: Vec::new(),
        files: Vec::new(),
    }
}
