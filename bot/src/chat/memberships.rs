//! Who belongs to what, as a platform said a short while ago.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// How long it is believed.
const KEPT: TimeDelta = TimeDelta::minutes(5);

/// The members of groups, or the roles of members: sets of ids, each by the id that was asked for.
#[derive(Default)]
pub(crate) struct Memberships(Mutex<HashMap<String, Asked>>);

struct Asked {
    at: DateTime<Utc>,
    ids: BTreeSet<String>,
}

impl Memberships {
    /// What was said, if that is not too long ago. A clock that was set back makes it unknown.
    pub(crate) fn of(&self, asked_for: &str, now: DateTime<Utc>) -> Option<BTreeSet<String>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = known.get(asked_for)?;
        let age = now - asked.at;
        (age >= TimeDelta::zero() && age < KEPT).then(|| asked.ids.clone())
    }

    /// Believes it from now on, and forgets what is too old.
    pub(crate) fn learn(&self, asked_for: &str, ids: &BTreeSet<String>, now: DateTime<Utc>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, asked| now - asked.at < KEPT);
        known.insert(asked_for.to_owned(), Asked { at: now, ids: ids.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_believed_for_five_minutes() {
        let (at, ids) = (DateTime::UNIX_EPOCH, BTreeSet::from(["U1".to_owned()]));
        let known = Memberships::default();
        known.learn("S1", &ids, at);
        let check = |after: TimeDelta, expected: Option<&BTreeSet<String>>| {
            assert_eq!(known.of("S1", at + after).as_ref(), expected, "after {after}");
        };
        check(TimeDelta::zero(), Some(&ids));
        check(KEPT - TimeDelta::seconds(1), Some(&ids));
        check(KEPT, None);
        check(-TimeDelta::seconds(1), None);
        assert_eq!(known.of("S2", at), None);
    }
}
