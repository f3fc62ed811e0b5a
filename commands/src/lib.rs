//! The domain of patchbot: what people may ask and what follows from it.
//!
//! Everything here is pure. There is no async, no clock, no network, no file and no environment:
//! what the domain knows, it is told, and the same arguments give the same answer. It knows
//! nothing of Slack, of Discord or of the AWS SDK.

pub mod actor;
pub mod advisory;
pub mod announcement;
pub mod assessment;
pub mod book;
pub mod brake;
pub mod card;
pub mod command;
pub mod compliance;
pub mod digest;
pub mod environment;
pub mod environment_name;
pub mod level;
pub mod node;
pub mod patch;
pub mod plan;
pub mod policy;
pub mod press;
pub mod refusal;
pub mod run;
pub mod run_id;
pub mod seconds;
pub mod survey;
pub mod text;
pub mod wording;
