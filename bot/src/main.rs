//! The binary `patchbot`.

fn main() {}
