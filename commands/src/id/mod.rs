//! Identifiers and names, which stay the same for as long as what they name exists.

pub mod actor;
pub mod digest;
pub mod dispatch;
pub mod environment;
pub mod person;
pub mod run;

pub use actor::{Actor, GroupRef, Origin, Principal};
pub use digest::Digest;
pub use dispatch::{DispatchId, Operation};
pub use environment::{EnvironmentName, EnvironmentNameError};
pub use person::{ChatPlatform, Identity, PersonRef};
pub use run::{RunId, RunIdError};
