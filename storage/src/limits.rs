//! The limits of a commit: figures that every engine can handle in one transaction.

use std::collections::HashSet;

use crate::{Commit, Operation, StoreError};

/// Operations in one commit; each entry of an append counts as one.
pub const MAX_OPERATIONS: usize = 50;
/// Bytes in one value or stream entry. Above about twice this size, sled writes files that it never
/// fsyncs.
pub const MAX_VALUE_BYTES: usize = 64 * 1024;
/// Bytes of names and values in one commit.
pub const MAX_COMMIT_BYTES: usize = 2 * 1024 * 1024;
/// Bytes in the name of a document, stream, timer, lease or holder.
pub const MAX_NAME_BYTES: usize = 512;
/// Results in one answer, whatever limit the caller asks for.
pub const MAX_PAGE: usize = 1_000;
/// How many commit ids are remembered, so that a commit that is sent again is not applied again.
pub const RECENT_COMMITS: u64 = 16_384;

/// Refuses names that an engine could confuse or could not store.
pub(crate) fn check_name(name: &str) -> Result<(), StoreError> {
    if name.is_empty() {
        return Err(StoreError::Invalid { detail: "a name is empty".into() });
    }
    // Engines put a control character between the parts of their own keys.
    if name.chars().any(char::is_control) {
        return Err(StoreError::Invalid {
            detail: format!("the name {name:?} has a control character"),
        });
    }
    at_most("a name", name.len(), MAX_NAME_BYTES)
}

/// Refuses a commit that no engine would accept, before any engine sees it.
pub(crate) fn check_commit(commit: &Commit) -> Result<(), StoreError> {
    let (mut items, mut bytes) = (0, 0);
    let mut targets = HashSet::new();
    for operation in &commit.operations {
        let (kind, name, values): (_, _, &[Vec<u8>]) = match operation {
            Operation::Put { key, value, .. } => ("document", key, std::slice::from_ref(value)),
            Operation::Check { key, .. } | Operation::Delete { key, .. } => ("document", key, &[]),
            Operation::Append { stream, entries, .. } => ("stream", stream, entries),
            Operation::SetTimer { id, .. } | Operation::ClearTimer { id } => ("timer", id, &[]),
        };
        check_name(name)?;
        if !targets.insert((kind, name)) {
            return Err(StoreError::Invalid {
                detail: format!("one commit has two operations on {kind} {name}"),
            });
        }
        for value in values {
            at_most(&format!("a value of {kind} {name}"), value.len(), MAX_VALUE_BYTES)?;
        }
        items += values.len().max(1);
        bytes += name.len() + values.iter().map(Vec::len).sum::<usize>();
    }
    if let Some(fence) = &commit.fence {
        check_name(&fence.lease)?;
    }
    at_most("the operations of a commit", items, MAX_OPERATIONS)?;
    at_most("the bytes of a commit", bytes, MAX_COMMIT_BYTES)
}

fn at_most(what: &str, size: usize, limit: usize) -> Result<(), StoreError> {
    if size > limit {
        return Err(StoreError::TooLarge { what: what.into(), size, limit });
    }
    Ok(())
}
