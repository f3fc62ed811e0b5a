//! The world of a story: simulated services in this process, and a folder for the bot's store.

use std::path::PathBuf;

use anyhow::{Context, Result};
use axum::Router;
use axum::serve::ListenerExt;
use chrono::{DateTime, Utc};
use simulators::aws::{Cloud, Pace, World};
use simulators::clock::Clock;
use simulators::feeds::{Data, Feeds};
use simulators::seed;
use simulators::slack::{Channel, Person, RateLimits, Tokens, Workspace};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::bot::{APP_TOKEN, BOT_TOKEN, Log};
use super::gate::Gate;
use super::points::Points;
use super::settings::{Places, Settings};

/// Asks for plans; may approve what others ask for.
pub const HANA: &str = "U0HANA";
/// Approves.
pub const AIKO: &str = "U0AIKO";
/// Approves as well.
pub const BEN: &str = "U0BEN";
/// Is in the channel and in no policy.
pub const OMAR: &str = "U0OMAR";
/// Where the cards hang.
pub const CHANNEL: &str = "C0PATCHING";
const BOT: &str = "U0PATCHBOT";

/// Everything that a bot meets, and what stays when it is killed.
#[derive(Debug)]
pub struct Stage {
    /// Simulated time. It runs as the host's does, unless a story stops it.
    pub clock: Clock,
    /// AWS.
    pub cloud: SharedCloud,
    /// Slack.
    pub slack: Workspace,
    /// Before AWS.
    pub aws_gate: Gate,
    /// Before Slack.
    pub slack_gate: Gate,
    /// Where the process can be killed.
    pub points: Points,
    /// Slack's address.
    pub slack_url: String,
    /// AWS's address.
    pub aws_url: String,
    pub(crate) log: Log,
    folder: TempDir,
}

/// The cloud, which has no `Debug` of its own.
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
    /// Two environments, six nodes and twelve; none has a trouble.
    pub async fn set(settings: &Settings) -> Result<Self> {
        Self::with(settings, |world| {
            world.nodes.iter_mut().for_each(|node| node.fault = None);
        })
        .await
    }

    /// The seeded world as `change` makes it. What takes minutes takes milliseconds there.
    pub async fn with(settings: &Settings, change: impl FnOnce(&mut World)) -> Result<Self> {
        Self::beginning(Utc::now(), settings, change).await
    }

    /// As [`Stage::with`], at another time than the host's: for a bot whose clock is the story's.
    pub async fn beginning(
        start: DateTime<Utc>,
        settings: &Settings,
        change: impl FnOnce(&mut World),
    ) -> Result<Self> {
        let clock = Clock::new(start, 1.0);
        let mut world = seed::sandbox(clock.now());
        world.pace = Pace::quick();
        change(&mut world);
        Self::of(clock, world, |places| settings.toml(places)).await
    }

    /// Any world, and the configuration for where everything is.
    pub async fn of(
        clock: Clock,
        world: World,
        toml: impl FnOnce(&Places<'_>) -> String,
    ) -> Result<Self> {
        let cloud = Cloud::new(clock.clone(), world);
        let points = Points::default();
        let (aws_gate, slack_gate) = (Gate::of(&points), Gate::of(&points));

        let aws = serve(|_| aws_gate.before(cloud.router())).await?;
        let data = Data::seeded().context("failed to read the seeded advisories")?;
        let feeds = serve(|_| Feeds::new(data).router()).await?;
        let slack = workspace(clock.clone());
        let slack_url = serve(|base| slack_gate.before(slack.router(base))).await?;

        let folder = tempfile::tempdir().context("failed to make a folder for the story")?;
        let places = Places {
            aws: &aws,
            slack: &slack_url,
            feeds: &feeds,
            data: &folder.path().join("store"),
        };
        std::fs::write(folder.path().join("patchbot.toml"), toml(&places))
            .context("failed to write the configuration")?;
        let living = cloud.clone();
        tokio::spawn(async move { living.run().await });
        let (cloud, log) = (SharedCloud(cloud), Log::default());
        let aws_url = aws;
        Ok(Self {
            clock,
            cloud,
            slack,
            aws_gate,
            slack_gate,
            points,
            slack_url,
            aws_url,
            log,
            folder,
        })
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("patchbot.toml")
    }

    /// The folder of the store.
    pub fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Nodes and their commands stand still; requests are answered.
    pub fn freeze(&self) {
        self.clock.set_speed(0.0);
    }

    /// They go on.
    pub fn thaw(&self) {
        self.clock.set_speed(1.0);
    }

    /// All that the bot has written so far.
    pub fn logged(&self) -> String {
        self.log.text()
    }
}

fn workspace(clock: Clock) -> Workspace {
    let named = [(HANA, "hana"), (AIKO, "aiko"), (BEN, "ben"), (OMAR, "omar")];
    let people = named.map(|(id, name)| Person::new(id, name, name));
    let people = people.into_iter().chain([Person::bot(BOT, "patchbot", "patchbot")]).collect();
    let members: Vec<&str> = named.iter().map(|(id, _)| *id).chain([BOT]).collect();
    let channels = vec![Channel::new(CHANNEL, "patching", &members)];
    let slack = Workspace::new(clock, people, channels, Tokens::new(BOT_TOKEN, APP_TOKEN));
    // A story is over before Slack would allow its second message.
    slack.set_rate_limits(RateLimits::Off);
    slack
}

async fn serve(router: impl FnOnce(&str) -> Router) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("failed to open a port")?;
    let base = format!("http://{}", listener.local_addr().context("a port without an address")?);
    let router = router(&base);
    let listener = listener.tap_io(|stream| {
        // It is only slower with Nagle's algorithm.
        let _ = stream.set_nodelay(true);
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(base)
}
