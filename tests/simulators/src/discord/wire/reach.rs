//! What a route has access to, and the checks that many routes share.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::refusal::Refusal;
use super::request::Request;
use crate::clock::Clock;
use crate::discord::guild::{Channel, permission};
use crate::discord::limits::Findings;
use crate::discord::message::Message;
use crate::discord::world::World;

pub(super) struct Reach<'a> {
    pub(super) world: &'a mut World,
    pub(super) now: DateTime<Utc>,
    pub(super) clock: &'a Clock,
    pub(super) request: &'a Request,
}

impl Reach<'_> {
    /// The channel, if the bot sees it and has these permissions.
    pub(super) fn channel(&self, id: &str, wanted: u64) -> Result<Channel, Refusal> {
        let channel = self.world.channel(id).ok_or_else(|| Refusal::of(10003))?;
        let bot = &self.world.app.id;
        if !self.world.may(bot, channel, permission::VIEW_CHANNEL) {
            return Err(Refusal::of(50001));
        }
        if !self.world.may(bot, channel, wanted) {
            return Err(Refusal::of(50013));
        }
        Ok(channel.clone())
    }

    /// The message, if the bot may read it there. Ephemeral ones exist only for the webhook.
    pub(super) fn message(&self, channel: &str, id: &str) -> Result<Message, Refusal> {
        let found = self.world.message(channel, id).filter(|message| message.only_for.is_none());
        found.cloned().ok_or_else(|| Refusal::of(10008))
    }

    pub(super) fn app(&self, id: &str) -> Result<(), Refusal> {
        if id == self.world.app.id { Ok(()) } else { Err(Refusal::of(20012)) }
    }

    pub(super) fn guild(&self, id: &str) -> Result<(), Refusal> {
        self.world.guild(id).map(|_| ()).ok_or_else(|| Refusal::of(10004))
    }

    /// Notes a complaint about what Discord would ignore, and refuses what it would refuse.
    pub(super) fn verdict(&mut self, found: &Findings, under: Option<&str>) -> Result<(), Refusal> {
        let route = self.request.route();
        for unknown in &found.unknown {
            let place = under.map(|under| format!("{under}.")).unwrap_or_default();
            self.world.complain(format!("{route}: unknown field {place}{unknown}"));
        }
        if found.is_empty() {
            return Ok(());
        }
        let refusal = Refusal::form(found, under);
        self.world.complain(format!("{route}: {}", refusal.to_json()));
        Err(refusal)
    }

    /// A number of the query within these bounds.
    pub(super) fn limit(&self, default: usize, most: usize) -> Result<usize, Refusal> {
        let Some(text) = self.request.query.get("limit") else { return Ok(default) };
        text.parse().ok().filter(|limit| (1..=most).contains(limit)).ok_or_else(|| {
            let message = format!("int value should be between 1 and {most}.");
            Refusal::field("limit", "NUMBER_TYPE_MAX", &message)
        })
    }
}

/// The text under `name`, or an empty one.
pub(super) fn word<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}
