//! A short-lived cache of memberships: the members of groups, or the roles of members.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};

/// How long an answer of the platform counts.
const KEPT: TimeDelta = TimeDelta::minutes(5);

/// The members of groups, or the roles of members: sets of ids, keyed by the id of the group or
/// member.
pub(crate) struct Memberships<E> {
    known: Mutex<HashMap<String, Known>>,
    /// Requests under way: many people who click at once share one request.
    asking: Mutex<HashMap<String, Asking<E>>>,
}

struct Known {
    at: DateTime<Utc>,
    ids: BTreeSet<String>,
}

type Asking<E> = Shared<BoxFuture<'static, Result<BTreeSet<String>, E>>>;

impl<E> Default for Memberships<E> {
    fn default() -> Self {
        Self { known: Mutex::default(), asking: Mutex::default() }
    }
}

impl<E: Clone + Send + Sync + 'static> Memberships<E> {
    /// The cached answer, if it is fresh enough; otherwise the platform's answer now. A failure is
    /// not cached: only those who waited for the same request receive it.
    pub(crate) async fn of(
        &self,
        asked_for: &str,
        now: DateTime<Utc>,
        ask: impl Future<Output = Result<BTreeSet<String>, E>> + Send + 'static,
    ) -> Result<BTreeSet<String>, E> {
        if let Some(ids) = self.known(asked_for, now) {
            return Ok(ids);
        }
        let mine = lock(&self.asking)
            .entry(asked_for.to_owned())
            .or_insert_with(|| ask.boxed().shared())
            .clone();
        let said = mine.clone().await;
        if let Ok(ids) = &said {
            self.learn(asked_for, ids, now);
        }
        let mut asking = lock(&self.asking);
        // Another request may already be stored here.
        if asking.get(asked_for).is_some_and(|asked| asked.ptr_eq(&mine)) {
            asking.remove(asked_for);
        }
        said
    }

    /// The cached answer. One from the future does not count, because the clock was set back.
    fn known(&self, asked_for: &str, now: DateTime<Utc>) -> Option<BTreeSet<String>> {
        let known = lock(&self.known);
        let said = known.get(asked_for)?;
        let age = now - said.at;
        (age >= TimeDelta::zero() && age < KEPT).then(|| said.ids.clone())
    }

    /// Caches an answer, and removes those that are too old.
    fn learn(&self, asked_for: &str, ids: &BTreeSet<String>, now: DateTime<Utc>) {
        let mut known = lock(&self.known);
        known.retain(|_, said| now - said.at < KEPT);
        known.insert(asked_for.to_owned(), Known { at: now, ids: ids.clone() });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::{pending, ready};

    use tokio::sync::oneshot;

    use super::*;

    fn ids(id: &str) -> BTreeSet<String> {
        BTreeSet::from([id.to_owned()])
    }

    #[tokio::test]
    async fn it_is_believed_for_five_minutes() {
        let at = DateTime::UNIX_EPOCH;
        let check = async |after: TimeDelta, expected: &str| {
            let known = Memberships::<Infallible>::default();
            assert_eq!(known.of("S1", at, ready(Ok(ids("old")))).await, Ok(ids("old")));
            let said = known.of("S1", at + after, ready(Ok(ids("new")))).await;
            assert_eq!(said, Ok(ids(expected)), "after {after}");
            assert_eq!(known.of("S2", at, ready(Ok(ids("other")))).await, Ok(ids("other")));
        };
        check(TimeDelta::zero(), "old").await;
        check(KEPT - TimeDelta::seconds(1), "old").await;
        check(KEPT, "new").await;
        check(-TimeDelta::seconds(1), "new").await;
    }

    #[tokio::test]
    async fn those_who_wait_share_one_question_and_its_failure() {
        let (answer, answered) = oneshot::channel();
        let known = Memberships::default();
        let at = DateTime::UNIX_EPOCH;
        let first = known.of("S1", at, async { answered.await.expect("an answer") });
        let second = known.of("S1", at, pending());
        let given_up = known.of("S1", at, pending());
        let answering = async {
            assert!(given_up.now_or_never().is_none());
            answer.send(Err("down")).expect("somebody waits");
        };
        let (first, second, ()) = tokio::join!(first, second, answering);
        assert_eq!((first, second), (Err("down"), Err("down")));
        assert_eq!(known.of("S1", at, ready(Ok(ids("U1")))).await, Ok(ids("U1")));
    }
}
