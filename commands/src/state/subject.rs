//! Subjects: what a card in a channel is about.

use std::fmt;
use std::str::FromStr;

use crate::id::RunId;

/// The subject of a card in a channel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The announcement of this number.
    Announcement(u32),
    /// The run with this id.
    Run(RunId),
    /// The compliance after this run.
    Compliance(RunId),
    /// The stop or resume with this number, counted from 1.
    EmergencyStop(u32),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Announcement(number) => write!(f, "announcement-{number}"),
            Self::Run(run) => write!(f, "run-{run}"),
            Self::Compliance(run) => write!(f, "compliance-{run}"),
            Self::EmergencyStop(number) => write!(f, "emergency_stop-{number}"),
        }
    }
}

/// An error for text that is not a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectError;

impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(name: &str) -> Result<Self, SubjectError> {
        let (kind, rest) = name.split_once('-').ok_or(SubjectError)?;
        let number = || rest.parse().map_err(|_| SubjectError);
        let run = || rest.parse().map_err(|_| SubjectError);
        match kind {
            "announcement" => number().map(Self::Announcement),
            "run" => run().map(Self::Run),
            "compliance" => run().map(Self::Compliance),
            "emergency_stop" => number().map(Self::EmergencyStop),
            _ => Err(SubjectError),
        }
    }
}
