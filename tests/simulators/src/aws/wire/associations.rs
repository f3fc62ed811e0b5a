//! State Manager associations and their executions.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{Checks, Input, read};
use super::page::Page;
use super::refusal::Refusal;
use super::seconds;
use crate::aws::associations::{Association, AssociationExecution};
use crate::aws::state::{Scope, State};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct List {
    association_filter_list: Option<Vec<Filter>>,
    max_results: Option<i32>,
    next_token: Option<String>,
}

/// Unlike in most operations, its members begin with a small letter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    key: String,
    value: String,
}

impl Input for List {
    fn check(&self, checks: &mut Checks) {
        if let Some(filters) = &self.association_filter_list {
            checks.count("associationFilterList", filters, 1, usize::MAX);
        }
        for filter in self.association_filter_list.iter().flatten() {
            let keys = [
                "InstanceId",
                "Name",
                "AssociationId",
                "AssociationStatusName",
                "LastExecutedBefore",
                "LastExecutedAfter",
                "AssociationName",
                "ResourceGroupName",
            ];
            checks.word("associationFilterList.member.key", Some(&filter.key), &keys);
            let at = "associationFilterList.member.value";
            checks.length(at, Some(&filter.value), 1, usize::MAX);
        }
        checks.range("MaxResults", self.max_results, 1, 50);
    }
}

/// Only the filters by document and by id are implemented.
pub(super) fn list(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: List = read(input)?;
    let filters = input.association_filter_list.unwrap_or_default();
    if let Some(filter) = filters.iter().find(|one| !["Name", "AssociationId"].contains(&&*one.key))
    {
        let text = format!("The filter key {} is not supported here", filter.key);
        return Err(Refusal::validation(text));
    }
    let page = Page::read(input.next_token.as_deref(), input.max_results, 50)?;
    let fits = |one: &Association| {
        one.scope == *scope
            && filters.iter().all(|filter| match filter.key.as_str() {
                "Name" => filter.value == one.document,
                _ => filter.value == one.id,
            })
    };
    Ok(page.answer_where("Associations", &state.associations, fits, |one| {
        let targets = one.targets.iter();
        let targets: Vec<Value> =
            targets.map(|(key, values)| json!({ "Key": key, "Values": values })).collect();
        let last = one.executions.last();
        let status = last.map_or("Pending", |execution| execution.status());
        let mut answer = json!({
            "Name": one.document,
            "AssociationId": one.id,
            "AssociationVersion": "1",
            "AssociationName": one.name,
            "Targets": targets,
            "Overview": { "Status": status, "DetailedStatus": status },
            "ScheduleExpression": "rate(1 day)",
        });
        if let Some(execution) = last {
            answer["LastExecutionDate"] = seconds(execution.created);
        }
        answer
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Executions {
    association_id: String,
    filters: Option<Vec<ExecutionFilter>>,
    max_results: Option<i32>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ExecutionFilter {
    key: String,
    value: String,
    r#type: String,
}

impl Input for Executions {
    fn check(&self, checks: &mut Checks) {
        let id = &self.association_id;
        let pattern = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
        let fits = id.len() == 36 && uuid::Uuid::try_parse(id).is_ok();
        checks.form("associationId", id, fits, pattern);
        if let Some(filters) = &self.filters {
            checks.count("filters", filters, 1, usize::MAX);
        }
        for filter in self.filters.iter().flatten() {
            let keys = ["ExecutionId", "Status", "CreatedTime"];
            checks.word("filters.member.key", Some(&filter.key), &keys);
            let types = ["EQUAL", "LESS_THAN", "GREATER_THAN"];
            checks.word("filters.member.type", Some(&filter.r#type), &types);
            checks.length("filters.member.value", Some(&filter.value), 1, usize::MAX);
        }
        checks.range("MaxResults", self.max_results, 1, 50);
    }
}

/// The oldest first. The order is not documented, so nobody may rely on it. Only the filter by
/// creation time is implemented.
pub(super) fn executions(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: Executions = read(input)?;
    let mut bounds: Vec<(bool, DateTime<Utc>)> = Vec::new();
    for filter in input.filters.iter().flatten() {
        let is_later = match (filter.key.as_str(), filter.r#type.as_str()) {
            ("CreatedTime", "GREATER_THAN") => true,
            ("CreatedTime", "LESS_THAN") => false,
            (key, kind) => {
                let text = format!("The filter {key} with {kind} is not supported here");
                return Err(Refusal::validation(text));
            }
        };
        let bound = filter.value.parse().map_err(|_| {
            let text = format!("The filter value {:?} is not a date and time", filter.value);
            Refusal::validation(text)
        })?;
        bounds.push((is_later, bound));
    }
    let page = Page::read(input.next_token.as_deref(), input.max_results, 50)?;
    let known = state.associations.iter();
    let found = known.filter(|one| one.scope == *scope).find(|one| one.id == input.association_id);
    let Some(association) = found else {
        let text = "The specified association does not exist.";
        return Err(Refusal::new("AssociationDoesNotExist", text));
    };
    let fits = |execution: &AssociationExecution| {
        bounds.iter().all(|(is_later, bound)| match is_later {
            true => execution.created > *bound,
            false => execution.created < *bound,
        })
    };
    Ok(page.answer_where("AssociationExecutions", &association.executions, fits, |execution| {
        let status = execution.status();
        json!({
            "AssociationId": association.id,
            "AssociationVersion": "1",
            "ExecutionId": execution.id,
            "Status": status,
            "DetailedStatus": status,
            "CreatedTime": seconds(execution.created),
            "ResourceCountByStatus": format!("{{{status}=1}}"),
        })
    }))
}
