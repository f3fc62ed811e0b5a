//! What can be typed in a terminal. Each subcommand wires itself in a file of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::log;

/// Runs the AWS patch cycle from Slack and Discord: announces patches, collects approvals, starts
/// Patch Manager environment by environment, and posts what compliance really is.
#[derive(Debug, Parser)]
#[command(name = "patchbot", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bot. Tokens come from the environment, those of the platforms in use: SLACK_BOT_TOKEN
    /// with SLACK_APP_TOKEN (or SLACK_SIGNING_SECRET where Slack calls the bot), DISCORD_BOT_TOKEN,
    /// and, if there is one, NVD_API_KEY; AWS credentials from where the AWS SDK looks for them.
    Serve {
        /// The configuration; deploy/patchbot.example.toml explains every key.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Allow endpoints without TLS. Every card is then marked as a drill, because what stands
        /// behind such an endpoint is not AWS, Slack or Discord.
        #[arg(long)]
        insecure_endpoints: bool,
    },
    /// Write everything in the store to standard output, as JSON lines that anyone can read. The
    /// bot may be running: it then hands out what it has, as of one moment. Nothing changes there.
    Export {
        /// The store: `bot.data` of the configuration.
        #[arg(long, value_name = "FOLDER")]
        data: PathBuf,
    },
    /// Read an export from standard input into a store that does not exist yet. If it is not whole,
    /// nothing is made.
    Import {
        /// The store to be made.
        #[arg(long, value_name = "FOLDER")]
        data: PathBuf,
    },
    /// Try the whole cycle without an account anywhere: simulated AWS, Slack and Discord in this process,
    /// and a page to read, type and press in.
    #[cfg(feature = "sandbox")]
    Sandbox(crate::sandbox::Options),
}

/// Does what was asked for. An error is told once, here.
pub fn run(cli: Cli) -> ExitCode {
    match attempt(cli) {
        Ok(code) => code,
        Err(error) => {
            tell(&error);
            ExitCode::FAILURE
        }
    }
}

fn attempt(cli: Cli) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    match cli.command {
        Command::Serve { config, insecure_endpoints } => {
            log::begin(true)?;
            runtime.block_on(Box::pin(crate::serve::serve(&config, insecure_endpoints)))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Export { data } => {
            runtime.block_on(crate::backup::export(&data))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Import { data } => {
            runtime.block_on(crate::backup::import(&data))?;
            Ok(ExitCode::SUCCESS)
        }
        #[cfg(feature = "sandbox")]
        Command::Sandbox(options) => {
            log::begin(false)?;
            runtime.block_on(Box::pin(crate::sandbox::run(options)))
        }
    }
}

#[expect(clippy::print_stderr, reason = "this is the terminal, and logging may not have begun")]
fn tell(error: &anyhow::Error) {
    eprintln!("patchbot: {error:#}");
}
