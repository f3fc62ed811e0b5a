//! State Manager associations of other people. They are listed, but do nothing by themselves.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Cloud;
use super::outside_changes::Target;
use super::state::Scope;

#[derive(Clone, Debug)]
pub(super) struct Association {
    pub(super) scope: Scope,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) document: String,
    pub(super) targets: Target,
    /// The executions, the oldest first.
    pub(super) executions: Vec<AssociationExecution>,
}

#[derive(Clone, Debug)]
pub(super) struct AssociationExecution {
    pub(super) id: String,
    pub(super) created: DateTime<Utc>,
    stage: AssociationStage,
}

/// The progress of an execution of an association.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssociationStage {
    /// No node has begun.
    Pending,
    /// Nodes are working on it.
    InProgress,
    /// All nodes have ended.
    Success,
}

impl AssociationExecution {
    /// The value of `Status`.
    pub(super) fn status(&self) -> &'static str {
        match self.stage {
            AssociationStage::Pending => "Pending",
            AssociationStage::InProgress => "InProgress",
            AssociationStage::Success => "Success",
        }
    }
}

impl Cloud {
    /// Associates a document with targets, each a key with its values, like a patch policy does.
    /// Returns the id of the association. It is never executed automatically.
    pub fn add_association(
        &self,
        account: &str,
        region: &str,
        name: &str,
        document: &str,
        targets: &[(&str, &[&str])],
    ) -> String {
        let id = Uuid::new_v4().to_string();
        let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        let target = |(key, values): &(&str, &[&str])| ((*key).to_owned(), owned(values));
        self.state().associations.push(Association {
            scope: Scope { account: account.to_owned(), region: region.to_owned() },
            id: id.clone(),
            name: name.to_owned(),
            document: document.to_owned(),
            targets: targets.iter().map(target).collect(),
            executions: Vec::new(),
        });
        self.changes().announce();
        id
    }

    /// Begins an execution of an association now. Returns whether the association exists.
    pub fn begin_association(&self, id: &str, stage: AssociationStage) -> bool {
        self.change_association(id, |association, now| {
            let id = Uuid::new_v4().to_string();
            association.executions.push(AssociationExecution { id, created: now, stage });
        })
    }

    /// Ends all executions of an association. Returns whether it exists.
    pub fn end_association(&self, id: &str) -> bool {
        self.change_association(id, |association, _| {
            for execution in &mut association.executions {
                execution.stage = AssociationStage::Success;
            }
        })
    }

    fn change_association(
        &self,
        id: &str,
        change: impl FnOnce(&mut Association, DateTime<Utc>),
    ) -> bool {
        let mut state = self.state();
        let now = state.now;
        let Some(found) = state.associations.iter_mut().find(|one| one.id == id) else {
            return false;
        };
        change(found, now);
        drop(state);
        self.changes().announce();
        true
    }
}
