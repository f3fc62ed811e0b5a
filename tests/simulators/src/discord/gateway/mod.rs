//! The gateway: sessions that outlive their connections, and their events.

mod compression;
mod connection;
mod handshake;

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Discord;
pub(crate) use connection::open;

/// The intents that this simulator implements.
pub(crate) mod intent {
    pub(crate) const GUILDS: u64 = 1;
    pub(crate) const GUILD_MEMBERS: u64 = 1 << 1;
    pub(crate) const GUILD_PRESENCES: u64 = 1 << 8;
    pub(crate) const GUILD_MESSAGES: u64 = 1 << 9;
    pub(crate) const DIRECT_MESSAGES: u64 = 1 << 12;
    pub(crate) const MESSAGE_CONTENT: u64 = 1 << 15;
    /// They must be switched on for the app.
    pub(crate) const PRIVILEGED: u64 = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT;
    /// Discord knows no others.
    pub(crate) const ALL: u64 = (1 << 26) - 1;
    /// An event that every session gets.
    pub(crate) const NONE: u64 = 0;
}

/// IDENTIFYs in 24 hours. After one more, Discord resets the token.
const STARTS: usize = 1_000;
/// How many events a session keeps for a resume.
const REMEMBERED: usize = 1_000;

/// All sessions of the bot.
pub(crate) struct Gateway {
    /// In real time, because it guards a real connection.
    pub(crate) heartbeat: Duration,
    sessions: HashMap<String, Session>,
    starts: Vec<DateTime<Utc>>,
    /// How many events are sent twice at the next resume.
    repeats: u64,
    next_connection: u64,
    identifies: usize,
    resumes: usize,
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_millis(41_250),
            sessions: HashMap::new(),
            starts: Vec::new(),
            repeats: 0,
            next_connection: 0,
            identifies: 0,
            resumes: 0,
        }
    }
}

struct Session {
    intents: u64,
    seq: u64,
    events: Vec<(u64, Value)>,
    connection: Option<(u64, mpsc::UnboundedSender<Out>)>,
}

/// An instruction for a connection.
#[derive(Debug)]
pub(crate) enum Out {
    Say(Value),
    Close(u16),
    /// Drops the connection without a close frame.
    Cut,
}

impl Gateway {
    /// Sends an event to every session that has one of the `wanted` intents; `payload` gets its
    /// intents.
    pub(crate) fn dispatch(
        &mut self,
        wanted: u64,
        event: &'static str,
        payload: impl Fn(u64) -> Value,
    ) {
        for session in self.sessions.values_mut() {
            if wanted == intent::NONE || session.intents & wanted != 0 {
                session.dispatch(event, payload(session.intents));
            }
        }
    }

    /// Whether any session, connected or about to resume, would get an interaction.
    pub(crate) fn has_session(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// How many IDENTIFYs are left today, and when the first of them no longer counts.
    pub(crate) fn starts_left(&mut self, now: DateTime<Utc>) -> (usize, TimeDelta) {
        self.starts.retain(|&at| at + TimeDelta::days(1) > now);
        let resets = self.starts.first().map(|&at| at + TimeDelta::days(1) - now);
        (STARTS.saturating_sub(self.starts.len()), resets.unwrap_or(TimeDelta::days(1)))
    }
}

impl Session {
    fn dispatch(&mut self, event: &str, payload: Value) {
        self.seq += 1;
        let whole = json!({ "op": 0, "t": event, "s": self.seq, "d": payload });
        self.events.push((self.seq, whole.clone()));
        if self.events.len() > REMEMBERED {
            self.events.remove(0);
        }
        if let Some((_, out)) = &self.connection
            && out.send(Out::Say(whole)).is_err()
        {
            self.connection = None;
        }
    }
}

impl Discord {
    /// How many sessions are connected now.
    pub fn sessions(&self) -> usize {
        self.look().gateway.sessions.values().filter(|session| session.connection.is_some()).count()
    }

    /// How often the bot identified itself anew.
    pub fn identifies(&self) -> usize {
        self.look().gateway.identifies
    }

    /// How often the bot resumed a session.
    pub fn resumes(&self) -> usize {
        self.look().gateway.resumes
    }

    /// Breaks every connection without a close frame, like a network does.
    pub fn cut_connections(&self) {
        self.order(|| Out::Cut);
    }

    /// Op 7: asks every connection to reconnect and resume.
    pub fn ask_to_reconnect(&self) {
        self.order(|| Out::Say(json!({ "op": 7, "d": null, "s": null, "t": null })));
    }

    /// Op 9: tells every connection that its session is invalid. A session that cannot be resumed
    /// is dropped.
    pub fn invalidate_sessions(&self, is_resumable: bool) {
        self.order(|| Out::Say(json!({ "op": 9, "d": is_resumable, "s": null, "t": null })));
        if !is_resumable {
            self.change(|world| world.gateway.sessions.clear());
        }
    }

    /// Repeats the last `count` events at the next resume, as Discord may.
    pub fn repeat_on_resume(&self, count: u64) {
        self.change(|world| world.gateway.repeats = count);
    }

    fn order(&self, what: impl Fn() -> Out) {
        self.change(|world| {
            for session in world.gateway.sessions.values_mut() {
                if let Some((_, out)) = &session.connection
                    && out.send(what()).is_err()
                {
                    session.connection = None;
                }
            }
        });
    }
}
