//! Out as text, in again as the same store.

use std::time::Duration;

use chrono::DateTime;
use storage::{
    Commit, MemoryStore, Operation, Portable, SledStore, Store, StoreError,
    export::{ExportError, export, import},
};

/// A bit of everything, and the commit that was sent first.
async fn fill(store: &dyn Store) -> Commit {
    let now = DateTime::from_timestamp(1_800_000_000, 250).expect("a date");
    let put = |key: &str, value: &[u8]| Operation::Put {
        key: key.into(),
        value: value.into(),
        if_version: None,
    };
    let first = Commit::new(vec![put("plan", "ä\n".as_bytes()), put("raw", &[0xff, 0, 9])]);
    store.commit(first.clone()).await.expect("a commit");
    for n in 0..5 {
        let entries = vec![format!("event {n}").into_bytes(), vec![0xc3, n as u8]];
        let operations = vec![
            put("plan", n.to_string().as_bytes()),
            Operation::Append { stream: "cycle/7".into(), expected: n * 2, entries },
            Operation::SetTimer { id: "t".into(), due: now },
        ];
        store.commit(Commit::new(operations)).await.expect("a commit");
    }
    for _ in 0..3 {
        store.acquire("dispatch", "me", Duration::from_secs(9), now).await.expect("a lease");
    }
    first
}

async fn exported(store: &dyn Portable) -> Vec<u8> {
    let mut text = Vec::new();
    export(store, &mut text).await.expect("an export");
    text
}

#[tokio::test]
async fn what_goes_out_comes_in_again_whichever_engine_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let old = SledStore::open(dir.path().join("old")).unwrap();
    let first = fill(&old).await;
    let text = exported(&old).await;

    let memory = MemoryStore::new();
    import(&memory, &*text).await.unwrap();
    let new = SledStore::open(dir.path().join("new")).unwrap();
    import(&new, &*exported(&memory).await).await.unwrap();
    assert_eq!(new.dump().await, old.dump().await);
    drop(new);
    let new = SledStore::open(dir.path().join("new")).unwrap();
    assert_eq!(exported(&new).await, text);

    // A commit of before is known, and a token of before stays below the next.
    new.commit(first).await.unwrap();
    assert_eq!(new.document("plan").await.unwrap().unwrap().version, 6);
    let lease = new.acquire("dispatch", "me", Duration::ZERO, DateTime::UNIX_EPOCH).await.unwrap();
    assert_eq!(lease.token, 4);
}

#[tokio::test]
async fn a_person_can_read_it() {
    let store = MemoryStore::new();
    fill(&store).await;
    let text = String::from_utf8(exported(&store).await).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], r#"{"export":{"format":1}}"#);
    assert_eq!(lines[1], r#"{"document":{"key":"plan","version":6,"value":{"text":"4"}}}"#);
    assert_eq!(lines[2], r#"{"document":{"key":"raw","version":1,"value":{"hex":"ff0009"}}}"#);
    let entry = r#"{"entry":{"stream":"cycle/7","version":1,"payload":{"text":"event 0"}}}"#;
    assert_eq!(lines[3], entry);
    assert_eq!(lines.last(), Some(&r#"{"end":{"lines":20}}"#));
}

#[tokio::test]
async fn only_an_empty_store_takes_an_import() {
    let dir = tempfile::tempdir().unwrap();
    let sled = SledStore::open(dir.path()).unwrap();
    let memory = MemoryStore::new();
    fill(&memory).await;
    let text = exported(&memory).await;
    sled.acquire("l", "me", Duration::ZERO, DateTime::UNIX_EPOCH).await.unwrap();
    for refused in [import(&sled, &*text).await, import(&memory, &*text).await] {
        let Err(ExportError::Store(StoreError::Invalid { detail })) = refused else {
            panic!("{refused:?}")
        };
        assert!(detail.contains("empty"), "{detail}");
    }
    assert_eq!(sled.dump().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_damaged_export_is_refused_as_a_whole() {
    let store = MemoryStore::new();
    fill(&store).await;
    let text = String::from_utf8(exported(&store).await).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without = |n: usize| [&lines[..n], &lines[n + 1..]].concat();
    let end = lines.len() - 1;
    let cases = [
        ("empty", vec![], 1),
        ("no beginning", without(0), 1),
        ("a line is gone", without(1), end),
        ("an entry is gone", without(4), 5),
        ("the end is gone", without(end), end),
        ("cut in a line", vec![lines[0], &lines[1][..20]], 2),
        ("twice", vec![lines[0], lines[1], lines[1]], 3),
        ("more behind", [&lines[..], &lines[1..2]].concat(), end + 2),
    ];
    for (name, lines, at) in cases {
        let empty = MemoryStore::new();
        match import(&empty, lines.join("\n").as_bytes()).await {
            Err(ExportError::Damaged { line, .. }) => assert_eq!(line, at, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(empty.dump().await, Ok(vec![]), "{name}");
    }
    let newer = text.replace(r#""format":1"#, r#""format":2"#);
    let refused = import(&MemoryStore::new(), newer.as_bytes()).await;
    assert!(matches!(refused, Err(ExportError::Newer { found: 2, supported: 1 })));
}
