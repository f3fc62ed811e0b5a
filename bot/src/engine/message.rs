//! The messages to the loop.

use std::collections::BTreeSet;

use commands::input::command::ArgumentKind;
use commands::patch::advisory::Advisory;
use tokio::sync::oneshot;

use crate::aws::Hint;
use crate::engine::tasks::TaskKey;
use crate::engine::{deliver, effects, requests};

pub(super) enum Message {
    /// A request of a person, with the person identified.
    Identified(Box<requests::Identified>),
    Ended(TaskKey, Outcome),
    /// An environment was read, or could not be.
    EnvironmentRead(Box<effects::EnvironmentRead>),
    /// Some environments take long to read.
    RefreshIsSlow,
    /// A person is typing and wants suggestions.
    Suggest {
        kind: ArgumentKind,
        typed: String,
        beside: Option<String>,
        answer: oneshot::Sender<Vec<String>>,
    },
    /// Something may have happened at AWS.
    Hinted(BTreeSet<Hint>),
}

pub(super) enum Outcome {
    /// An effect of a run.
    Effect(Box<effects::EffectEnded>),
    /// AWS was asked about a command that a person made a statement about.
    CommandLookedUp(Box<effects::CommandLookedUp>),
    /// The counts of environments were read.
    Refreshed(Box<effects::RefreshEnded>),
    /// Every node of an environment was read, or could not be.
    Surveyed(Box<effects::Surveyed>),
    /// The advisories of missing patches were read.
    Read(Vec<Advisory>),
    /// A step of delivery was carried out, or failed.
    Delivered(Box<deliver::Delivered>),
}
