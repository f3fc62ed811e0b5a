//! The configuration: read and checked as a whole, before the bot opens anything or sends a
//! request.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use commands::environment::policy::Approver;
use commands::environment::{
    DefinitionUpdates, Environment, OnDrift, Promotion, RebootOption, StartRule, Timeouts, WaveRule,
};
use commands::id::{EnvironmentName, GroupRef};
use commands::schedule::Schedule;
use commands::seconds::Seconds;
use commands::text::wording::Locale;
use serde::Deserialize;
use serenity::model::id::{ApplicationId, GuildId};
use thiserror::Error;

use crate::aws::{AwsEnvironment, QueueUrl, Rates};
use crate::chat::{Channel, GroupIds, Person, Platform, Reply};

mod approval;
mod chat;
mod consistency;
mod environment;
mod events;
mod file;
mod isolation;
mod keys;
mod mistake;
mod placeholder;
mod roles;
mod schema;
mod secret_detection;
mod secrets;
mod tree;
mod value_type;

use placeholder::Example;

pub use mistake::ConfigError;
pub use schema::schema;
pub use secrets::{ListenSecret, Secrets, SlackSecrets};

/// Everything that an operator decides, checked.
#[derive(Clone)]
pub struct Config {
    /// The name of the bot, and of the holder of the lease. Each bot needs its own.
    pub name: String,
    /// The language of channels that choose none, and of answers elsewhere.
    pub locale: Locale,
    /// The folder of the store.
    pub data: PathBuf,
    /// How often patchbot asks AWS for the progress of a run.
    pub poll: Duration,
    /// The maximum number of messages per second in a channel.
    pub posts_per_second: NonZeroU32,
    /// How many plans one person may request within an hour.
    pub plans_per_hour: NonZeroU32,
    /// How many checks of AWS one person may cause within an hour.
    pub surveys_per_hour: NonZeroU32,
    /// The channels in which the bot posts cards; at least one.
    pub channels: Vec<Channel>,
    /// How to reach Slack; `None` if it is not configured.
    pub slack: Option<SlackSettings>,
    /// How to reach Discord; `None` if it is not configured. At least one of the two is.
    pub discord: Option<DiscordSettings>,
    /// The endpoint to use in place of AWS's own.
    pub aws_endpoint: Option<String>,
    /// How to reach each environment.
    pub aws: Vec<AwsEnvironment>,
    /// The limits on the rates of AWS calls.
    pub rates: Rates,
    /// The queues into which EventBridge puts events, as hints to refresh early. Often empty.
    pub queues: Vec<QueueUrl>,
    /// The addresses of the advisory feeds.
    pub feeds: Feeds,
    /// The address that serves metrics and health; `None` opens no port.
    pub metrics: Option<SocketAddr>,
    /// When patchbot scans and refreshes the nodes.
    pub assess: Assess,
    /// The environments in promotion order.
    pub promotion: Promotion,
    /// The people by the names used in the file.
    pub people: BTreeMap<String, Person>,
    /// The groups by the names used in the file.
    pub groups: BTreeMap<GroupRef, GroupIds>,
}

impl fmt::Debug for Config {
    /// Shows nothing of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").finish_non_exhaustive()
    }
}

/// How to reach Slack.
#[derive(Clone, Debug)]
pub struct SlackSettings {
    /// The address at which the bot receives Slack's requests; `None` if the bot opens sockets to
    /// Slack.
    pub port: Option<SocketAddr>,
    /// The address of the API, if it is not Slack's own.
    pub api_url: Option<String>,
}

/// How to reach Discord.
#[derive(Clone, Debug)]
pub struct DiscordSettings {
    /// The id of the application.
    pub application: ApplicationId,
    /// The server that gets the slash command; `None` registers it for every server that the bot is
    /// in.
    pub guild: Option<GuildId>,
    /// The address of the API, if it is not Discord's own.
    pub api_url: Option<String>,
}

/// The addresses of the advisory feeds.
#[derive(Clone, Debug)]
pub struct Feeds {
    /// The NVD's API.
    pub nvd: String,
    /// CISA's KEV catalogue.
    pub kev: String,
    /// Microsoft's security updates.
    pub msrc: String,
}

/// When and how the bot reads the state of the nodes.
#[derive(Clone, Debug)]
pub struct Assess {
    /// The times, in a time zone.
    pub schedule: Schedule,
    /// Whether the bot sends a Scan first. Without one, the reports are as old as the last scan by
    /// somebody else.
    pub scan: bool,
}

/// The file could not be read, so there is no text to check. A restart will not help until somebody
/// fixes that.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("failed to read the configuration {shown}: {why}")]
pub struct Unreadable {
    shown: String,
    why: String,
}

impl Unreadable {
    fn new(shown: &str, error: &io::Error) -> Self {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            io::ErrorKind::IsADirectory => "it is a folder: name the file".to_owned(),
            io::ErrorKind::InvalidData => "it is not text in UTF-8: save it as that".to_owned(),
            io::ErrorKind::PermissionDenied => {
                "the user that patchbot runs as may not read it".to_owned()
            }
            _ => error.to_string(),
        };
        Self { shown: shown.to_owned(), why }
    }
}

impl Config {
    /// Reads and checks the file at `path` for use: values that were left over from the example are
    /// mistakes.
    ///
    /// # Errors
    /// With every mistake in the file, or if it cannot be read.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let shown = if secret_detection::looks_like_secret(&path.to_string_lossy()) {
            "that --config names (what was given looks like a secret and is not shown)".to_owned()
        } else {
            path.display().to_string()
        };
        let text =
            std::fs::read_to_string(path).map_err(|error| Unreadable::new(&shown, &error))?;
        Self::read(&text, Example::IsReplaced)
            .with_context(|| format!("the configuration {shown} is not usable"))
    }

    /// Parses and checks the text of a configuration.
    ///
    /// # Errors
    /// With every mistake in the text, each with its line and key. No error holds a value of the
    /// text.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Self::read(text, Example::MayStay)
    }

    fn read(text: &str, example: Example) -> Result<Self, ConfigError> {
        tree::check(text, example)?;
        // The messages of these errors could quote the file, and the checks above have reported the
        // same mistakes.
        let file = toml::from_str::<file::File>(text)
            .map_err(|error| ConfigError::unread(text, error.span()))?;
        file.config().map_err(|Inconsistent| ConfigError::unread(text, None))
    }

    /// The language in which to answer a person: that of the channel in which they asked.
    pub fn locale_for(&self, reply: &Reply) -> Locale {
        let (platform, channel) = (reply.platform(), reply.channel());
        let same = |known: &&Channel| known.platform == platform && known.id == channel;
        self.channels.iter().find(same).map_or(self.locale, |channel| channel.locale)
    }

    /// Whether decisions may be made in this channel, which is so if the bot posts cards there.
    pub fn is_configured(&self, platform: Platform, channel: &str) -> bool {
        self.channels.iter().any(|known| known.platform == platform && known.id == channel)
    }

    /// The endpoints without TLS.
    pub fn insecure_endpoints(&self) -> Vec<&str> {
        let feeds = [&self.feeds.nvd, &self.feeds.kev, &self.feeds.msrc].map(String::as_str);
        let slack = self.slack.as_ref().and_then(|slack| slack.api_url.as_ref());
        let discord = self.discord.as_ref().and_then(|discord| discord.api_url.as_ref());
        slack
            .into_iter()
            .chain(discord)
            .chain(&self.aws_endpoint)
            .map(String::as_str)
            .chain(feeds)
            .filter(|url| !url.starts_with("https://"))
            .collect()
    }

    /// The groups that decide on plans, or may request them.
    pub fn groups_in_use(&self) -> BTreeSet<&GroupRef> {
        let environments = || self.promotion.0.iter();
        let approvers = environments().flat_map(Environment::policies);
        let approvers = approvers.flat_map(|policy| &policy.approvers);
        let approvers =
            approvers.chain(environments().flat_map(|one| one.may_ask.iter().flatten()));
        approvers
            .filter_map(|approver| match approver {
                Approver::Group(group) => Some(group),
                Approver::Person(_) => None,
            })
            .collect()
    }
}

/// A span of time such as `90s`, `15m`, `24h` or `30d`.
#[derive(Clone, Copy)]
struct Span(Duration);

impl FromStr for Span {
    type Err = humantime::DurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        humantime::parse_duration(text).map(Self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("no span of time"))
    }
}

impl Span {
    fn seconds(self) -> Result<Seconds> {
        u32::try_from(self.0.as_secs()).map(Seconds).map_err(|_| Inconsistent)
    }
}

/// A value that the checks of the file should have refused. It holds nothing that could be shown.
#[derive(Debug)]
struct Inconsistent;

type Result<T, E = Inconsistent> = std::result::Result<T, E>;

/// Parses an approver: `aiko` is a person and `@sre` a group.
fn approver(text: &str, people: &BTreeMap<String, Person>) -> Result<Approver> {
    if text.starts_with('@') {
        return Ok(Approver::Group(group(text)));
    }
    let person = people.get(text).and_then(|person| person.called(text));
    person.map(Approver::Person).ok_or(Inconsistent)
}

fn group(text: &str) -> GroupRef {
    GroupRef(text.strip_prefix('@').unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests;
