//! Tests of the Discord simulator over its own wire: what a bot gets, and what people see.

mod api;
mod app;
mod page;
mod sockets;
mod user_actions;
