//! The tables of the file. Unknown keys are refused, so that a typing error does not silently mean
//! a default.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::chat::{ChannelTable, DiscordTable, GroupTable, PersonTable, channels, groups, people};
use super::environment::EnvironmentTable;
use super::events::EventsTable;
use super::*;

/// More plans than anybody needs, and few enough to read.
const PLANS_PER_HOUR: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
const SURVEYS_PER_HOUR: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    bot: Bot,
    slack: Option<Slack>,
    discord: Option<DiscordTable>,
    #[serde(default)]
    aws: Aws,
    #[serde(default)]
    advisories: Advisories,
    metrics: Option<MetricsTable>,
    #[serde(default)]
    assess: AssessTable,
    #[serde(default)]
    person: Vec<PersonTable>,
    #[serde(default)]
    group: Vec<GroupTable>,
    #[serde(default)]
    channel: Vec<ChannelTable>,
    environment: Vec<EnvironmentTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bot {
    #[serde(default = "default_name")]
    name: String,
    #[serde(default)]
    locale: Locale,
    data: PathBuf,
    #[serde(default = "default_poll")]
    poll: Span,
    posts_per_second: Option<NonZeroU32>,
    plans_per_hour: Option<NonZeroU32>,
    surveys_per_hour: Option<NonZeroU32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Slack {
    channel: Option<String>,
    api_url: Option<String>,
    #[serde(default)]
    mode: SlackMode,
    listen: Option<SocketAddr>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SlackMode {
    #[default]
    Socket,
    Http,
}

impl Slack {
    fn settings(self) -> SlackSettings {
        // Socket Mode opens no port.
        let port = self.listen.filter(|_| self.mode == SlackMode::Http);
        SlackSettings { port, api_url: self.api_url }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Aws {
    endpoint: Option<String>,
    reads_per_second: Option<NonZeroU32>,
    reads_at_once: Option<NonZeroU32>,
    sends_per_second: Option<NonZeroU32>,
    events: Option<EventsTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Advisories {
    nvd: String,
    kev: String,
    msrc: String,
}

impl Default for Advisories {
    fn default() -> Self {
        Self {
            nvd: "https://services.nvd.nist.gov/rest/json/cves/2.0".into(),
            kev: "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json".into(),
            msrc: "https://api.msrc.microsoft.com/cvrf/v3.0".into(),
        }
    }
}

/// The address may be one other than this host's own, but only if the file says so.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricsTable {
    listen: SocketAddr,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AssessTable {
    schedule: String,
    time_zone: String,
    scan: bool,
}

impl Default for AssessTable {
    fn default() -> Self {
        Self { schedule: "0 0 * * *".into(), time_zone: "UTC".into(), scan: true }
    }
}

fn default_name() -> String {
    "patchbot".into()
}

fn default_poll() -> Span {
    Span(Duration::from_secs(10))
}

impl File {
    /// Converts the tables. `tree::check` has checked them against `keys.rs` and `consistency.rs`.
    pub(super) fn config(self) -> Result<Config> {
        let short = self.slack.as_ref().and_then(|slack| slack.channel.clone());
        let zone = &self.assess.time_zone;
        let schedule = Schedule::new(&self.assess.schedule, zone).map_err(|_| Inconsistent)?;
        let aws = self.environment.iter().map(|table| {
            let (read, execute) = table.roles();
            let (name, account) = (table.name.clone(), table.account.clone());
            AwsEnvironment { name, account, region: table.region.clone(), read, execute }
        });
        let aws: Vec<AwsEnvironment> = aws.collect();
        let queues = self.aws.events.map_or(Ok(Vec::new()), EventsTable::queues)?;
        let standard = Rates::default();
        let rates = Rates {
            reads: self.aws.reads_per_second.unwrap_or(standard.reads),
            burst: self.aws.reads_at_once.unwrap_or(standard.burst),
            sends: self.aws.sends_per_second.unwrap_or(standard.sends),
        };
        let people = people(self.person);
        let mut environments: Vec<Environment> = Vec::new();
        for table in self.environment {
            let environment = table.environment(&environments, &people)?;
            environments.push(environment);
        }
        let channels = channels(short, self.channel, &environments, self.bot.locale)?;
        Ok(Config {
            name: self.bot.name,
            locale: self.bot.locale,
            data: self.bot.data,
            poll: self.bot.poll.0,
            posts_per_second: self.bot.posts_per_second.unwrap_or(NonZeroU32::MIN),
            plans_per_hour: self.bot.plans_per_hour.unwrap_or(PLANS_PER_HOUR),
            surveys_per_hour: self.bot.surveys_per_hour.unwrap_or(SURVEYS_PER_HOUR),
            channels,
            slack: self.slack.map(Slack::settings),
            discord: self.discord.map(DiscordTable::settings).transpose()?,
            aws_endpoint: self.aws.endpoint,
            aws,
            rates,
            queues,
            feeds: Feeds {
                nvd: self.advisories.nvd,
                kev: self.advisories.kev,
                msrc: self.advisories.msrc,
            },
            metrics: self.metrics.map(|table| table.listen),
            assess: Assess { schedule, scan: self.assess.scan },
            promotion: Promotion(environments),
            people,
            groups: groups(self.group),
        })
    }
}
