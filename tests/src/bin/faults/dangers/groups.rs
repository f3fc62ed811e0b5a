//! A node that carries both spellings of the tag with different values: it is in two groups, and
//! nobody knows whose it is. With the same value in both it is as any other.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use simulators::aws::World as Fleet;
use simulators::slack::Message;
use stories::{dice, says};

use super::Dangers;
use crate::world::World;

/// Another team's.
const OTHER: &str = "databases";
const TAGS: [&str; 2] = ["PatchGroup", "Patch Group"];

/// Which node is in two groups, and since when.
#[derive(Debug)]
pub(crate) struct Groups {
    doubt: Option<Doubt>,
    since: Mutex<BTreeMap<String, DateTime<Utc>>>,
    changed: AtomicBool,
}

/// What is wrong with the tags of a node, and from when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Doubt {
    node: &'static str,
    /// Which of the two spellings names the other team's group; none where both name the same.
    wrong: Option<usize>,
    /// From the beginning, or somewhere between the votes.
    from_the_beginning: bool,
}

impl Groups {
    pub(super) fn is_begun(&self) -> bool {
        self.doubt.is_some()
    }

    pub(super) fn of(seed: u64) -> Self {
        let mut rng = dice(seed, "groups", 0);
        let begun = rng.u32(..100) < 30;
        let node = rng.choice(["ver-web-01", "ver-batch-01", "VER-DB-01", "web-02", "DB-01"]);
        let wrong = rng.choice([Some(0), Some(1), Some(1), None]).flatten();
        let from_the_beginning = rng.u32(..100) < 60;
        let doubt = node.map(|node| Doubt { node, wrong, from_the_beginning });
        let doubt = doubt.filter(|_| begun);
        Self { doubt, since: Mutex::default(), changed: AtomicBool::new(false) }
    }

    pub(super) fn people(&self, fleet: &mut Fleet) {
        let Some(doubt) = self.doubt.filter(|doubt| doubt.from_the_beginning) else { return };
        for node in fleet.nodes.iter_mut().filter(|node| node.name == doubt.node) {
            let ours = node.tags.get("PatchGroup").cloned().unwrap_or_default();
            for (number, tag) in TAGS.into_iter().enumerate() {
                let other = doubt.wrong == Some(number);
                let value = if other { OTHER.to_owned() } else { ours.clone() };
                node.tags.insert(tag.to_owned(), value);
            }
            if doubt.wrong.is_some() {
                self.locked().insert(node.id.clone(), DateTime::UNIX_EPOCH);
            }
        }
    }

    /// Somebody tags the node a second time, once.
    pub(crate) fn change(world: &World, environment: &str) {
        let groups = &world.dangers.groups;
        let Some(doubt) = groups.doubt.filter(|doubt| !doubt.from_the_beginning) else { return };
        let nodes = world.stage.cloud.nodes();
        let Some(node) = nodes.into_iter().find(|node| node.name == doubt.node) else { return };
        let ours = format!("web-{environment}");
        if node.patch_group.as_ref() != Some(&ours) || groups.changed.swap(true, Ordering::SeqCst) {
            return;
        }
        world.note(format!(
            "somebody gives {} both spellings of the tag: {:?}",
            node.name, doubt.wrong
        ));
        for (number, tag) in TAGS.into_iter().enumerate() {
            let value = if doubt.wrong == Some(number) { OTHER } else { &ours };
            world.stage.cloud.tag(&node.id, tag, Some(value));
        }
        if doubt.wrong.is_some() {
            groups.locked().insert(node.id, world.stage.clock.now());
        }
    }

    /// Whether the node may miss what its environment has: nobody patches it.
    pub(crate) fn is_in_doubt(&self, node: &str) -> bool {
        self.locked().contains_key(node)
    }

    /// A card of a plan names the node that is in two groups.
    pub(crate) fn named(world: &World, environment: &str, card: &Message) {
        let groups = &world.dangers.groups;
        let nodes = world.stage.cloud.nodes().into_iter();
        let account = super::account_of(environment);
        for node in nodes.filter(|node| node.account == account) {
            let always = groups.locked().get(&node.id) == Some(&DateTime::UNIX_EPOCH);
            if always && !says(card, &[&node.name]) {
                world
                    .violated(format!("{} is in two groups, and the card names it not", node.name));
            }
        }
    }

    /// No node that is in two groups was ever sent an Install.
    pub(crate) fn judge(world: &World) {
        let since = world.dangers.groups.locked().clone();
        for command in world.stage.cloud.commands() {
            let is_install = command.comment.contains(":install-");
            for node in command.instance_ids.iter().filter(|_| is_install) {
                let told = |from: &DateTime<Utc>| *from + Dangers::grace(world);
                if since.get(node).is_some_and(|from| told(from) < command.requested_at) {
                    world.violated(format!(
                        "{} was sent to {node}, which is in two groups",
                        command.comment
                    ));
                }
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, DateTime<Utc>>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
