//! The input of people, as data: commands and buttons.

pub mod button;
pub mod command;
