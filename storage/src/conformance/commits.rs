//! Conformance tests of commits: what they do, and what they refuse.

use std::{sync::Arc, time::Duration};

use super::{append, at, commit, conflict, delete, document, due, entries, put, refused, timer};
use crate::{
    Commit, CommitId, MAX_NAME_BYTES, MAX_OPERATIONS, MAX_VALUE_BYTES, Operation, Store, StoreError,
};

/// The first put creates version 1, each further one adds 1, with or without a condition.
pub async fn versions_count_puts(store: Arc<dyn Store>) {
    commit(store.as_ref(), [put("a", b"one", Some(0))]).await;
    assert_eq!(document(store.as_ref(), "a").await, Some((1, "one".into())));
    commit(store.as_ref(), [put("a", b"two", Some(1))]).await;
    commit(store.as_ref(), [put("a", b"", None), put("b", b"other", None)]).await;
    assert_eq!(document(store.as_ref(), "a").await, Some((3, String::new())));
    assert_eq!(document(store.as_ref(), "b").await, Some((1, "other".into())));
}

/// If a condition does not hold, the error says which version is stored.
pub async fn a_put_on_a_stale_version_conflicts(store: Arc<dyn Store>) {
    assert_eq!(refused(store.as_ref(), [put("a", b"x", Some(1))]).await, conflict("a", 1, 0));
    commit(store.as_ref(), [put("a", b"one", Some(0))]).await;
    commit(store.as_ref(), [put("a", b"two", None)]).await;
    for stale in [0, 1, 3, u64::MAX] {
        assert_eq!(
            refused(store.as_ref(), [put("a", b"x", Some(stale))]).await,
            conflict("a", stale, 2)
        );
    }
    assert_eq!(document(store.as_ref(), "a").await, Some((2, "two".into())));
}

/// A check fails the commit or leaves no trace.
pub async fn a_check_guards_without_writing(store: Arc<dyn Store>) {
    let check = |version| Operation::Check { key: "plan".into(), version };
    commit(store.as_ref(), [check(0), put("a", b"one", None)]).await;
    commit(store.as_ref(), [put("plan", b"p", None)]).await;
    assert_eq!(
        refused(store.as_ref(), [put("a", b"x", None), check(0)]).await,
        conflict("plan", 0, 1)
    );
    commit(store.as_ref(), [check(1), put("a", b"two", None)]).await;
    assert_eq!(document(store.as_ref(), "plan").await, Some((1, "p".into())));
    assert_eq!(document(store.as_ref(), "a").await, Some((2, "two".into())));
}

/// A deleted document is as if it had never existed: it is not listed, and starts at version 1
/// again.
pub async fn what_is_deleted_is_gone(store: Arc<dyn Store>) {
    commit(store.as_ref(), [put("a", b"one", None), put("b", b"one", None)]).await;
    commit(store.as_ref(), [put("a", b"two", Some(1))]).await;
    commit(store.as_ref(), [delete("a", 2), delete("never", 0), timer("a", 1)]).await;
    assert_eq!(document(store.as_ref(), "a").await, None);
    let left = store.list("", None, 9).await.expect("documents");
    assert_eq!(left.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["b"]);
    // A timer of the same name is another thing.
    assert_eq!(due(store.as_ref(), 9, 9).await, ["a"]);
    commit(store.as_ref(), [put("a", b"three", Some(0))]).await;
    assert_eq!(document(store.as_ref(), "a").await, Some((1, "three".into())));
}

/// A delete of a document that has changed meanwhile is refused, with everything else in the
/// commit.
pub async fn a_delete_on_a_stale_version_conflicts(store: Arc<dyn Store>) {
    assert_eq!(refused(store.as_ref(), [delete("a", 1)]).await, conflict("a", 1, 0));
    commit(store.as_ref(), [put("a", b"one", None), put("b", b"one", None)]).await;
    commit(store.as_ref(), [put("a", b"two", None)]).await;
    for stale in [0, 1, 3] {
        let refusal = refused(store.as_ref(), [delete("b", 1), delete("a", stale)]).await;
        assert_eq!(refusal, conflict("a", stale, 2));
    }
    assert_eq!(document(store.as_ref(), "b").await, Some((1, "one".into())));
    let lease = store.acquire("l", "me", Duration::from_secs(9), at(0)).await.expect("a lease");
    store.acquire("l", "me", Duration::from_secs(9), at(0)).await.expect("the next lease");
    let fenced = store.commit(Commit::new(vec![delete("a", 2)]).fenced(&lease)).await;
    assert_eq!(fenced, Err(StoreError::Fenced { lease: "l".into(), current: 2 }));
    assert_eq!(document(store.as_ref(), "a").await, Some((2, "two".into())));
}

/// A refused commit stores nothing, whichever operation was refused.
pub async fn one_refused_operation_refuses_all(store: Arc<dyn Store>) {
    commit(store.as_ref(), [timer("t", 5)]).await;
    let mut operations = vec![
        put("a", b"x", Some(0)),
        append("s", 0, &["x"]),
        timer("new", 1),
        Operation::ClearTimer { id: "t".into() },
    ];
    let bad = put("b", b"x", Some(9));
    for place in 0..=operations.len() {
        operations.insert(place, bad.clone());
        let error = store.commit(Commit::new(operations.clone())).await.expect_err("a refusal");
        assert_eq!(error, conflict("b", 9, 0));
        operations.remove(place);
    }
    assert_eq!(document(store.as_ref(), "a").await, None);
    assert_eq!(entries(store.as_ref(), "s", 0, 9).await, []);
    assert_eq!(store.streams("", None, 9).await, Ok(vec![]));
    assert_eq!(due(store.as_ref(), 99, 9).await, ["t"]);
    store.commit(Commit::new(operations)).await.expect("without the bad one");
}

/// Entries get the versions that follow the head.
pub async fn appends_extend_the_head(store: Arc<dyn Store>) {
    commit(store.as_ref(), [append("s", 0, &["a", "b"])]).await;
    assert_eq!(refused(store.as_ref(), [append("s", 0, &["x"])]).await, conflict("s", 0, 2));
    assert_eq!(refused(store.as_ref(), [append("s", 3, &["x"])]).await, conflict("s", 3, 2));
    commit(store.as_ref(), [append("s", 2, &["c"]), append("other", 0, &["z"])]).await;
    let all = [(1, "a".into()), (2, "b".into()), (3, "c".into())];
    assert_eq!(entries(store.as_ref(), "s", 0, 9).await, all);
    assert_eq!(entries(store.as_ref(), "other", 0, 9).await, [(1, "z".into())]);
}

/// An append without entries is a check, and creates no stream.
pub async fn an_append_of_nothing_checks_the_head(store: Arc<dyn Store>) {
    commit(store.as_ref(), [append("s", 0, &[])]).await;
    assert_eq!(store.streams("", None, 9).await, Ok(vec![]));
    commit(store.as_ref(), [append("s", 0, &["a"])]).await;
    assert_eq!(refused(store.as_ref(), [append("s", 0, &[])]).await, conflict("s", 0, 1));
    commit(store.as_ref(), [append("s", 1, &[])]).await;
}

/// A commit that is sent again is acknowledged again and does nothing, even if the world has moved
/// on.
pub async fn the_same_id_applies_once(store: Arc<dyn Store>) {
    let lease = store.acquire("l", "me", Duration::from_secs(9), at(0)).await.expect("a lease");
    let first = Commit::new(vec![put("a", b"one", Some(0)), append("s", 0, &["e"])]).fenced(&lease);
    store.commit(first.clone()).await.expect("first");
    store.commit(first.clone()).await.expect("again");
    commit(store.as_ref(), [put("a", b"two", Some(1))]).await;
    // The lease has been taken over since, but it was held when the commit was applied.
    store.acquire("l", "me", Duration::from_secs(9), at(0)).await.expect("a lease");
    store.commit(first).await.expect("much later");
    assert_eq!(document(store.as_ref(), "a").await, Some((2, "two".into())));
    assert_eq!(entries(store.as_ref(), "s", 0, 9).await, [(1, "e".into())]);
}

/// A refusal is not remembered: its id counts as unused.
pub async fn a_refused_id_may_be_sent_again(store: Arc<dyn Store>) {
    let id = CommitId::random();
    let late = Commit { id, operations: vec![put("a", b"late", Some(1))], fence: None };
    assert_eq!(store.commit(late.clone()).await, Err(conflict("a", 1, 0)));
    commit(store.as_ref(), [put("a", b"first", None)]).await;
    store.commit(late).await.expect("now it fits");
    assert_eq!(document(store.as_ref(), "a").await, Some((2, "late".into())));
}

/// A commit that reaches every limit is accepted.
pub async fn the_largest_commit_fits(store: Arc<dyn Store>) {
    let name = "n".repeat(MAX_NAME_BYTES);
    let large = vec![7; MAX_VALUE_BYTES];
    let stream = Operation::Append {
        stream: name.clone(),
        expected: 0,
        entries: vec![large.clone(); MAX_OPERATIONS - 20],
    };
    let mut operations = vec![stream, put(&name, &large, Some(0))];
    operations.extend((0..19).map(|n| timer(&format!("{n:02}{}", &name[2..]), n)));
    assert_eq!(operations.len(), 21);
    store.commit(Commit::new(operations)).await.expect("the largest commit");
    let read = store.stream(&name, 0, 99).await.expect("the stream");
    assert!(read.len() == 30 && read.iter().all(|entry| entry.payload == large));
    let read = store.document(&name).await.expect("the document").expect("a document");
    assert_eq!(read.value, large);
    assert_eq!(due(store.as_ref(), 99, 99).await.len(), 19);
}

/// A commit above a limit stores nothing.
pub async fn what_is_too_large_is_refused(store: Arc<dyn Store>) {
    let over = vec![0; MAX_VALUE_BYTES + 1];
    let large = vec![0; MAX_VALUE_BYTES];
    let name = "n".repeat(MAX_NAME_BYTES + 1);
    let entries = |count, entry: &[u8]| Operation::Append {
        stream: "s".into(),
        expected: 0,
        entries: vec![entry.to_vec(); count],
    };
    let many: Vec<_> = (0..=MAX_OPERATIONS).map(|n| put(&n.to_string(), b"", None)).collect();
    for operations in [
        vec![put("a", &over, None)],
        vec![entries(1, &over)],
        vec![entries(32, &large)],
        vec![entries(MAX_OPERATIONS + 1, b"x")],
        vec![entries(MAX_OPERATIONS, b"x"), put("a", b"", None)],
        vec![put(&name, b"", None)],
        many,
    ] {
        let error = store.commit(Commit::new(operations)).await.expect_err("a refusal");
        assert!(matches!(error, StoreError::TooLarge { .. }), "{error}");
    }
    assert_eq!(store.list("", None, 9).await, Ok(vec![]));
    assert_eq!(store.streams("", None, 9).await, Ok(vec![]));
}

/// Mistakes of the caller have errors of their own, unlike anything that can heal.
pub async fn what_breaks_the_rules_is_refused(store: Arc<dyn Store>) {
    let clear = Operation::ClearTimer { id: "t".into() };
    for operations in [
        vec![put("", b"x", None)],
        vec![put("a\0b", b"x", None)],
        vec![append("a\nb", 0, &["x"])],
        vec![put("a", b"x", None), put("a", b"y", None)],
        vec![put("a", b"x", None), Operation::Check { key: "a".into(), version: 0 }],
        vec![put("a", b"x", None), delete("a", 0)],
        vec![delete("", 0)],
        vec![append("s", 0, &["x"]), append("s", 1, &["x"])],
        vec![timer("t", 1), clear],
    ] {
        let error = store.commit(Commit::new(operations)).await.expect_err("a refusal");
        assert!(matches!(error, StoreError::Invalid { .. }), "{error}");
    }
    // The same name for things of different kinds is allowed.
    commit(store.as_ref(), [put("same", b"x", None), append("same", 0, &["x"]), timer("same", 1)])
        .await;
    commit(store.as_ref(), []).await;
}

/// Of two writers that decided on the same version, one wins; a writer that reads and tries again
/// loses nothing.
pub async fn racing_writers_lose_nothing(store: Arc<dyn Store>) {
    let writers: Vec<_> = (0..8)
        .map(|writer: u32| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for n in 0..5 {
                    let mut head = 0;
                    let event = format!("{writer}.{n}");
                    while let Err(error) =
                        store.commit(Commit::new(vec![append("s", head, &[&event])])).await
                    {
                        match error {
                            StoreError::Conflict { found, .. } => head = found,
                            other => panic!("{other}"),
                        }
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("a writer");
    }
    let mut events: Vec<_> =
        entries(&*store, "s", 0, 99).await.into_iter().map(|(_, event)| event).collect();
    assert_eq!(events.len(), 40);
    events.sort();
    events.dedup();
    assert_eq!(events.len(), 40);
}

/// A commit is never applied by half, even if nobody waits for it.
pub async fn a_dropped_future_does_not_take_a_commit_back(store: Arc<dyn Store>) {
    for n in 0..20_u64 {
        let both =
            vec![put(&format!("d{n:02}"), b"x", None), append(&format!("s{n:02}"), 0, &["x"])];
        let begun = store.commit(Commit::new(both));
        // Polled at most once, then dropped.
        let _ = tokio::time::timeout(Duration::ZERO, begun).await;
    }
    // Everything that was begun before is done before this.
    commit(store.as_ref(), [put("z", b"x", None)]).await;
    let documents = store.list("d", None, 99).await.expect("documents");
    let streams = store.streams("s", None, 99).await.expect("streams");
    let documents: Vec<_> = documents.iter().map(|(key, _)| key[1..].to_owned()).collect();
    let streams: Vec<_> = streams.iter().map(|(key, _)| key[1..].to_owned()).collect();
    assert_eq!(documents, streams);
}
