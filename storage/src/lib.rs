#![doc = include_str!("../README.md")]

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod contract;
mod error;
pub mod export;
mod io_error;
mod limits;
mod memory_store;
pub mod records;
mod sled_store;

pub use contract::{
    Commit, CommitId, Entry, Fence, Key, Lease, Operation, Store, StreamId, Timer, Versioned,
};
pub use error::StoreError;
pub use export::Portable;
pub use limits::{
    MAX_COMMIT_BYTES, MAX_NAME_BYTES, MAX_OPERATIONS, MAX_PAGE, MAX_VALUE_BYTES, RECENT_COMMITS,
};
pub use memory_store::MemoryStore;
pub use sled_store::{CONTROL_SOCKET, OpenError, SledStore};
