//! What a folder is that somebody names, and that reading leaves it as it is.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use storage::{Commit, OpenError, Operation, Portable as _, SledStore, Store as _};

async fn made(path: &Path) {
    let store = SledStore::open(path).expect("a file");
    let put = Operation::Put { key: "plan".into(), value: b"x".to_vec(), if_version: None };
    store.commit(Commit::new(vec![put])).await.expect("a file");
}

/// Everything below, with what a look at it must not change.
fn traces(path: &Path) -> BTreeMap<PathBuf, (SystemTime, u32, u64, Vec<u8>)> {
    let seen = fs::metadata(path).expect("a file");
    let content = if seen.is_file() { fs::read(path).expect("a file") } else { Vec::new() };
    let trace = (seen.modified().expect("a file"), seen.mode(), seen.ino(), content);
    let mut traces = BTreeMap::from([(path.to_path_buf(), trace)]);
    if seen.is_dir() {
        for entry in fs::read_dir(path).expect("a file") {
            traces.extend(self::traces(&entry.expect("a file").path()));
        }
    }
    traces
}

#[tokio::test]
async fn a_folder_without_a_store_is_not_read_and_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let (above, file) = (dir.path().join("above"), dir.path().join("file"));
    let store = above.join("store");
    fs::create_dir(&above).unwrap();
    fs::write(&file, "text").unwrap();
    fs::create_dir(dir.path().join("empty")).unwrap();
    made(&store).await;
    let before = traces(dir.path());
    let cases = [
        (above.clone(), Some(&store)),
        (store.join("blobs"), Some(&store)),
        (dir.path().join("empty"), None),
        (dir.path().join("nowhere"), None),
        (file, None),
    ];
    for (path, meant) in cases {
        match SledStore::open_copy(&path) {
            Err(OpenError::NoStore { nearby_store, .. }) => {
                assert_eq!(nearby_store.as_ref(), meant, "{path:?}")
            }
            other => panic!("{path:?}: {other:?}"),
        }
    }
    assert_eq!(traces(dir.path()), before);
}

#[tokio::test]
async fn reading_a_store_leaves_it_exactly_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    made(&path).await;
    let before = traces(dir.path());
    let copy = SledStore::open_copy(&path).unwrap();
    assert_eq!(copy.dump().await.unwrap().len(), 2);
    // Two may read at a time, and nobody is kept from writing by a copy that is made.
    SledStore::open_copy(&path).unwrap();
    assert_eq!(traces(dir.path()), before);
    let store = SledStore::open(&path).unwrap();
    let refused = SledStore::open_copy(&path).unwrap_err();
    assert!(matches!(refused, OpenError::InUse { .. }), "{refused}");
    drop((copy, store));
}

#[tokio::test]
async fn a_damaged_store_is_not_read_as_an_empty_one() {
    for lost in ["format", "db"] {
        let dir = tempfile::tempdir().unwrap();
        made(dir.path()).await;
        fs::remove_file(dir.path().join(lost)).unwrap();
        let before = traces(dir.path());
        let error = SledStore::open_copy(dir.path()).unwrap_err();
        assert!(matches!(error, OpenError::Damaged { .. }), "{lost}: {error}");
        assert!(error.to_string().contains(&dir.path().display().to_string()), "{error}");
        assert_eq!(traces(dir.path()), before);
    }
}

#[tokio::test]
async fn no_store_is_made_among_other_files() {
    let dir = tempfile::tempdir().unwrap();
    made(&dir.path().join("store")).await;
    let before = traces(dir.path());
    match SledStore::open(dir.path()) {
        Err(OpenError::Occupied { nearby_store, .. }) => {
            assert_eq!(nearby_store, Some(dir.path().join("store")));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(traces(dir.path()), before);
    // A store that somebody put a file of their own into is left alone as well.
    fs::write(dir.path().join("store/notes.txt"), "mine").unwrap();
    let error = SledStore::open(dir.path().join("store")).unwrap_err();
    assert!(matches!(error, OpenError::Occupied { .. }), "{error}");
}

#[tokio::test]
async fn a_store_that_was_open_to_others_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    for mode in [0o755, 0o750, 0o2770] {
        made(&path).await;
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        drop(SledStore::open(&path).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700, "{mode:o}");
    }
}

#[test]
fn a_creation_that_was_interrupted_is_finished() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("lock"), "").unwrap();
    SledStore::open(dir.path()).unwrap();
}
