//! What must survive: a killed process, a closed store, a second process at the door.

use storage::{Commit, MAX_VALUE_BYTES, OpenError, Operation, SledStore, Store};

fn put(key: String, value: Vec<u8>) -> Commit {
    Commit::new(vec![Operation::Put { key, value, if_version: None }])
}

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let store = SledStore::open(dir.path().join("store")).unwrap();
    store.commit(put("a".into(), b"1".to_vec())).await.unwrap();
    assert!(matches!(SledStore::open(dir.path().join("store")), Err(OpenError::InUse { .. })));
    drop(store);
    let store = SledStore::open(dir.path().join("store")).unwrap();
    assert_eq!(store.document("a").await.unwrap().unwrap().value, b"1");
}

/// sled never fsyncs the files it puts aside for large pages, so there must never be one.
#[tokio::test]
async fn the_largest_values_stay_in_the_file_that_is_fsynced() {
    let dir = tempfile::tempdir().unwrap();
    let store = SledStore::open(dir.path()).unwrap();
    for round in 0..300_u32 {
        let entries = vec![vec![round as u8; MAX_VALUE_BYTES - 1]; 20];
        let append = Operation::Append { stream: "s".into(), expected: round as u64 * 20, entries };
        store.commit(Commit::new(vec![append])).await.unwrap();
        let key = format!("{}", round.wrapping_mul(7919) % 100);
        store.commit(put(key, vec![round as u8; MAX_VALUE_BYTES])).await.unwrap();
        assert_eq!(std::fs::read_dir(dir.path().join("blobs")).unwrap().count(), 0);
    }
}
