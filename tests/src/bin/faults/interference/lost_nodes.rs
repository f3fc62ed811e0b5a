//! A node that is terminated, lost or loses its tag exactly between the preflight check and
//! SendCommand, so that AWS refuses the whole command.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use fastrand::Rng;
use serde_json::Value;
use simulators::aws::{Life, NodeFault, SendsTo, World as Fleet};
use stories::{dice, says};

use super::environment_of;
use crate::invariants::EndedRun;
use crate::world::World;

/// The most nodes that are lost in a world.
const LOST: usize = 3;

/// The lost nodes of one world.
#[derive(Debug)]
pub(crate) struct LostNodes {
    seed: u64,
    begun: bool,
    shrinks: bool,
    sends: AtomicU64,
    all: Mutex<Vec<LostNode>>,
}

/// One lost node, and the command that it should have got.
#[derive(Clone, Debug)]
struct LostNode {
    run: String,
    node: String,
    name: String,
    account: String,
    /// The other nodes of that command.
    others: Vec<String>,
    is_back: bool,
}

impl LostNodes {
    pub(super) fn is_begun(&self) -> bool {
        self.begun
    }

    pub(super) fn of(seed: u64) -> Self {
        let mut rng = dice(seed, "vanished", 0);
        let begun = rng.u32(..100) < 40;
        let shrinks = rng.u32(..100) < 70;
        Self { seed, begun, shrinks, sends: AtomicU64::new(0), all: Mutex::default() }
    }

    pub(super) fn on_drift(&self) -> &'static str {
        if self.begun && self.shrinks { "shrink" } else { "void" }
    }

    /// The roles may send only to nodes that carry the group in either spelling, like the policies
    /// of the deployment.
    pub(super) fn populate(&self, fleet: &mut Fleet) {
        for account in fleet.accounts.iter_mut().filter(|_| self.begun) {
            let nodes = fleet.nodes.iter().filter(|node| node.account == account.id);
            let groups: BTreeSet<&String> =
                nodes.filter_map(|node| node.tags.get("PatchGroup")).collect();
            let statements: Vec<SendsTo> =
                groups.into_iter().flat_map(|group| SendsTo::group(group)).collect();
            account.roles.iter_mut().for_each(|role| role.sends_only_to.clone_from(&statements));
        }
    }

    /// An Install arrives at AWS: one of its nodes may be lost at this moment.
    pub(crate) fn meet(world: &World, run: &str, body: &[u8]) {
        let vanished = &world.interference.lost_nodes;
        let nth = vanished.sends.fetch_add(1, Ordering::SeqCst);
        let mut rng = dice(vanished.seed, "vanishes", nth);
        if !vanished.begun || vanished.locked().len() >= LOST || rng.u32(..100) >= 30 {
            return;
        }
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let ids = asked["InstanceIds"].as_array().into_iter().flatten();
        let ids: Vec<String> = ids.filter_map(|id| id.as_str().map(str::to_owned)).collect();
        let Some(node) = rng.choice(ids.clone()) else { return };
        let nodes = world.stage.cloud.nodes().into_iter();
        let Some(known) = nodes.into_iter().find(|one| one.id == node) else { return };
        let how = loses(world, &mut rng, &node);
        world.note(format!("{} ({node}) {how} just before it is sent to", known.name));
        let others = ids.into_iter().filter(|id| *id != node).collect();
        let (name, account) = (known.name, known.account);
        let one = LostNode { run: run.to_owned(), node, name, account, others, is_back: false };
        vanished.locked().push(one);
    }

    /// Whether the node is lost now, so that nobody patches it.
    pub(crate) fn is_gone(&self, node: &str) -> bool {
        self.locked().iter().any(|one| one.node == node && !one.is_back)
    }

    /// Whether a node of `environment` is lost now.
    pub(crate) fn is_lost_in(&self, environment: &str) -> bool {
        let is_lost = |one: &LostNode| !one.is_back && environment_of(&one.account) == environment;
        self.locked().iter().any(is_lost)
    }

    /// Brings the lost nodes of `environment` back. A run that is to be judged has ended by then.
    pub(crate) fn mend(world: &World, environment: &str) {
        let cloud = &world.stage.cloud;
        let is_lost =
            |one: &&mut LostNode| !one.is_back && environment_of(&one.account) == environment;
        for one in world.interference.lost_nodes.locked().iter_mut().filter(is_lost) {
            one.is_back = true;
            cloud.set_life(&one.node, Life::Running);
            cloud.heal_node(&one.node);
            // Settling the tags of a node in two groups sets both.
            if !world.interference.ambiguous_groups.is_in_doubt(&one.node) {
                let group = format!("web-{}", environment_of(&one.account));
                cloud.retag(&one.node, Some(&group));
            }
        }
    }

    /// Checks a run that ended: the other nodes were patched, and the card names the lost one. This
    /// does not apply to a run that ended in another way before all of it was sent.
    pub(crate) fn judge(world: &World, run: &EndedRun, text: &str) {
        let all = world.interference.lost_nodes.locked().clone();
        let of_run: Vec<&LostNode> = all.iter().filter(|one| one.run == run.run).collect();
        let sent: BTreeSet<String> = world
            .stage
            .commands(&run.run, "Install")
            .into_iter()
            .flat_map(|install| install.instance_ids)
            .collect();
        let gone: BTreeSet<&String> = of_run.iter().map(|one| &one.node).collect();
        for one in &of_run {
            let thread = world.stage.slack.thread(stories::CHANNEL, &run.ts);
            let named = |words: &str| words.contains(&one.name) || words.contains(&one.node);
            let in_thread =
                thread.iter().any(|line| says(line, &[&one.name]) || says(line, &[&one.node]));
            if !sent.contains(&one.node) && !named(text) && !in_thread {
                world.violated(format!(
                    "{} vanished before {} and is named nowhere",
                    one.name, one.run
                ));
            }
            let whole = text.contains("is patched and proven") || text.contains("not every node");
            for other in one.others.iter().filter(|other| !gone.contains(other)) {
                if whole && world.interference.lost_nodes.shrinks && !sent.contains(other) {
                    world.violated(format!(
                        "{other} was not patched by {}, because {} vanished beside it",
                        one.run, one.name
                    ));
                }
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, Vec<LostNode>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes AWS refuse a node; returns what happens to it.
fn loses(world: &World, rng: &mut Rng, node: &str) -> &'static str {
    let cloud = &world.stage.cloud;
    match rng.u32(..4) {
        0 => {
            cloud.set_life(node, Life::Terminated);
            "is terminated"
        }
        1 => {
            cloud.set_life(node, Life::Stopped);
            "is stopped"
        }
        2 => {
            cloud.fail_node(node, NodeFault::Refused);
            "is lost to the service"
        }
        _ => {
            cloud.retag(node, None);
            "loses its tag"
        }
    }
}
