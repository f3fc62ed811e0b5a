//! The file as it is written. Unknown keys are refused, so that a typing error is not a default.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use commands::environment::Concurrency;
use serde::Deserialize;

use super::approval::{LevelKey, LevelTable, Written};
use super::chat::{ChannelTable, DiscordTable, GroupTable, PersonTable, groups, people, places};
use super::events::EventsTable;
use super::windows::windows_to_choose;
use super::*;
use crate::chat::Platform;

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
    scan: bool,
}

impl Default for AssessTable {
    fn default() -> Self {
        Self { schedule: "0 0 0 * * * *".into(), scan: true }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnvironmentTable {
    name: EnvironmentName,
    after: Option<EnvironmentName>,
    #[serde(default)]
    first: bool,
    account: String,
    region: String,
    patch_group: String,
    owner: Option<String>,
    pub(super) role_arn: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) read_role_arn: Option<String>,
    pub(super) read_external_id: Option<String>,
    pub(super) execute_role_arn: Option<String>,
    pub(super) execute_external_id: Option<String>,
    #[serde(default)]
    approvers: Vec<String>,
    #[serde(default = "one")]
    quorum: u32,
    #[serde(default = "a_day")]
    expires_after: Span,
    #[serde(default)]
    requester_may_vote: bool,
    #[serde(default)]
    level: BTreeMap<LevelKey, LevelTable>,
    #[serde(default = "default_reboot")]
    reboot: RebootOption,
    #[serde(default)]
    on_drift: OnDrift,
    window: Option<String>,
    #[serde(default)]
    windows: Vec<String>,
    #[serde(default = "one")]
    canary: u32,
    #[serde(default = "half")]
    wave_percent: u32,
    #[serde(default)]
    error_budget: u32,
    concurrency: Option<Share>,
    #[serde(default = "nothing")]
    soak: Span,
    #[serde(default = "a_month")]
    proof_lasts: Span,
    override_location: Option<String>,
    #[serde(default)]
    patience: PatienceTable,
}

/// A count, or text such as `25%`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "`concurrency` has to be a number of nodes such as 10, or \"25%\"")]
enum Share {
    Count(u32),
    Text(String),
}

impl Share {
    fn check(self) -> Result<Concurrency> {
        let text = match self {
            Self::Count(nodes) => {
                ensure!(nodes >= 1, "`concurrency` is 0: no node could ever install");
                return Ok(Concurrency::Nodes(nodes));
            }
            Self::Text(text) => text,
        };
        let percent = text.strip_suffix('%').and_then(|number| number.parse().ok());
        match percent.filter(|percent| (1..=100).contains(percent)) {
            Some(percent) => Ok(Concurrency::Percent(percent)),
            None => bail!(
                "`concurrency` is {text:?} and has to be a number of nodes such as 10, or \"1%\" to \"100%\""
            ),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PatienceTable {
    delivery: Option<Span>,
    install: Option<Span>,
    scan: Option<Span>,
    reconcile: Option<Span>,
    settle: Option<Span>,
}

fn default_name() -> String {
    "patchbot".into()
}

fn default_poll() -> Span {
    Span(Duration::from_secs(10))
}

fn default_reboot() -> RebootOption {
    RebootOption::RebootIfNeeded
}

fn one() -> u32 {
    1
}

fn half() -> u32 {
    50
}

fn nothing() -> Span {
    Span(Duration::ZERO)
}

fn a_day() -> Span {
    Span(Duration::from_secs(86_400))
}

fn a_month() -> Span {
    Span(Duration::from_secs(30 * 86_400))
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
        let schedule = cron::Schedule::from_str(&self.assess.schedule).with_context(|| {
            format!(
                "`assess.schedule` is {:?} and has to be second, minute, hour, day of the month, month, day of the week",
                self.assess.schedule
            )
        })?;
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

impl EnvironmentTable {
    fn check(
        self,
        described: &[Environment],
        people: &BTreeMap<String, Person>,
        groups: &BTreeMap<GroupRef, GroupIds>,
    ) -> Result<Environment> {
        let after = self.comes_after(described)?;
        let written = Written {
            approvers: self.approvers,
            quorum: self.quorum,
            expires_after: self.expires_after,
            requester_may_vote: self.requester_may_vote,
        };
        let policy = written.check(people, groups)?;
        let policies_by_level = written.by_level(self.level, people, groups)?;
        let owner = self.owner.as_deref().map(|text| group(text, groups)).transpose();
        let owner = owner.context("in `owner`")?;
        let twelve =
            self.account.len() == 12 && self.account.bytes().all(|byte| byte.is_ascii_digit());
        ensure!(
            twelve,
            "`account` is {:?} and has to be the twelve digits of an AWS account",
            self.account
        );
        ensure!(self.canary >= 1, "`canary` is 0 and has to be at least one node");
        ensure!(
            (1..=100).contains(&self.wave_percent),
            "`wave_percent` is {} and has to be 1 to 100",
            self.wave_percent
        );
        windows_to_choose(&self.windows)?;
        if let Some(location) = &self.override_location {
            let bucket = location
                .strip_prefix("s3://")
                .is_some_and(|rest| !rest.starts_with('/') && !rest.is_empty());
            ensure!(
                bucket,
                "`override_location` is {location:?} and has to be such as s3://bucket/prefix"
            );
            ensure!(location.len() <= 200, "`override_location` is longer than 200 characters");
        }
        ensure!(
            after.is_none() || self.override_location.is_some(),
            "`override_location` is missing: what the environment before it proved has to be put \
             where the nodes can read it, or nothing here could ever be approved"
        );
        let standard = Patience::default();
        let span = |given: Option<Span>, key, standard| {
            given.map_or(Ok(standard), |span| span.seconds(key))
        };
        let patience = Patience {
            delivery: span(self.patience.delivery, "patience.delivery", standard.delivery)?,
            install: span(self.patience.install, "patience.install", standard.install)?,
            scan: span(self.patience.scan, "patience.scan", standard.scan)?,
            reconcile: span(self.patience.reconcile, "patience.reconcile", standard.reconcile)?,
            settle: span(self.patience.settle, "patience.settle", standard.settle)?,
        };
        ensure!(
            (30..=2_592_000).contains(&patience.delivery.0),
            "`patience.delivery` has to be 30 s to 30 days: AWS takes no other"
        );
        Ok(Environment {
            name: self.name,
            after,
            account: self.account,
            region: self.region,
            patch_group: self.patch_group,
            owner,
            policy,
            policies_by_level,
            reboot: self.reboot,
            on_drift: self.on_drift,
            start: self.window.map_or(StartRule::OnApproval, StartRule::InWindow),
            other_windows: self.windows,
            waves: WaveRule {
                canary: self.canary,
                percent: self.wave_percent,
                error_budget: self.error_budget,
                concurrency: match self.concurrency {
                    Some(share) => share.check()?,
                    None => Concurrency::default(),
                },
            },
            soak: self.soak.seconds("soak")?,
            proof_lasts: self.proof_lasts.seconds("proof_lasts")?,
            patience,
            override_location: self.override_location,
        })
    }

    /// The environment that has to be proven first: the one named, or the one described before.
    fn comes_after(&self, described: &[Environment]) -> Result<Option<EnvironmentName>> {
        match &self.after {
            Some(after) => {
                ensure!(!self.first, "`first` and `after` contradict each other: take one away");
                ensure!(
                    described.iter().any(|known| known.name == *after),
                    "`after` is {:?}, and no environment of that name is described further up",
                    after.as_str()
                );
                Ok(Some(after.clone()))
            }
            None if self.first => Ok(None),
            None => Ok(described.last().map(|before| before.name.clone())),
        }
    }
}
