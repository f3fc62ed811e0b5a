//! The conformance suite that every engine must pass. The tests of an engine invoke the macro once:
//!
//! ```ignore
//! storage::conformance_suite!((MemoryStore::new(), ()));
//! ```
//!
//! The expression returns an empty store, and a value that must live as long as the store, such as its
//! temporary directory.

pub mod commits;
pub mod leases;
pub mod reads;

use chrono::{DateTime, Utc};

use crate::{Commit, Operation, Store, StoreError};

/// Creates a test for every case, each with a store of its own.
#[macro_export]
macro_rules! conformance_suite {
    ($fresh:expr) => {
        $crate::conformance_suite! { @in $fresh;
            commits {
                versions_count_puts
                a_put_on_a_stale_version_conflicts
                a_check_guards_without_writing
                what_is_deleted_is_gone
                a_delete_on_a_stale_version_conflicts
                one_refused_operation_refuses_all
                appends_extend_the_head
                an_append_of_nothing_checks_the_head
                the_same_id_applies_once
                a_refused_id_may_be_sent_again
                the_largest_commit_fits
                what_is_too_large_is_refused
                what_breaks_the_rules_is_refused
                racing_writers_lose_nothing
                a_dropped_future_does_not_take_a_commit_back
            }
            leases {
                the_holder_keeps_others_out
                an_expired_lease_changes_hands
                the_holder_comes_back_with_a_higher_token
                renewing_moves_the_end_only
                a_stale_lease_is_not_renewed
                a_stale_token_writes_nothing
                one_of_many_acquires
            }
            reads {
                documents_are_listed_in_pages
                streams_are_listed_in_pages
                a_stream_is_read_in_pages
                similar_names_do_not_mix
                timers_come_by_time
                timers_come_in_pages
                a_timer_is_moved_and_cleared
                what_is_not_there_is_not_an_error
                no_name_reaches_into_another_kind
            }
        }
    };
    (@in $fresh:expr; $($group:ident { $($case:ident)* })*) => {
        $($(
            #[tokio::test]
            async fn $case() {
                let (store, _guard) = $fresh;
                $crate::conformance::$group::$case(std::sync::Arc::new(store)).await;
            }
        )*)*
    };
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a date")
}

fn put(key: &str, value: &[u8], if_version: Option<u64>) -> Operation {
    Operation::Put { key: key.into(), value: value.into(), if_version }
}

fn delete(key: &str, version: u64) -> Operation {
    Operation::Delete { key: key.into(), version }
}

fn append(stream: &str, expected: u64, entries: &[&str]) -> Operation {
    let entries = entries.iter().map(|entry| entry.as_bytes().to_vec()).collect();
    Operation::Append { stream: stream.into(), expected, entries }
}

fn timer(id: &str, seconds: i64) -> Operation {
    Operation::SetTimer { id: id.into(), due: at(seconds) }
}

async fn commit<const N: usize>(store: &dyn Store, operations: [Operation; N]) {
    store.commit(Commit::new(operations.into())).await.expect("a commit");
}

async fn refused<const N: usize>(store: &dyn Store, operations: [Operation; N]) -> StoreError {
    store.commit(Commit::new(operations.into())).await.expect_err("a refusal")
}

fn conflict(what: &str, expected: u64, found: u64) -> StoreError {
    StoreError::Conflict { what: what.into(), expected, found }
}

/// The version and value of a document, if it exists.
async fn document(store: &dyn Store, key: &str) -> Option<(u64, String)> {
    let found = store.document(key).await.expect("a document");
    found.map(|found| (found.version, String::from_utf8(found.value).expect("text")))
}

async fn entries(store: &dyn Store, stream: &str, after: u64, limit: usize) -> Vec<(u64, String)> {
    let found = store.stream(stream, after, limit).await.expect("a stream");
    found
        .into_iter()
        .map(|entry| (entry.version, String::from_utf8(entry.payload).expect("text")))
        .collect()
}

async fn due(store: &dyn Store, seconds: i64, limit: usize) -> Vec<String> {
    let timers = store.due(at(seconds), None, limit).await.expect("timers");
    timers.into_iter().map(|timer| timer.id).collect()
}
