//! The binary `patchbot`.

use std::process::ExitCode;

use clap::Parser;
use patchbot::cli::Cli;

fn main() -> ExitCode {
    // Two TLS providers are linked in. Unless one is chosen, the first connection panics.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        // A provider was installed earlier, which is enough.
    }
    patchbot::cli::run(Cli::parse())
}
