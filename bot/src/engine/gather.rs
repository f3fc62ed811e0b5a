//! Gathering what a look needs: nodes and what they miss from AWS, what is published from the feeds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use commands::advisory::{Advisory, CveId};
use commands::environment::Environment;
use commands::environment_name::EnvironmentName;
use commands::failure::{Failure, NotScanned};
use commands::patch::Patch;
use commands::summary::Summary;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use crate::aws::{AwsError, Callers, Gate, NotLooked, Refreshed, Scanned};
use crate::engine::{Message, World};

/// How many environments are looked at at once: what is kept of each while it is looked at is
/// bounded by this.
const AT_ONCE: usize = 8;

/// What came of looking at one environment.
pub(super) struct Seen {
    pub(super) environment: EnvironmentName,
    pub(super) found: Result<Summary, NotLooked>,
    /// A Scan was to be sent to it, and was held back.
    pub(super) held: bool,
}

/// Which environments are scanned before they are looked at, and what holds the scans back.
pub(super) struct ToScan {
    pub(super) environments: BTreeSet<EnvironmentName>,
    pub(super) gate: Gate,
}

/// Looks at `environments`, and tells of each as soon as it was seen: one that fails or is slow
/// hides no other. A Scan is sent to those in `to_scan` before.
pub(super) async fn see(
    world: &World,
    environments: Vec<Environment>,
    to_scan: &ToScan,
    messages: &mpsc::UnboundedSender<Message>,
) {
    let callers = &world.aws.callers();
    let looks = environments.into_iter().map(|environment| async move {
        let scan = to_scan.environments.contains(&environment.name);
        let gate = scan.then_some(&to_scan.gate);
        let mut held = false;
        let found = Box::pin(refresh(world, callers, &environment, gate, &mut held)).await;
        let seen = Seen { environment: environment.name, found, held };
        // The loop is gone only when the process ends.
        let _ = messages.send(Message::Seen(Box::new(seen)));
    });
    stream::iter(looks).buffer_unordered(AT_ONCE).for_each(|()| std::future::ready(())).await;
}

/// As [`see`]; but if that takes longer than `patience`, says once that it does. Pacing is for the
/// real AWS, so the time is the host's own.
pub(super) async fn see_within(
    patience: Duration,
    world: &World,
    environments: Vec<Environment>,
    to_scan: &ToScan,
    messages: &mpsc::UnboundedSender<Message>,
) {
    let mut seeing = Box::pin(see(world, environments, to_scan, messages));
    if tokio::time::timeout(patience, &mut seeing).await.is_err() {
        let _ = messages.send(Message::Slow);
        seeing.await;
    }
}

async fn refresh(
    world: &World,
    callers: &Callers,
    environment: &Environment,
    scan: Option<&Gate>,
    held: &mut bool,
) -> Result<Summary, NotLooked> {
    let identified = callers.readable(environment).await;
    // A scan that is due goes on when the account is right.
    *held = scan.is_some() && identified.as_ref().is_err_and(|why| why.wrong_account().is_some());
    let unidentified = identified?;
    if let Some(error) = &unidentified {
        tracing::warn!(environment.name = %environment.name, aws.error = %error, aws.hint = error.hint(), "it could not be asked whose the credentials are that would send; nothing is sent before it can");
    }
    let unidentified = unidentified.as_ref().map(AwsError::failure);
    let mut refused = BTreeMap::new();
    let not_scanned = match scan {
        Some(_) if unidentified.is_some() => unidentified.clone().map(NotScanned::Failed),
        Some(gate) => match self::scan(world, environment, gate).await? {
            Ok(scanned) => {
                refused = scanned.refused;
                *held = scanned.held.is_some();
                scanned.held.map(|why| NotScanned::Held(why.because()))
            }
            Err(why) => Some(NotScanned::Failed(why)),
        },
        None => None,
    };
    let refreshed = Box::pin(world.aws.refresh(environment, world.clock.now())).await?;
    let Refreshed { mut summary, calls, minimum } = refreshed;
    tracing::info!(
        environment.name = %environment.name,
        nodes = summary.nodes,
        nodes.unsettled = summary.compliance.unsettled.len(),
        aws.calls = calls.values().sum::<u64>(),
        aws.calls_minimum = minimum,
        aws.operations = ?calls,
        "an environment was looked at"
    );
    summary.not_scanned = not_scanned;
    summary.unidentified = unidentified;
    summary.compliance.refused = refused;
    Ok(summary)
}

/// Scans the nodes that answer: one that does not would hold the scan up until patience is at its
/// end. Gives why that could not be done; what is missing can be read all the same.
async fn scan(
    world: &World,
    environment: &Environment,
    gate: &Gate,
) -> Result<Result<Scanned, Failure>, AwsError> {
    let nodes = Box::pin(world.aws.online(environment)).await?;
    let label = environment.name.as_str();
    let scanned = match Box::pin(world.aws.scan(environment, &nodes, label, gate)).await {
        Ok(scanned) => scanned,
        Err(error) => {
            tracing::warn!(environment.name = %environment.name, aws.error = %error, aws.hint = error.hint(), "the nodes could not be scanned; what they reported before is read");
            return Ok(Err(error.failure()));
        }
    };
    let ended = scanned.heard.values().filter(|status| status.is_final()).count();
    let open = nodes.len().saturating_sub(ended + scanned.refused.len());
    if let Some(why) = scanned.held {
        tracing::warn!(environment.name = %environment.name, nodes.open = open, %why, "a scheduled scan was held back; it goes on when nothing holds it");
    } else if open > 0 {
        tracing::warn!(environment.name = %environment.name, nodes.open = open, "a scheduled scan has not ended on every node");
    }
    if !scanned.refused.is_empty() {
        tracing::warn!(environment.name = %environment.name, nodes.refused = scanned.refused.len(), "AWS refused to scan some nodes; the others were scanned");
    }
    Ok(Ok(scanned))
}

/// Reads what is published about what `patches` mend.
pub(super) async fn read_up(
    world: &World,
    patches: Vec<Patch>,
    now: DateTime<Utc>,
) -> Vec<Advisory> {
    let feeds = &world.advisories;
    for read in [feeds.refresh_kev(now).await, feeds.refresh_msrc(&patches, now).await] {
        if let Err(error) = read {
            tracing::warn!(feed.error = %error, "a feed could not be read; exploited vulnerabilities may be missed until it can");
        }
    }
    let completed = patches.into_iter().map(|mut patch| {
        feeds.complete(&mut patch);
        patch
    });
    let cves: BTreeSet<CveId> = completed.flat_map(|patch| patch.cves.known().to_vec()).collect();
    let found = feeds.look_up(&cves, now).await;
    for error in &found.errors {
        tracing::warn!(feed.error = %error, "a feed did not answer; levels are estimated from the vendor's word where it is missing");
    }
    found.advisories.into_values().collect()
}
