//! Whether a plan can go on without the nodes that are gone.

use std::collections::BTreeMap;

use crate::environment::OnDrift;
use crate::fleet::node::NodeId;
use crate::plan::{Drift, PatchPlan};
use crate::run::Gone;

impl PatchPlan {
    /// Whether this plan can be kept though `now` is what would be drafted: it allows to leave
    /// nodes out, and nothing has changed but that some are gone. Of the first wave some must be
    /// left, or the many would begin without a canary.
    pub fn may_shrink_to(&self, now: &Self) -> bool {
        let Some(drift) = self.drift(now) else { return true };
        let Drift {
            nodes_gone,
            nodes_unsettled: _,
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
            // The baseline of a system goes with its last node.
            && now.deciding().is_subset(&self.deciding())
            && (patches_gone.is_empty() || self.others_miss_the_same(now))
    }

    /// Whether the nodes that are left miss as many of the plan's patches as before: then patches
    /// went with the nodes that needed them, and not because of anything else.
    fn others_miss_the_same(&self, now: &Self) -> bool {
        let missing = |plan: &Self| -> BTreeMap<NodeId, u32> {
            plan.nodes().map(|node| (node.id.clone(), node.missing)).collect()
        };
        let before = missing(self);
        missing(now).iter().all(|(node, missing)| before.get(node) == Some(missing))
    }
}

impl Drift {
    /// That these nodes are gone and nothing else has changed.
    pub fn of_nodes(gone: &BTreeMap<NodeId, Gone>) -> Self {
        let in_two_groups = gone.iter().filter(|(_, why)| **why == Gone::NodeInTwoGroups);
        Self {
            nodes_unsettled: in_two_groups.map(|(node, _)| node.clone()).collect(),
            nodes_gone: gone.keys().cloned().collect(),
            nodes_new: Vec::new(),
            patches_new: Vec::new(),
            patches_gone: Vec::new(),
            baselines_changed: false,
            level_risen: None,
        }
    }
}
