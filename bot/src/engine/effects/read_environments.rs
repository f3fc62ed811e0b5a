//! Reads environments, a few at a time and each by itself, and scans their nodes first if a scan is
//! due.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use commands::environment::Environment;
use commands::failure::{Failure, NotScanned};
use commands::fleet::summary::Summary;
use commands::id::EnvironmentName;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use crate::aws::{AwsError, Callers, EnvironmentError, Gate, Refreshed, Scanned};
use crate::engine::{Message, Services};

/// How many environments are read at once. This bounds the memory, because each needs some while it
/// is read.
const READ_AT_ONCE: usize = 8;

/// The result of reading one environment.
pub(in crate::engine) struct EnvironmentRead {
    pub(super) environment: EnvironmentName,
    pub(super) found: Result<Summary, EnvironmentError>,
    /// Whether a Scan was due and was held back.
    pub(super) held: bool,
}

/// Which environments to scan before they are read, and the gate that may hold the scans back.
pub(super) struct ToScan {
    pub(super) environments: BTreeSet<EnvironmentName>,
    pub(super) gate: Gate,
}

/// Reads `environments`, and sends each result as soon as it is there: an environment that fails or
/// is slow does not delay the others. It first sends a Scan to those in `to_scan`.
async fn read_each(
    services: &Services,
    environments: Vec<Environment>,
    to_scan: &ToScan,
    messages: &mpsc::UnboundedSender<Message>,
) {
    let callers = &services.aws.callers();
    let looks = environments.into_iter().map(|environment| async move {
        let scan = to_scan.environments.contains(&environment.name);
        let gate = scan.then_some(&to_scan.gate);
        let mut held = false;
        let found = Box::pin(read_one(services, callers, &environment, gate, &mut held)).await;
        let read = EnvironmentRead { environment: environment.name, found, held };
        // The loop ends only with the process.
        let _ = messages.send(Message::EnvironmentRead(Box::new(read)));
    });
    stream::iter(looks).buffer_unordered(READ_AT_ONCE).for_each(|()| std::future::ready(())).await;
}

/// As [`read_each`]; but if that takes longer than `timeouts`, it sends one message that says so.
/// The host's own time counts, because rate limits protect the real AWS.
pub(super) async fn read_each_within(
    timeouts: Duration,
    services: &Services,
    environments: Vec<Environment>,
    to_scan: &ToScan,
    messages: &mpsc::UnboundedSender<Message>,
) {
    let mut reading = Box::pin(read_each(services, environments, to_scan, messages));
    if tokio::time::timeout(timeouts, &mut reading).await.is_err() {
        let _ = messages.send(Message::RefreshIsSlow);
        reading.await;
    }
}

async fn read_one(
    services: &Services,
    callers: &Callers,
    environment: &Environment,
    scan: Option<&Gate>,
    held: &mut bool,
) -> Result<Summary, EnvironmentError> {
    let identified = callers.readable(environment).await;
    // A scan that is due is sent once the account is right.
    *held = scan.is_some() && identified.as_ref().is_err_and(|why| why.wrong_account().is_some());
    let unidentified = identified?;
    if let Some(error) = &unidentified {
        tracing::warn!(environment.name = %environment.name, aws.error = %error, aws.hint = error.hint(), "failed to identify the credentials that send to environment `{}`: nothing is sent there until that succeeds", environment.name);
    }
    let unidentified = unidentified.as_ref().map(AwsError::failure);
    let mut refused = BTreeMap::new();
    let not_scanned = match scan {
        Some(_) if unidentified.is_some() => unidentified.clone().map(NotScanned::Failed),
        Some(gate) => match scan_online(services, environment, gate).await? {
            Ok(scanned) => {
                refused = scanned.refused;
                *held = scanned.held.is_some();
                scanned.held.map(|why| NotScanned::Held(why.because()))
            }
            Err(why) => Some(NotScanned::Failed(why)),
        },
        None => None,
    };
    let refreshed = Box::pin(services.aws.refresh(environment, services.clock.now())).await?;
    let Refreshed { mut summary, calls, minimum } = refreshed;
    tracing::info!(
        environment.name = %environment.name,
        nodes = summary.nodes,
        nodes.in_two_groups = summary.compliance.in_two_groups.len(),
        aws.calls = calls.values().sum::<u64>(),
        aws.calls_minimum = minimum,
        aws.operations = ?calls,
        "read environment `{}`",
        environment.name
    );
    summary.not_scanned = not_scanned;
    summary.unidentified = unidentified;
    summary.compliance.refused = refused;
    Ok(summary)
}

/// Scans the nodes that respond: one that does not would hold up the scan until its timeouts.
/// Returns why it could not scan; the missing patches can be read all the same.
async fn scan_online(
    services: &Services,
    environment: &Environment,
    gate: &Gate,
) -> Result<Result<Scanned, Failure>, AwsError> {
    let nodes = Box::pin(services.aws.online(environment)).await?;
    let label = environment.name.as_str();
    let scanned = match Box::pin(services.aws.scan(environment, &nodes, label, gate)).await {
        Ok(scanned) => scanned,
        Err(error) => {
            tracing::warn!(environment.name = %environment.name, aws.error = %error, aws.hint = error.hint(), "the nodes could not be scanned; what they reported before is read");
            return Ok(Err(error.failure()));
        }
    };
    let ended = scanned.invocations.values().filter(|status| status.is_final()).count();
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
