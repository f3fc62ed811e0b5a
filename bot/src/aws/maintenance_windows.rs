//! The maintenance windows that a plan may be bound to, or is bound to.
//!
//! The bot reads details only of windows with relevant names: an account may have hundreds that
//! belong to other teams, and each costs calls.

use std::collections::BTreeSet;

use aws_sdk_ssm::types::{MaintenanceWindowIdentity, MaintenanceWindowTarget};
use chrono::{DateTime, Utc};
use commands::failure::Finding;
use commands::fleet::node::NodeId;
use commands::window::{MaintenanceWindow, Reach, Target, WindowDefinition, WindowSeen, reach};

use crate::aws::client::Client;
use crate::aws::parse;
use crate::aws::{AwsError, Fault};

/// How many upcoming occurrences of one window the bot reads.
const OCCURRENCES: i32 = 10;

/// The nodes whose windows are read.
pub(in crate::aws) struct GroupNodes<'a> {
    /// The value of the patch group tag.
    pub(in crate::aws) group: &'a str,
    /// All nodes of the environment, or those of a plan.
    pub(in crate::aws) nodes: BTreeSet<&'a str>,
}

impl<'a> GroupNodes<'a> {
    pub(in crate::aws) fn new(group: &'a str, nodes: impl IntoIterator<Item = &'a NodeId>) -> Self {
        Self { group, nodes: nodes.into_iter().map(|node| node.0.as_str()).collect() }
    }
}

/// All windows with these names, enabled or not. Without a name it makes no call.
pub(in crate::aws) async fn named(
    client: &Client,
    nodes_of_group: &GroupNodes<'_>,
    names: &[&str],
) -> Result<Vec<WindowSeen>, AwsError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let all = all(client).await?;
    let wanted =
        all.iter().filter(|window| window.name().is_some_and(|name| names.contains(&name)));
    read(client, nodes_of_group, wanted).await
}

/// The window that a plan is bound to, if it still exists, and all windows of the same name, among
/// `all`.
pub(in crate::aws) async fn bound(
    client: &Client,
    nodes_of_group: &GroupNodes<'_>,
    window: &MaintenanceWindow,
    all: &[MaintenanceWindowIdentity],
    now: DateTime<Utc>,
) -> Result<Vec<WindowSeen>, AwsError> {
    let is_meant = |seen: &&MaintenanceWindowIdentity| {
        seen.window_id() == Some(&window.id) || seen.name() == Some(&window.name)
    };
    let mut seen = read(client, nodes_of_group, all.iter().filter(is_meant)).await?;
    let its = seen.iter_mut().find(|seen| seen.id == window.id);
    if let Some(its) = its.filter(|_| now >= window.opens_at) {
        its.modified_at = Some(modified_at(client, &its.id).await?);
    }
    Ok(seen)
}

/// When a window was last changed. Only this operation returns it.
///
/// # Errors
/// Also if the response lacks the time: without it nobody could tell whether the window opened in
/// its current form.
async fn modified_at(client: &Client, id: &str) -> Result<DateTime<Utc>, AwsError> {
    const OPERATION: &str = "GetMaintenanceWindow";
    let window = client.call(OPERATION, client.reads.get_maintenance_window().window_id(id).send());
    let window = window.await?;
    window.modified_date().and_then(parse::time).ok_or_else(|| {
        let found = Finding::WindowWithoutChange { window: id.to_owned() };
        AwsError::ours(OPERATION, &client.environment, Fault::Unreadable, found)
    })
}

/// Every window of the account and Region, enabled or not, 100 per call.
pub(in crate::aws) async fn all(
    client: &Client,
) -> Result<Vec<MaintenanceWindowIdentity>, AwsError> {
    client.all(client.reads.describe_maintenance_windows().max_results(100)).await
}

async fn read<'a>(
    client: &Client,
    nodes_of_group: &GroupNodes<'_>,
    windows: impl Iterator<Item = &'a MaintenanceWindowIdentity>,
) -> Result<Vec<WindowSeen>, AwsError> {
    let mut found = Vec::new();
    for window in windows {
        let Some(id) = window.window_id() else { continue };
        let targets: Vec<Target> = targets(client, id).await?.iter().map(target).collect();
        let reach = reach(&targets, nodes_of_group.group, &nodes_of_group.nodes);
        let upcoming = match reach {
            Reach::Whole if window.enabled() => upcoming(client, id).await?,
            Reach::Whole | Reach::Unsure(_) | Reach::Elsewhere | Reach::NoTargets => Vec::new(),
        };
        found.push(WindowSeen {
            id: id.to_owned(),
            name: window.name().unwrap_or(id).to_owned(),
            enabled: window.enabled(),
            definition: definition(client, window)?,
            reach,
            upcoming,
            modified_at: None,
        });
    }
    Ok(found)
}

pub(in crate::aws) async fn targets(
    client: &Client,
    window: &str,
) -> Result<Vec<MaintenanceWindowTarget>, AwsError> {
    let request = client.reads.describe_maintenance_window_targets().window_id(window);
    client.all(request.max_results(100)).await
}

fn target(target: &MaintenanceWindowTarget) -> Target {
    let keys = target.targets().iter();
    keys.map(|one| (one.key().unwrap_or_default().to_owned(), one.values().to_vec())).collect()
}

/// The next times at which the window opens. A time that cannot be parsed is left out: nobody could
/// say when that occurrence closes.
async fn upcoming(client: &Client, id: &str) -> Result<Vec<DateTime<Utc>>, AwsError> {
    let request = client.reads.describe_maintenance_window_schedule().window_id(id);
    let request = request.max_results(OCCURRENCES);
    let schedule = client.call("DescribeMaintenanceWindowSchedule", request.send()).await?;
    let mut times = Vec::new();
    for execution in schedule.scheduled_window_executions() {
        match execution.execution_time().and_then(parse::written_time) {
            Some(time) => times.push(time),
            None => tracing::warn!(
                window.id = id,
                window.time = execution.execution_time(),
                "failed to parse the time of a maintenance window's occurrence: ignoring it"
            ),
        }
    }
    times.sort();
    Ok(times)
}

/// Converts the definition of a window.
///
/// # Errors
/// If it has no duration, because nobody could say when it closes.
fn definition(
    client: &Client,
    window: &MaintenanceWindowIdentity,
) -> Result<WindowDefinition, AwsError> {
    let number = |number: i32| u32::try_from(number).unwrap_or(0);
    let Some(duration) = window.duration() else {
        let window = window.window_id().unwrap_or_default().to_owned();
        let found = Finding::WindowWithoutDuration { window };
        let operation = "DescribeMaintenanceWindows";
        return Err(AwsError::ours(operation, &client.environment, Fault::Unreadable, found));
    };
    let written = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(WindowDefinition {
        schedule: window.schedule().unwrap_or_default().to_owned(),
        time_zone: written(window.schedule_timezone()).unwrap_or_else(|| "UTC".to_owned()),
        offset_days: window.schedule_offset().map_or(0, number),
        duration_hours: number(duration),
        cutoff_hours: number(window.cutoff()),
        starts: written(window.start_date()),
        ends: written(window.end_date()),
    })
}
