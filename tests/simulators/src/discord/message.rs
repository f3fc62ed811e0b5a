//! Messages of the world.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

/// Flags of messages.
pub(crate) mod flag {
    pub(crate) const EPHEMERAL: u64 = 1 << 6;
    pub(crate) const LOADING: u64 = 1 << 7;
    pub(crate) const COMPONENTS_V2: u64 = 1 << 15;
    pub(crate) const HAS_THREAD: u64 = 1 << 5;
}

/// A message, as Discord stores it.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The snowflake of the message.
    pub id: String,
    /// The channel or thread.
    pub channel: String,
    /// The author's user id.
    pub author: String,
    /// 0 message, 18 thread started, 19 reply, 20 answer to a command, 21 first message of a
    /// thread.
    pub kind: u8,
    /// The text beside the embeds, in Discord's markdown.
    pub content: String,
    /// The embeds as sent, with `type` filled in.
    pub embeds: Vec<Value>,
    /// The components as sent, with the `id` that Discord gives to those without one.
    pub components: Vec<Value>,
    /// The attachments as Discord shows them, with a `url` that this simulator serves.
    pub attachments: Vec<Value>,
    /// Bits: 64 ephemeral, 128 the app is thinking, 32768 components v2.
    pub flags: u64,
    /// The nonce, as sent.
    pub nonce: Option<Value>,
    /// What it replies to or quotes.
    pub reference: Option<Value>,
    /// The interaction that caused it, if there was one.
    pub interaction: Option<Value>,
    /// When it was posted.
    pub at: DateTime<Utc>,
    /// When it was last edited.
    pub edited: Option<DateTime<Utc>>,
    /// The only person who sees it, if it is ephemeral.
    pub only_for: Option<String>,
    /// The content before each edit, the oldest first.
    pub past: Vec<Version>,
}

/// The content of a message before an edit.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Its text.
    pub content: String,
    /// Its embeds.
    pub embeds: Vec<Value>,
    /// Its components.
    pub components: Vec<Value>,
}

impl Message {
    pub(crate) fn new(channel: &str, author: &str, content: &str, now: DateTime<Utc>) -> Self {
        Self {
            id: String::new(),
            channel: channel.to_owned(),
            author: author.to_owned(),
            kind: 0,
            content: content.to_owned(),
            embeds: Vec::new(),
            components: Vec::new(),
            attachments: Vec::new(),
            flags: 0,
            nonce: None,
            reference: None,
            interaction: None,
            at: now,
            edited: None,
            only_for: None,
            past: Vec::new(),
        }
    }

    /// Whether the app has deferred its answer, and the person reads "… is thinking".
    pub fn is_loading(&self) -> bool {
        self.flags & flag::LOADING != 0
    }

    /// Whether nothing of it would be visible.
    pub(crate) fn is_empty(&self) -> bool {
        self.content.is_empty()
            && self.embeds.is_empty()
            && self.components.is_empty()
            && self.attachments.is_empty()
    }

    pub(crate) fn version(&self) -> Version {
        Version {
            content: self.content.clone(),
            embeds: self.embeds.clone(),
            components: self.components.clone(),
        }
    }

    /// Every component, with nested ones, in reading order.
    pub fn all_components(&self) -> Vec<&Value> {
        flat(&self.components)
    }
}

/// Components with their nested ones.
pub(crate) fn flat(components: &[Value]) -> Vec<&Value> {
    let mut all = Vec::new();
    for component in components {
        all.push(component);
        if let Some(inner) = component.get("components").and_then(Value::as_array) {
            all.extend(flat(inner));
        }
        for name in ["accessory", "component"] {
            if let Some(inner) = component.get(name) {
                all.extend(flat(std::slice::from_ref(inner)));
            }
        }
    }
    all
}

/// Gives an `id` to components without one, counted through the message like in Discord.
pub(crate) fn with_ids(components: &[Value]) -> Vec<Value> {
    let mut components = components.to_vec();
    let mut next = 0;
    for component in &mut components {
        number(component, &mut next);
    }
    components
}

fn number(component: &mut Value, next: &mut u64) {
    let Some(object) = component.as_object_mut() else { return };
    if object.get("id").and_then(Value::as_u64).unwrap_or_default() == 0 {
        *next += 1;
        object.insert("id".to_owned(), json!(*next));
    }
    for name in ["components", "accessory", "component"] {
        match object.get_mut(name) {
            Some(Value::Array(inner)) => inner.iter_mut().for_each(|one| number(one, next)),
            Some(one @ Value::Object(_)) => number(one, next),
            _ => {}
        }
    }
}

/// A time in Discord's format.
pub(crate) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, false)
}
