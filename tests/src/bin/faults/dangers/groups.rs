//! A node that carries both spellings of the tag with different values: it is in two groups, and
//! nobody knows whose it is. With the same value in both it is as any other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use simulators::aws::World as Fleet;
use simulators::slack::Message;
use stories::{dice, says};

use super::{Dangers, account_of, environment_of};
use crate::world::World;

/// Another team's.
const OTHER: &str = "databases";
const TAGS: [&str; 2] = ["PatchGroup", "Patch Group"];

/// Which node is in two groups, and when.
#[derive(Debug)]
pub(crate) struct Groups {
    doubt: Option<Doubt>,
    torn: Mutex<Vec<Torn>>,
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

/// A node that is in two groups, or was.
#[derive(Clone, Debug)]
struct Torn {
    node: String,
    name: String,
    account: String,
    since: DateTime<Utc>,
    /// None while it is.
    settled: Option<DateTime<Utc>>,
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
        Self { doubt, torn: Mutex::default(), changed: AtomicBool::new(false) }
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
                self.locked().push(Torn {
                    node: node.id.clone(),
                    name: node.name.clone(),
                    account: node.account.clone(),
                    since: DateTime::UNIX_EPOCH,
                    settled: None,
                });
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
            let since = world.stage.clock.now();
            let (name, account) = (node.name, node.account);
            groups.locked().push(Torn { node: node.id, name, account, since, settled: None });
        }
    }

    /// Whether the node may miss what its environment has: nobody patches it.
    pub(crate) fn is_in_doubt(&self, node: &str) -> bool {
        self.locked().iter().any(|torn| torn.node == node && torn.settled.is_none())
    }

    /// Whether a node of `environment` is in two groups now.
    pub(crate) fn is_torn_in(&self, environment: &str) -> bool {
        let is_torn =
            |torn: &Torn| torn.settled.is_none() && environment_of(&torn.account) == environment;
        self.locked().iter().any(is_torn)
    }

    /// Somebody settles whose nodes those of `environment` are: the next plan has them.
    pub(crate) fn mend(world: &World, environment: &str) {
        let now = world.stage.clock.now();
        let is_torn = |torn: &&mut Torn| {
            torn.settled.is_none() && environment_of(&torn.account) == environment
        };
        for torn in world.dangers.groups.locked().iter_mut().filter(is_torn) {
            torn.settled = Some(now);
            world.note(format!("somebody settles whose node {} is", torn.name));
            for tag in TAGS {
                world.stage.cloud.tag(&torn.node, tag, Some(&format!("web-{environment}")));
            }
        }
    }

    /// A card of a plan names the node that is in two groups.
    pub(crate) fn named(world: &World, environment: &str, card: &Message) {
        let torn = world.dangers.groups.locked().clone();
        let always = |torn: &&Torn| torn.settled.is_none() && torn.since == DateTime::UNIX_EPOCH;
        for torn in torn.iter().filter(always) {
            if torn.account == account_of(environment) && !says(card, &[&torn.name]) {
                let name = &torn.name;
                world.violated(format!("{name} is in two groups, and the card does not name it"));
            }
        }
    }

    /// While a node was in two groups it was sent no Install.
    pub(crate) fn judge(world: &World) {
        let all = world.dangers.groups.locked().clone();
        for command in world.stage.cloud.commands() {
            if !command.comment.contains(":install-") {
                continue;
            }
            let sent = command.requested_at;
            let wrong = |torn: &&Torn| {
                command.instance_ids.contains(&torn.node)
                    && torn.since + Dangers::grace(world) < sent
                    && torn.settled.is_none_or(|settled| sent < settled)
            };
            if let Some(Torn { name, .. }) = all.iter().find(wrong) {
                let comment = &command.comment;
                world.violated(format!("{comment} was sent to {name}, which is in two groups"));
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Torn>> {
        self.torn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
