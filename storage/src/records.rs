//! Typed records: anything that serializes, in a JSON envelope that says which version wrote it.
//!
//! ```json
//! {"v":1,"body":{"step":"approved"}}
//! ```
//!
//! A record over one value's size is split, and whoever reads it gets it whole. In a stream its parts are
//! entries that follow each other, each under a line `part 2/3`. A document keeps under its own name only
//! a line `parts 3 <digest>`; the parts stand under `part/<name>/<n>`. Parts of an earlier, longer value
//! stay behind unread, as the store does not delete.
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

/// The version of the envelope this build writes, and the newest it reads.
pub const RECORD_VERSION: u32 = 1;
/// Names the parts of large documents; no document of the caller may begin with it.
const PARTS: &str = "part/";
/// Room for the line above a part: `part 33/33`.
const PART_BYTES: usize = MAX_VALUE_BYTES - 32;
/// How often a large document may change under a reader before it gives up.
const READ_ATTEMPTS: usize = 8;
const STREAM_PAGE: usize = 128;

/// Why a record was not written or read. Each message completes "failed to …".
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The store refused, or a record is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A newer patchbot wrote it.
    #[error(
        "read {what}: a newer patchbot wrote it (record version {found}, and this version reads up to {supported}); \
         start that newer version again"
    )]
    Newer {
        /// The record, with its place in the store.
        what: String,
        /// The version it has.
        found: u32,
        /// The newest version this build reads.
        supported: u32,
    },
    /// The value does not become JSON, for instance a map whose keys are no strings.
    #[error("write {what} as JSON: {detail}")]
    Unwritable {
        /// The record.
        what: String,
        /// What the serializer said.
        detail: String,
    },
}

impl RecordError {
    /// Whether it stays so until somebody mends it: to try again is of no use.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Newer { .. } => true,
            Self::Store(error) => error.is_permanent(),
            Self::Unwritable { .. } => false,
        }
    }
}

/// A document as its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<T> {
    /// What a later put names in `if_version`.
    pub version: u64,
    /// The value.
    pub body: T,
}

/// An event as its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<E> {
    /// Where to read on after it, and the stream's head if it is the last.
    pub version: u64,
    /// The value.
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

/// The operation that appends events, and the stream's head once it is done. The head may grow by more
/// than one for an event, as large ones take several entries.
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

/// Events after the version `after`, at most `limit`. Only an empty answer is the end.
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
    // An append is atomic: the parts of an event are all there or none is.
    if open.is_some() {
        let what = format!("stream {stream} at version {cursor}");
        return Err(corrupt(&what, "the last parts of an event are missing".into()));
    }
    Ok(events)
}

/// The operations that write a document: one, unless it is large. They belong into the same commit.
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
    // Unconditional: the condition on the head decides for all of them.
    operations.extend((1..).zip(parts).map(|(n, part)| Operation::Put {
        key: part_key(key, n),
        value: part.as_bytes().to_vec(),
        if_version: None,
    }));
    Ok(operations)
}

/// The document, if there is one.
pub async fn get<T: DeserializeOwned + Send>(
    store: &dyn Store,
    key: &str,
) -> Result<Option<Document<T>>, RecordError> {
    match store.document(key).await? {
        Some(found) => whole(store, key, found).await,
        None => Ok(None),
    }
}

/// Documents whose name starts with `prefix` and comes after `after`. Only an empty answer is the end.
pub async fn list<T: DeserializeOwned + Send>(
    store: &dyn Store,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(Key, Document<T>)>, RecordError> {
    let mut found = Vec::new();
    let mut after = after.map(str::to_owned);
    // A page that holds nothing but parts is not the end.
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

/// Fetches what a head promises. Between its reads the document may be written anew; the digest tells,
/// and then it starts over.
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

/// JSON never begins with a `p`, so a part cannot be taken for a record.
fn part(text: &str) -> Option<(usize, usize, &str)> {
    let (line, text) = text.strip_prefix("part ")?.split_once('\n')?;
    let (n, of) = line.split_once('/')?;
    Some((n.parse().ok()?, of.parse().ok()?, text))
}

fn part_key(key: &str, n: usize) -> Key {
    format!("{PARTS}{key}/{n}")
}

/// Between characters, so that each part is text: an export shows it readable.
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
    // The version first: the body of a newer record may look like anything.
    let Version { v } = serde_json::from_str(text).map_err(damaged)?;
    if v > RECORD_VERSION {
        return Err(RecordError::Newer { what: what.into(), found: v, supported: RECORD_VERSION });
    }
    Ok(serde_json::from_str::<Envelope<T>>(text).map_err(damaged)?.body)
}

fn corrupt(what: &str, detail: String) -> RecordError {
    StoreError::Corrupt { what: what.into(), detail }.into()
}
