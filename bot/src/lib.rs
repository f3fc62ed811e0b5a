//! The shell of patchbot: everything real that the domain asks for.

pub mod advisories;
pub mod aws;
pub mod secret;
pub mod wait;
