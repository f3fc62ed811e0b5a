//! An index of the patches that nodes miss, so that the bot reads only those nodes again whose
//! state has changed.
//!
//! A node takes 12 bytes of content, which a hash map stores in some 15 to 30, and only while the
//! node misses something. Nodes that miss the same patches share one set.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use commands::fleet::node::{NodeId, NodePatchState, PatchCounts};
use commands::patch::{Patch, PatchId};

/// What each node misses, and the details of those patches.
#[derive(Debug, Default)]
pub(in crate::aws) struct MissingIndex {
    /// The position of a node's set, by [`fingerprint`].
    nodes: HashMap<u64, u32>,
    sets: Vec<Arc<BTreeSet<PatchId>>>,
    positions: HashMap<Arc<BTreeSet<PatchId>>, u32>,
    patches: BTreeMap<PatchId, Patch>,
}

/// Identifies one report of one node: the same report lists the same patches. Two different ones
/// collide with a probability of 1 in 2^64.
pub(in crate::aws) fn fingerprint(node: &NodeId, state: &NodePatchState) -> u64 {
    let NodePatchState { snapshot, operation, ended_at, baseline, counts } = state;
    let PatchCounts {
        installed,
        installed_other,
        pending_reboot,
        installed_rejected,
        missing,
        failed,
        available_security_updates,
        non_compliant,
    } = counts;
    let mut hasher = DefaultHasher::new();
    (node, snapshot, operation, ended_at, baseline, available_security_updates).hash(&mut hasher);
    (installed, installed_other, pending_reboot, installed_rejected, missing, failed)
        .hash(&mut hasher);
    non_compliant.hash(&mut hasher);
    hasher.finish()
}

impl MissingIndex {
    /// What the node with this fingerprint misses; `None` if it must be read.
    pub(in crate::aws) fn missing(&self, fingerprint: u64) -> Option<&Arc<BTreeSet<PatchId>>> {
        self.sets.get(*self.nodes.get(&fingerprint)? as usize)
    }

    pub(in crate::aws) fn patch(&self, id: &PatchId) -> Option<&Patch> {
        self.patches.get(id)
    }

    pub(in crate::aws) fn learn(&mut self, fingerprint: u64, missing: &Arc<BTreeSet<PatchId>>) {
        let position = match self.positions.get(missing) {
            Some(position) => *position,
            None => {
                let position = self.sets.len() as u32;
                self.sets.push(Arc::clone(missing));
                self.positions.insert(Arc::clone(missing), position);
                position
            }
        };
        self.nodes.insert(fingerprint, position);
    }

    /// Stores the details of patches, as the nodes reported them.
    pub(in crate::aws) fn describe(&mut self, patches: &BTreeMap<PatchId, Patch>) {
        self.patches.extend(patches.iter().map(|(id, patch)| (id.clone(), patch.clone())));
    }

    /// Adds what was learned before a refresh failed, so that it is not read again.
    pub(in crate::aws) fn absorb(&mut self, other: Self) {
        for (fingerprint, position) in &other.nodes {
            if let Some(missing) = other.sets.get(*position as usize) {
                self.learn(*fingerprint, missing);
            }
        }
        self.patches.extend(other.patches);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(missing: u32, ended_at: i64) -> NodePatchState {
        NodePatchState {
            snapshot: None,
            operation: "Scan".into(),
            baseline: None,
            ended_at: chrono::DateTime::from_timestamp(ended_at, 0),
            counts: PatchCounts { missing: Some(missing), ..PatchCounts::default() },
        }
    }

    #[test]
    fn a_report_is_known_by_its_node_its_time_and_its_counts() {
        let node = |id: &str| NodeId(id.to_owned());
        let one = fingerprint(&node("i-0a"), &state(1, 7));
        assert_eq!(one, fingerprint(&node("i-0a"), &state(1, 7)));
        assert_ne!(one, fingerprint(&node("i-0b"), &state(1, 7)));
        assert_ne!(one, fingerprint(&node("i-0a"), &state(2, 7)));
        assert_ne!(one, fingerprint(&node("i-0a"), &state(1, 8)));
    }

    #[test]
    fn nodes_that_miss_the_same_share_it() {
        let set = |ids: &[&str]| -> Arc<BTreeSet<PatchId>> {
            Arc::new(ids.iter().map(|id| PatchId((*id).to_owned())).collect())
        };
        let mut index = MissingIndex::default();
        for fingerprint in 0..1_000 {
            index.learn(fingerprint, &set(&["bash.x86_64"]));
        }
        index.learn(1_000, &set(&["bash.x86_64", "sudo.x86_64"]));
        assert_eq!(index.sets.len(), 2);
        assert_eq!(index.missing(999), Some(&set(&["bash.x86_64"])));
        assert_eq!(index.missing(1_001), None);
        let mut other = MissingIndex::default();
        other.absorb(index);
        assert_eq!(other.missing(1_000), Some(&set(&["bash.x86_64", "sudo.x86_64"])));
    }
}
