//! Conflicts: runs that would work on the same nodes at the same time.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::fleet::node::NodeId;
use crate::id::RunId;
use crate::run::{Overlap, RunInput};
use crate::state::State;

impl State {
    /// Other runs that work on nodes of the next wave of `id` when `request` is decided: two
    /// environments may target one patch group, or share nodes through their tags. We compare nodes
    /// by id. Ids are unique, so the names that the environments give their accounts do not matter.
    pub fn in_the_way_of(
        &self,
        id: &RunId,
        request: &RunInput,
        now: DateTime<Utc>,
    ) -> Vec<Overlap> {
        let Some(run) = self.runs.get(id) else { return Vec::new() };
        let Some(wave) = run.wave_to_clear() else { return Vec::new() };
        // It matters only where something would be decided.
        let asked = matches!(request, RunInput::Preflight { .. }) || run.is_cleared(wave, now);
        if !asked {
            return Vec::new();
        }
        let others: Vec<(&RunId, BTreeSet<&NodeId>)> = self
            .runs
            .values()
            .filter(|other| other.id != *id)
            .map(|other| (&other.id, other.nodes_under_way()))
            .filter(|(_, nodes)| !nodes.is_empty())
            .collect();
        if others.is_empty() {
            return Vec::new();
        }
        let ours: BTreeSet<&NodeId> = run.nodes_of(wave).collect();
        let shared =
            others.into_iter().map(|(run, nodes)| (run, nodes.intersection(&ours).count()));
        shared
            .filter(|(_, nodes)| *nodes > 0)
            .map(|(run, nodes)| Overlap::Run { run: run.clone(), nodes: nodes as u32 })
            .collect()
    }
}
