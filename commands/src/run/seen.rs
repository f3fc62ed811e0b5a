//! What a preflight check found at AWS.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::fleet::node::NodeId;
use crate::fleet::presence::Presence;
use crate::window::WindowSeen;

/// What a preflight check found at AWS.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Patch commands, including ours, that are unfinished on some of the wave's nodes.
    pub commands: Vec<SeenCommand>,
    /// Executions of maintenance windows that patch some of the wave's nodes.
    pub windows: Vec<SeenWindow>,
    /// Executions of State Manager associations that patch, or may patch, some of the wave's nodes.
    pub associations: Vec<SeenAssociation>,
    /// The presence of each node that we asked for.
    pub nodes: BTreeMap<NodeId, Presence>,
    /// The window that the plan is bound to, as it is now, and others of the same name. Empty if
    /// the plan has none.
    pub bound: Vec<WindowSeen>,
}

/// A patch command that is unfinished on some node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenCommand {
    /// The `CommandId`.
    pub id: String,
    /// `DocumentName`, such as `AWS-RunPatchBaseline`.
    pub document: String,
    /// `Comment`; empty if its sender gave none.
    pub comment: String,
    /// `SnapshotId` in its parameters; `None` if it has none.
    pub snapshot: Option<String>,
    /// `RequestedDateTime`; `None` if AWS does not say.
    pub requested_at: Option<DateTime<Utc>>,
    /// The number of the wave's nodes on which it is unfinished.
    pub nodes: u32,
}

/// An execution of a maintenance window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenWindow {
    /// The id of the window: `mw-…`.
    pub id: String,
    /// The name of the window.
    pub name: String,
    /// The document of the task that patches.
    pub document: String,
    /// When the execution began; `None` if AWS does not say.
    pub started_at: Option<DateTime<Utc>>,
    /// The number of the wave's nodes that it targets.
    pub nodes: u32,
}

/// An execution of a State Manager association.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenAssociation {
    /// The `AssociationId`.
    pub id: String,
    /// `AssociationName`; empty if it has none.
    pub name: String,
    /// The document that it runs.
    pub document: String,
    /// When the execution was created; `None` if AWS does not say.
    pub started_at: Option<DateTime<Utc>>,
    /// The number of the wave's nodes that it targets; `None` if we cannot resolve its targets,
    /// such as a resource group.
    pub nodes: Option<u32>,
}
