//! The simulated AWS, asked over the wire, with a clock that only tests move.

mod front_door;
mod patching;
mod support;
