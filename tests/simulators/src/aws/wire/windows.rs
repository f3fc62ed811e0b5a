//! Maintenance windows.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{Checks, Filter, Input, read};
use super::page::Page;
use super::refusal::Refusal;
use super::seconds;
use crate::aws::outside_changes::{Target, WindowTask};
use crate::aws::state::{Execution, Scope, State, WindowState};
use crate::aws::world::NodeSpec;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Describe {
    #[serde(default)]
    filters: Vec<Filter>,
    max_results: Option<i32>,
    next_token: Option<String>,
}

impl Input for Describe {
    fn check(&self, checks: &mut Checks) {
        Filter::check_all(&self.filters, checks);
        checks.range("MaxResults", self.max_results, 10, 100);
    }
}

pub(super) fn describe(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: Describe = read(input)?;
    refuse_keys_but(&input.filters, &["Name", "Enabled"])?;
    let page = Page::read(input.next_token.as_deref(), input.max_results, 100)?;
    let fits = |living: &WindowState| {
        is_here(living, scope)
            && input.filters.iter().all(|filter| match filter.key.as_str() {
                "Name" => filter.has(&living.window.name),
                _ => filter
                    .values
                    .iter()
                    .any(|value| value.eq_ignore_ascii_case(&living.window.enabled.to_string())),
            })
    };
    Ok(page.answer_where("WindowIdentities", &state.windows, fits, identity))
}

fn is_here(living: &WindowState, scope: &Scope) -> bool {
    !living.deleted
        && living.window.account == scope.account
        && living.window.region == scope.region
}

/// A time such as `2026-11-24T22:00Z`: minutes, no seconds.
fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%MZ").to_string()
}

fn identity(living: &WindowState) -> Value {
    let window = &living.window;
    let mut answer = json!({
        "WindowId": window.id,
        "Name": window.name,
        "Enabled": window.enabled,
        "Duration": window.duration_hours,
        "Cutoff": window.cutoff_hours,
        "Schedule": window.schedule.text(),
        "ScheduleTimezone": window.schedule.zone(),
    });
    // An empty one was never given, and is left out of the response.
    if !window.description.is_empty() {
        answer["Description"] = json!(window.description);
    }
    for (name, value) in [("StartDate", &living.starts), ("EndDate", &living.ends)] {
        if let Some(value) = value {
            answer[name] = json!(value);
        }
    }
    if let Some(days) = living.offset_days {
        answer["ScheduleOffset"] = json!(days);
    }
    if let Some(next) = living.next {
        answer["NextExecutionTime"] = json!(moment(next));
    }
    answer
}

pub(super) fn find(state: &State, scope: &Scope, id: &str) -> Result<usize, Refusal> {
    let found = state.windows.iter().position(|w| is_here(w, scope) && w.window.id == id);
    found.ok_or_else(|| {
        let text = format!("Maintenance window {id} does not exist");
        Refusal::new("DoesNotExistException", text)
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Get {
    window_id: String,
}

impl Input for Get {
    fn check(&self, checks: &mut Checks) {
        checks.window_id(&self.window_id);
    }
}

pub(super) fn get(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: Get = read(input)?;
    let living = &state.windows[find(state, scope, &input.window_id)?];
    let mut answer = identity(living);
    answer["AllowUnassociatedTargets"] = json!(false);
    answer["CreatedDate"] = seconds(living.window.created);
    answer["ModifiedDate"] = seconds(living.modified);
    Ok(answer)
}

/// The fields that are needed to skip an opening, because there is no operation for it. The other
/// fields of the real operation are refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Update {
    window_id: String,
    enabled: Option<bool>,
    description: Option<String>,
}

impl Input for Update {
    fn check(&self, checks: &mut Checks) {
        checks.window_id(&self.window_id);
        checks.length("description", self.description.as_deref(), 1, 128);
    }
}

pub(super) fn update(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: Update = read(input)?;
    let index = find(state, scope, &input.window_id)?;
    let now = state.now;
    let living = &mut state.windows[index];
    living.modified = now;
    if let Some(description) = input.description {
        living.window.description = description;
    }
    if let Some(enabled) = input.enabled.filter(|enabled| *enabled != living.window.enabled) {
        living.window.enabled = enabled;
        state.plan_next_opening(index);
    }
    let mut answer = identity(&state.windows[index]);
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("NextExecutionTime");
    }
    answer["AllowUnassociatedTargets"] = json!(false);
    Ok(answer)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Schedule {
    window_id: Option<String>,
    max_results: Option<i32>,
    next_token: Option<String>,
}

impl Input for Schedule {
    fn check(&self, checks: &mut Checks) {
        if let Some(id) = &self.window_id {
            checks.window_id(id);
        }
        checks.range("MaxResults", self.max_results, 1, i32::MAX);
    }
}

/// The openings of the next 90 days, by window and time; at most 100 for each window.
pub(super) fn schedule(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: Schedule = read(input)?;
    let page = Page::read(input.next_token.as_deref(), input.max_results, 50)?;
    let windows: Vec<&WindowState> = match &input.window_id {
        Some(id) => vec![&state.windows[find(state, scope, id)?]],
        None => state.windows.iter().filter(|living| is_here(living, scope)).collect(),
    };
    let horizon = state.now + chrono::TimeDelta::days(90);
    let mut openings: Vec<(DateTime<Utc>, &WindowState)> = Vec::new();
    for living in windows {
        let after = |at: DateTime<Utc>| living.window.schedule.next(living.window.created, at);
        let all = std::iter::successors(living.next, |at| after(*at));
        openings.extend(all.take(100).take_while(|at| *at <= horizon).map(|at| (at, living)));
    }
    openings.sort_by_key(|(at, _)| *at);
    Ok(page.answer("ScheduledWindowExecutions", &openings, |(at, living)| {
        json!({
            "WindowId": living.window.id,
            "Name": living.window.name,
            "ExecutionTime": moment(*at),
        })
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ForTarget {
    targets: Vec<Criterion>,
    resource_type: String,
    max_results: Option<i32>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Criterion {
    key: String,
    values: Vec<String>,
}

impl Input for ForTarget {
    fn check(&self, checks: &mut Checks) {
        checks.count("targets", &self.targets, 0, 5);
        for target in &self.targets {
            checks.length("targets.member.key", Some(&target.key), 1, 163);
            checks.count("targets.member.values", &target.values, 0, 50);
        }
        checks.word("resourceType", Some(&self.resource_type), &["INSTANCE", "RESOURCE_GROUP"]);
        checks.range("MaxResults", self.max_results, 1, i32::MAX);
    }
}

/// The windows that a target or a task associates with a node or a tag. How several criteria are
/// joined is not documented, so they are refused.
pub(super) fn for_target(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: ForTarget = read(input)?;
    let page = Page::read(input.next_token.as_deref(), input.max_results, 50)?;
    let [asked] = input.targets.as_slice() else {
        return Err(Refusal::validation("The simulator knows one target at a time"));
    };
    let by_id = asked.key.eq_ignore_ascii_case("InstanceIds");
    let nodes = state.nodes.iter().filter(|node| asked.values.contains(&node.spec.id));
    let nodes: Vec<_> = nodes.filter(|_| by_id).map(|node| &node.spec).collect();
    let is_met = |target: &[(String, Vec<String>)]| {
        let names_tag = target.iter().any(|(key, values)| {
            *key == asked.key && values.iter().any(|value| asked.values.contains(value))
        });
        let takes_in =
            nodes.iter().any(|node| target.iter().all(|(key, values)| fits(node, key, values)));
        names_tag || takes_in
    };
    let fits = |living: &WindowState| {
        let named = living.tasks.iter().flat_map(|task| &task.nodes);
        is_here(living, scope)
            && input.resource_type == "INSTANCE"
            && (living.targets().iter().any(|target| is_met(target))
                || named.into_iter().any(|node| by_id && asked.values.contains(node)))
    };
    Ok(page.answer_where(
        "WindowIdentities",
        &state.windows,
        fits,
        |living| json!({ "WindowId": living.window.id, "Name": living.window.name }),
    ))
}

/// Whether a node matches one key of a target.
fn fits(node: &NodeSpec, key: &str, values: &[String]) -> bool {
    match key {
        "tag-key" => node.tags.keys().any(|tag| values.contains(tag)),
        key if key.eq_ignore_ascii_case("InstanceIds") => values.contains(&node.id),
        key => key
            .strip_prefix("tag:")
            .and_then(|tag| node.tags.get(tag))
            .is_some_and(|value| values.contains(value)),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct OfWindow {
    window_id: String,
    #[serde(default)]
    filters: Vec<Filter>,
    max_results: Option<i32>,
    next_token: Option<String>,
}

impl Input for OfWindow {
    fn check(&self, checks: &mut Checks) {
        checks.window_id(&self.window_id);
        Filter::check_all(&self.filters, checks);
        checks.range("MaxResults", self.max_results, 10, 100);
    }
}

pub(super) fn targets(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: OfWindow = read(input)?;
    refuse_keys_but(&input.filters, &["Type", "WindowTargetId", "OwnerInformation"])?;
    let page = Page::read(input.next_token.as_deref(), input.max_results, 100)?;
    let living = &state.windows[find(state, scope, &input.window_id)?];
    let targets: Vec<(usize, Target)> = living.targets().into_iter().enumerate().collect();
    let id = |number: &usize| living.target_id_of(*number);
    let is_wanted = |(number, target): &(usize, Target)| {
        input.filters.iter().all(|filter| match filter.key.as_str() {
            "Type" => filter.has(kind_of(target)),
            "WindowTargetId" => filter.has(&id(number)),
            _ => false,
        })
    };
    Ok(page.answer_where("Targets", &targets, is_wanted, |(number, target)| {
        let keys: Vec<Value> =
            target.iter().map(|(key, values)| json!({ "Key": key, "Values": values })).collect();
        json!({
            "WindowId": living.window.id,
            "WindowTargetId": id(number),
            "ResourceType": kind_of(target),
            "Targets": keys,
        })
    }))
}

fn kind_of(target: &Target) -> &'static str {
    match target.iter().any(|(key, _)| key.starts_with("resource-groups:")) {
        true => "RESOURCE_GROUP",
        false => "INSTANCE",
    }
}

/// The response leaves out the service role and the parameters of a task, which nobody sets here.
pub(super) fn tasks(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: OfWindow = read(input)?;
    refuse_keys_but(&input.filters, &["WindowTaskId", "TaskArn", "Priority", "TaskType"])?;
    let page = Page::read(input.next_token.as_deref(), input.max_results, 100)?;
    let living = &state.windows[find(state, scope, &input.window_id)?];
    let is_wanted = |task: &WindowTask| {
        input.filters.iter().all(|filter| match filter.key.as_str() {
            "WindowTaskId" => filter.has(&task.id),
            "TaskArn" => filter.has(&task.document),
            "Priority" => filter.has("1"),
            _ => filter.has(task.kind()),
        })
    };
    let ids: Vec<String> =
        (0..living.targets().len().max(1)).map(|number| living.target_id_of(number)).collect();
    Ok(page.answer_where("Tasks", &living.tasks, is_wanted, |task| {
        let target = match task.nodes.is_empty() {
            true => json!({ "Key": "WindowTargetIds", "Values": ids }),
            false => json!({ "Key": "InstanceIds", "Values": task.nodes }),
        };
        json!({
            "WindowId": living.window.id,
            "WindowTaskId": task.id,
            "TaskArn": task.document,
            "Type": task.kind(),
            "Targets": [target],
            "TaskParameters": {},
            "Priority": 1,
            "MaxConcurrency": "50",
            "MaxErrors": "0",
            "CutoffBehavior": "CONTINUE_TASK",
        })
    }))
}

pub(super) fn executions(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: OfWindow = read(input)?;
    refuse_keys_but(&input.filters, &["ExecutedBefore", "ExecutedAfter"])?;
    let mut bounds = Vec::new();
    for filter in &input.filters {
        let value = filter.values.first().map(String::as_str).unwrap_or_default();
        let bound: DateTime<Utc> = value.parse().map_err(|_| {
            Refusal::validation(format!("The filter value {value:?} is not a date and time"))
        })?;
        bounds.push((filter.key == "ExecutedBefore", bound));
    }
    let page = Page::read(input.next_token.as_deref(), input.max_results, 100)?;
    let living = &state.windows[find(state, scope, &input.window_id)?];
    let newest_first: Vec<&Execution> = living.executions.iter().rev().collect();
    let fits = |execution: &&Execution| {
        bounds.iter().all(|(before, bound)| match before {
            true => execution.started <= *bound,
            false => execution.started >= *bound,
        })
    };
    Ok(page.answer_where("WindowExecutions", &newest_first, fits, |execution| {
        let status = if execution.ended.is_some() { "SUCCESS" } else { "IN_PROGRESS" };
        let mut answer = json!({
            "WindowId": living.window.id,
            "WindowExecutionId": execution.id,
            "Status": status,
            "StartTime": seconds(execution.started),
        });
        if let Some(ended) = execution.ended {
            answer["EndTime"] = seconds(ended);
        }
        answer
    }))
}

fn refuse_keys_but(filters: &[Filter], keys: &[&str]) -> Result<(), Refusal> {
    match filters.iter().find(|filter| !keys.contains(&filter.key.as_str())) {
        Some(filter) => {
            let text = format!("The filter key {} is not supported here", filter.key);
            Err(Refusal::validation(text))
        }
        None => Ok(()),
    }
}

/// The format of times such as `ExecutionStartDateTime`.
pub(super) fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
