//! Run Command: sending, watching and cancelling.

pub(super) mod history;
mod parameters;
pub(super) mod send;
