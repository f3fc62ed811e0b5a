//! Tests of the Slack simulator over its own wire: what an app gets, and what people see.

mod api;
mod app;
mod client_types;
mod page;
mod request_url;
mod sockets;
mod user_actions;
