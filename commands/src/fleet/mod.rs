//! The managed nodes: what Systems Manager says of each of them, and what that adds up to.

pub mod account;
pub mod agent;
pub mod compliance;
pub mod listing;
pub mod node;
pub mod node_status;
pub mod operating_system;
pub mod summary;
pub mod survey;
pub mod two_groups;
