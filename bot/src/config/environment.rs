//! One `[[environment]]` table.

use std::collections::BTreeMap;
use std::time::Duration;

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
    timeouts: TimeoutsTable,
}

/// A count, or a text such as `25%`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "`concurrency` has to be a number of nodes such as 10, or \"25%\"")]
enum Share {
    Count(u32),
    Text(String),
}

impl Share {
    fn concurrency(self) -> Result<Concurrency> {
        match self {
            Self::Count(nodes) => Ok(Concurrency::Nodes(nodes)),
            Self::Text(text) => {
                let percent = text.strip_suffix('%').and_then(|number| number.parse().ok());
                percent.map(Concurrency::Percent).ok_or(Inconsistent)
            }
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeoutsTable {
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
    /// Converts the table. `described` are the environments further up.
    pub(super) fn environment(
        self,
        described: &[Environment],
        people: &BTreeMap<String, Person>,
    ) -> Result<Environment> {
        let after = self.comes_after(described);
        let written = Written {
            approvers: self.approvers,
            quorum: self.quorum,
            expires_after: self.expires_after,
            requester_may_vote: self.requester_may_vote,
        };
        let policy = written.policy(people)?;
        let policies_by_level = written.by_level(self.level, people)?;
        let may_ask = self.may_ask.map(|named| {
            named.iter().map(|text| approver(text, people)).collect::<Result<Vec<_>, _>>()
        });
        let may_ask = may_ask.transpose()?;
        let standard = Timeouts::default();
        let span = |given: Option<Span>, standard| given.map_or(Ok(standard), Span::seconds);
        let timeouts = Timeouts {
            delivery: span(self.timeouts.delivery, standard.delivery)?,
            install: span(self.timeouts.install, standard.install)?,
            scan: span(self.timeouts.scan, standard.scan)?,
            reconcile: span(self.timeouts.reconcile, standard.reconcile)?,
            settle: span(self.timeouts.settle, standard.settle)?,
        };
        Ok(Environment {
            name: self.name,
            after,
            account: self.account,
            region: self.region,
            patch_group: self.patch_group,
            owner: self.owner.as_deref().map(group),
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
                    Some(share) => share.concurrency()?,
                    None => Concurrency::default(),
                },
            },
            soak: self.soak.seconds()?,
            proof_lasts: self.proof_lasts.seconds()?,
            timeouts,
            override_location: self.override_location,
        })
    }

    /// The environment that must be proven first: the one that `after` names, or the one described
    /// before it.
    fn comes_after(&self, described: &[Environment]) -> Option<EnvironmentName> {
        if self.first {
            return None;
        }
        let before = || described.last().map(|before| before.name.clone());
        self.after.clone().or_else(before)
    }
}
