//! Interactions in the store, from their acknowledgement until no platform will deliver them again.
//!
//! An interaction is stored whole, with a timer of the same name, before it is acknowledged. Once
//! it is completed, its timer is cleared and only its name and the time remain: a platform may
//! deliver it again, even after a restart. Sweeps delete old names, a few at a time.

use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::records::{self, Document};
use storage::{Commit, Key, Operation, Store, StoreError, Timer};

use crate::chat::Inbound;

/// How long a name is kept after its interaction was completed. Slack delivers again at once, after
/// one minute and after five, and asks apps to refuse its older requests; Discord replays what a
/// gateway session missed, minutes later at most. A week leaves room for a host that slept over a holiday,
/// and for a person who investigates what happened.
const RETENTION: TimeDelta = TimeDelta::days(7);
/// The interval between two sweeps of names.
pub(super) const SWEEP: TimeDelta = TimeDelta::hours(1);
/// How many names one sweep reads: twelve thousand a day, more than people cause.
const SWEEP_SIZE: usize = 500;
/// The page size of reads.
const PAGE: usize = 500;
const INBOX: &str = "inbox/";

/// What remains of an interaction.
#[derive(Serialize, Deserialize)]
struct Handled {
    handled: DateTime<Utc>,
}

/// Makes an interaction durable before it is acknowledged. Returns false for a known one.
pub(super) async fn accept(
    store: &dyn Store,
    interaction: &Inbound,
    now: DateTime<Utc>,
) -> Result<bool> {
    let id = inbox_id(&interaction.key);
    let mut operations =
        records::put(&id, interaction, Some(0)).context("failed to store an interaction")?;
    operations.push(Operation::SetTimer { id, due: now });
    let commit = Commit::new(operations);
    match store.commit(commit).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(error) => Err(error).context("failed to store what was asked"),
    }
}

/// Interactions whose timer was never cleared, oldest first.
pub(super) async fn unfinished(store: &dyn Store) -> Result<Vec<Inbound>> {
    let mut interactions = Vec::new();
    let mut after: Option<Timer> = None;
    loop {
        let page = store
            .due(DateTime::<Utc>::MAX_UTC, after.as_ref(), PAGE)
            .await
            .context("failed to list what was asked and not done yet")?;
        let Some(last) = page.last() else { return Ok(interactions) };
        after = Some(last.clone());
        for timer in page.into_iter().filter(|timer| timer.id.starts_with(INBOX)) {
            let interaction = records::get::<Inbound>(store, &timer.id)
                .await
                .context("failed to read what was asked and not done yet")?;
            let Some(interaction) = interaction else {
                bail!("the store has a timer for {} and no record of it", timer.id);
            };
            interactions.push(interaction.body);
        }
    }
}

/// The operations that reduce an interaction to its name. What the person asked, and the address
/// for the answer in it, are deleted.
pub(super) fn complete(interaction: &str, now: DateTime<Utc>) -> Result<Vec<Operation>> {
    let id = inbox_id(interaction);
    let handled = Handled { handled: now };
    let mut operations =
        records::put(&id, &handled, None).context("failed to close what was asked")?;
    operations.push(Operation::ClearTimer { id });
    Ok(operations)
}

/// The result of a sweep, and where the next one continues.
pub(super) struct Sweep {
    /// The operations, in any number of commits: they are independent of each other.
    pub(super) operations: Vec<Operation>,
    /// The last name that was read; `None` if the next sweep starts from the beginning.
    pub(super) last: Option<Key>,
}

/// Reads some names after `last`, and deletes the old ones. An interaction that is not completed
/// stays, however old.
pub(super) async fn sweep(
    store: &dyn Store,
    last: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Sweep> {
    let page: Vec<(Key, Document<Value>)> = records::list(store, INBOX, last, SWEEP_SIZE)
        .await
        .context("failed to list what was asked long ago")?;
    let last = page.last().map(|(key, _)| key.clone());
    let mut operations = Vec::new();
    for (key, Document { version, body }) in page {
        if let Ok(Handled { handled }) = serde_json::from_value(body)
            && now - handled >= RETENTION
        {
            operations.push(Operation::Delete { key, version });
        }
    }
    Ok(Sweep { operations, last })
}

/// The id of an interaction in the store. A platform's key may be long and contain anything; its
/// digest is a valid name.
fn inbox_id(key: &str) -> String {
    format!("{INBOX}{}", commands::id::Digest::of(&key).as_str())
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use commands::decide::Interaction;
    use storage::{MAX_PAGE, MemoryStore};

    use super::*;
    use crate::chat::{Platform, Reply, SlackReply, Who};

    pub(in crate::engine) fn interaction(number: usize) -> Inbound {
        let reply = SlackReply {
            channel: "C1".into(),
            user: "U1".into(),
            response_url: None,
            trigger_id: None,
            thread: None,
        };
        Inbound {
            key: format!("slack:command:{number}"),
            who: Who { platform: Platform::Slack, id: "U1".into(), roles: BTreeSet::new() },
            ask: Interaction::Command { text: format!("show {number}") },
            reply: Reply::Slack(reply),
            parent: None,
            outside: false,
        }
    }

    #[tokio::test]
    async fn all_that_was_asked_is_found_again_however_much_it_is() -> Result<()> {
        let store = MemoryStore::new();
        let at = DateTime::<Utc>::UNIX_EPOCH;
        // More interactions than one page of the store holds, and many of the same instant.
        let all: Vec<Inbound> = (0..MAX_PAGE + PAGE + 1).map(interaction).collect();
        for (number, interaction) in all.iter().enumerate() {
            let now = at + TimeDelta::seconds((number / 700) as i64);
            assert!(accept(&store, interaction, now).await?);
        }
        assert!(!accept(&store, &all[0], at).await?, "it is known");
        let keys = |interactions: &[Inbound]| -> BTreeSet<String> {
            interactions.iter().map(|interaction| interaction.key.clone()).collect()
        };
        let found = unfinished(&store).await?;
        assert_eq!((found.len(), keys(&found)), (all.len(), keys(&all)));
        assert_eq!(keys(&found[..700]), keys(&all[..700]), "the oldest come first");
        Ok(())
    }

    async fn apply(store: &MemoryStore, operations: Vec<Operation>) -> Result<()> {
        Ok(store.commit(Commit::new(operations)).await?)
    }

    async fn names(store: &MemoryStore) -> usize {
        store.list(INBOX, None, MAX_PAGE).await.expect("a list").len()
    }

    #[tokio::test]
    async fn what_was_done_a_week_ago_is_forgotten_and_what_waits_is_not() -> Result<()> {
        let store = MemoryStore::new();
        let at = |days: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(days);
        for number in 0..3 {
            assert!(accept(&store, &interaction(number), at(0)).await?);
        }
        apply(&store, complete(&interaction(0).key, at(0))?).await?;
        apply(&store, complete(&interaction(1).key, at(5))?).await?;

        let early = sweep(&store, None, at(7) - TimeDelta::seconds(1)).await?;
        assert!(early.operations.is_empty(), "{:?}", early.operations);
        apply(&store, sweep(&store, None, at(7)).await?.operations).await?;
        assert_eq!(names(&store).await, 2);
        assert!(accept(&store, &interaction(0), at(7)).await?, "it is as new");
        for number in 1..3 {
            assert!(!accept(&store, &interaction(number), at(7)).await?, "{number} is known");
        }
        apply(&store, sweep(&store, None, at(400)).await?.operations).await?;
        let keys: BTreeSet<String> =
            unfinished(&store).await?.into_iter().map(|interaction| interaction.key).collect();
        assert_eq!(
            keys,
            BTreeSet::from([interaction(0).key, interaction(2).key]),
            "what waits is there"
        );
        assert_eq!(names(&store).await, 2);
        Ok(())
    }

    #[tokio::test]
    async fn a_sweep_goes_on_where_the_last_one_stopped() -> Result<()> {
        let store = MemoryStore::new();
        let at = DateTime::<Utc>::UNIX_EPOCH;
        for number in 0..=SWEEP_SIZE {
            accept(&store, &interaction(number), at).await?;
            apply(&store, complete(&interaction(number).key, at)?).await?;
        }
        let first = sweep(&store, None, at + RETENTION).await?;
        assert_eq!(first.operations.len(), SWEEP_SIZE);
        // Nothing was deleted yet, as if the process had died: the next sweep finds the rest, then
        // nothing.
        let second = sweep(&store, first.last.as_deref(), at + RETENTION).await?;
        assert_eq!(second.operations.len(), 1);
        let third = sweep(&store, second.last.as_deref(), at + RETENTION).await?;
        assert!(third.operations.is_empty() && third.last.is_none());
        Ok(())
    }
}
