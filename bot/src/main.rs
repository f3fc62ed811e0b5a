//! The binary `patchbot`.

use std::process::ExitCode;

use clap::Parser;
use patchbot::cli::Cli;

fn main() -> ExitCode {
    // Two TLS providers are linked in; the first connection panics unless one is chosen.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        // Somebody chose before main: then there is one.
    }
    patchbot::cli::run(Cli::parse())
}
