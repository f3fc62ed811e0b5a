//! What the loop is told.

use std::collections::BTreeSet;

use commands::input::command::ArgumentKind;
use commands::patch::advisory::Advisory;
use tokio::sync::oneshot;

use crate::aws::Hint;
use crate::engine::tasks::TaskKey;
use crate::engine::{deliver, effects, requests};

/// What comes back to the loop.
pub(super) enum Message {
    /// Somebody asked for something, and it is known who they are.
    Identified(Box<requests::Identified>),
    /// A task has ended.
    Ended(TaskKey, Outcome),
    /// An environment was looked at, or could not be.
    EnvironmentRead(Box<effects::EnvironmentRead>),
    /// Some environments take long to look at.
    RefreshIsSlow,
    /// Somebody types, and wants to know what there is.
    Suggest {
        kind: ArgumentKind,
        typed: String,
        beside: Option<String>,
        answer: oneshot::Sender<Vec<String>>,
    },
    /// Something may have happened at AWS.
    Hinted(BTreeSet<Hint>),
}

/// What came of a task.
pub(super) enum Outcome {
    /// An effect of a run.
    Effect(Box<effects::EffectEnded>),
    /// AWS was asked about a command that somebody spoke of.
    CommandLookedUp(Box<effects::CommandLookedUp>),
    /// The counts of environments were read.
    Refreshed(Box<effects::RefreshEnded>),
    /// Every node of an environment was read, or could not be.
    Surveyed(Box<effects::Surveyed>),
    /// What is published about missing patches was read.
    Read(Vec<Advisory>),
    /// Something was shown somewhere, or could not be.
    Delivered(Box<deliver::Delivered>),
}
