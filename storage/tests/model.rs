//! Random histories: sled answers what the plain model answers, and holds the same in the end.

use std::time::Duration;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use storage::{
    Commit, CommitId, Fence, Lease, MemoryStore, Operation, Portable, SledStore, Store, StoreError,
};

#[derive(Debug, Clone)]
enum Act {
    Commit { operations: Vec<Operation>, token: Option<u64> },
    Resend(prop::sample::Index),
    Acquire { lease: String, holder: String, ttl: u64, now: i64 },
    Renew { lease: String, token: u64, ttl: u64, now: i64 },
    Read { name: String, after: u64, limit: usize, now: i64 },
    Reopen,
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 7).expect("a date")
}

/// Few names and low versions, so that most of what happens hits something.
fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "a/1", "ab", "é"]).prop_map(str::to_owned)
}

fn operation() -> impl Strategy<Value = Operation> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..40);
    prop_oneof![
        (name(), bytes(), prop::option::weighted(0.6, 0..4_u64))
            .prop_map(|(key, value, if_version)| Operation::Put { key, value, if_version }),
        (name(), 0..3_u64).prop_map(|(key, version)| Operation::Check { key, version }),
        (name(), 0..3_u64).prop_map(|(key, version)| Operation::Delete { key, version }),
        (name(), 0..4_u64, prop::collection::vec(bytes(), 0..3)).prop_map(
            |(stream, expected, entries)| Operation::Append { stream, expected, entries }
        ),
        (name(), -50..50_i64).prop_map(|(id, due)| Operation::SetTimer { id, due: at(due) }),
        name().prop_map(|id| Operation::ClearTimer { id }),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let lease = || prop::sample::select(vec!["l", "m"]).prop_map(str::to_owned);
    let holder = prop::sample::select(vec!["x", "y"]).prop_map(str::to_owned);
    prop_oneof![
        8 => (prop::collection::vec(operation(), 0..4), prop::option::weighted(0.2, 0..4_u64))
            .prop_map(|(operations, token)| Act::Commit { operations, token }),
        2 => any::<prop::sample::Index>().prop_map(Act::Resend),
        2 => (lease(), holder, 0..20_u64, -20..50_i64)
            .prop_map(|(lease, holder, ttl, now)| Act::Acquire { lease, holder, ttl, now }),
        1 => (lease(), 0..4_u64, 0..20_u64, -20..50_i64)
            .prop_map(|(lease, token, ttl, now)| Act::Renew { lease, token, ttl, now }),
        3 => (name(), 0..4_u64, 0..5_usize, -60..60_i64)
            .prop_map(|(name, after, limit, now)| Act::Read { name, after, limit, now }),
        1 => Just(Act::Reopen),
    ]
}

/// What a store says to an act, in words that compare.
async fn answer(store: &dyn Store, act: &Act, sent: &[Commit]) -> Result<String, StoreError> {
    Ok(match act {
        Act::Commit { .. } => {
            store.commit(sent.last().expect("the commit").clone()).await?;
            String::new()
        }
        Act::Resend(which) if !sent.is_empty() => {
            store.commit(which.get(sent).clone()).await?;
            String::new()
        }
        Act::Acquire { lease, holder, ttl, now } => {
            let ttl = Duration::from_secs(*ttl);
            format!("{:?}", store.acquire(lease, holder, ttl, at(*now)).await?)
        }
        Act::Renew { lease, token, ttl, now } => {
            let held = Lease {
                name: lease.clone(),
                holder: "whoever".into(),
                token: *token,
                until: at(0),
            };
            format!("{:?}", store.renew(&held, Duration::from_secs(*ttl), at(*now)).await?)
        }
        Act::Read { name, after, limit, now } => format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            store.document(name).await?,
            store.list("a", Some(name), *limit).await?,
            store.list(name, None, *limit).await?,
            store.stream(name, *after, *limit).await?,
            store.streams("", Some(name), *limit).await?,
            store.due(at(*now), None, *limit).await?,
        ),
        Act::Resend(_) | Act::Reopen => String::new(),
    })
}

async fn compare(acts: Vec<Act>) {
    let dir = tempfile::tempdir().expect("a directory");
    let mut sled = SledStore::open(dir.path()).expect("a new store");
    let memory = MemoryStore::new();
    let mut sent: Vec<Commit> = Vec::new();
    for act in acts {
        if let Act::Commit { operations, token } = &act {
            sent.push(Commit {
                id: CommitId::random(),
                operations: operations.clone(),
                fence: token.map(|token| Fence { lease: "l".into(), token }),
            });
        }
        if let Act::Reopen = act {
            drop(sled);
            sled = SledStore::open(dir.path()).expect("the same store");
        }
        let expected = answer(&memory, &act, &sent).await;
        assert_eq!(answer(&sled, &act, &sent).await, expected, "{act:?}");
    }
    let expected = memory.dump().await.expect("a dump");
    assert_eq!(sled.dump().await, Ok(expected.clone()));
    drop(sled);
    let sled = SledStore::open(dir.path()).expect("the same store");
    assert_eq!(sled.dump().await, Ok(expected));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn sled_does_what_the_model_does(acts in prop::collection::vec(act(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(compare(acts));
    }
}
