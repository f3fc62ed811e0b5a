//! What else patches the nodes of a wave, and whose it is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::RunId;
use crate::run::{PatchRun, Seen};

/// Something else that patches nodes of a wave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// A command.
    Command {
        /// `CommandId`.
        id: String,
        /// `DocumentName`.
        document: String,
        /// Who sent it.
        whose: Whose,
        /// `Comment`; empty when whoever sent it wrote none.
        comment: String,
        /// When it was sent.
        requested_at: Option<DateTime<Utc>>,
        /// On how many of the wave's nodes it has not ended.
        nodes: u32,
    },
    /// An execution of a maintenance window.
    Window {
        /// `mw-…`.
        id: String,
        /// Its name.
        name: String,
        /// The document of the task that patches.
        document: String,
        /// When the execution began.
        started_at: Option<DateTime<Utc>>,
        /// How many of the wave's nodes it is for.
        nodes: u32,
    },
    /// An execution of a State Manager association, as Quick Setup's patch policies make them.
    Association {
        /// `AssociationId`.
        id: String,
        /// `AssociationName`; empty when it has none.
        name: String,
        /// The document that it runs.
        document: String,
        /// When the execution was created.
        started_at: Option<DateTime<Utc>>,
        /// How many of the wave's nodes it is for; none where that is not known.
        nodes: Option<u32>,
    },
    /// A run of ours, mostly of another environment over the same nodes.
    Run {
        /// Which.
        run: RunId,
        /// How many nodes it shares with the wave.
        nodes: u32,
    },
}

/// Who sent a command. A comment can be typed by anybody, so this is only for readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Not this program, as far as its marks tell.
    Somebody,
    /// A run of ours.
    Run(RunId),
    /// Our scan on schedule.
    Schedule,
}

/// What was seen that is not this run's own: windows, then associations, then commands,
/// each the oldest first.
pub(super) fn overlaps(run: &PatchRun, seen: &Seen) -> Vec<Overlap> {
    let strangers = seen.commands.iter().filter(|command| !run.sent(command.snapshot.as_deref()));
    let mut commands: Vec<Overlap> = strangers
        .map(|command| Overlap::Command {
            id: command.id.clone(),
            document: command.document.clone(),
            whose: Whose::by(&command.comment),
            comment: command.comment.clone(),
            requested_at: command.requested_at,
            nodes: command.nodes,
        })
        .collect();
    // Pages come in no order that one could rely on, and the same look twice is no news.
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

/// Whether a run of ours shows by one of its commands already.
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
    /// The oldest first.
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
    /// By the comment that this program writes.
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
