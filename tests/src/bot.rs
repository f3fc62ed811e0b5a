//! The bot, in a process of its own.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use simulators::changes::Changes;
use simulators::discord::TOKEN_BEGINS;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use super::{Platforms, Stage};

/// How long a process may take to start or to end, in real time.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const BOT_TOKEN: &str = "xoxb-stories-7f3a9c2e51";
/// The token of the bot in Discord, in stories with Discord.
pub(crate) const DISCORD_TOKEN: &str = "stories-discord-5e0c19";
/// Slack's signing secret, in stories where Slack calls the bot.
pub const SIGNING_SECRET: &str = "stories-signing-90b1d3ac";
pub(crate) const APP_TOKEN: &str = "xapp-stories-b86d04e7aa";
const AWS_SECRET: &str = "stories/wJalrXUtnFEMI/K7MDENG+secret";
const NVD_KEY: &str = "stories-nvd-key-4d1c77";

/// Addresses at which people can be answered: they are secrets too, and stored until the answer was
/// sent.
pub(crate) const ADDRESSES: [&str; 2] = ["/hooks/", TOKEN_BEGINS];

/// What must never appear in a log or in the store.
pub(crate) const SECRETS: [&str; 7] =
    [BOT_TOKEN, APP_TOKEN, AWS_SECRET, NVD_KEY, "ticket=", DISCORD_TOKEN, SIGNING_SECRET];

/// Everything that all processes of a story have written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    text: Arc<Mutex<String>>,
    changes: Changes,
}

impl Log {
    pub(crate) fn text(&self) -> String {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn changes(&self) -> &Changes {
        &self.changes
    }

    fn len(&self) -> usize {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn write(&self, line: &str) {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(line);
        text.push('\n');
        drop(text);
        self.changes.announce();
    }

    fn follow(
        &self,
        stream: impl AsyncRead + Send + Unpin + 'static,
    ) -> tokio::task::JoinHandle<()> {
        let log = self.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                log.write(&line);
            }
        })
    }
}

/// A running bot. Dropping it kills it.
#[derive(Debug)]
pub struct Bot {
    child: Child,
    reading: Vec<tokio::task::JoinHandle<()>>,
    /// How much earlier processes had already written.
    log_begins: usize,
}

/// How a process ended, and what it wrote.
#[derive(Debug)]
pub struct ProcessOutput {
    /// Its exit status.
    pub status: ExitStatus,
    /// Everything that it wrote.
    pub text: String,
}

/// The binary under test, which is beside the test executables.
pub fn binary() -> Result<PathBuf> {
    beside("patchbot")
}

/// The same with the feature `crash-points`, where tests/run puts it.
fn crash_points_binary() -> Result<PathBuf> {
    beside("patchbot-crash-points")
}

fn beside(name: &str) -> Result<PathBuf> {
    let executable = std::env::current_exe().context("failed to find the test executable")?;
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    // Tests are in a folder below the binaries.
    let mut folders = executable.ancestors().skip(1).take(2);
    folders.find_map(|folder| Some(folder.join(&name)).filter(|path| path.is_file())).with_context(
        || {
            format!(
                "there is no {name} near {}: start the tests with tests/run",
                executable.display()
            )
        },
    )
}

/// `patchbot` with only those environment variables that an operator sets.
pub(crate) fn patchbot(arguments: &[&str]) -> Result<Command> {
    Ok(operated(&binary()?, arguments))
}

fn operated(binary: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command
        .args(arguments)
        .env_clear()
        .env("SLACK_BOT_TOKEN", BOT_TOKEN)
        .env("SLACK_APP_TOKEN", APP_TOKEN)
        .env("SLACK_SIGNING_SECRET", SIGNING_SECRET)
        .env("DISCORD_BOT_TOKEN", DISCORD_TOKEN)
        .env("NVD_API_KEY", NVD_KEY)
        .env("AWS_ACCESS_KEY_ID", simulators::seed::BASE_KEY)
        .env("AWS_SECRET_ACCESS_KEY", AWS_SECRET)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

impl Bot {
    /// Starts the bot on the stage and waits until it listens on all its platforms.
    pub async fn start(stage: &Stage) -> Result<Self> {
        let mut command = patchbot(&[])?;
        Self::spawn(stage, &mut command)?.listening(stage).await
    }

    /// As [`Bot::start`], with more environment variables.
    pub async fn start_with(stage: &Stage, environment: &[(&str, &str)]) -> Result<Self> {
        let mut command = patchbot(&[])?;
        command.envs(environment.iter().copied());
        Self::spawn(stage, &mut command)?.listening(stage).await
    }

    /// As [`Bot::start`], with the most detailed log.
    pub async fn start_with_trace_log(stage: &Stage) -> Result<Self> {
        let mut command = patchbot(&[])?;
        command.env("PATCHBOT_LOG", "trace");
        Self::spawn(stage, &mut command)?.listening(stage).await
    }

    /// Starts a bot that dies at a point of the stage, and waits until it listens to Slack. Returns
    /// `None` if it died before that.
    pub async fn start_with_crash_points(stage: &Stage) -> Result<Option<Self>> {
        let listener = stage.points.listen().await?;
        let mut command = operated(&crash_points_binary()?, &[]);
        command.env("PATCHBOT_CRASH_POINTS", listener);
        let deaths = stage.points.deaths();
        let bot = Self::spawn(stage, &mut command)?;
        stage.points.set_victim(bot.child.id());
        match bot.listening(stage).await {
            Ok(bot) => Ok(Some(bot)),
            Err(_) if stage.points.deaths() > deaths => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn listening(mut self, stage: &Stage) -> Result<Self> {
        let before = self.log_begins;
        let log = stage.log.clone();
        let said: &[&str] = match stage.platforms {
            Platforms::Slack => &["listening to Slack"],
            Platforms::Discord => &["listening to Discord"],
            Platforms::Both => &["listening to Slack", "listening to Discord"],
        };
        let listening = log.changes().until(PATIENCE, || {
            let text = log.text();
            let text = text.get(before..)?;
            said.iter().all(|said| text.contains(said)).then_some(())
        });
        tokio::select! {
            heard = listening => match heard {
                Some(()) => Ok(self),
                None => bail!("the bot does not listen:\n{}", stage.log.text()),
            },
            ended = self.child.wait() => {
                let status = ended.context("failed to wait for the bot")?;
                self.read_to_end().await;
                bail!("the bot ended with {status} instead of listening:\n{}", stage.log.text())
            }
        }
    }

    fn spawn(stage: &Stage, command: &mut Command) -> Result<Self> {
        let config = stage.config().display().to_string();
        let log_begins = stage.log.len();
        let mut child = command
            .args(["serve", "--config", &config, "--insecure-endpoints"])
            .spawn()
            .context("failed to start patchbot")?;
        let mut reading = Vec::new();
        reading.extend(child.stdout.take().map(|stream| stage.log.follow(stream)));
        reading.extend(child.stderr.take().map(|stream| stage.log.follow(stream)));
        Ok(Self { child, reading, log_begins })
    }

    /// Waits until the process has ended, for whatever reason.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait().await.context("failed to wait for the bot")?;
        self.read_to_end().await;
        Ok(status)
    }

    /// The peak resident memory of the process, in KiB: `VmHWM` of Linux.
    pub fn peak_memory(&self) -> Result<u64> {
        let id = self.child.id().context("the bot has ended already")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))
            .context("failed to read the bot's memory")?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB"));
        let peak = peak.context("no VmHWM: the figures are for Linux")?;
        peak.trim().parse().context("a memory that is no number")
    }

    /// SIGKILL: the process ends at once, and runs no code of its own any longer.
    pub async fn kill(mut self) -> Result<()> {
        self.child.kill().await.context("failed to kill the bot")?;
        self.read_to_end().await;
        Ok(())
    }

    /// SIGTERM: asks the process to end, and returns its status.
    pub async fn terminate(mut self) -> Result<ExitStatus> {
        let id = self.child.id().context("the bot has ended already")?;
        let asked = Command::new("kill").arg("-TERM").arg(id.to_string()).status().await;
        ensure!(asked.context("failed to ask the bot to end")?.success(), "the bot is gone");
        let status = tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .context("the bot does not end when it is asked to")?
            .context("failed to wait for the bot")?;
        self.read_to_end().await;
        Ok(status)
    }

    async fn read_to_end(&mut self) {
        for reading in self.reading.drain(..) {
            // A cancelled reader has nothing more to report.
            let _ = reading.await;
        }
    }
}

impl ProcessOutput {
    /// Runs `patchbot` with `arguments` until it ends by itself. `environment` overrides what an
    /// operator would have set; `None` removes a variable.
    pub async fn of(arguments: &[&str], environment: &[(&str, Option<&str>)]) -> Result<Self> {
        let mut command = patchbot(arguments)?;
        for (name, value) in environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let output = tokio::time::timeout(PATIENCE, command.output())
            .await
            .context("patchbot does not end by itself")?
            .context("failed to run patchbot")?;
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok(Self { status: output.status, text })
    }
}
