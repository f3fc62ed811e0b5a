//! Run Command: sending, following and cancelling.

pub(super) mod history;
mod parameters;
pub(super) mod send;
