//! Whether a plan can go on without nodes that are gone.

use std::collections::BTreeMap;

use crate::environment::OnDrift;
use crate::fleet::node::NodeId;
use crate::fleet::presence::Gone;
use crate::plan::{Drift, PatchPlan};

impl PatchPlan {
    /// Whether this plan can be kept although `now` is what would be drafted: it allows leaving
    /// nodes out, and nothing has changed except that some are gone. Some nodes of the first wave
    /// must remain, because otherwise the large waves would begin without a canary.
    pub fn may_shrink_to(&self, now: &Self) -> bool {
        let Some(drift) = self.drift(now) else { return true };
        let Drift {
            nodes_gone,
            nodes_in_two_groups: _,
            nodes_new,
            patches_new,
            patches_gone,
            baselines_changed: _,
            level_risen,
        } = drift;
        let canary = self.waves.first().into_iter().flatten();
        self.on_drift == OnDrift::Shrink
            && nodes_new.is_empty()
            && patches_new.is_empty()
            && level_risen.is_none()
            && canary.into_iter().any(|node| !nodes_gone.contains(&node.id))
            // The baseline of a system disappears with its last node.
            && now.deciding().is_subset(&self.deciding())
            && (patches_gone.is_empty() || self.others_miss_the_same(now))
    }

    /// Whether the remaining nodes miss as many of the plan's patches as before: then patches
    /// disappeared with the nodes that needed them, and for no other reason.
    fn others_miss_the_same(&self, now: &Self) -> bool {
        let missing = |plan: &Self| -> BTreeMap<NodeId, u32> {
            plan.nodes().map(|node| (node.id.clone(), node.missing)).collect()
        };
        let before = missing(self);
        missing(now).iter().all(|(node, missing)| before.get(node) == Some(missing))
    }
}

impl Drift {
    /// The drift in which these nodes are gone and nothing else has changed.
    pub fn of_nodes(gone: &BTreeMap<NodeId, Gone>) -> Self {
        let in_two_groups = gone.iter().filter(|(_, why)| **why == Gone::NodeInTwoGroups);
        Self {
            nodes_in_two_groups: in_two_groups.map(|(node, _)| node.clone()).collect(),
            nodes_gone: gone.keys().cloned().collect(),
            nodes_new: Vec::new(),
            patches_new: Vec::new(),
            patches_gone: Vec::new(),
            baselines_changed: false,
            level_risen: None,
        }
    }
}
