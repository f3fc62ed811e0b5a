//! The managed nodes: what Systems Manager reports about each of them, and the totals.

pub mod account;
pub mod agent;
pub mod compliance;
pub mod listing;
pub mod node;
pub mod node_status;
pub mod operating_system;
pub mod presence;
pub mod summary;
pub mod survey;
pub mod two_groups;
