//! What nodes and the service report though it is not so.

use super::Cloud;
use super::node::{Node, Report, RowState};
use super::patch::Patch;
use super::world::{Life, NodeSpec};

/// Something that is reported of a node and is not so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FalseReport {
    /// Its rows of this patch carry this `Title`.
    Title {
        /// The patch id.
        patch: String,
        /// The title.
        title: String,
    },
    /// A count of its patch state is another than its list has.
    Count {
        /// The field, such as `MissingCount`.
        field: String,
        /// The count.
        count: i32,
    },
    /// Its list has no row in this state, such as `Missing`; its counts stand.
    Unlisted(String),
    /// Another baseline has decided: `BaselineId`.
    Baseline(String),
}

impl Node {
    /// The title of a patch, as it is reported of this node.
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

    /// A count of its patch state.
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

    /// The baseline that is said to have decided.
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
    /// Reports something of a node that is not so, from now on, beside what it lied about before.
    /// Tells whether the node exists.
    pub fn report_falsely(&self, node: &str, false_report: FalseReport) -> bool {
        self.change_node(node, |state, index| state.nodes[index].false_reports.push(false_report))
    }

    /// Reports of a node what is so. Tells whether the node exists.
    pub fn report_truthfully(&self, node: &str) -> bool {
        self.change_node(node, |state, index| state.nodes[index].false_reports.clear())
    }

    /// Lets a node join that is as `like` was when the world began, but for what `change` makes of
    /// it: an id and a name of its own at least. Tells whether there is a node `like`.
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
