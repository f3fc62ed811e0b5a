//! Conformance tests of reads: what a reader sees.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{append, at, commit, document, due, entries, put, timer};
use crate::{Commit, Operation, Store, Timer};

/// Every document comes once, ordered by the bytes of its name.
pub async fn documents_are_listed_in_pages(store: Arc<dyn Store>) {
    for key in ["b/2", "a", "b/10", "c", "b/é", "b/1", "b", "b0"] {
        commit(store.as_ref(), [put(key, key.as_bytes(), None)]).await;
    }
    let (mut seen, mut after): (Vec<String>, Option<String>) = (Vec::new(), None);
    loop {
        let page = store.list("b/", after.as_deref(), 2).await.expect("a page");
        assert!(page.len() <= 2);
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        assert!(
            page.iter().all(|(key, found)| found.value == key.as_bytes() && found.version == 1)
        );
        seen.extend(page.into_iter().map(|(key, _)| key));
    }
    assert_eq!(seen, ["b/1", "b/10", "b/2", "b/é"]);
    let keys = |found: Vec<(String, _)>| found.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(keys(store.list("", Some("b/é"), 9).await.expect("a page")), ["b0", "c"]);
    assert_eq!(keys(store.list("b/", Some("a"), 1).await.expect("a page")), ["b/1"]);
    assert_eq!(keys(store.list("b/", Some("z"), 9).await.expect("a page")), [""; 0]);
    assert_eq!(keys(store.list("", None, 0).await.expect("a page")), [""; 0]);
}

/// Every stream comes once, with its head.
pub async fn streams_are_listed_in_pages(store: Arc<dyn Store>) {
    for (stream, count) in [("cycle/2", 3), ("other", 1), ("cycle/1", 2)] {
        commit(store.as_ref(), [append(stream, 0, &vec!["x"; count])]).await;
    }
    let cycles = vec![("cycle/1".to_owned(), 2), ("cycle/2".to_owned(), 3)];
    assert_eq!(store.streams("cycle/", None, 9).await, Ok(cycles.clone()));
    assert_eq!(store.streams("cycle/", None, 1).await, Ok(cycles[..1].to_vec()));
    assert_eq!(store.streams("cycle/", Some("cycle/1"), 9).await, Ok(cycles[1..].to_vec()));
    assert_eq!(store.streams("cycle/", Some("cycle/2"), 9).await, Ok(vec![]));
}

/// Every entry comes once, in order, from any start.
pub async fn a_stream_is_read_in_pages(store: Arc<dyn Store>) {
    let all: Vec<String> = (1..=300).map(|n| n.to_string()).collect();
    for (n, chunk) in (0..).zip(all.chunks(50)) {
        let chunk: Vec<&str> = chunk.iter().map(String::as_str).collect();
        commit(store.as_ref(), [append("s", n * 50, &chunk)]).await;
    }
    let mut cursor = 0;
    loop {
        let page = entries(store.as_ref(), "s", cursor, 7).await;
        let Some((last, _)) = page.last() else { break };
        for (version, payload) in &page {
            cursor += 1;
            assert_eq!((*version, payload.as_str()), (cursor, all[cursor as usize - 1].as_str()));
        }
        assert_eq!(*last, cursor);
    }
    assert_eq!(cursor, 300);
    assert_eq!(entries(store.as_ref(), "s", u64::MAX, 9).await, []);
    assert_eq!(entries(store.as_ref(), "s", 0, 0).await, []);
}

/// A name that begins with another name is a different name.
pub async fn similar_names_do_not_mix(store: Arc<dyn Store>) {
    let names = ["s", "s/1", "s1", "ss", "s ", "é", "😀"];
    for name in names {
        commit(store.as_ref(), [append(name, 0, &[name]), put(name, name.as_bytes(), None)]).await;
        commit(store.as_ref(), [append(name, 1, &[name])]).await;
    }
    for name in names {
        assert_eq!(entries(store.as_ref(), name, 0, 9).await, [(1, name.into()), (2, name.into())]);
        assert_eq!(document(store.as_ref(), name).await, Some((1, name.into())));
    }
}

/// The longest overdue timers come first, those of one instant by name, and none too early.
pub async fn timers_come_by_time(store: Arc<dyn Store>) {
    commit(store.as_ref(), [timer("late", 20), timer("b", 10), timer("a", 10), timer("early", -5)])
        .await;
    let old = DateTime::<Utc>::from_timestamp(-3, 250).expect("a date");
    let older = DateTime::<Utc>::from_timestamp(-3, 249).expect("a date");
    commit(
        store.as_ref(),
        [
            Operation::SetTimer { id: "1969".into(), due: old },
            Operation::SetTimer { id: "before".into(), due: older },
        ],
    )
    .await;
    assert_eq!(due(store.as_ref(), 10, 9).await, ["before", "1969", "early", "a", "b"]);
    assert_eq!(due(store.as_ref(), 9, 9).await, ["before", "1969", "early"]);
    assert_eq!(due(store.as_ref(), 99, 4).await, ["before", "1969", "early", "a"]);
    assert_eq!(
        store.due(older, None, 9).await,
        Ok(vec![Timer { id: "before".into(), due: older }])
    );
    assert_eq!(store.due(DateTime::<Utc>::MAX_UTC, None, 9).await.expect("timers").len(), 6);
    assert_eq!(store.due(DateTime::<Utc>::MIN_UTC, None, 9).await, Ok(vec![]));
}

/// Over all pages, every timer comes once, even if many are due at the same instant.
pub async fn timers_come_in_pages(store: Arc<dyn Store>) {
    for id in ["a", "b", "c", "d", "e"] {
        commit(store.as_ref(), [timer(id, if id < "d" { 10 } else { 20 })]).await;
    }
    let (mut seen, mut after): (Vec<String>, Option<Timer>) = (Vec::new(), None);
    loop {
        let page = store.due(at(20), after.as_ref(), 2).await.expect("timers");
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        seen.extend(page.into_iter().map(|timer| timer.id));
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    // The timer that the next page starts after may be gone by then.
    commit(store.as_ref(), [Operation::ClearTimer { id: "b".into() }]).await;
    let after = Timer { id: "b".into(), due: at(10) };
    let rest = store.due(at(10), Some(&after), 9).await;
    assert_eq!(rest, Ok(vec![Timer { id: "c".into(), due: at(10) }]));
}

/// A timer stays until it is cleared, and exists once.
pub async fn a_timer_is_moved_and_cleared(store: Arc<dyn Store>) {
    commit(store.as_ref(), [timer("t", 10)]).await;
    commit(store.as_ref(), [timer("t", 5)]).await;
    assert_eq!(due(store.as_ref(), 99, 9).await, ["t"]);
    assert_eq!(due(store.as_ref(), 99, 9).await, ["t"]);
    commit(store.as_ref(), [timer("t", 50)]).await;
    assert_eq!(due(store.as_ref(), 49, 9).await, [""; 0]);
    let found = store.due(at(50), None, 9).await;
    assert_eq!(found, Ok(vec![Timer { id: "t".into(), due: at(50) }]));
    let clear = Operation::ClearTimer { id: "t".into() };
    commit(store.as_ref(), [clear.clone()]).await;
    commit(store.as_ref(), [clear]).await;
    assert_eq!(due(store.as_ref(), 99, 9).await, [""; 0]);
}

/// A missing thing is an answer, not an error.
pub async fn what_is_not_there_is_not_an_error(store: Arc<dyn Store>) {
    assert_eq!(document(store.as_ref(), "a").await, None);
    assert_eq!(entries(store.as_ref(), "a", 0, 9).await, []);
    assert_eq!(store.list("", None, 9).await, Ok(vec![]));
    assert_eq!(store.streams("", None, 9).await, Ok(vec![]));
    assert_eq!(due(store.as_ref(), 99, 9).await, [""; 0]);
    assert!(store.document("").await.is_err() && store.stream("a\0", 0, 9).await.is_err());
}

/// The engine's own keys never show among the caller's.
pub async fn no_name_reaches_into_another_kind(store: Arc<dyn Store>) {
    store.acquire("l", "me", std::time::Duration::from_secs(9), at(0)).await.expect("a lease");
    commit(store.as_ref(), [append("s", 0, &["x"]), timer("t", 1)]).await;
    assert_eq!(store.list("", None, 99).await, Ok(vec![]));
    store.commit(Commit::new(vec![put("l", b"x", Some(0))])).await.expect("a name of its own");
    assert_eq!(store.list("", None, 99).await.expect("documents").len(), 1);
    assert_eq!(store.streams("", None, 99).await.expect("streams").len(), 1);
}
