//! The configuration changes who is who between two votes, and the bot restarts with it. Whatever a
//! person is called by then, they have one vote, and the person who asked has none.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use chrono::TimeDelta;
use simulators::slack::Message;
use stories::{AIKO, BEN, CHANNEL, HANA, buttons, dice};

use crate::people::presses;
use crate::world::World;

/// The changes to the configuration of one world.
#[derive(Debug)]
pub(crate) struct IdentityChanges {
    seed: u64,
    begun: bool,
    times: AtomicU64,
    /// The original content of the file.
    right: Mutex<Option<String>>,
}

impl IdentityChanges {
    pub(super) fn is_begun(&self) -> bool {
        self.begun
    }

    pub(super) fn of(seed: u64) -> Self {
        let begun = dice(seed, "names", 0).u32(..100) < 35;
        Self { seed, begun, times: AtomicU64::new(0), right: Mutex::default() }
    }

    /// Restores the original file, and restarts the bot with it.
    pub(crate) async fn mend(world: &World) -> Result<bool> {
        let names = &world.interference.identity_changes;
        let right = names.right.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(right) = right else { return Ok(false) };
        world.note("the configuration calls everybody by their old name again");
        world.stage.reconfigures(|_| right)?;
        world.restarts().await;
        Ok(true)
    }
}

/// `voter` has voted on the card, and `requester` had asked for it: the file gives them other names
/// from now on, and both press Approve. Nobody else has voted.
pub(crate) async fn between_votes(
    world: &World,
    ts: &str,
    voter: &str,
    requester: &str,
    needed: u32,
) -> Result<()> {
    let names = &world.interference.identity_changes;
    let nth = names.times.fetch_add(1, Ordering::SeqCst);
    let mut rng = dice(names.seed, "renames", nth);
    if !names.begun || needed < 2 || nth > 2 || rng.u32(..100) >= 60 {
        return Ok(());
    }
    let mut others = [BEN, AIKO, HANA].into_iter().filter(|id| *id != voter && *id != requester);
    let other = others.next().unwrap_or(BEN);
    let kind = rng.u32(..5);
    world.note(format!("between two votes the configuration changes who is who: kind {kind}"));
    world.stage.reconfigures(|right| {
        *names.right.lock().unwrap_or_else(PoisonError::into_inner) = Some(right.to_owned());
        match kind {
            0 => renamed(right, voter),
            1 => swapped(right, voter, other),
            2 => swapped(right, voter, requester),
            3 => unlinked(right, voter),
            _ => renamed(&renamed(right, requester), voter),
        }
    })?;
    world.restarts().await;
    for user in [voter, requester, voter] {
        presses(world, user, ts, "Approve").await?;
    }
    let until = world.stage.clock.now() + TimeDelta::minutes(2);
    world.stage.clock.sleep_until(until).await;
    let waits = |card: &Message| buttons(card).iter().any(|label| label == "Approve");
    match world.stage.slack.message(CHANNEL, ts) {
        Some(card) if !waits(&card) && !crate::invariants::ended(&card) => world.violated(format!(
            "{voter} alone has voted, {needed} are needed, and the plan waits for no votes ({ts})"
        )),
        Some(_) | None => {}
    }
    if rng.bool() {
        IdentityChanges::mend(world).await?;
    }
    Ok(())
}

/// The name of a person in the file.
fn name(toml: &str, id: &str) -> String {
    let people = toml.split("[[person]]").skip(1);
    let person = people.into_iter().find(|person| person.contains(id)).unwrap_or_default();
    let name = person.lines().find_map(|line| line.strip_prefix("name = \""));
    name.unwrap_or_default().trim_end_matches('"').to_owned()
}

/// Renames a person everywhere.
fn renamed(toml: &str, id: &str) -> String {
    let name = name(toml, id);
    toml.replace(&format!("\"{name}\""), &format!("\"{name}-too\""))
}

/// Swaps the names of two people.
fn swapped(toml: &str, one: &str, other: &str) -> String {
    toml.replace(one, "U0NOBODY").replace(other, one).replace("U0NOBODY", other)
}

/// Makes the id a person about whom nothing else is known.
fn unlinked(toml: &str, id: &str) -> String {
    let name = name(toml, id);
    let another = format!("[[person]]\nname = \"somebody\"\nslack = \"{id}\"\n\n[[person]]");
    let toml = toml.replace(&format!("slack = \"{id}\""), "slack = \"U0GONE\"");
    let toml = toml.replacen("[[person]]", &another, 1);
    toml.replace(&format!("\"{name}\", "), &format!("\"{name}\", \"somebody\", "))
        .replace(&format!("\"{name}\"]"), &format!("\"{name}\", \"somebody\"]"))
}
