//! Overlaps: what else patches the nodes of a wave, and who started it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::RunId;
use crate::run::{PatchRun, Seen};

/// Something else that patches nodes of a wave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// A command of Run Command.
    Command {
        /// The `CommandId`.
        id: String,
        /// `DocumentName`, such as `AWS-RunPatchBaseline`.
        document: String,
        /// The sender, as far as the marks of the command show.
        whose: Whose,
        /// `Comment`; empty if its sender gave none.
        comment: String,
        /// When it was sent; `None` if AWS does not say.
        requested_at: Option<DateTime<Utc>>,
        /// The number of the wave's nodes on which it is unfinished.
        nodes: u32,
    },
    /// An execution of a maintenance window.
    Window {
        /// The id of the window: `mw-…`.
        id: String,
        /// The name of the window.
        name: String,
        /// The document of the task that patches.
        document: String,
        /// When the execution began; `None` if AWS does not say.
        started_at: Option<DateTime<Utc>>,
        /// The number of the wave's nodes that it targets.
        nodes: u32,
    },
    /// An execution of a State Manager association, such as those that Quick Setup's patch policies
    /// create.
    Association {
        /// The `AssociationId`.
        id: String,
        /// `AssociationName`; empty if it has none.
        name: String,
        /// The document that it runs.
        document: String,
        /// When the execution was created; `None` if AWS does not say.
        started_at: Option<DateTime<Utc>>,
        /// The number of the wave's nodes that it targets; `None` if that is not known.
        nodes: Option<u32>,
    },
    /// Another run of ours, usually in another environment that shares nodes.
    Run {
        /// The other run.
        run: RunId,
        /// How many nodes it shares with the wave.
        nodes: u32,
    },
}

/// Who sent a command. Anybody can type a comment like ours, so this is only shown to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Somebody else, as far as the marks of the command show.
    Somebody,
    /// Another run of ours.
    Run(RunId),
    /// Our scheduled scan.
    Schedule,
}

/// What was found that does not belong to this run: windows, then associations, then commands, each
/// the oldest first.
pub(super) fn overlaps(run: &PatchRun, seen: &Seen) -> Vec<Overlap> {
    let foreign_scans =
        seen.commands.iter().filter(|command| !run.sent(command.snapshot.as_deref()));
    let mut commands: Vec<Overlap> = foreign_scans
        .map(|command| Overlap::Command {
            id: command.id.clone(),
            document: command.document.clone(),
            whose: Whose::by(&command.comment),
            comment: command.comment.clone(),
            requested_at: command.requested_at,
            nodes: command.nodes,
        })
        .collect();
    // Pages come in no reliable order, and the same result twice is no news.
    commands.sort_by_key(Overlap::order);
    let mut windows: Vec<Overlap> = seen
        .windows
        .iter()
        .map(|window| Overlap::Window {
            id: window.id.clone(),
            name: window.name.clone(),
            document: window.document.clone(),
            started_at: window.started_at,
            nodes: window.nodes,
        })
        .collect();
    windows.sort_by_key(Overlap::order);
    let mut associations: Vec<Overlap> = seen
        .associations
        .iter()
        .map(|association| Overlap::Association {
            id: association.id.clone(),
            name: association.name.clone(),
            document: association.document.clone(),
            started_at: association.started_at,
            nodes: association.nodes,
        })
        .collect();
    associations.sort_by_key(Overlap::order);
    windows.extend(associations);
    windows.extend(commands);
    windows
}

/// Whether one of the commands already shows this run.
pub(super) fn is_named(other: &Overlap, found: &[Overlap]) -> bool {
    let Overlap::Run { run, .. } = other else { return false };
    found.iter().any(|overlap| {
        matches!(overlap, Overlap::Command { whose: Whose::Run(named), .. } if named == run)
    })
}

impl PatchRun {
    /// Whether one of this run's own dispatches carries this snapshot id.
    fn sent(&self, snapshot: Option<&str>) -> bool {
        snapshot.is_some_and(|snapshot| {
            self.dispatches
                .values()
                .any(|dispatch| dispatch.snapshot.to_string().eq_ignore_ascii_case(snapshot))
        })
    }
}

impl Overlap {
    /// A key that sorts the oldest first.
    fn order(&self) -> (Option<DateTime<Utc>>, String) {
        match self {
            Self::Command { requested_at, id, .. } => (*requested_at, id.clone()),
            Self::Window { started_at, id, .. } | Self::Association { started_at, id, .. } => {
                (*started_at, id.clone())
            }
            Self::Run { run, .. } => (None, run.to_string()),
        }
    }
}

impl Whose {
    /// Reads the sender from the comment that this program writes.
    fn by(comment: &str) -> Self {
        let Some(marks) = comment.strip_prefix("patchbot:") else { return Self::Somebody };
        let (first, _) = marks.split_once(':').unwrap_or((marks, ""));
        match first.parse() {
            Ok(run) => Self::Run(run),
            Err(_) if first == "scan" => Self::Schedule,
            Err(_) => Self::Somebody,
        }
    }
}
