//! A node that carries both spellings of the tag with different values, so that it is in two groups
//! and its owner is unknown. With the same value in both, it is like any other node.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use simulators::aws::World as Fleet;
use simulators::slack::Message;
use stories::{dice, says};

use super::{Interference, account_of, environment_of};
use crate::world::World;

/// The patch group of another team.
const OTHER: &str = "databases";
const TAGS: [&str; 2] = ["PatchGroup", "Patch Group"];

/// Which node is in two groups, and when.
#[derive(Debug)]
pub(crate) struct AmbiguousGroups {
    conflict: Option<TagConflict>,
    ambiguous: Mutex<Vec<AmbiguousNode>>,
    changed: AtomicBool,
}

/// The conflict between the tags of a node, and when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TagConflict {
    node: &'static str,
    /// Which spelling names the other team's group; `None` if both name the same.
    wrong: Option<usize>,
    /// Whether from the beginning; otherwise some time between the votes.
    from_the_beginning: bool,
}

/// A node that is in two groups, or was.
#[derive(Clone, Debug)]
struct AmbiguousNode {
    node: String,
    name: String,
    account: String,
    since: DateTime<Utc>,
    /// When it was settled; `None` while the node is in two groups.
    settled: Option<DateTime<Utc>>,
}

impl AmbiguousGroups {
    pub(super) fn is_begun(&self) -> bool {
        self.conflict.is_some()
    }

    pub(super) fn of(seed: u64) -> Self {
        let mut rng = dice(seed, "groups", 0);
        let begun = rng.u32(..100) < 30;
        let node = rng.choice(["ver-web-01", "ver-batch-01", "VER-DB-01", "web-02", "DB-01"]);
        let wrong = rng.choice([Some(0), Some(1), Some(1), None]).flatten();
        let from_the_beginning = rng.u32(..100) < 60;
        let conflict = node.map(|node| TagConflict { node, wrong, from_the_beginning });
        let conflict = conflict.filter(|_| begun);
        Self { conflict, ambiguous: Mutex::default(), changed: AtomicBool::new(false) }
    }

    pub(super) fn populate(&self, fleet: &mut Fleet) {
        let Some(conflict) = self.conflict.filter(|conflict| conflict.from_the_beginning) else {
            return;
        };
        for node in fleet.nodes.iter_mut().filter(|node| node.name == conflict.node) {
            let ours = node.tags.get("PatchGroup").cloned().unwrap_or_default();
            for (number, tag) in TAGS.into_iter().enumerate() {
                let other = conflict.wrong == Some(number);
                let value = if other { OTHER.to_owned() } else { ours.clone() };
                node.tags.insert(tag.to_owned(), value);
            }
            if conflict.wrong.is_some() {
                self.locked().push(AmbiguousNode {
                    node: node.id.clone(),
                    name: node.name.clone(),
                    account: node.account.clone(),
                    since: DateTime::UNIX_EPOCH,
                    settled: None,
                });
            }
        }
    }

    /// Somebody adds the second tag to the node, once.
    pub(crate) fn change(world: &World, environment: &str) {
        let groups = &world.interference.ambiguous_groups;
        let Some(conflict) = groups.conflict.filter(|conflict| !conflict.from_the_beginning) else {
            return;
        };
        let nodes = world.stage.cloud.nodes();
        let Some(node) = nodes.into_iter().find(|node| node.name == conflict.node) else { return };
        let ours = format!("web-{environment}");
        if node.patch_group.as_ref() != Some(&ours) || groups.changed.swap(true, Ordering::SeqCst) {
            return;
        }
        world.note(format!(
            "somebody gives {} both spellings of the tag: {:?}",
            node.name, conflict.wrong
        ));
        for (number, tag) in TAGS.into_iter().enumerate() {
            let value = if conflict.wrong == Some(number) { OTHER } else { &ours };
            world.stage.cloud.tag(&node.id, tag, Some(value));
        }
        if conflict.wrong.is_some() {
            let since = world.stage.clock.now();
            let (name, account) = (node.name, node.account);
            groups.locked().push(AmbiguousNode {
                node: node.id,
                name,
                account,
                since,
                settled: None,
            });
        }
    }

    /// Whether the node may miss what its environment has, because nobody patches it.
    pub(crate) fn is_in_doubt(&self, node: &str) -> bool {
        self.locked().iter().any(|ambiguous| ambiguous.node == node && ambiguous.settled.is_none())
    }

    /// Whether a node of `environment` is in two groups now.
    pub(crate) fn is_torn_in(&self, environment: &str) -> bool {
        let is_torn = |ambiguous: &AmbiguousNode| {
            ambiguous.settled.is_none() && environment_of(&ambiguous.account) == environment
        };
        self.locked().iter().any(is_torn)
    }

    /// Somebody settles the group of the nodes in `environment`: the next plan contains them.
    pub(crate) fn mend(world: &World, environment: &str) {
        let now = world.stage.clock.now();
        let is_torn = |ambiguous: &&mut AmbiguousNode| {
            ambiguous.settled.is_none() && environment_of(&ambiguous.account) == environment
        };
        for ambiguous in world.interference.ambiguous_groups.locked().iter_mut().filter(is_torn) {
            ambiguous.settled = Some(now);
            world.note(format!("somebody settles whose node {} is", ambiguous.name));
            for tag in TAGS {
                world.stage.cloud.tag(&ambiguous.node, tag, Some(&format!("web-{environment}")));
            }
        }
    }

    /// Checks that the card of a plan names the node in two groups.
    pub(crate) fn named(world: &World, environment: &str, card: &Message) {
        let ambiguous = world.interference.ambiguous_groups.locked().clone();
        let always = |ambiguous: &&AmbiguousNode| {
            ambiguous.settled.is_none() && ambiguous.since == DateTime::UNIX_EPOCH
        };
        for ambiguous in ambiguous.iter().filter(always) {
            if ambiguous.account == account_of(environment) && !says(card, &[&ambiguous.name]) {
                let name = &ambiguous.name;
                world.violated(format!("{name} is in two groups, and the card does not name it"));
            }
        }
    }

    /// Checks that a node got no Install while it was in two groups.
    pub(crate) fn judge(world: &World) {
        let all = world.interference.ambiguous_groups.locked().clone();
        for command in world.stage.cloud.commands() {
            if !command.comment.contains(":install-") {
                continue;
            }
            let sent = command.requested_at;
            let wrong = |ambiguous: &&AmbiguousNode| {
                command.instance_ids.contains(&ambiguous.node)
                    && ambiguous.since + Interference::grace(world) < sent
                    && ambiguous.settled.is_none_or(|settled| sent < settled)
            };
            if let Some(AmbiguousNode { name, .. }) = all.iter().find(wrong) {
                let comment = &command.comment;
                world.violated(format!("{comment} was sent to {name}, which is in two groups"));
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, Vec<AmbiguousNode>> {
        self.ambiguous.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
