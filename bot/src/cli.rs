//! The command line. Each subcommand is implemented in a file of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::exit::Exit;
use crate::telemetry::log;

/// Runs the AWS patch cycle from Slack and Discord: announces patches, collects approvals, starts
/// Patch Manager environment by environment, and posts what compliance really is.
#[derive(Debug, Parser)]
#[command(name = "patchbot", version, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 export, import or sandbox failed; 2 the command line is wrong; 75 serve has \
    ended and may work when it is started again; 78 the configuration, a secret or the store is wrong: serve will \
    not work before somebody has mended it; 141 nobody read the output any longer."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bot. It reads the tokens of the configured platforms from the environment:
    /// SLACK_BOT_TOKEN with SLACK_APP_TOKEN (or SLACK_SIGNING_SECRET if Slack calls the bot),
    /// DISCORD_BOT_TOKEN, and optionally NVD_API_KEY. The AWS SDK finds the AWS credentials.
    Serve {
        /// The configuration; deploy/patchbot.example.toml explains every key.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Allow endpoints without TLS. Every card is then marked as a drill, because such an
        /// endpoint is not AWS, Slack or Discord.
        #[arg(long)]
        insecure_endpoints: bool,
    },
    /// Write everything in the store to standard output, as JSON lines that anyone can read. If a
    /// bot is running, it exports a consistent snapshot. The store does not change.
    Export {
        /// The folder of the store: `bot.data` in the configuration.
        #[arg(long, value_name = "FOLDER")]
        data: PathBuf,
    },
    /// Read an export from standard input into a new store. If the export is incomplete, no store
    /// is created.
    Import {
        /// The folder of the new store.
        #[arg(long, value_name = "FOLDER")]
        data: PathBuf,
    },
    /// Try the whole cycle without any account: simulated AWS, Slack and Discord in this process,
    /// and a page on which to read, type and press buttons.
    #[cfg(feature = "sandbox")]
    Sandbox(crate::sandbox::Options),
}

/// Runs the subcommand. This is the only place that reports its error.
pub fn run(cli: Cli) -> ExitCode {
    match attempt(cli) {
        Ok(code) => code,
        Err((error, exit)) => {
            // Behind `| head` nobody reads the output any longer, and nothing is wrong.
            if exit != Exit::NobodyReads {
                tell(&error);
            }
            exit.into()
        }
    }
}

fn attempt(cli: Cli) -> Result<ExitCode, (anyhow::Error, Exit)> {
    let serves = matches!(cli.command, Command::Serve { .. });
    attempted(cli).map_err(|error| {
        let exit = if serves { Exit::of_serve(&error) } else { Exit::of(&error) };
        (error, exit)
    })
}

fn attempted(cli: Cli) -> Result<ExitCode> {
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

/// Reports an error. Logging may not have begun, and standard error may be closed; then nobody can
/// be informed.
fn tell(error: &anyhow::Error) {
    use std::io::Write as _;
    drop(writeln!(std::io::stderr(), "patchbot: {error:#}"));
}
