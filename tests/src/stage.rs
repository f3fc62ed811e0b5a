//! The stage of a story: simulated services in this process, and a folder for the bot's store.

use std::path::PathBuf;

use anyhow::{Context, Result};
use axum::Router;
use chrono::{DateTime, Utc};
use simulators::aws::{Cloud, Pace, World};
use simulators::clock::Clock;
use simulators::discord::Discord;
use simulators::feeds::{Data, Feeds};
use simulators::seed;
use simulators::server::{self as simulator, RateLimits};
use simulators::slack::Workspace;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::bot::Log;
use super::crash_points::CrashPoints;
use super::fault_gate::FaultGate;
use super::people::{server, workspace};
use super::settings::{Endpoints, Platforms, Settings};

/// Everything that a bot interacts with, and what remains when it is killed.
#[derive(Debug)]
pub struct Stage {
    /// Simulated time. It runs like the host's, unless a story stops it.
    pub clock: Clock,
    /// The simulated AWS.
    pub cloud: SharedCloud,
    /// The simulated Slack.
    pub slack: Workspace,
    /// The simulated Discord.
    pub discord: Discord,
    /// The platforms that the bot works on.
    pub(crate) platforms: Platforms,
    /// The gate in front of AWS.
    pub aws_gate: FaultGate,
    /// The gate in front of Slack.
    pub slack_gate: FaultGate,
    /// The points at which the process can be killed.
    pub points: CrashPoints,
    /// Slack's address.
    pub slack_url: String,
    /// AWS's address.
    pub aws_url: String,
    pub(crate) log: Log,
    folder: TempDir,
}

/// The cloud, in a type with `Debug`.
#[derive(Clone)]
pub struct SharedCloud(Cloud);

impl std::fmt::Debug for SharedCloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedCloud").finish_non_exhaustive()
    }
}

impl std::ops::Deref for SharedCloud {
    type Target = Cloud;

    fn deref(&self) -> &Cloud {
        &self.0
    }
}

impl Stage {
    /// A stage with two environments, of six and twelve nodes, without any trouble.
    pub async fn set(settings: &Settings) -> Result<Self> {
        Self::with(settings, |world| {
            world.nodes.iter_mut().for_each(|node| node.fault = None);
        })
        .await
    }

    /// The seeded world after `change`. What takes minutes takes milliseconds there.
    pub async fn with(settings: &Settings, change: impl FnOnce(&mut World)) -> Result<Self> {
        Self::starting_at(Utc::now(), settings, change).await
    }

    /// As [`Stage::with`], at another time than the host's: for a bot with the story's clock.
    pub async fn starting_at(
        start: DateTime<Utc>,
        settings: &Settings,
        change: impl FnOnce(&mut World),
    ) -> Result<Self> {
        let clock = Clock::new(start, 1.0);
        let mut world = seed::sandbox(clock.now());
        world.pace = Pace::quick();
        change(&mut world);
        let stage = Self::of(clock, world, |endpoints| settings.toml(endpoints)).await?;
        Ok(Self { platforms: settings.platforms, ..stage })
    }

    /// A stage with any world, and the configuration with its addresses.
    pub async fn of(
        clock: Clock,
        world: World,
        toml: impl FnOnce(&Endpoints<'_>) -> String,
    ) -> Result<Self> {
        let cloud = Cloud::new(clock.clone(), world);
        let points = CrashPoints::default();
        let (aws_gate, slack_gate) = (FaultGate::of(&points), FaultGate::of(&points));

        let aws = serve("AWS", |_| aws_gate.before(cloud.router())).await?;
        let data = Data::seeded().context("failed to read the seeded advisories")?;
        let feeds = serve("feeds", |_| Feeds::new(data).router()).await?;
        // A story is over before either would allow its second message.
        let (slack, discord) = (workspace(clock.clone()), server(clock.clone()));
        slack.set_rate_limits(RateLimits::Off);
        discord.set_rate_limits(RateLimits::Off);
        let discord_url = serve("Discord", |base| discord.router(base)).await?;
        let slack_url = serve("Slack", |base| slack_gate.before(slack.router(base))).await?;

        let folder = tempfile::tempdir().context("failed to make a folder for the story")?;
        let endpoints = Endpoints {
            aws: &aws,
            slack: &slack_url,
            discord: &discord_url,
            feeds: &feeds,
            data: &folder.path().join("store"),
        };
        std::fs::write(folder.path().join("patchbot.toml"), toml(&endpoints))
            .context("failed to write the configuration")?;
        let living = cloud.clone();
        tokio::spawn(async move { living.run().await });
        let (cloud, log) = (SharedCloud(cloud), Log::default());
        let aws_url = aws;
        Ok(Self {
            clock,
            cloud,
            slack,
            discord,
            platforms: Platforms::Slack,
            aws_gate,
            slack_gate,
            points,
            slack_url,
            aws_url,
            log,
            folder,
        })
    }

    /// The path of the configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("patchbot.toml")
    }

    /// Rewrites the configuration. A bot reads it when it starts.
    pub fn reconfigures(&self, change: impl FnOnce(&str) -> String) -> Result<()> {
        let toml = std::fs::read_to_string(self.config()).context("failed to read the file")?;
        std::fs::write(self.config(), change(&toml)).context("failed to write the configuration")
    }

    /// The folder of the store.
    pub fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Stops nodes and their commands; requests are still answered.
    pub fn freeze(&self) {
        self.clock.set_speed(0.0);
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.clock.set_speed(1.0);
    }

    /// Everything that the bot has written so far.
    pub fn logged(&self) -> String {
        self.log.text()
    }
}

async fn serve(name: &'static str, router: impl FnOnce(&str) -> Router) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("failed to open a port")?;
    let served = simulator::serve(name, listener, router);
    // The task goes on by itself.
    let (base, _task) = served.context("a port without an address")?;
    Ok(base)
}
