//! Typed records, small and large, whole and broken.

use std::time::Duration;

use storage::{
    Commit, MemoryStore, Operation, SledStore, Store, StoreError,
    records::{self, Document, RecordError},
};

fn raw(key: &str, value: &str) -> Operation {
    Operation::Put { key: key.into(), value: value.into(), if_version: None }
}

#[tokio::test]
async fn a_large_event_stands_between_small_ones_and_is_read_whole() {
    let store = MemoryStore::new();
    let events = ["before".to_owned(), "ä\"✓".repeat(150_000), "after".to_owned()];
    let (append, head) = records::append_events("s", 0, &events).unwrap();
    store.commit(Commit::new(vec![append])).await.unwrap();
    assert_eq!(store.streams("", None, 9).await.unwrap(), [("s".to_owned(), head)]);

    let read = records::read_events::<String>(&store, "s", 0, 99).await.unwrap();
    assert!(read.iter().map(|event| &event.body).eq(&events));
    assert_eq!(read[2].version, head);
    for (n, event) in read.iter().enumerate() {
        let rest = records::read_events::<String>(&store, "s", event.version, 1).await.unwrap();
        assert!(rest.iter().map(|event| &event.body).eq(events.get(n + 1)));
    }
}

#[tokio::test]
async fn a_large_document_shrinks_and_grows() {
    let store = MemoryStore::new();
    for (version, size) in (1..).zip([10, 1_900_000, 70_000, 5, 200_000]) {
        let value = "x".repeat(size);
        let put = records::put("plan", &value, Some(version - 1)).unwrap();
        store.commit(Commit::new(put)).await.unwrap();
        let read = records::get::<String>(&store, "plan").await.unwrap().unwrap();
        assert_eq!((read.version, read.body.len()), (version, size));
        let listed = records::list::<String>(&store, "", None, 1).await.unwrap();
        assert_eq!(listed[0].1, read);
        assert_eq!(records::list::<String>(&store, "", Some("plan"), 9).await.unwrap(), []);
    }
    assert_eq!(records::get::<String>(&store, "none").await.unwrap(), None);
}

#[tokio::test]
async fn a_newer_record_is_refused_by_its_version_whatever_its_body() {
    let store = MemoryStore::new();
    let put = raw("plan", r#"{"v":7,"body":{"unheard":"of"}}"#);
    store.commit(Commit::new(vec![put])).await.unwrap();
    let error = records::get::<String>(&store, "plan").await.unwrap_err();
    assert_eq!(
        error,
        RecordError::Newer { what: "document plan at version 1".into(), found: 7, supported: 1 }
    );
    let said = error.to_string();
    assert!(said.contains('7') && said.contains("up to 1"), "{said}");
}

#[tokio::test]
async fn damage_is_named_and_never_skipped() {
    let store = MemoryStore::new();
    let (Operation::Append { entries: large, .. }, _) =
        records::append_events("s", 0, &["x".repeat(150_000)]).unwrap()
    else {
        panic!("an append")
    };
    let good = br#"{"v":1,"body":"x"}"#.to_vec();
    for (stream, entries, at) in [
        ("not json", vec![good.clone(), b"{".to_vec(), good.clone()], 2),
        ("not text", vec![vec![0xff]], 1),
        ("no end", vec![large[0].clone(), large[1].clone()], 2),
        ("no beginning", vec![good.clone(), large[1].clone()], 2),
        ("a part is missing", vec![large[0].clone(), large[2].clone()], 2),
        ("another event between", vec![large[0].clone(), good.clone()], 2),
        ("another body", vec![br#"{"v":1,"body":5}"#.to_vec()], 1),
    ] {
        let append = Operation::Append { stream: stream.into(), expected: 0, entries };
        store.commit(Commit::new(vec![append])).await.unwrap();
        match records::read_events::<String>(&store, stream, 0, 99).await.unwrap_err() {
            RecordError::Store(StoreError::Corrupt { what, .. }) => {
                assert_eq!(what, format!("stream {stream} at version {at}"));
            }
            other => panic!("{stream}: {other}"),
        }
    }
    let put = records::put("plan", &"x".repeat(150_000), None).unwrap();
    store.commit(Commit::new(put)).await.unwrap();
    store.commit(Commit::new(vec![raw("part/plan/2", "y")])).await.unwrap();
    let error = records::get::<String>(&store, "plan").await.unwrap_err().to_string();
    assert!(error.contains("document plan at version 1"), "{error}");
}

#[tokio::test]
async fn a_reader_never_sees_two_versions_of_a_large_document_mixed() {
    // In memory nothing ever comes between two reads.
    let dir = tempfile::tempdir().unwrap();
    let store = SledStore::open(dir.path()).unwrap();
    let write = async |n: usize| {
        let put = records::put("plan", &vec![n; 100_000], None).unwrap();
        store.commit(Commit::new(put)).await.unwrap();
    };
    // Not `assert_eq`: nobody reads two hundred thousand numbers.
    let is_whole = |plan: &Document<Vec<usize>>| {
        assert!(plan.body.iter().all(|n| *n == plan.version as usize));
    };
    write(1).await;
    let writer = async {
        for n in 2..40 {
            write(n).await;
            tokio::time::sleep(Duration::from_millis(7)).await;
        }
    };
    let reader = async {
        for _ in 0..40 {
            match records::get::<Vec<usize>>(&store, "plan").await {
                Ok(plan) => is_whole(&plan.unwrap()),
                // A busy machine may read more slowly than the writer writes. It is told so.
                Err(RecordError::Store(StoreError::Unavailable { .. })) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    tokio::join!(writer, reader);
    is_whole(&records::get(&store, "plan").await.unwrap().unwrap());
}

#[test]
fn parts_have_names_of_their_own() {
    assert!(records::put("part/plan/1", &1, None).is_err());
}
