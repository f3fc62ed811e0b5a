//! One `[[environment]]` as it is written.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use commands::actor::GroupRef;
use commands::environment::Concurrency;
use serde::Deserialize;

use super::approval::{LevelKey, LevelTable, Written};
use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnvironmentTable {
    pub(super) name: EnvironmentName,
    after: Option<EnvironmentName>,
    #[serde(default)]
    first: bool,
    pub(super) account: String,
    pub(super) region: String,
    patch_group: String,
    owner: Option<String>,
    pub(super) role_arn: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) read_role_arn: Option<String>,
    pub(super) read_external_id: Option<String>,
    pub(super) execute_role_arn: Option<String>,
    pub(super) execute_external_id: Option<String>,
    may_ask: Option<Vec<String>>,
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
    #[serde(default)]
    definition_updates: DefinitionUpdates,
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

impl EnvironmentTable {
    /// What it says, checked. `described` are those further up.
    pub(super) fn check(
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
        let may_ask = self.may_ask.map(|named| {
            let named = named.iter().map(|text| approver(text, people, groups));
            named.collect::<Result<Vec<_>>>()
        });
        let may_ask = may_ask.transpose().context("in `may_ask`")?;
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
            may_ask,
            policies_by_level,
            reboot: self.reboot,
            on_drift: self.on_drift,
            definition_updates: self.definition_updates,
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
