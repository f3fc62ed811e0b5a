//! Executions of maintenance windows that patch nodes of a wave at this moment.

use std::collections::BTreeSet;

use aws_sdk_ssm::types::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionStatus, MaintenanceWindowFilter,
    MaintenanceWindowIdentity, MaintenanceWindowResourceType, MaintenanceWindowTask, Target,
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use commands::environment::patch_group::GroupTag;
use commands::run::SeenWindow;

use crate::aws::client::Client;
use crate::aws::maintenance_windows::targets;
use crate::aws::preflight::{Wave, patches};
use crate::aws::{AwsError, Fault, parse};

/// The maximum page size of the operations on maintenance windows.
const PER_PAGE: i32 = 100;

/// The maximum age of an execution: a window is open for at most 24 hours, and its tasks may go on
/// after that.
const LONGEST: TimeDelta = TimeDelta::hours(48);

/// The maximum number of values of one target.
const VALUES: usize = 50;

/// The executions that patch nodes of the wave now, including those of windows that have since been
/// disabled: a task that has begun goes on. `all` are the windows of the account; the bot examines
/// only those that AWS associates with nodes of the wave.
pub(in crate::aws) async fn running_windows(
    client: &Client,
    wave: &Wave<'_>,
    all: &[MaintenanceWindowIdentity],
    now: DateTime<Utc>,
) -> Result<Vec<SeenWindow>, AwsError> {
    let mut seen = Vec::new();
    let near = associated(client, wave).await?;
    let is_near = |id: &str| near.as_ref().is_none_or(|near| near.contains(id));
    for window in all {
        let Some(id) = window.window_id().filter(|id| is_near(id)) else { continue };
        let Some(execution) = execution(client, id, now).await? else { continue };
        let Some((document, nodes)) = patched_by(client, wave, id).await? else { continue };
        seen.push(SeenWindow {
            id: id.to_owned(),
            name: window.name().unwrap_or(id).to_owned(),
            document,
            started_at: execution.start_time().and_then(parse::time),
            nodes,
        });
    }
    Ok(seen)
}

/// The windows that have a target or a task for the patch group or for nodes of the wave. `None` if
/// the bot cannot ask for them: then it examines every window.
async fn associated(
    client: &Client,
    wave: &Wave<'_>,
) -> Result<Option<BTreeSet<String>>, AwsError> {
    let nodes = wave.ids().map(str::to_owned).collect::<Vec<_>>();
    let of_group = GroupTag::ALL.iter().map(|tag| (tag.filter(), vec![wave.group().to_owned()]));
    let of_nodes = nodes.chunks(VALUES).map(|some| ("InstanceIds", some.to_vec()));
    let mut windows = BTreeSet::new();
    // One request for each: how the service joins several targets is not documented.
    for (key, values) in of_group.chain(of_nodes) {
        let target = Target::builder().key(key).set_values(Some(values)).build();
        let request = client.reads.describe_maintenance_windows_for_target();
        let request = request.resource_type(MaintenanceWindowResourceType::Instance);
        let found = match client.all(request.targets(target)).await {
            Ok(found) => found,
            Err(error) if matches!(error.fault, Fault::Denied | Fault::Refused) => {
                tracing::warn!(aws.error = %error, aws.hint = error.hint(), "failed to list the maintenance windows for the nodes: examining every window");
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        windows.extend(found.into_iter().filter_map(|window| window.window_id));
    }
    Ok(Some(windows))
}

/// The execution of a window that has not ended. The service has no filter for the status.
async fn execution(
    client: &Client,
    window: &str,
    now: DateTime<Utc>,
) -> Result<Option<MaintenanceWindowExecution>, AwsError> {
    let after = (now - LONGEST).to_rfc3339_opts(SecondsFormat::Secs, true);
    let recent = MaintenanceWindowFilter::builder().key("ExecutedAfter").values(after).build();
    let request = client.reads.describe_maintenance_window_executions().window_id(window);
    let mut pages = client.pages(request.filters(recent).max_results(PER_PAGE));
    while let Some(page) = pages.next().await? {
        let open = page.into_iter().find(|execution| {
            use MaintenanceWindowExecutionStatus::{Cancelling, InProgress, Pending};
            matches!(execution.status(), Some(Pending | InProgress | Cancelling))
        });
        if open.is_some() {
            return Ok(open);
        }
    }
    Ok(None)
}

/// The document through which a window patches nodes of the wave, and how many of them.
async fn patched_by(
    client: &Client,
    wave: &Wave<'_>,
    window: &str,
) -> Result<Option<(String, u32)>, AwsError> {
    let mut patching = tasks(client, window).await?;
    patching.retain(|task| task.task_arn().is_some_and(patches));
    if patching.is_empty() {
        return Ok(None);
    }
    let registered = targets(client, window).await?;
    let mut nodes = BTreeSet::new();
    let mut document = None;
    for task in &patching {
        let before = nodes.len();
        for target in task.targets() {
            if !is_registered(target) {
                nodes.extend(wave.among_targets(client, std::slice::from_ref(target)).await?);
                continue;
            }
            for known in &registered {
                let id = known.window_target_id().unwrap_or_default();
                if !target.values().iter().any(|meant| meant == id) {
                    continue;
                }
                nodes.extend(wave.among_targets(client, known.targets()).await?);
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

async fn tasks(client: &Client, window: &str) -> Result<Vec<MaintenanceWindowTask>, AwsError> {
    let request = client.reads.describe_maintenance_window_tasks().window_id(window);
    client.all(request.max_results(PER_PAGE)).await
}
