//! How fast commits are acknowledged, to be run by hand:
//! `cargo test -p storage --release --test throughput -- --ignored --nocapture`

use std::{
    io::Write,
    time::{Duration, Instant},
};

use storage::{Commit, Operation, SledStore, Store};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures, and asserts nothing"]
async fn commits_in_a_second() {
    for writers in [1, 16, 64] {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let store = SledStore::open(dir.path()).unwrap();
        let end = Instant::now() + Duration::from_secs(3);
        let tasks: Vec<_> = (0..writers)
            .map(|writer| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut count = 0_u64;
                    while Instant::now() < end {
                        let stream = format!("s{writer}");
                        let entries = vec![vec![b'x'; 300]];
                        let append = Operation::Append { stream, expected: count, entries };
                        store.commit(Commit::new(vec![append])).await.unwrap();
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        let mut total = 0;
        for task in tasks {
            total += task.await.unwrap();
        }
        let size = std::fs::metadata(dir.path().join("db")).unwrap().len() >> 20;
        drop(store);
        let reopening = Instant::now();
        drop(SledStore::open(dir.path()).unwrap());
        let line = format!(
            "{writers} writers: {} commits/s, {total} commits in {size} MiB, reopened in {:?}\n",
            total / 3,
            reopening.elapsed()
        );
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
}
