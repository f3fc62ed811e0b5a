//! The shell of patchbot: everything real that the domain asks for, and no rules.

pub mod advisories;
pub mod aws;
pub mod clock;
pub mod config;
pub mod engine;
pub mod secret;
pub mod slack;
pub mod wait;
