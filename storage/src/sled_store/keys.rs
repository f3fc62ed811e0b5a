//! The keys in the one tree: a letter for the kind, then a key that sorts as the contract requires.

use chrono::{DateTime, Utc};

use crate::{CommitId, StoreError};

/// The last used slot in the ring of remembered commits.
pub(super) const COMMITS: &[u8] = b"n";
/// The number of changes ever made; it also distinguishes a store from an empty database.
pub(super) const WRITES: &[u8] = b"w";
/// Exists while an import runs: the stored data is then incomplete.
pub(super) const IMPORTING: &[u8] = b"x";

pub(super) const DOCUMENT: u8 = b'd';
pub(super) const HEAD: u8 = b'h';
pub(super) const ENTRY: u8 = b'e';
pub(super) const DUE: u8 = b't';
pub(super) const TIMER: u8 = b'i';
pub(super) const LEASE: u8 = b'l';
pub(super) const COMMIT: u8 = b'c';
pub(super) const RING_SLOT: u8 = b'r';

/// A key of the given kind.
pub(super) fn key(kind: u8, name: &str) -> Vec<u8> {
    [&[kind], name.as_bytes()].concat()
}

/// The prefix of the entries of one stream, which are adjacent: no name contains the zero byte that
/// ends it here.
pub(super) fn entries(stream: &str) -> Vec<u8> {
    [&[ENTRY], stream.as_bytes(), &[0]].concat()
}

pub(super) fn entry(stream: &str, version: u64) -> Vec<u8> {
    let mut key = entries(stream);
    key.extend(version.to_be_bytes());
    key
}

pub(super) fn commit(id: CommitId) -> Vec<u8> {
    [&[COMMIT], id.0.as_bytes().as_slice()].concat()
}

pub(super) fn ring_slot(slot: u64) -> Vec<u8> {
    [&[RING_SLOT], slot.to_be_bytes().as_slice()].concat()
}

/// A time in twelve bytes that sort like time. The sign bit is inverted so that 1969 comes before
/// 1970.
pub(super) fn instant(at: DateTime<Utc>) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&(at.timestamp() ^ i64::MIN).to_be_bytes());
    bytes[8..].copy_from_slice(&at.timestamp_subsec_nanos().to_be_bytes());
    bytes
}

pub(super) fn read_instant(bytes: &[u8]) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = bytes.split_first_chunk::<8>()?;
    let nanos: [u8; 4] = nanos.try_into().ok()?;
    DateTime::from_timestamp(i64::from_be_bytes(*seconds) ^ i64::MIN, u32::from_be_bytes(nanos))
}

pub(super) fn due(at: &[u8], id: &str) -> Vec<u8> {
    [&[DUE], at, id.as_bytes()].concat()
}

/// The value of a document: its version, then its content.
pub(super) fn document(version: u64, value: &[u8]) -> Vec<u8> {
    [version.to_be_bytes().as_slice(), value].concat()
}

pub(super) fn read_document<'a>(key: &str, raw: &'a [u8]) -> Result<(u64, &'a [u8]), StoreError> {
    let (version, value) = raw
        .split_first_chunk::<8>()
        .ok_or_else(|| corrupt(&format!("document {key}"), "it has no version"))?;
    Ok((u64::from_be_bytes(*version), value))
}

pub(super) fn read_number(what: &str, raw: &[u8]) -> Result<u64, StoreError> {
    let raw = raw.try_into().map_err(|_| corrupt(what, "a number should have eight bytes"))?;
    Ok(u64::from_be_bytes(raw))
}

pub(super) fn read_name(what: &str, raw: &[u8]) -> Result<String, StoreError> {
    String::from_utf8(raw.to_vec()).map_err(|_| corrupt(what, "its name is not text"))
}

pub(super) fn corrupt(what: &str, detail: &str) -> StoreError {
    StoreError::Corrupt { what: what.into(), detail: detail.into() }
}
