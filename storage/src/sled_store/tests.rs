//! Tests that need the inside of the engine: failures that the contract cannot provoke.

use std::fs::File;

use tempfile::TempDir;

use super::*;
use crate::{CommitId, Operation, RECENT_COMMITS};

fn put(key: &str) -> Commit {
    let key = key.to_owned();
    Commit::new(vec![Operation::Put { key, value: b"x".to_vec(), if_version: None }])
}

/// A store on a disk that refuses every fsync.
fn failing(dir: &TempDir) -> SledStore {
    let (mut writer, lock) = open::open(dir.path()).unwrap();
    // The kernel cannot make this file durable, and says so.
    writer.file = File::open("/dev/null").unwrap();
    let (jobs, waiting) = mpsc::channel();
    let thread = thread::spawn(move || {
        writer.run(&waiting);
        drop(lock);
    });
    SledStore(Arc::new(Handle { jobs: Some(jobs), thread: Some(thread) }))
}

#[tokio::test]
async fn a_failed_fsync_leaves_the_batch_in_doubt_and_stops_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = failing(&dir);
    assert_eq!(store.document("a").await, Ok(None));
    let batch = (store.commit(put("a")), store.commit(put("b")), store.document("a"));
    let (first, second, read) = tokio::join!(batch.0, batch.1, batch.2);
    assert!(matches!(first, Err(StoreError::Ambiguous { .. })), "{first:?}");
    // In the same batch or after it.
    assert!(second.is_err(), "{second:?}");
    // Whatever the result, nobody may have seen what was never durable.
    assert!(matches!(read, Ok(None) | Err(StoreError::Unavailable { .. })), "{read:?}");
    let later = store.commit(put("c")).await;
    assert!(matches!(later, Err(StoreError::Unavailable { .. })), "{later:?}");
    assert!(matches!(store.document("a").await, Err(StoreError::Unavailable { .. })));
}

#[tokio::test]
async fn the_same_commit_after_a_restart_ends_the_doubt() {
    let dir = tempfile::tempdir().unwrap();
    let store = failing(&dir);
    let commit = put("a");
    assert!(store.commit(commit.clone()).await.is_err());
    drop(store);
    let store = SledStore::open(dir.path()).unwrap();
    store.commit(commit).await.unwrap();
    assert_eq!(store.document("a").await.unwrap().unwrap().version, 1);
}

#[tokio::test]
async fn a_commit_sees_those_before_it_in_its_batch_and_leaves_nothing_when_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = SledStore::open(dir.path()).unwrap();
    let new = |key: &str| Operation::Put { key: key.into(), value: vec![], if_version: Some(0) };
    let (first, second) = (Commit::new(vec![new("a")]), Commit::new(vec![new("b"), new("a")]));
    let in_one_batch = move |engine: &Engine| {
        let first_and_again = [engine.commit(&first), engine.commit(&first)];
        let deleted = Operation::Delete { key: "a".into(), version: 1 };
        let second = engine.commit(&second);
        engine.commit(&Commit::new(vec![deleted]))?;
        Ok((first_and_again, second, engine.commit(&Commit::new(vec![new("a"), new("c")]))))
    };
    let (first_and_again, second, third) = store.write(in_one_batch).await.unwrap();
    assert_eq!(first_and_again, [Ok(()), Ok(())]);
    let conflict = StoreError::Conflict { what: "a".into(), expected: 0, found: 1 };
    assert_eq!((second, third), (Err(conflict), Ok(())));
    assert_eq!(store.document("b").await, Ok(None), "of a refused commit nothing is there");
    let names = store.list("", None, 9).await.unwrap().into_iter().map(|(key, _)| key);
    assert_eq!(names.collect::<Vec<_>>(), ["a", "c"]);
}

#[tokio::test]
async fn a_batch_may_be_larger_than_one_write_of_the_database() {
    let dir = tempfile::tempdir().unwrap();
    let store = SledStore::open(dir.path()).unwrap();
    let large = |n: u8| {
        let put = |key: u8| Operation::Put {
            key: format!("{n}/{key}"),
            value: vec![n; crate::MAX_VALUE_BYTES],
            if_version: Some(0),
        };
        Commit::new((0..30).map(put).collect())
    };
    let all = move |engine: &Engine| (0..5).try_for_each(|n| engine.commit(&large(n)));
    store.write(all).await.unwrap();
    drop(store);
    let store = SledStore::open(dir.path()).unwrap();
    assert_eq!(store.list("", None, 999).await.unwrap().len(), 150);
}

#[tokio::test]
async fn a_panicking_engine_leaves_its_batch_in_doubt_and_stops_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = SledStore::open(dir.path()).unwrap();
    let written = store.write::<()>(|_| panic!("as sled does")).await;
    assert!(matches!(written, Err(StoreError::Ambiguous { .. })), "{written:?}");
    let later = store.commit(put("a")).await;
    assert!(matches!(later, Err(StoreError::Unavailable { .. })), "{later:?}");
    drop(store);
    SledStore::open(dir.path()).unwrap().commit(put("a")).await.unwrap();
}

#[tokio::test]
async fn an_interrupted_import_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    let store = SledStore::open(dir.path()).unwrap();
    let mark = |engine: &Engine| {
        engine.db.insert(keys::IMPORTING, &[]).unwrap();
        engine.dirty.set(true);
        Ok(())
    };
    store.write(mark).await.unwrap();
    drop(store);
    let error = SledStore::open(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("import was interrupted"), "{error}");
}

#[tokio::test]
async fn a_lost_entry_is_found_when_opening() {
    for lost in [1, 2, 3] {
        let dir = tempfile::tempdir().unwrap();
        let store = SledStore::open(dir.path()).unwrap();
        let entries = vec![b"x".to_vec(); 3];
        let append = Operation::Append { stream: "s".into(), expected: 0, entries };
        store.commit(Commit::new(vec![append])).await.unwrap();
        let lose = move |engine: &Engine| {
            engine.db.remove(keys::entry("s", lost)).unwrap();
            engine.dirty.set(true);
            Ok(())
        };
        store.write(lose).await.unwrap();
        drop(store);
        let error = SledStore::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("entry {lost} is missing")), "{error}");
    }
}

#[tokio::test]
async fn ids_are_forgotten_after_many_others_and_take_no_more_room() {
    let dir = tempfile::tempdir().unwrap();
    let store = SledStore::open(dir.path()).unwrap();
    let first = Commit { id: CommitId::random(), ..put("a") };
    store.commit(first.clone()).await.unwrap();
    let others = (0..RECENT_COMMITS - 1).map(|_| Commit::new(vec![]));
    let commit_all =
        move |engine: &Engine| others.into_iter().try_for_each(|commit| engine.commit(&commit));
    store.write(commit_all).await.unwrap();
    store.commit(first.clone()).await.unwrap();
    assert_eq!(store.document("a").await.unwrap().unwrap().version, 1);
    store.commit(Commit::new(vec![])).await.unwrap();
    store.commit(first).await.unwrap();
    assert_eq!(store.document("a").await.unwrap().unwrap().version, 2);
    let count = |engine: &Engine| Ok(engine.db.scan_prefix([keys::COMMIT]).count() as u64);
    assert_eq!(store.read(count).await, Ok(RECENT_COMMITS));
}
