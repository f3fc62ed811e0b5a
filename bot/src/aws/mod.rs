//! The client for AWS Systems Manager. It holds no rule of the patch cycle.
//!
//! The SDK repeats reads when AWS throttles them. Nothing below [`Aws::send`] repeats SendCommand,
//! because it has no client token: a second call is a second command.
//!
//! Limits, operations and error codes: the SSM API model of 2014-11-06 and the Systems Manager user
//! guide.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use commands::failure::Finding;
use commands::id::EnvironmentName;

use crate::clock::Wait;

mod client;
mod command;
mod error;
mod events;
mod fleet;
mod maintenance_windows;
mod parse;
mod preflight;

pub use client::caller_identity::{Callers, EnvironmentError};
pub use client::connect::{Access, AwsEnvironment, AwsSettings, StaticKeys};
pub use client::rate_limit::Rates;
pub use command::gate::{Gate, Held};
pub use command::scan::Scanned;
pub use command::send::{SendOutcome, SendParameters};
pub use error::{AwsError, Fault};
pub use events::{EventQueues, Hint, QueueUrl, QueueUrlError};
pub use fleet::survey::Refreshed;

/// The document that scans and installs. The bot never sends another one.
pub(crate) const DOCUMENT: &str = "AWS-RunPatchBaseline";

/// The clients of Systems Manager, one for each environment.
#[derive(Clone)]
pub struct Aws {
    clients: BTreeMap<EnvironmentName, Arc<client::Client>>,
    wait: Wait,
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws").field("environments", &self.clients.keys()).finish_non_exhaustive()
    }
}

impl Aws {
    fn client(
        &self,
        environment: &EnvironmentName,
        operation: &'static str,
    ) -> Result<&client::Client, AwsError> {
        self.clients.get(environment).map(Arc::as_ref).ok_or_else(|| {
            let found = Finding::NoAccountConfigured;
            AwsError::ours(operation, environment, Fault::Settings, found)
        })
    }
}
