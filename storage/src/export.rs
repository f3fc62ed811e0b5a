//! Export of the whole store as lines of JSON that a person can read, and import into an empty store.
//!
//! ```json
//! {"export":{"format":1}}
//! {"document":{"key":"settings","version":3,"value":{"text":"{\"v\":1,\"body\":{}}"}}}
//! {"entry":{"stream":"cycle/7","version":1,"payload":{"text":"{\"v\":1,\"body\":\"opened\"}"}}}
//! {"timer":{"id":"cycle/7","due":"2027-01-15T08:00:00Z"}}
//! {"lease":{"name":"dispatch","holder":"host-a","token":4,"until":"2027-01-15T08:00:10Z"}}
//! {"commit":{"id":"9b2e4d3c-5a0f-4d55-8f3e-0f6f0b9c2a11"}}
//! {"end":{"lines":5}}
//! ```
//!
//! The export includes versions, tokens and the ids of recent commits, so that a process that was running
//! during the export gets the same answers after the import. Bytes that are not text become `{"hex":"…"}`.

use std::{
    collections::{HashMap, HashSet},
    io::{self, BufRead, Write},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{CommitId, Key, Lease, MAX_VALUE_BYTES, Store, StoreError, StreamId, limits};

/// The format that this build writes, and the newest that it reads.
pub const EXPORT_FORMAT: u64 = 1;

/// Why an export was not written or read. Each message completes "failed to …".
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The store returned an error.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file could not be read or written.
    #[error("read or write the export")]
    Io(#[from] io::Error),
    /// The export is incomplete or damaged. Nothing was imported.
    #[error("read line {line} of the export: {detail}")]
    Damaged {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        detail: String,
    },
    /// A newer patchbot wrote it. Nothing was imported.
    #[error("read the export: it has format {found} and this build reads up to {supported}")]
    Newer {
        /// The format of the export.
        found: u64,
        /// The newest format that this build reads.
        supported: u64,
    },
}

/// One stored thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Item {
    /// A document.
    Document {
        /// The name of the document.
        key: Key,
        /// The version of the document.
        version: u64,
        /// The content of the document.
        #[serde(with = "bytes")]
        value: Vec<u8>,
    },
    /// An entry of a stream; the entries of a stream come in order.
    Entry {
        /// The name of the stream.
        stream: StreamId,
        /// The position of the entry in the stream.
        version: u64,
        /// The content of the entry.
        #[serde(with = "bytes")]
        payload: Vec<u8>,
    },
    /// A timer.
    Timer {
        /// The name of the timer.
        id: String,
        /// When it is due.
        due: DateTime<Utc>,
    },
    /// A lease, expired or not, because the next token must be higher.
    Lease(Lease),
    /// The id of a commit that must not be applied again; the oldest come first.
    Commit {
        /// The id of the commit.
        id: CommitId,
    },
}

/// A store that can be exported and imported.
#[async_trait]
pub trait Portable: Store {
    /// Returns everything, as of one moment.
    async fn dump(&self) -> Result<Vec<Item>, StoreError>;

    /// Fills the store, or returns [`StoreError::Invalid`] if it is not empty. [`import`] has
    /// checked that the items are consistent.
    async fn load(&self, items: Vec<Item>) -> Result<(), StoreError>;
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Frame {
    Export { format: u64 },
    End { lines: usize },
}

/// Writes everything that is stored. Returns the number of items.
pub async fn export(store: &dyn Portable, mut to: impl Write) -> Result<usize, ExportError> {
    let items = store.dump().await?;
    write_line(&mut to, &Frame::Export { format: EXPORT_FORMAT })?;
    for item in &items {
        write_line(&mut to, item)?;
    }
    write_line(&mut to, &Frame::End { lines: items.len() })?;
    to.flush()?;
    Ok(items.len())
}

/// Reads an export into an empty store. Everything is checked before anything is stored.
pub async fn import(store: &dyn Portable, from: impl BufRead) -> Result<usize, ExportError> {
    load(store, read(from)?).await
}

/// Fills an empty store with the result of [`read`]. Returns the number of items.
pub async fn load(store: &dyn Portable, items: Vec<Item>) -> Result<usize, ExportError> {
    let count = items.len();
    store.load(items).await?;
    Ok(count)
}

/// Reads and checks a complete export, and stores nothing.
pub fn read(from: impl BufRead) -> Result<Vec<Item>, ExportError> {
    let mut items = Vec::new();
    check(from, |_, item| {
        items.extend(item);
        Ok(())
    })?;
    Ok(items)
}

/// Copies an export line by line, and checks on the way that it is complete. Returns the number of
/// items.
///
/// # Errors
/// [`ExportError::Damaged`] if it is not: the copy then has no end, so nobody can take it for a
/// complete export.
pub fn forward(from: impl BufRead, mut to: impl Write) -> Result<usize, ExportError> {
    let mut count = 0;
    check(from, |line, item| {
        count += usize::from(item.is_some());
        to.write_all(line.as_bytes())?;
        Ok(to.write_all(b"\n")?)
    })?;
    to.flush()?;
    Ok(count)
}

fn write_line(to: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *to, line)?;
    to.write_all(b"\n")
}

/// Passes every line to `take`, with the item if the line contains one.
fn check(
    from: impl BufRead,
    mut take: impl FnMut(&str, Option<Item>) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let damaged = |line: usize, detail: String| ExportError::Damaged { line: line + 1, detail };
    let mut lines = from.lines().enumerate();
    let (_, first) = lines.next().ok_or_else(|| damaged(0, "it is empty".into()))?;
    let first = first?;
    match serde_json::from_str(&first) {
        Ok(Frame::Export { format }) if format > EXPORT_FORMAT => {
            return Err(ExportError::Newer { found: format, supported: EXPORT_FORMAT });
        }
        Ok(Frame::Export { .. }) => take(&first, None)?,
        _ => return Err(damaged(0, "it does not begin like an export".into())),
    }
    let mut seen = Seen::default();
    let mut count = 0;
    let mut last = 0;
    while let Some((number, line)) = lines.next() {
        let line = line?;
        last = number;
        if let Ok(Frame::End { lines: promised }) = serde_json::from_str(&line) {
            if promised != count {
                let detail = format!("{promised} lines were written, {count} are here");
                return Err(damaged(number, detail));
            }
            return match lines.next() {
                None => take(&line, None),
                Some((number, _)) => Err(damaged(number, "there is more after the end".into())),
            };
        }
        let item = serde_json::from_str(&line).map_err(|error| {
            let cut = error.is_eof().then(|| "it is cut off in the middle of this line".to_owned());
            damaged(number, cut.unwrap_or_else(|| error.to_string()))
        })?;
        seen.check(&item).map_err(|detail| damaged(number, detail))?;
        count += 1;
        take(&line, Some(item))?;
    }
    Err(damaged(last, "it is cut off after this line: its end is missing".into()))
}

/// What must not occur twice in an import, and the head of each stream.
#[derive(Default)]
struct Seen {
    names: HashSet<(&'static str, String)>,
    heads: HashMap<StreamId, u64>,
}

impl Seen {
    fn check(&mut self, item: &Item) -> Result<(), String> {
        if let Item::Document { value, .. } | Item::Entry { payload: value, .. } = item
            && value.len() > MAX_VALUE_BYTES
        {
            return Err(format!("a value has {} bytes, over the limit", value.len()));
        }
        let (kind, name) = match item {
            Item::Document { version: 0, .. } => return Err("a version 0 means absent".into()),
            Item::Document { key, .. } => ("document", key.clone()),
            Item::Entry { stream, version, .. } => {
                limits::check_name(stream).map_err(|error| error.to_string())?;
                let head = self.heads.entry(stream.clone()).or_default();
                *head += 1;
                if version != head {
                    return Err(format!("entry {head} of stream {stream} is missing"));
                }
                return Ok(());
            }
            Item::Timer { id, .. } => ("timer", id.clone()),
            Item::Lease(lease) => ("lease", lease.name.clone()),
            Item::Commit { id } => ("commit", id.0.to_string()),
        };
        limits::check_name(&name).map_err(|error| error.to_string())?;
        if !self.names.insert((kind, name.clone())) {
            return Err(format!("{kind} {name} stands there twice"));
        }
        Ok(())
    }
}

/// Writes bytes as text if they are text, so that a person can read and search it.
mod bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Bytes {
        Text(String),
        Hex(String),
    }

    pub(super) fn serialize<S: Serializer>(value: &[u8], to: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(value) {
            Ok(text) => Bytes::Text(text.into()),
            Err(_) => Bytes::Hex(value.iter().map(|byte| format!("{byte:02x}")).collect()),
        }
        .serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        match Bytes::deserialize(from)? {
            Bytes::Text(text) => Ok(text.into_bytes()),
            Bytes::Hex(hex) => hex
                .as_bytes()
                .chunks(2)
                .map(|pair| {
                    let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2);
                    pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())
                })
                .collect::<Option<_>>()
                .ok_or_else(|| D::Error::custom("this is not hexadecimal")),
        }
    }
}
