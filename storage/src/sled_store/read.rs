//! Reads. They run on the writer thread too, between batches, so that they only see durable data.

use chrono::{DateTime, Utc};

use super::{apply::Engine, keys};
use crate::{Entry, Key, MAX_PAGE, StoreError, StreamId, Timer, Versioned, io_error, limits};

impl Engine {
    pub(super) fn document(&self, key: &str) -> Result<Option<Versioned>, StoreError> {
        limits::check_name(key)?;
        let raw = self.db.get(keys::key(keys::DOCUMENT, key)).map_err(|error| failed(&error))?;
        raw.map(|raw| versioned(key, &raw)).transpose()
    }

    pub(super) fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Key, Versioned)>, StoreError> {
        self.named(keys::DOCUMENT, prefix, after, limit, versioned)
    }

    pub(super) fn streams(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(StreamId, u64)>, StoreError> {
        self.named(keys::HEAD, prefix, after, limit, keys::read_number)
    }

    pub(super) fn stream(
        &self,
        id: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        limits::check_name(id)?;
        let Some(first) = after.checked_add(1) else { return Ok(Vec::new()) };
        let prefix = keys::entries(id);
        let mut found = Vec::new();
        let range = keys::entry(id, first)..=keys::entry(id, u64::MAX);
        for (expected, pair) in (first..).zip(self.db.range(range).take(limit.min(MAX_PAGE))) {
            let (key, payload) = pair.map_err(|error| failed(&error))?;
            let version = keys::read_number(id, &key[prefix.len()..])?;
            // A gap would silently change the state that the events produce.
            if version != expected {
                return Err(keys::corrupt(&format!("stream {id}"), &hole(expected)));
            }
            found.push(Entry { version, payload: payload.to_vec() });
        }
        Ok(found)
    }

    pub(super) fn due(
        &self,
        until: DateTime<Utc>,
        after: Option<&Timer>,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError> {
        let until = keys::instant(until);
        // The smallest key greater than that of `after` is the same key followed by a zero byte.
        let start = after.map_or_else(
            || vec![keys::DUE],
            |after| [&keys::due(&keys::instant(after.due), &after.id), &[0][..]].concat(),
        );
        let mut found = Vec::new();
        for pair in self.db.range(start..).take(limit.min(MAX_PAGE)) {
            let (key, _) = pair.map_err(|error| failed(&error))?;
            if !key.starts_with(&[keys::DUE]) {
                break;
            }
            let timer = key.get(1..13).zip(key.get(13..));
            let (at, id) = timer.ok_or_else(|| keys::corrupt("a timer", "its key is too short"))?;
            if at > until.as_slice() {
                break;
            }
            let id = keys::read_name("a timer", id)?;
            let due = keys::read_instant(at)
                .ok_or_else(|| keys::corrupt(&format!("timer {id}"), "it is due at no date"))?;
            found.push(Timer { id, due });
        }
        Ok(found)
    }

    fn named<T>(
        &self,
        kind: u8,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        read: impl Fn(&str, &[u8]) -> Result<T, StoreError>,
    ) -> Result<Vec<(String, T)>, StoreError> {
        let prefix = keys::key(kind, prefix);
        // The smallest key greater than `after` is `after` followed by a zero byte.
        let start =
            after.map_or_else(Vec::new, |after| [&keys::key(kind, after), &[0][..]].concat());
        let mut found = Vec::new();
        for pair in self.db.range(prefix.clone().max(start)..).take(limit.min(MAX_PAGE)) {
            let (key, raw) = pair.map_err(|error| failed(&error))?;
            if !key.starts_with(&prefix) {
                break;
            }
            let name = keys::read_name("a name", &key[1..])?;
            let value = read(&name, &raw)?;
            found.push((name, value));
        }
        Ok(found)
    }
}

fn versioned(key: &str, raw: &[u8]) -> Result<Versioned, StoreError> {
    let (version, value) = keys::read_document(key, raw)?;
    Ok(Versioned { version, value: value.to_vec() })
}

pub(super) fn hole(expected: u64) -> String {
    format!("entry {expected} is missing")
}

/// The error of a failed read, which changes nothing and is therefore never ambiguous.
pub(super) fn failed(error: &sled::Error) -> StoreError {
    match error {
        sled::Error::Corruption { .. } => keys::corrupt("the database", &error.to_string()),
        _ => StoreError::Unavailable { detail: io_error::describe_sled(error) },
    }
}
