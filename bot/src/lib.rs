//! The shell of patchbot: everything real, and no rules.

pub mod slack;
