//! Narrowing a command that AWS refused because of some of its nodes, so that it does not fail for
//! the others: by the nodes that the refusal names or, if it names none, by halves.
//!
//! Such a refusal is definitive: nothing was sent. So what follows is another command, with fewer
//! nodes and marks of its own, and no node ever gets the command twice.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::fleet::node::NodeId;
use crate::id::Operation;
use crate::run::{Dispatch, DispatchStatus, PatchRun};

/// The possible cause of a definitive refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// The call itself: it would be refused for other nodes too.
    Call,
    /// Some of the nodes: those that the refusal names; empty if it names none.
    Nodes(Vec<NodeId>),
}

/// What follows from a refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// Nodes that get no command.
    pub left_out: Vec<NodeId>,
    /// The other nodes, grouped by the commands that they get next.
    pub again: Vec<Vec<NodeId>>,
}

/// What follows for `nodes`, whose command was refused. Each refusal leaves a node out or halves
/// the rest, so a command of n nodes ends after fewer than 2n refusals: it cannot go on forever,
/// and no node is left out because others were refused.
pub fn narrow(nodes: &[NodeId], blame: &Blame) -> Narrowed {
    let named: BTreeSet<&NodeId> = match blame {
        Blame::Nodes(named) => named.iter().filter(|node| nodes.contains(node)).collect(),
        Blame::Call => nodes.iter().collect(),
    };
    let left_out = match nodes {
        [only] => vec![only.clone()],
        _ => named.into_iter().cloned().collect(),
    };
    let again = again(nodes, &left_out);
    Narrowed { left_out, again }
}

/// The commands that follow one that was refused only because of `left_out`.
fn again(nodes: &[NodeId], left_out: &[NodeId]) -> Vec<Vec<NodeId>> {
    if left_out.is_empty() {
        let (first, second) = nodes.split_at(nodes.len().div_ceil(2));
        return vec![first.to_vec(), second.to_vec()];
    }
    let rest: Vec<NodeId> = nodes.iter().filter(|node| !left_out.contains(node)).cloned().collect();
    if rest.is_empty() { Vec::new() } else { vec![rest] }
}

impl PatchRun {
    /// The last command of this kind that was decided for each node of a wave.
    pub(super) fn last_of(&self, wave: u32, operation: Operation) -> BTreeMap<&NodeId, &Dispatch> {
        // A later command of a node has a later id: another attempt, or a new part.
        let of_wave = self.dispatches.values();
        let of_wave = of_wave.filter(|one| one.id.wave == wave && one.id.operation == operation);
        of_wave.flat_map(|one| one.nodes.iter().map(move |node| (node, one))).collect()
    }

    /// Nodes of a wave for which AWS refused this operation, each with the error.
    pub(crate) fn refused(&self, wave: u32, operation: Operation) -> BTreeMap<&NodeId, &Failure> {
        let mut refused = BTreeMap::new();
        for (node, one) in self.last_of(wave, operation) {
            if let DispatchStatus::Refused { why, left_out, .. } = &one.status
                && left_out.contains(node)
            {
                refused.insert(node, why);
            }
        }
        refused
    }

    /// The commands that are still to follow refused ones, by their nodes.
    pub(super) fn narrowed(&self, wave: u32, operation: Operation) -> Vec<Vec<NodeId>> {
        let last = self.last_of(wave, operation);
        let mut all = Vec::new();
        for one in self.dispatches.values() {
            let DispatchStatus::Refused { left_out, .. } = &one.status else { continue };
            if one.id.wave != wave || one.id.operation != operation {
                continue;
            }
            let open = |node: &NodeId| {
                last.get(node).is_some_and(|last| last.id == one.id)
                    && !self.verdicts.contains_key(node)
            };
            for mut nodes in again(&one.nodes, left_out) {
                nodes.retain(open);
                if !nodes.is_empty() {
                    all.push(nodes);
                }
            }
        }
        all
    }

    /// The number of the next part of a wave.
    pub(super) fn next_chunk(&self, wave: u32, operation: Operation) -> u32 {
        let chunks = self.dispatches.keys().filter(|id| id.wave == wave);
        let chunks = chunks.filter(|id| id.operation == operation).map(|id| id.chunk + 1);
        chunks.max().unwrap_or(0)
    }
}
