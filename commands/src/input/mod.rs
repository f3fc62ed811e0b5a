//! What people type and press, as data.

pub mod button;
pub mod command;
