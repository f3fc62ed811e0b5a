//! False reports: what nodes and the service report although it is not true.

use super::Cloud;
use super::node::{Node, Report, RowState};
use super::patch::Patch;
use super::world::{Life, NodeSpec};

/// A false report about a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FalseReport {
    /// Its rows of this patch have this `Title`.
    Title {
        /// The id of the patch.
        patch: String,
        /// The false title.
        title: String,
    },
    /// A count of its patch state differs from its list.
    Count {
        /// The field of the count, such as `MissingCount`.
        field: String,
        /// The false count.
        count: i32,
    },
    /// Its list has no rows in this state, such as `Missing`; its counts stay.
    Unlisted(String),
    /// Another baseline was applied: `BaselineId`.
    Baseline(String),
}

impl Node {
    /// The title of a patch, as this node reports it.
    pub(super) fn title_of<'a>(&'a self, patch: &'a Patch) -> &'a str {
        let reported = self.false_reports.iter().find_map(|false_report| match false_report {
            FalseReport::Title { patch: id, title } if *id == patch.id => Some(title.as_str()),
            FalseReport::Title { .. }
            | FalseReport::Count { .. }
            | FalseReport::Unlisted(_)
            | FalseReport::Baseline(_) => None,
        });
        reported.unwrap_or(&patch.title)
    }

    /// A count of its patch state, as it is reported.
    pub(super) fn count_of(&self, report: &Report, field: &str, state: RowState) -> i32 {
        let reported = self.false_reports.iter().find_map(|false_report| match false_report {
            FalseReport::Count { field: name, count } if name == field => Some(*count),
            FalseReport::Title { .. }
            | FalseReport::Count { .. }
            | FalseReport::Unlisted(_)
            | FalseReport::Baseline(_) => None,
        });
        reported.unwrap_or_else(|| report.count(state))
    }

    /// Whether its list has rows in this state.
    pub(super) fn lists(&self, state: RowState) -> bool {
        !self.false_reports.contains(&FalseReport::Unlisted(state.word().to_owned()))
    }

    /// The baseline that is reported as the one that decided.
    pub(super) fn decided_by<'a>(&'a self, report: &'a Report) -> &'a str {
        let reported = self.false_reports.iter().find_map(|false_report| match false_report {
            FalseReport::Baseline(id) => Some(id.as_str()),
            FalseReport::Title { .. } | FalseReport::Count { .. } | FalseReport::Unlisted(_) => {
                None
            }
        });
        reported.unwrap_or(&report.baseline)
    }
}

impl Cloud {
    /// Adds a false report about a node, from now on. Returns whether the node exists.
    pub fn report_falsely(&self, node: &str, false_report: FalseReport) -> bool {
        self.change_node(node, |state, index| state.nodes[index].false_reports.push(false_report))
    }

    /// Removes all false reports about a node. Returns whether the node exists.
    pub fn report_truthfully(&self, node: &str) -> bool {
        self.change_node(node, |state, index| state.nodes[index].false_reports.clear())
    }

    /// Lets a node join that is what `like` was when the world began, except for what `change` does
    /// to it: at least a new id and name. Returns whether the node `like` exists.
    pub fn join_node(&self, like: &str, change: impl FnOnce(&mut NodeSpec)) -> bool {
        self.change_node(like, |state, index| {
            let mut spec = state.nodes[index].spec.clone();
            spec.life = Life::Running;
            change(&mut spec);
            let node = Node::new(spec, &state.patches, state.now);
            state.adopt(node);
        })
    }
}
