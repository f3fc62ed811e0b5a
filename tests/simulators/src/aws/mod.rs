//! AWS over the wire: Systems Manager, the part of STS that assumes a role, and the part of S3 that
//! stores an object.
//!
//! Shapes and limits are those of the service's published API model; where the model is silent, we
//! followed the user guide. Signatures are not verified: the account of a request comes from its
//! access key id, its Region from the scope of its signature. The simulator refuses whatever it
//! does not know: an operation, a field, a document, a bucket.

mod associations;
mod command;
mod false_reports;
mod fault;
mod inspect;
mod node;
mod os;
mod outside_changes;
mod override_list;
mod patch;
mod progress;
mod queue;
mod reboot;
mod schedule;
mod state;
mod wire;
mod world;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

pub use self::associations::AssociationStage;
pub use self::false_reports::FalseReport;
pub use self::fault::{NodeFault, OpFault};
pub use self::inspect::{Call, CommandView, NodeView, Outcome};
pub use self::node::Activity;
pub use self::os::Os;
pub use self::outside_changes::WindowTask;
pub use self::patch::{Baseline, Package, Patch};
pub use self::queue::{EventDisturbances, Queue};
pub use self::schedule::{Schedule, ScheduleError};
pub use self::world::{
    Account, Application, Life, NodeSpec, Pace, Powers, Role, SendsTo, Window, World,
};

use self::node::Operation;
use self::state::{Event, Limit, State};
use crate::changes::Changes;
use crate::clock::Clock;

/// A simulated AWS. Clones share the state.
#[derive(Clone)]
pub struct Cloud(Arc<Inner>);

struct Inner {
    clock: Clock,
    state: Mutex<State>,
    changes: Changes,
}

impl Cloud {
    /// A cloud with a world.
    pub fn new(clock: Clock, world: World) -> Self {
        let state = Mutex::new(State::new(world, clock.now()));
        Self(Arc::new(Inner { clock, state, changes: Changes::default() }))
    }

    /// Systems Manager, STS and S3 on one address.
    pub fn router(&self) -> axum::Router {
        wire::router(self.clone())
    }

    /// Announces what happens by itself, as long as it is polled. Without it the world goes on too,
    /// but catches up only when it is observed.
    pub async fn run(&self) {
        let mut changes = self.0.changes.subscribe();
        loop {
            changes.borrow_and_update();
            let next = self.state().next_event_at();
            let due = async {
                match next {
                    Some(at) => self.0.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => {}
                _ = changes.changed() => {}
            }
        }
    }

    /// The changes of the world.
    pub fn changes(&self) -> &Changes {
        &self.0.changes
    }

    /// All requests so far, the oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// All commands so far, the oldest first.
    pub fn commands(&self) -> Vec<CommandView> {
        self.state().command_views()
    }

    /// All nodes, running or not.
    pub fn nodes(&self) -> Vec<NodeView> {
        self.state().node_views()
    }

    /// The patch ids of each install that a node went through, in order.
    pub fn installs_of(&self, node: &str) -> Vec<Vec<String>> {
        let state = self.state();
        state.node_ids.get(node).map_or_else(Vec::new, |index| state.nodes[*index].installs.clone())
    }

    /// The content of an object in a bucket.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        self.state().buckets.get(bucket)?.get(key).cloned()
    }

    /// Gives a node a fault, which replaces its previous one. Returns whether the node exists.
    pub fn fail_node(&self, node: &str, fault: NodeFault) -> bool {
        self.change_node(node, |state, index| state.nodes[index].fault = Some(fault))
    }

    /// Removes a node's fault; a lost node comes back. Returns whether the node exists.
    pub fn heal_node(&self, node: &str) -> bool {
        self.change_node(node, |state, index| {
            state.nodes[index].fault = None;
            if state.nodes[index].lost.is_some() || !state.nodes[index].waiting.is_empty() {
                state.returns(index);
            }
        })
    }

    /// Sends a foreign Scan to one node, like from a console: with a comment, and without a
    /// snapshot id unless one is given. Returns the command id, or `None` if there is no such node.
    pub fn foreign_command(
        &self,
        node: &str,
        comment: &str,
        snapshot: Option<&str>,
    ) -> Option<String> {
        let mut sent = None;
        self.change_node(node, |state, index| {
            sent = Some(state.foreign_command(index, comment, snapshot));
        });
        sent
    }

    /// Lets somebody install by hand what the node lacks, with a reboot. Systems Manager learns
    /// about it with the next scan. Returns whether the node exists.
    pub fn install_by_hand(&self, node: &str) -> bool {
        self.change_node(node, |state, index| {
            let installed = node::Installed { at: state.now, pending_reboot: false };
            let lacks = state.nodes[index].lacks(&state.patches, state.now);
            state.nodes[index].has.extend(lacks.into_iter().map(|patch| (patch, installed)));
        })
    }

    /// Starts, stops or terminates a node. Returns whether the node exists.
    pub fn set_life(&self, node: &str, life: Life) -> bool {
        self.change_node(node, |state, index| state.nodes[index].spec.life = life)
    }

    /// Lets somebody else scan the node now, without our snapshot id. Returns whether it exists.
    pub fn foreign_scan(&self, node: &str) -> bool {
        self.change_node(node, |state, index| {
            let report = state.report_of(&state.nodes[index], Operation::Scan, state.now);
            state.nodes[index].report = Some(report);
        })
    }

    /// Lets somebody else install everything that the node's baseline approves, and scan the node,
    /// all at once. Returns whether the node exists.
    pub fn patched_by_hand(&self, node: &str) -> bool {
        self.change_node(node, |state, index| {
            let (now, lacks) = (state.now, state.nodes[index].lacks(&state.patches, state.now));
            let installed = lacks
                .into_iter()
                .map(|patch| (patch, node::Installed { at: now, pending_reboot: false }));
            state.nodes[index].has.extend(installed);
            let report = state.report_of(&state.nodes[index], Operation::Scan, now);
            state.nodes[index].report = Some(report);
        })
    }

    /// How many calls of each operation were answered or refused so far.
    pub fn call_counts(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for call in &self.state().calls {
            *counts.entry(call.operation.clone()).or_default() += 1;
        }
        counts
    }

    /// Troubles the next calls of an operation, after those already ordered.
    pub fn fail_operation(&self, operation: &str, fault: OpFault) {
        self.state().op_faults.entry(operation.to_owned()).or_default().push_back(fault);
    }

    /// From now on, shows commands whose comment contains `words` only after this lag; all others
    /// by the pace.
    pub fn lag_commands(&self, words: &str, lag: TimeDelta) {
        self.state().lags.push((words.to_owned(), lag));
    }

    /// Throttles each operation to this many calls per simulated second, in each account and
    /// Region.
    pub fn limit(&self, burst: u32, per_second: f64) {
        let limit = Limit { burst: f64::from(burst), per_second, buckets: Default::default() };
        self.state().limit = Some(limit);
    }

    /// Lets a vendor release a patch at a time; every node of its system lacks it from then on.
    pub fn release(&self, mut patch: Patch, at: DateTime<Utc>) {
        patch.released = at;
        let mut state = self.state();
        state.patches.push(patch);
        state.later(at, Event::Released);
        drop(state);
        self.0.changes.announce();
    }

    /// Changes how long things take, from now on.
    pub fn set_pace(&self, pace: Pace) {
        self.state().pace = pace;
    }

    /// Changes what happens to events, from now on.
    pub fn disturb_events(&self, troubles: EventDisturbances) {
        self.state().event_troubles = troubles;
    }

    /// Puts any text into every queue, like anybody who may write to one could.
    pub fn forge_event(&self, body: &str) {
        self.state().put_into_queues(body);
        self.0.changes.announce();
    }

    /// How many messages are in all queues, including hidden ones.
    pub fn queued(&self) -> usize {
        self.state().queues.iter().map(|queue| queue.messages.len()).sum()
    }

    fn change_node(&self, node: &str, change: impl FnOnce(&mut State, usize)) -> bool {
        let mut state = self.state();
        let Some(index) = state.node_ids.get(node).copied() else { return false };
        change(&mut state, index);
        drop(state);
        self.0.changes.announce();
        true
    }

    /// The state, updated to the present.
    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.settle(self.0.clock.now()) {
            self.0.changes.announce();
        }
        state
    }
}
