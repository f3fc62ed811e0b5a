//! Coming occurrences of the maintenance windows that target a patch group.

use aws_sdk_ssm::types::{
    MaintenanceWindowFilter, MaintenanceWindowIdentity, MaintenanceWindowTarget,
    ScheduledWindowExecution,
};
use chrono::{DateTime, TimeDelta, Utc};
use commands::survey::MaintenanceWindow;

use super::GROUP_TAGS;
use super::place::Place;
use super::{AwsError, parse};

/// How many coming occurrences of one window are read.
const OCCURRENCES: i32 = 10;

/// Soonest first. Windows that are switched off are left out.
pub(super) async fn windows(
    place: &Place,
    group: &str,
    now: DateTime<Utc>,
) -> Result<Vec<MaintenanceWindow>, AwsError> {
    let mut found = Vec::new();
    for window in enabled(place).await? {
        let Some(id) = window.window_id() else { continue };
        if !targets(place, id).await?.iter().any(|target| is_for(target, group)) {
            continue;
        }
        let request = place
            .reads
            .describe_maintenance_window_schedule()
            .window_id(id)
            .max_results(OCCURRENCES);
        let schedule = place.ask("DescribeMaintenanceWindowSchedule", request.send()).await?;
        found.extend(
            schedule
                .scheduled_window_executions()
                .iter()
                .filter_map(|execution| occurrence(&window, execution))
                .filter(|occurrence| occurrence.closes_at > now),
        );
    }
    found.sort_by(|a, b| (a.opens_at, &a.id).cmp(&(b.opens_at, &b.id)));
    Ok(found)
}

async fn enabled(place: &Place) -> Result<Vec<MaintenanceWindowIdentity>, AwsError> {
    let filter = MaintenanceWindowFilter::builder().key("Enabled").values("true").build();
    let mut windows = Vec::new();
    let mut token = None;
    loop {
        let request = place.reads.describe_maintenance_windows().filters(filter.clone());
        let request = request.max_results(100).set_next_token(token);
        let page = place.ask("DescribeMaintenanceWindows", request.send()).await?;
        windows.extend(
            page.window_identities.unwrap_or_default().into_iter().filter(|window| window.enabled),
        );
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(windows);
        }
    }
}

pub(super) async fn targets(
    place: &Place,
    window: &str,
) -> Result<Vec<MaintenanceWindowTarget>, AwsError> {
    let mut targets = Vec::new();
    let mut token = None;
    loop {
        let request = place.reads.describe_maintenance_window_targets().window_id(window);
        let request = request.max_results(100).set_next_token(token);
        let page = place.ask("DescribeMaintenanceWindowTargets", request.send()).await?;
        targets.extend(page.targets.unwrap_or_default());
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(targets);
        }
    }
}

fn is_for(target: &MaintenanceWindowTarget, group: &str) -> bool {
    target.targets().iter().any(|target| {
        target.key().is_some_and(|key| GROUP_TAGS.contains(&key))
            && target.values().iter().any(|value| value == group)
    })
}

/// A window without its duration, or with a time that cannot be read, is not offered: nobody could
/// say when it closes.
fn occurrence(
    window: &MaintenanceWindowIdentity,
    execution: &ScheduledWindowExecution,
) -> Option<MaintenanceWindow> {
    let id = window.window_id()?;
    let Some(opens_at) = execution.execution_time().and_then(parse::written_time) else {
        tracing::warn!(
            window.id = id,
            window.time = execution.execution_time(),
            "an occurrence has no time that can be read"
        );
        return None;
    };
    let closes_at = opens_at + TimeDelta::hours(i64::from(window.duration()?));
    Some(MaintenanceWindow {
        id: id.to_owned(),
        name: window.name().unwrap_or(id).to_owned(),
        opens_at,
        last_start: closes_at - TimeDelta::hours(i64::from(window.cutoff())),
        closes_at,
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_ssm::types::Target;

    use super::*;

    #[test]
    fn a_window_is_ours_by_its_patch_group_alone() {
        let target = |key: &str, value: &str| {
            let target = Target::builder().key(key).values("other").values(value).build();
            MaintenanceWindowTarget::builder().targets(target).build()
        };
        assert!(is_for(&target("tag:PatchGroup", "web"), "web"));
        assert!(is_for(&target("tag:Patch Group", "web"), "web"));
        assert!(!is_for(&target("tag:PatchGroup", "db"), "web"));
        assert!(!is_for(&target("tag:Name", "web"), "web"));
    }

    #[test]
    fn the_cutoff_ends_starting_before_the_window_closes() {
        let window = MaintenanceWindowIdentity::builder()
            .window_id("mw-1")
            .name("sunday")
            .duration(4)
            .cutoff(1);
        let execution =
            ScheduledWindowExecution::builder().execution_time("2026-03-01T17:00Z").build();
        let occurrence = occurrence(&window.build(), &execution).expect("it can be read");
        assert_eq!(occurrence.last_start.to_rfc3339(), "2026-03-01T20:00:00+00:00");
        assert_eq!(occurrence.closes_at.to_rfc3339(), "2026-03-01T21:00:00+00:00");
    }

    #[test]
    fn an_occurrence_without_a_time_is_left_out() {
        let window = MaintenanceWindowIdentity::builder().window_id("mw-1").duration(4).build();
        let execution = ScheduledWindowExecution::builder().execution_time("soon").build();
        assert!(occurrence(&window, &execution).is_none());
    }
}
