//! Initial worlds: a plausible one for people, small ones for tests.

mod builder;
mod patches;
mod sandbox;
pub mod scale;

pub use self::builder::{Fleet, small};
pub use self::sandbox::{BASE_KEY, OVERRIDE_BUCKET, PRODUCTION, REGION, VERIFICATION, sandbox};
