//! Conformance tests of leases: who may act.

use std::{sync::Arc, time::Duration};

use super::{append, at, document, entries, put};
use crate::{Commit, Fence, Store, StoreError};

const TTL: Duration = Duration::from_secs(10);

fn fenced(current: u64) -> StoreError {
    StoreError::Fenced { lease: "l".into(), current }
}

/// While a lease lasts, another process learns who holds it and until when.
pub async fn the_holder_keeps_others_out(store: Arc<dyn Store>) {
    let lease = store.acquire("l", "a", TTL, at(0)).await.expect("a lease");
    assert_eq!((lease.holder.as_str(), lease.token, lease.until), ("a", 1, at(10)));
    let held = StoreError::HeldBy { lease: "l".into(), holder: "a".into(), until: at(10) };
    assert_eq!(store.acquire("l", "b", TTL, at(9)).await, Err(held));
    let other = store.acquire("other", "b", TTL, at(9)).await.expect("another lease");
    assert_eq!(other.token, 1);
}

/// When a lease has expired, another process can acquire it, and the token grows.
pub async fn an_expired_lease_changes_hands(store: Arc<dyn Store>) {
    store.acquire("l", "a", TTL, at(0)).await.expect("a lease");
    let lease = store.acquire("l", "b", TTL, at(10)).await.expect("a free lease");
    assert_eq!((lease.holder.as_str(), lease.token), ("b", 2));
    assert!(store.acquire("l", "a", TTL, at(11)).await.is_err());
}

/// A restarted process need not wait for its own lease, and fences off its former self.
pub async fn the_holder_comes_back_with_a_higher_token(store: Arc<dyn Store>) {
    let before = store.acquire("l", "a", TTL, at(0)).await.expect("a lease");
    let after = store.acquire("l", "a", TTL, at(1)).await.expect("again");
    assert_eq!((after.token, after.until), (2, at(11)));
    let late = Commit::new(vec![put("d", b"x", None)]).fenced(&before);
    assert_eq!(store.commit(late).await, Err(fenced(2)));
}

/// A renewal keeps the token, works after the expiry if nobody acquired the lease, and can release
/// it.
pub async fn renewing_moves_the_end_only(store: Arc<dyn Store>) {
    let lease = store.acquire("l", "a", TTL, at(0)).await.expect("a lease");
    let renewed = store.renew(&lease, TTL, at(8)).await.expect("a renewal");
    assert_eq!((renewed.token, renewed.until), (1, at(18)));
    assert!(store.acquire("l", "b", TTL, at(17)).await.is_err());
    // The token proves the lease, whatever expiry the caller remembers.
    store.renew(&lease, TTL, at(30)).await.expect("nobody came");
    store.renew(&lease, Duration::ZERO, at(31)).await.expect("let go");
    assert_eq!(store.acquire("l", "b", TTL, at(31)).await.expect("free").token, 2);
}

/// A lease that somebody else acquired is lost for good.
pub async fn a_stale_lease_is_not_renewed(store: Arc<dyn Store>) {
    let lease = store.acquire("l", "a", TTL, at(0)).await.expect("a lease");
    store.acquire("l", "b", TTL, at(10)).await.expect("taken over");
    assert_eq!(store.renew(&lease, TTL, at(11)).await, Err(fenced(2)));
    assert_eq!(store.renew(&lease, TTL, at(99)).await, Err(fenced(2)));
}

/// The fence is checked before anything else, and a refusal leaves nothing behind.
pub async fn a_stale_token_writes_nothing(store: Arc<dyn Store>) {
    let write = |token| {
        let mut commit = Commit::new(vec![put("d", b"x", Some(7)), append("s", 0, &["x"])]);
        commit.fence = Some(Fence { lease: "l".into(), token });
        commit
    };
    assert_eq!(store.commit(write(1)).await, Err(fenced(0)));
    let lease = store.acquire("l", "a", TTL, at(0)).await.expect("a lease");
    assert_eq!(store.commit(write(2)).await, Err(fenced(1)));
    let good = Commit::new(vec![put("d", b"good", Some(0))]).fenced(&lease);
    store.commit(good).await.expect("the current token");
    // The fence holds until somebody acquires the lease, however late it is.
    store.acquire("l", "b", TTL, at(999)).await.expect("taken over");
    assert_eq!(store.commit(write(1)).await, Err(fenced(2)));
    assert_eq!(document(store.as_ref(), "d").await, Some((1, "good".into())));
    assert_eq!(entries(store.as_ref(), "s", 0, 9).await, []);
}

/// If many processes ask at once, exactly one gets the lease.
pub async fn one_of_many_acquires(store: Arc<dyn Store>) {
    let asking: Vec<_> = (0..16)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.acquire("l", &format!("p{n}"), TTL, at(0)).await })
        })
        .collect();
    let mut got = 0;
    for answer in asking {
        got += usize::from(answer.await.expect("an answer").is_ok());
    }
    assert_eq!(got, 1);
}
