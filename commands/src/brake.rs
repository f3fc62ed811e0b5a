//! The brake: `stop` halts everything at once, and stays pulled through a restart until `resume`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::text::{PersonRef, TimeStyle};
use crate::wording::Args;

/// Whether everything stands still.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brake {
    /// Who pulled it and why; none while work may go on.
    pub pulled: Option<Pulled>,
}

/// Who pulled the brake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulled {
    /// Who.
    pub by: PersonRef,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Something that has happened to the brake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrakeEvent {
    /// Somebody pulled it.
    Pulled(Pulled),
    /// Somebody released it.
    Released {
        /// Who.
        by: PersonRef,
        /// Why it is safe to go on.
        reason: String,
        /// When.
        at: DateTime<Utc>,
    },
}

impl Pulled {
    /// Who pulled it, why and when, for a message.
    pub(crate) fn said(&self) -> Args {
        let args = Args::new().person("who", &self.by).text("reason", &self.reason);
        args.time("at", self.at, TimeStyle::DateTime)
    }
}

impl BrakeEvent {
    /// Who.
    pub fn by(&self) -> &PersonRef {
        match self {
            Self::Pulled(pulled) => &pulled.by,
            Self::Released { by, .. } => by,
        }
    }

    /// When.
    pub fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Pulled(pulled) => pulled.at,
            Self::Released { at, .. } => *at,
        }
    }
}

impl Brake {
    /// The state after `event`. Pulling twice keeps the newer reason; releasing twice changes nothing.
    pub fn evolve(self, event: &BrakeEvent) -> Self {
        match event {
            BrakeEvent::Pulled(pulled) => Self { pulled: Some(pulled.clone()) },
            BrakeEvent::Released { .. } => Self { pulled: None },
        }
    }
}
