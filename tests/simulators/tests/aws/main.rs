//! Tests of the simulated AWS over the wire, with a clock that only tests move.

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is not as it expects"
)]

mod associations;
mod front_door;
mod outside_changes;
mod patching;
mod refusals;
mod reports;
mod support;
