//! Parses what Systems Manager writes: states, times, counts and statuses in the forms that really
//! occur.

use std::collections::BTreeMap;

use aws_sdk_ssm::types::InstancePatchState;
use chrono::{DateTime, NaiveDateTime, Utc};
use commands::fleet::node::{InvocationStatus, NodePatchState, PatchCounts, Ping, Platform};
use uuid::Uuid;

/// Lower case without spaces and underscores: the API model says `INSTALLED_OTHER`, the service
/// writes `InstalledOther`, and `StatusDetails` says `In Progress` or `InProgress`.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

/// The `StatusDetails` of a command invocation. An unknown status counts as under way: the timeouts
/// decide about it, not the age of this program.
pub(super) fn invocation_status(text: &str) -> InvocationStatus {
    match plain(text).as_str() {
        "pending" => InvocationStatus::Pending,
        "inprogress" => InvocationStatus::InProgress,
        "delayed" => InvocationStatus::Delayed,
        "success" => InvocationStatus::Success,
        "failed" => InvocationStatus::Failed,
        "deliverytimedout" => InvocationStatus::DeliveryTimedOut,
        // `Status` says only that it timed out, in which case the node may have begun.
        "executiontimedout" | "timedout" => InvocationStatus::ExecutionTimedOut,
        "cancelling" => InvocationStatus::Cancelling,
        "cancelled" => InvocationStatus::Cancelled,
        "undeliverable" => InvocationStatus::Undeliverable,
        "terminated" => InvocationStatus::Terminated,
        "invalidplatform" => InvocationStatus::InvalidPlatform,
        "accessdenied" => InvocationStatus::AccessDenied,
        other => {
            tracing::warn!(aws.status = other, "an invocation has a status that is not known");
            InvocationStatus::InProgress
        }
    }
}

pub(super) fn ping(text: Option<&str>) -> Ping {
    match text.map(plain).as_deref() {
        Some("online") => Ping::Online,
        Some("connectionlost") => Ping::ConnectionLost,
        Some("inactive") => Ping::Inactive,
        _ => Ping::Unknown,
    }
}

pub(super) fn platform(text: Option<&str>) -> Platform {
    match text.map(plain).as_deref() {
        Some("windows") => Platform::Windows,
        Some("linux") => Platform::Linux,
        _ => Platform::Other,
    }
}

/// A time of the SDK. 1970 means "never", or a failed scan.
pub(super) fn time(at: &aws_sdk_ssm::primitives::DateTime) -> Option<DateTime<Utc>> {
    let time = DateTime::from_timestamp(at.secs(), at.subsec_nanos())?;
    (time.timestamp() > 86_400 * 365).then_some(time)
}

/// A time as text: `2019-05-18T23:35:24.902Z`, `2020-02-19T16:00Z` and `2018-10-20T05:34:56-07:00`
/// all occur in the documentation of maintenance windows.
pub(super) fn written_time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    if let Some(text) = text.strip_suffix('Z') {
        return NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")
            .ok()
            .map(|time| time.and_utc());
    }
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z").ok().map(|time| time.to_utc())
}

/// -1 means that the scan failed. A count that is absent is not known either.
fn count(count: impl Into<Option<i32>>) -> Option<u32> {
    count.into().and_then(|count| u32::try_from(count).ok())
}

pub(super) fn patch_state(state: &InstancePatchState) -> NodePatchState {
    NodePatchState {
        snapshot: state.snapshot_id().and_then(|id| Uuid::parse_str(id).ok()),
        operation: state.operation().as_str().to_owned(),
        baseline: Some(state.baseline_id().to_owned()).filter(|id| !id.is_empty()),
        ended_at: time(state.operation_end_time()),
        counts: PatchCounts {
            installed: count(state.installed_count()),
            installed_other: count(state.installed_other_count()),
            pending_reboot: count(state.installed_pending_reboot_count()),
            installed_rejected: count(state.installed_rejected_count()),
            missing: count(state.missing_count()),
            failed: count(state.failed_count()),
            // Systems that do not report it have none: it exists only for Windows.
            available_security_updates: match state.available_security_update_count() {
                None => Some(0),
                reported => count(reported),
            },
            non_compliant: [
                state.critical_non_compliant_count(),
                state.security_non_compliant_count(),
                state.other_non_compliant_count(),
            ]
            .into_iter()
            .flatten()
            .map(count)
            .reduce(|all, more| Some(all?.saturating_add(more?)))
            .flatten(),
        },
    }
}

/// The single value of a parameter of a command.
pub(super) fn parameter<'a>(
    parameters: Option<&'a std::collections::HashMap<String, Vec<String>>>,
    name: &str,
) -> Option<&'a str> {
    match parameters?.get(name)?.as_slice() {
        [value] => Some(value),
        _ => None,
    }
}

/// Merges pages into a map, in the order of its keys.
pub(super) fn by_key<K: Ord, V>(pairs: impl IntoIterator<Item = Vec<(K, V)>>) -> BTreeMap<K, V> {
    pairs.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ssm::primitives::DateTime as SdkTime;
    use aws_sdk_ssm::types::PatchOperationType;

    use super::*;

    #[test]
    fn states_and_statuses_are_read_in_any_dress() {
        assert_eq!(plain("INSTALLED_PENDING_REBOOT"), plain("InstalledPendingReboot"));
        for text in ["In Progress", "InProgress", "IN_PROGRESS"] {
            assert_eq!(invocation_status(text), InvocationStatus::InProgress, "{text}");
        }
        assert_eq!(invocation_status("Delivery Timed Out"), InvocationStatus::DeliveryTimedOut);
        assert_eq!(invocation_status("DeliveryTimedOut"), InvocationStatus::DeliveryTimedOut);
        assert_eq!(invocation_status("Access Denied"), InvocationStatus::AccessDenied);
        assert_eq!(invocation_status("Invalid Platform"), InvocationStatus::InvalidPlatform);
        assert!(!invocation_status("Hibernating").is_final());
    }

    #[test]
    fn times_are_read_as_the_documentation_writes_them() {
        let at = |text: &str| written_time(text).expect(text).to_rfc3339();
        assert_eq!(at("2020-02-19T16:00Z"), "2020-02-19T16:00:00+00:00");
        assert_eq!(at("2018-10-20T05:34:56-07:00"), "2018-10-20T12:34:56+00:00");
        assert_eq!(at("2026-10-04T02:00+09:00"), "2026-10-03T17:00:00+00:00");
        assert!(written_time("soon").is_none());
    }

    #[test]
    fn a_failed_scan_is_unknown_and_not_zero() {
        let state = InstancePatchState::builder()
            .instance_id("i-0a")
            .patch_group("web")
            .baseline_id("pb-1")
            .operation(PatchOperationType::Scan)
            .operation_start_time(SdkTime::from_secs(0))
            .operation_end_time(SdkTime::from_secs(0))
            .installed_count(-1)
            .missing_count(-1)
            .failed_count(-1)
            .build()
            .expect("all required fields are there");
        let read = patch_state(&state);
        assert_eq!(read.ended_at, None);
        assert_eq!(read.snapshot, None);
        assert_eq!((read.counts.missing, read.counts.failed), (None, None));
    }

    #[test]
    fn a_parameter_has_one_value() {
        let parameters =
            [("SnapshotId".to_owned(), vec!["a".to_owned()]), ("Two".to_owned(), vec![])].into();
        assert_eq!(parameter(Some(&parameters), "SnapshotId"), Some("a"));
        assert_eq!(parameter(Some(&parameters), "Two"), None);
        assert_eq!(parameter(None, "SnapshotId"), None);
    }
}
