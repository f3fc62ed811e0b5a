//! The file as it is written. Unknown keys are refused, so that a typing error is not a default.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::chat::{ChannelTable, DiscordTable, GroupTable, PersonTable, groups, people, places};
use super::environment::EnvironmentTable;
use super::events::EventsTable;
use super::*;

/// More than anybody needs, and few enough to be read.
const PLANS_PER_HOUR: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

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
    fn check(self) -> Result<SlackSettings> {
        Ok(SlackSettings { port: self.port()?, api_url: self.api_url })
    }

    /// Where Slack's requests are received; none where the bot opens sockets to Slack.
    fn port(&self) -> Result<Option<SocketAddr>> {
        match (self.mode, self.listen) {
            (SlackMode::Socket, None) => Ok(None),
            (SlackMode::Http, Some(address)) => Ok(Some(address)),
            (SlackMode::Socket, Some(_)) => {
                bail!("`slack.listen` is for `mode = \"http\"`: Socket Mode opens no port")
            }
            (SlackMode::Http, None) => bail!(
                "`slack.listen` is missing: with `mode = \"http\"` Slack's requests have to arrive \
                 somewhere, such as \"127.0.0.1:3000\" behind a proxy with TLS"
            ),
        }
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

/// An address that is not this host's own is taken as well, but only where it is written.
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
    pub(super) fn check(self) -> Result<Config> {
        let poll = self.bot.poll.0;
        ensure!(poll >= Duration::from_millis(10), "`bot.poll` is shorter than 10ms");
        ensure!(
            !self.environment.is_empty(),
            "no [[environment]] is described: there is nothing to patch"
        );
        ensure!(
            self.slack.is_some() || self.discord.is_some(),
            "neither [slack] nor [discord] is described: nobody could be asked or told"
        );
        let short = self.slack.as_ref().and_then(|slack| slack.channel.clone());
        let slack = self.slack.map(Slack::check).transpose()?;
        let discord = self.discord.map(DiscordTable::check).transpose()?;
        let people = people(self.person)?;
        let groups = groups(self.group)?;
        let schedule = Schedule::new(&self.assess.schedule, &self.assess.time_zone)?;
        let aws: Vec<AwsEnvironment> = self
            .environment
            .iter()
            .map(|table| {
                let (read, execute) =
                    table.roles().with_context(|| format!("in the environment {}", table.name))?;
                let (name, account) = (table.name.clone(), table.account.clone());
                Ok(AwsEnvironment { name, account, region: table.region.clone(), read, execute })
            })
            .collect::<Result<_>>()?;
        let queues = self.aws.events.map_or(Ok(Vec::new()), |table| table.check(&aws))?;
        let standard = Rates::default();
        let rates = Rates {
            reads: self.aws.reads_per_second.unwrap_or(standard.reads),
            burst: self.aws.reads_at_once.unwrap_or(standard.burst),
            sends: self.aws.sends_per_second.unwrap_or(standard.sends),
        };
        let mut environments: Vec<Environment> = Vec::new();
        for table in self.environment {
            let name = table.name.clone();
            ensure!(
                environments.iter().all(|known| known.name != name),
                "there are two environments called {name}"
            );
            let environment = table
                .check(&environments, &people, &groups)
                .with_context(|| format!("in the environment {name}"))?;
            environments.push(environment);
        }
        let places = places(short, self.channel, &environments, self.bot.locale)?;
        for place in &places {
            let (known, table) = match place.platform {
                Platform::Slack => (slack.is_some(), "[slack]"),
                Platform::Discord => (discord.is_some(), "[discord]"),
            };
            ensure!(known, "the [[channel]] {:?} needs {table}, which is missing", place.name);
        }
        Ok(Config {
            name: self.bot.name,
            locale: self.bot.locale,
            data: self.bot.data,
            poll,
            posts_per_second: self.bot.posts_per_second.unwrap_or(NonZeroU32::MIN),
            plans_per_hour: self.bot.plans_per_hour.unwrap_or(PLANS_PER_HOUR),
            places,
            slack,
            discord,
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
            groups,
        })
    }
}
