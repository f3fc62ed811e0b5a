//! What must survive: a killed process, a closed store, a second process at the door, a broken file.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use storage::{Commit, MAX_VALUE_BYTES, OpenError, Operation, SledStore, Store};

const STORE: &str = "PATCHBOT_TEST_STORE";

fn put(key: &str, value: Vec<u8>) -> Commit {
    Commit::new(vec![Operation::Put { key: key.into(), value, if_version: None }])
}

async fn create(path: &Path) {
    let store = SledStore::open(path).expect("a new store");
    for n in 0..50_u64 {
        let append =
            Operation::Append { stream: "s".into(), expected: n, entries: vec![vec![b'x'; 5_000]] };
        store.commit(Commit::new(vec![append])).await.expect("a commit");
    }
}

/// Not a test of its own: what the child process of others runs.
#[tokio::test]
#[ignore = "runs in a child process"]
async fn child() {
    let Ok(path) = std::env::var(STORE) else { return };
    let store = SledStore::open(path).unwrap();
    let mut tasks = Vec::new();
    for writer in 0..4 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            for n in 0_u64.. {
                let stream = format!("w{writer}");
                let both = vec![
                    Operation::Put {
                        key: stream.clone(),
                        value: vec![0; 300],
                        if_version: Some(n),
                    },
                    Operation::Append { stream, expected: n, entries: vec![vec![0; 300]] },
                ];
                store.commit(Commit::new(both)).await.unwrap();
                // One write each, so that lines do not mix.
                let line = format!("ack {writer} {}\n", n + 1);
                std::io::stdout().write_all(line.as_bytes()).unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

fn start_child(path: &Path) -> (Child, impl Iterator<Item = (usize, u64)>) {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env(STORE, path)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let acks = lines.map_while(Result::ok).filter_map(|line| {
        // The last line may be cut; an acknowledgement nobody could read promised nothing.
        let (_, ack) = line.split_once("ack ")?;
        let (writer, version) = ack.split_once(' ')?;
        Some((writer.parse().ok()?, version.parse().ok()?))
    });
    (child, acks)
}

#[tokio::test]
async fn a_killed_process_loses_nothing_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = [0; 4];
    for round in 1..=4 {
        let store = dir.path().join(round.to_string());
        let (mut child, mut acks) = start_child(&store);
        let mut seen = [0; 4];
        for (writer, version) in acks.by_ref().take(200 * round) {
            seen[writer] = version;
        }
        // SIGKILL: no chance to tidy up.
        child.kill().unwrap();
        child.wait().unwrap();
        for (writer, version) in acks {
            seen[writer] = version;
        }
        let store = SledStore::open(&store).unwrap();
        for (writer, promised) in seen.into_iter().enumerate() {
            let name = format!("w{writer}");
            let document = store.document(&name).await.unwrap().unwrap().version;
            let head = store.streams(&name, None, 1).await.unwrap()[0].1;
            assert!(document >= promised, "writer {writer}: {document} of {promised}");
            assert_eq!(document, head, "half of a commit");
            acknowledged[writer] += promised;
        }
    }
    assert!(acknowledged.iter().sum::<u64>() >= 2_000);
}

#[tokio::test]
async fn one_process_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let (mut child, mut acks) = start_child(dir.path());
    acks.next().unwrap();
    let error = SledStore::open(dir.path()).unwrap_err();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    SledStore::open(dir.path()).unwrap();
}

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    for version in 1..20 {
        let store = SledStore::open(dir.path().join("store")).unwrap();
        let again = SledStore::open(dir.path().join("store")).unwrap_err();
        assert!(matches!(again, OpenError::InUse { .. }), "{again}");
        store.commit(put("a", vec![version as u8])).await.unwrap();
        drop(store);
        let store = SledStore::open(dir.path().join("store")).unwrap();
        let read = store.document("a").await.unwrap().unwrap();
        assert_eq!((read.version, read.value), (version, vec![version as u8]));
    }
}

#[tokio::test]
async fn a_damaged_store_says_so_each_time_and_is_not_reset() {
    type Break = fn(&Path);
    let breaks: [(&str, Break); 6] = [
        ("db is gone", |path| fs::remove_file(path.join("db")).unwrap()),
        ("db is empty", |path| fs::write(path.join("db"), "").unwrap()),
        ("db is noise", |path| fs::write(path.join("db"), vec![0xa5; 9_000_000]).unwrap()),
        ("db is zeroes", |path| fs::write(path.join("db"), vec![0; 9_000_000]).unwrap()),
        ("db ends early", |path| {
            let db = fs::read(path.join("db")).unwrap();
            fs::write(path.join("db"), &db[..60_000]).unwrap();
        }),
        ("format is gone", |path| fs::remove_file(path.join("format")).unwrap()),
    ];
    for (name, broken) in breaks {
        let dir = tempfile::tempdir().unwrap();
        create(dir.path()).await;
        broken(dir.path());
        let error = SledStore::open(dir.path()).err().unwrap_or_else(|| panic!("{name}: opened"));
        assert!(matches!(error, OpenError::Damaged { .. }), "{name}: {error:?}");
        assert!(error.to_string().contains("restore from an export"), "{name}: {error}");
        let again = SledStore::open(dir.path()).err().unwrap_or_else(|| panic!("{name}: opened"));
        assert!(matches!(again, OpenError::Damaged { .. }), "{name}: {again:?}");
    }
}

#[tokio::test]
async fn a_newer_format_is_left_to_the_newer_version() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path()).await;
    fs::write(dir.path().join("format"), "patchbot store 9\n").unwrap();
    let error = SledStore::open(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::NewerFormat { found: 9, supported: 1, .. }), "{error}");
    fs::write(dir.path().join("format"), "something else").unwrap();
    let error = SledStore::open(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
}

#[test]
fn only_its_owner_looks_in() {
    let dir = tempfile::tempdir().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let new = dir.path().join("deep/store");
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    fs::set_permissions(&empty, fs::Permissions::from_mode(0o755)).unwrap();
    for path in [new, empty] {
        drop(SledStore::open(&path).unwrap());
        assert_eq!(mode(&path), 0o700);
    }
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(SledStore::open(&file), Err(OpenError::NotAFolder { .. })));
}

/// sled never fsyncs the files it puts aside for large pages, so there must never be one.
#[tokio::test]
async fn the_largest_values_stay_in_the_file_that_is_fsynced() {
    let dir = tempfile::tempdir().unwrap();
    let store = SledStore::open(dir.path()).unwrap();
    for round in 0..100_u64 {
        let entries = vec![vec![round as u8; MAX_VALUE_BYTES]; 30];
        let append = Operation::Append { stream: "s".into(), expected: round * 30, entries };
        store.commit(Commit::new(vec![append])).await.unwrap();
        let key = (round * 7919 % 40).to_string();
        store.commit(put(&key, vec![round as u8; MAX_VALUE_BYTES])).await.unwrap();
        assert_eq!(fs::read_dir(dir.path().join("blobs")).unwrap().count(), 0);
    }
}
