//! Executions of maintenance windows that patch nodes of a wave at this moment.

use std::collections::BTreeSet;

use aws_sdk_ssm::types::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionStatus, MaintenanceWindowFilter,
    MaintenanceWindowTask, Target,
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use commands::run::SeenWindow;

use super::overlap::{Wave, patches};
use super::place::Place;
use super::windows::targets;
use super::{AwsError, parse};

/// The most that the operations on maintenance windows give at once.
const PER_PAGE: i32 = 100;

/// A window is open for 24 hours at most; its tasks may go on after that.
const LONGEST: TimeDelta = TimeDelta::hours(48);

/// Also those of windows that were switched off since: what has begun goes on.
pub(super) async fn windows_under_way(
    place: &Place,
    wave: &Wave<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<SeenWindow>, AwsError> {
    let mut seen = Vec::new();
    let mut token = None;
    loop {
        let request = place.reads.describe_maintenance_windows();
        let request = request.max_results(PER_PAGE).set_next_token(token);
        let page = place.ask("DescribeMaintenanceWindows", request.send()).await?;
        for window in page.window_identities() {
            let Some(id) = window.window_id() else { continue };
            let Some(execution) = execution(place, id, now).await? else { continue };
            let Some((document, nodes)) = patched_by(place, wave, id).await? else { continue };
            seen.push(SeenWindow {
                id: id.to_owned(),
                name: window.name().unwrap_or(id).to_owned(),
                document,
                started_at: execution.start_time().and_then(parse::time),
                nodes,
            });
        }
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(seen);
        }
    }
}

/// The execution of a window that has not ended. The service has no filter for the status.
async fn execution(
    place: &Place,
    window: &str,
    now: DateTime<Utc>,
) -> Result<Option<MaintenanceWindowExecution>, AwsError> {
    let after = (now - LONGEST).to_rfc3339_opts(SecondsFormat::Secs, true);
    let recent = MaintenanceWindowFilter::builder().key("ExecutedAfter").values(after).build();
    let mut token = None;
    loop {
        let request = place.reads.describe_maintenance_window_executions().window_id(window);
        let request = request.filters(recent.clone());
        let request = request.max_results(PER_PAGE).set_next_token(token);
        let page = place.ask("DescribeMaintenanceWindowExecutions", request.send()).await?;
        let mut all = page.window_executions.unwrap_or_default().into_iter();
        let open = all.find(|execution| {
            use MaintenanceWindowExecutionStatus::{Cancelling, InProgress, Pending};
            matches!(execution.status(), Some(Pending | InProgress | Cancelling))
        });
        if open.is_some() {
            return Ok(open);
        }
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(None);
        }
    }
}

/// The document by which a window patches nodes of the wave, and how many of them.
async fn patched_by(
    place: &Place,
    wave: &Wave<'_>,
    window: &str,
) -> Result<Option<(String, u32)>, AwsError> {
    let mut patching = tasks(place, window).await?;
    patching.retain(|task| task.task_arn().is_some_and(patches));
    if patching.is_empty() {
        return Ok(None);
    }
    let registered = targets(place, window).await?;
    let mut nodes = BTreeSet::new();
    let mut document = None;
    for task in &patching {
        let before = nodes.len();
        for target in task.targets() {
            if !is_registered(target) {
                nodes.extend(wave.among_targets(place, std::slice::from_ref(target)).await?);
                continue;
            }
            for known in &registered {
                let id = known.window_target_id().unwrap_or_default();
                if !target.values().iter().any(|meant| meant == id) {
                    continue;
                }
                nodes.extend(wave.among_targets(place, known.targets()).await?);
            }
        }
        if nodes.len() > before && document.is_none() {
            document = task.task_arn().map(str::to_owned);
        }
    }
    Ok(document.map(|document| (document, nodes.len() as u32)))
}

fn is_registered(target: &Target) -> bool {
    target.key().is_some_and(|key| key.eq_ignore_ascii_case("WindowTargetIds"))
}

async fn tasks(place: &Place, window: &str) -> Result<Vec<MaintenanceWindowTask>, AwsError> {
    let mut tasks = Vec::new();
    let mut token = None;
    loop {
        let request = place.reads.describe_maintenance_window_tasks().window_id(window);
        let request = request.max_results(PER_PAGE).set_next_token(token);
        let page = place.ask("DescribeMaintenanceWindowTasks", request.send()).await?;
        tasks.extend(page.tasks.unwrap_or_default());
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(tasks);
        }
    }
}
