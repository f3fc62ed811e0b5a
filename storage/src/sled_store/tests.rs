//! What only shows from inside: failures that cannot be provoked through the contract.

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
    // The kernel knows no way to make this one durable, and says so.
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
    // Whatever comes of it, nobody may have seen what was never durable.
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
