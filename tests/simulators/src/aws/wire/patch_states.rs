//! The findings of the nodes' last operations.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::check::{Checks, Filter, Input, read};
use super::managed_nodes::no_node;
use super::page::Page;
use super::refusal::Refusal;
use super::seconds;
use crate::aws::node::{Node, Report, Row, RowState};
use crate::aws::patch::Patch;
use crate::aws::state::{Scope, State};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct OfInstances {
    instance_ids: Vec<String>,
    next_token: Option<String>,
    max_results: Option<i32>,
}

impl Input for OfInstances {
    fn check(&self, checks: &mut Checks) {
        checks.count("instanceIds", &self.instance_ids, 0, 50);
        checks.instance_ids("instanceIds.member", &self.instance_ids);
        checks.range("MaxResults", self.max_results, 10, 100);
    }
}

/// A node that is unknown, or was never scanned, is absent from the response.
pub(super) fn of_instances(
    state: &mut State,
    scope: &Scope,
    input: Value,
) -> Result<Value, Refusal> {
    let input: OfInstances = read(input)?;
    let page = Page::read(input.next_token.as_deref(), input.max_results, 100)?;
    let known = input.instance_ids.iter().filter_map(|id| state.node_at(scope, id));
    let reports: Vec<usize> = known.filter(|index| state.nodes[*index].report.is_some()).collect();
    Ok(page.answer("InstancePatchStates", &reports, |index| row(state, *index)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct OfGroup {
    patch_group: String,
    #[serde(default)]
    filters: Vec<StateFilter>,
    next_token: Option<String>,
    max_results: Option<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct StateFilter {
    key: String,
    values: Vec<String>,
    r#type: String,
}

impl Input for OfGroup {
    fn check(&self, checks: &mut Checks) {
        check_group(checks, &self.patch_group);
        checks.count("filters", &self.filters, 0, 4);
        for filter in &self.filters {
            checks.length("filters.member.key", Some(&filter.key), 1, 200);
            checks.count("filters.member.values", &filter.values, 1, 1);
            let types = ["Equal", "NotEqual", "LessThan", "GreaterThan"];
            checks.word("filters.member.type", Some(&filter.r#type), &types);
        }
        checks.range("MaxResults", self.max_results, 10, 100);
    }
}

pub(super) fn check_group(checks: &mut Checks, group: &str) {
    checks.length("patchGroup", Some(group), 1, 256);
    let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    checks.form(
        "patchGroup",
        group,
        group.chars().all(allowed),
        r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$",
    );
}

pub(super) fn of_group(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: OfGroup = read(input)?;
    let page = Page::read(input.next_token.as_deref(), input.max_results, 100)?;
    let mut wanted = Vec::new();
    for filter in &input.filters {
        let count = filter.values.first().and_then(|value| value.parse::<i32>().ok());
        let known = COUNTS.iter().find(|(name, _)| *name == filter.key);
        let (Some(count), Some((_, row_state))) = (count, known) else {
            let text = format!("The filter {} cannot be applied", filter.key);
            return Err(Refusal::new("InvalidFilter", text));
        };
        wanted.push((*row_state, filter.r#type.as_str(), count));
    }
    let members = members(state, scope, &input.patch_group);
    let fits = |index: &usize| {
        let node = &state.nodes[*index];
        let Some(report) = node.report.as_ref().filter(|_| node.is_managed()) else { return false };
        wanted.iter().all(|(row_state, kind, count)| {
            let found = report.count(*row_state);
            match *kind {
                "Equal" => found == *count,
                "NotEqual" => found != *count,
                "LessThan" => found < *count,
                _ => found > *count,
            }
        })
    };
    Ok(page.answer_where("InstancePatchStates", members, fits, |index| row(state, *index)))
}

fn members<'a>(state: &'a State, scope: &Scope, group: &str) -> &'a [usize] {
    state.by_group.get(&(scope.clone(), group.to_owned())).map_or(&[][..], Vec::as_slice)
}

const COUNTS: [(&str, RowState); 7] = [
    ("InstalledCount", RowState::Installed),
    ("InstalledOtherCount", RowState::InstalledOther),
    ("InstalledPendingRebootCount", RowState::InstalledPendingReboot),
    ("InstalledRejectedCount", RowState::InstalledRejected),
    ("MissingCount", RowState::Missing),
    ("FailedCount", RowState::Failed),
    ("AvailableSecurityUpdateCount", RowState::AvailableSecurityUpdate),
];

fn row(state: &State, index: usize) -> Value {
    let node = &state.nodes[index];
    let Some(report) = &node.report else { return Value::Null };
    let mut answer = Map::new();
    let mut put = |key: &str, value: Value| answer.insert(key.into(), value);
    put("InstanceId", json!(node.spec.id));
    put("PatchGroup", json!(report.group));
    put("BaselineId", json!(node.decided_by(report)));
    put("Operation", json!(report.operation.word()));
    put("OperationStartTime", seconds(report.started));
    put("OperationEndTime", seconds(report.ended));
    put("RebootOption", json!(if report.no_reboot { "NoReboot" } else { "RebootIfNeeded" }));
    if let Some(snapshot) = &report.snapshot {
        put("SnapshotId", json!(snapshot));
    }
    if let Some(list) = &report.override_list {
        put("InstallOverrideList", json!(list));
    }
    let count = |number: i32| json!(if report.broken { -1 } else { number });
    for (key, row_state) in COUNTS {
        put(key, count(node.count_of(report, key, row_state)));
    }
    put("NotApplicableCount", count(0));
    put("UnreportedNotApplicableCount", count(node.spec.not_applicable));
    let [critical, security, other] = non_compliant(state, report);
    put("CriticalNonCompliantCount", count(critical));
    put("SecurityNonCompliantCount", count(security));
    put("OtherNonCompliantCount", count(other));
    Value::Object(answer)
}

fn non_compliant(state: &State, report: &Report) -> [i32; 3] {
    let mut counts = [0; 3];
    for row in &report.rows {
        let bad = matches!(
            row.state,
            RowState::Missing
                | RowState::Failed
                | RowState::InstalledPendingReboot
                | RowState::InstalledRejected
        );
        let patch = &state.patches[row.patch];
        match () {
            () if !bad => {}
            () if patch.severity == "Critical" => counts[0] += 1,
            () if patch.classification.contains("Security") => counts[1] += 1,
            () => counts[2] += 1,
        }
    }
    counts
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Patches {
    instance_id: String,
    #[serde(default)]
    filters: Vec<Filter>,
    next_token: Option<String>,
    max_results: Option<i32>,
}

impl Input for Patches {
    fn check(&self, checks: &mut Checks) {
        checks.instance_ids("instanceId", std::slice::from_ref(&self.instance_id));
        Filter::check_all(&self.filters, checks);
        checks.range("MaxResults", self.max_results, 10, 100);
    }
}

pub(super) fn patches(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: Patches = read(input)?;
    let keys = ["State", "Severity", "Classification", "KBId"];
    if let Some(filter) = input.filters.iter().find(|filter| !keys.contains(&filter.key.as_str())) {
        let text = format!("The filter key {} is not supported", filter.key);
        return Err(Refusal::new("InvalidFilter", text));
    }
    let index =
        state.node_at(scope, &input.instance_id).ok_or_else(|| no_node(&input.instance_id))?;
    // The service returns 50 at most, whatever the model says.
    let page = Page::read(input.next_token.as_deref(), input.max_results, 50)?;
    let node = &state.nodes[index];
    let rows = node.report.as_ref().map_or(&[][..], |report| &report.rows[..]);
    let fits = |row: &Row| {
        let patch = &state.patches[row.patch];
        let listed = node.lists(row.state);
        listed
            && input.filters.iter().all(|filter| match filter.key.as_str() {
                "State" => filter.has(row.state.word()),
                "Severity" => filter.has(&patch.severity),
                "Classification" => filter.has(&patch.classification),
                _ => filter.has(&patch.id),
            })
    };
    Ok(page
        .answer_where("Patches", rows, fits, |row| patch_row(&state.patches[row.patch], row, node)))
}

fn patch_row(patch: &Patch, row: &Row, node: &Node) -> Value {
    let at = row.at.map_or(json!(0), seconds);
    let mut answer = json!({
        "Title": node.title_of(patch),
        "KBId": patch.id,
        "Classification": patch.classification,
        "Severity": patch.severity,
        "State": row.state.word(),
        "InstalledTime": at,
    });
    let tells = !node.spec.os.is_windows()
        && node.spec.os != crate::aws::Os::Ubuntu2204
        && matches!(row.state, RowState::Missing | RowState::Failed)
        && !patch.cves.is_empty();
    if tells {
        answer["CVEIds"] = json!(patch.cves.join(","));
    }
    answer
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct GroupCounts {
    patch_group: String,
}

impl Input for GroupCounts {
    fn check(&self, checks: &mut Checks) {
        check_group(checks, &self.patch_group);
    }
}

pub(super) fn group_counts(
    state: &mut State,
    scope: &Scope,
    input: Value,
) -> Result<Value, Refusal> {
    let input: GroupCounts = read(input)?;
    let members = members(state, scope, &input.patch_group);
    let nodes = || members.iter().map(|index| &state.nodes[*index]).filter(|n| n.is_managed());
    let having = |of: RowState| {
        nodes().filter(|n| n.report.as_ref().is_some_and(|r| r.count(of) > 0)).count()
    };
    let non_compliant = |kind: usize| {
        let reports = nodes().filter_map(|node| node.report.as_ref());
        reports.filter(|report| non_compliant(state, report)[kind] > 0).count()
    };
    let unreported =
        nodes().filter(|node| node.report.is_some() && node.spec.not_applicable > 0).count();
    Ok(json!({
        "Instances": nodes().count(),
        "InstancesWithInstalledPatches": having(RowState::Installed),
        "InstancesWithInstalledOtherPatches": having(RowState::InstalledOther),
        "InstancesWithInstalledPendingRebootPatches": having(RowState::InstalledPendingReboot),
        "InstancesWithInstalledRejectedPatches": having(RowState::InstalledRejected),
        "InstancesWithMissingPatches": having(RowState::Missing),
        "InstancesWithFailedPatches": having(RowState::Failed),
        "InstancesWithNotApplicablePatches": 0,
        "InstancesWithUnreportedNotApplicablePatches": unreported,
        "InstancesWithCriticalNonCompliantPatches": non_compliant(0),
        "InstancesWithSecurityNonCompliantPatches": non_compliant(1),
        "InstancesWithOtherNonCompliantPatches": non_compliant(2),
        "InstancesWithAvailableSecurityUpdates": having(RowState::AvailableSecurityUpdate),
    }))
}
