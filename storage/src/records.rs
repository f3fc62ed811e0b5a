//! Typed records: anything that serializes, in a JSON envelope that says which version wrote it.
//!
//! ```json
//! {"v":1,"body":{"step":"approved"}}
//! ```
//!
//! A record that is larger than one value is split, and a reader gets it back whole. In a stream, its
//! parts are consecutive entries, each below a line `part 2/3`. A document stores only a line
//! `parts 3 <digest>` under its own name, and its parts under `part/<name>/<n>`. Parts of an earlier,
//! longer value remain unread, because this module deletes nothing.
//!
//! # Example
//! A document is compared and set: [`put`] names the version that the caller has read.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use storage::{Commit, MemoryStore, Store, StoreError, records};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Card {
//!     digest: String,
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(async {
//! let store = MemoryStore::new();
//! let posted = Card { digest: "3f7a".into() };
//! // Version 0: there is no such document yet.
//! store.commit(Commit::new(records::put("card/verification-1", &posted, Some(0))?)).await?;
//!
//! let read = records::get::<Card>(&store, "card/verification-1").await?.expect("it was put");
//! assert_eq!((read.version, &read.body), (1, &posted));
//!
//! let edited = Card { digest: "91c0".into() };
//! let put = records::put("card/verification-1", &edited, Some(read.version))?;
//! store.commit(Commit::new(put.clone())).await?;
//!
//! // A second caller that has read version 1 comes too late.
//! let late = store.commit(Commit::new(put)).await;
//! assert!(matches!(late, Err(StoreError::Conflict { expected: 1, found: 2, .. })));
//! # Ok::<(), records::RecordError>(())
//! # }).expect("a store in memory does not fail");
//! ```

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;
use uuid::Uuid;

use crate::{Key, MAX_VALUE_BYTES, Operation, Store, StoreError, Versioned};

/// The version of the envelope that this build writes, and the newest that it reads.
pub const RECORD_VERSION: u32 = 1;
/// The prefix of the parts of large documents; no document of the caller may begin with it.
const PARTS: &str = "part/";
/// The size of a part, with room for the line above it: `part 33/33`.
const PART_BYTES: usize = MAX_VALUE_BYTES - 32;
/// How often a large document may change during a read before the reader gives up.
const READ_ATTEMPTS: usize = 8;
const STREAM_PAGE: usize = 128;

/// Why a record was not written or read. Each message completes "failed to …".
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The store returned an error, or a record is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A newer patchbot wrote it.
    #[error(
        "read {what}: a newer patchbot wrote it (record version {found}, and this version reads up to {supported}); \
         start that newer version again"
    )]
    Newer {
        /// The record and where it is stored.
        what: String,
        /// The version of the record.
        found: u32,
        /// The newest version that this build reads.
        supported: u32,
    },
    /// The value cannot be written as JSON, for instance a map whose keys are not strings.
    #[error("write {what} as JSON: {detail}")]
    Unwritable {
        /// The name of the record.
        what: String,
        /// The error of the serializer.
        detail: String,
    },
}

impl RecordError {
    /// Whether the error lasts until somebody fixes the cause, so that a retry is useless.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Newer { .. } => true,
            Self::Store(error) => error.is_permanent(),
            Self::Unwritable { .. } => false,
        }
    }
}

/// A document, deserialized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<T> {
    /// The version for `if_version` of a later put.
    pub version: u64,
    /// The deserialized content.
    pub body: T,
}

/// An event, deserialized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<E> {
    /// The version after which to read on; the head of the stream if it is the last event.
    pub version: u64,
    /// The deserialized content.
    pub body: E,
}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    v: u32,
    body: T,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// The operation that appends events, and the head of the stream after it. An event may increase
/// the head by more than one, because a large one takes several entries.
pub fn append_events<E: Serialize>(
    stream: &str,
    expected: u64,
    events: &[E],
) -> Result<(Operation, u64), RecordError> {
    let mut entries = Vec::new();
    for event in events {
        let text = encode(&format!("an event of stream {stream}"), event)?;
        if text.len() <= MAX_VALUE_BYTES {
            entries.push(text.into_bytes());
            continue;
        }
        let parts = split(&text);
        let count = parts.len();
        entries.extend(
            (1..).zip(parts).map(|(n, part)| format!("part {n}/{count}\n{part}").into_bytes()),
        );
    }
    let head = expected + entries.len() as u64;
    Ok((Operation::Append { stream: stream.into(), expected, entries }, head))
}

/// Returns events after the version `after`, at most `limit`. Only an empty answer is the end.
pub async fn read_events<E: DeserializeOwned + Send>(
    store: &dyn Store,
    stream: &str,
    after: u64,
    limit: usize,
) -> Result<Vec<Event<E>>, RecordError> {
    let mut events = Vec::new();
    let mut open: Option<Parts> = None;
    let mut cursor = after;
    while events.len() < limit {
        let page = store.stream(stream, cursor, STREAM_PAGE).await?;
        let Some(last) = page.last() else { break };
        cursor = last.version;
        for entry in page {
            if events.len() == limit {
                break;
            }
            let what = format!("stream {stream} at version {}", entry.version);
            let text = std::str::from_utf8(&entry.payload)
                .map_err(|error| corrupt(&what, error.to_string()))?;
            let whole = match (part(text), open.take()) {
                (None, None) => Some(text.to_owned()),
                (Some((1, of, text)), None) => {
                    open = Some(Parts { seen: 1, of, text: text.to_owned() });
                    None
                }
                (Some((n, of, more)), Some(mut parts)) if n == parts.seen + 1 && of == parts.of => {
                    parts.seen = n;
                    parts.text.push_str(more);
                    if n == of {
                        Some(parts.text)
                    } else {
                        open = Some(parts);
                        None
                    }
                }
                _ => return Err(corrupt(&what, "it is not the part that belongs here".into())),
            };
            if let Some(text) = whole {
                events.push(Event { version: entry.version, body: decode(&what, &text)? });
            }
        }
    }
    // An append is atomic, so either all parts of an event exist or none do.
    if open.is_some() {
        let what = format!("stream {stream} at version {cursor}");
        return Err(corrupt(&what, "the last parts of an event are missing".into()));
    }
    Ok(events)
}

/// The operations that write a document: one, unless it is large. They must be in the same commit.
pub fn put<T: Serialize>(
    key: &str,
    value: &T,
    if_version: Option<u64>,
) -> Result<Vec<Operation>, RecordError> {
    if key.starts_with(PARTS) {
        let detail = format!("the name {key} is kept for the parts of large documents");
        return Err(StoreError::Invalid { detail }.into());
    }
    let text = encode(&format!("document {key}"), value)?;
    if text.len() <= MAX_VALUE_BYTES {
        let value = text.into_bytes();
        return Ok(vec![Operation::Put { key: key.into(), value, if_version }]);
    }
    let parts = split(&text);
    let head = format!("parts {} {}\n", parts.len(), digest(&text)).into_bytes();
    let mut operations = vec![Operation::Put { key: key.into(), value: head, if_version }];
    // Unconditional, because the condition on the head decides for all of them.
    operations.extend((1..).zip(parts).map(|(n, part)| Operation::Put {
        key: part_key(key, n),
        value: part.as_bytes().to_vec(),
        if_version: None,
    }));
    Ok(operations)
}

/// Returns the document, if it exists.
pub async fn get<T: DeserializeOwned + Send>(
    store: &dyn Store,
    key: &str,
) -> Result<Option<Document<T>>, RecordError> {
    match store.document(key).await? {
        Some(found) => whole(store, key, found).await,
        None => Ok(None),
    }
}

/// Lists documents whose name starts with `prefix` and comes after `after`. Only an empty answer is
/// the end.
pub async fn list<T: DeserializeOwned + Send>(
    store: &dyn Store,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(Key, Document<T>)>, RecordError> {
    let mut found = Vec::new();
    let mut after = after.map(str::to_owned);
    // A page that contains only parts is not the end.
    while found.is_empty() && limit > 0 {
        let page = store.list(prefix, after.as_deref(), limit).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        for (key, document) in page {
            if key.starts_with(PARTS) {
                continue;
            }
            if let Some(document) = whole(store, &key, document).await? {
                found.push((key, document));
            }
        }
    }
    Ok(found)
}

/// Reads the parts of a head. The document may be rewritten between the reads; the digest reveals
/// that, and the read starts again.
async fn whole<T: DeserializeOwned + Send>(
    store: &dyn Store,
    key: &str,
    mut head: Versioned,
) -> Result<Option<Document<T>>, RecordError> {
    for _ in 0..READ_ATTEMPTS {
        let what = format!("document {key} at version {}", head.version);
        let text = String::from_utf8(head.value.clone())
            .map_err(|error| corrupt(&what, error.to_string()))?;
        let Some(promise) = text.strip_prefix("parts ") else {
            return Ok(Some(Document { version: head.version, body: decode(&what, &text)? }));
        };
        let (count, promised) = promise
            .trim_end()
            .split_once(' ')
            .and_then(|(count, digest)| Some((count.parse::<usize>().ok()?, digest)))
            .ok_or_else(|| corrupt(&what, "its list of parts is not readable".into()))?;
        let mut bytes = Vec::new();
        for n in 1..=count {
            if let Some(part) = store.document(&part_key(key, n)).await? {
                bytes.extend(part.value);
            }
        }
        let text = String::from_utf8(bytes).unwrap_or_default();
        if digest(&text) == promised {
            return Ok(Some(Document { version: head.version, body: decode(&what, &text)? }));
        }
        match store.document(key).await? {
            Some(newer) if newer.version != head.version => head = newer,
            _ => {
                return Err(corrupt(
                    &what,
                    "its parts are not the ones it was written with".into(),
                ));
            }
        }
    }
    let detail = format!("document {key} changes faster than it can be read");
    Err(StoreError::Unavailable { detail }.into())
}

struct Parts {
    seen: usize,
    of: usize,
    text: String,
}

/// Parses the line above a part. JSON never begins with a `p`, so nobody can take a part for a
/// record.
fn part(text: &str) -> Option<(usize, usize, &str)> {
    let (line, text) = text.strip_prefix("part ")?.split_once('\n')?;
    let (n, of) = line.split_once('/')?;
    Some((n.parse().ok()?, of.parse().ok()?, text))
}

fn part_key(key: &str, n: usize) -> Key {
    format!("{PARTS}{key}/{n}")
}

/// Splits between characters, so that each part is text and readable in an export.
fn split(mut text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    while !text.is_empty() {
        let (part, rest) = text.split_at(text.floor_char_boundary(PART_BYTES));
        parts.push(part);
        text = rest;
    }
    parts
}

fn digest(text: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).to_string()
}

fn encode<T: Serialize>(what: &str, body: &T) -> Result<String, RecordError> {
    serde_json::to_string(&Envelope { v: RECORD_VERSION, body })
        .map_err(|error| RecordError::Unwritable { what: what.into(), detail: error.to_string() })
}

fn decode<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, RecordError> {
    let damaged = |error: serde_json::Error| corrupt(what, error.to_string());
    // The version comes first, because the body of a newer record may have any form.
    let Version { v } = serde_json::from_str(text).map_err(damaged)?;
    if v > RECORD_VERSION {
        return Err(RecordError::Newer { what: what.into(), found: v, supported: RECORD_VERSION });
    }
    Ok(serde_json::from_str::<Envelope<T>>(text).map_err(damaged)?.body)
}

fn corrupt(what: &str, detail: String) -> RecordError {
    StoreError::Corrupt { what: what.into(), detail }.into()
}
