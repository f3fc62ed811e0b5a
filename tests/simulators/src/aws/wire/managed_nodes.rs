//! The managed nodes, their tags, and their software.

use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{Checks, Input, read};
use super::page::Page;
use super::refusal::Refusal;
use super::seconds;
use crate::aws::node::Node;
use crate::aws::state::{Scope, State};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct DescribeInstanceInformation {
    #[serde(default)]
    instance_information_filter_list: Vec<OldFilter>,
    #[serde(default)]
    filters: Vec<StringFilter>,
    max_results: Option<i32>,
    next_token: Option<String>,
}

/// The older form of the filter, with small letters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OldFilter {
    key: String,
    value_set: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct StringFilter {
    key: String,
    values: Vec<String>,
}

const OLD_KEYS: [&str; 8] = [
    "InstanceIds",
    "AgentVersion",
    "PingStatus",
    "PlatformTypes",
    "ActivationIds",
    "IamRole",
    "ResourceType",
    "AssociationStatus",
];

impl Input for DescribeInstanceInformation {
    fn check(&self, checks: &mut Checks) {
        checks.range("MaxResults", self.max_results, 5, 50);
        for filter in &self.instance_information_filter_list {
            checks.word("instanceInformationFilterList.member.key", Some(&filter.key), &OLD_KEYS);
            check_values(
                checks,
                "instanceInformationFilterList.member.valueSet",
                &filter.value_set,
            );
        }
        for filter in &self.filters {
            checks.length("filters.member.key", Some(&filter.key), 1, usize::MAX);
            check_values(checks, "filters.member.values", &filter.values);
        }
    }
}

const AGENT: &str = "3.3.987.0";

pub(super) fn describe(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: DescribeInstanceInformation = read(input)?;
    if !input.filters.is_empty() && !input.instance_information_filter_list.is_empty() {
        let text = "Filters and InstanceInformationFilterList cannot be given together";
        return Err(Refusal::validation(text));
    }
    let old = input.instance_information_filter_list.into_iter();
    let old = old.map(|filter| StringFilter { key: filter.key, values: filter.value_set });
    let filters: Vec<StringFilter> = input.filters.into_iter().chain(old).collect();
    let is_tag = |filter: &&StringFilter| filter.key.starts_with("tag");
    let tags = filters.iter().filter(is_tag).count();
    if tags > 0 && tags < filters.len() {
        let text = "Tag filters cannot be combined with other filters";
        return Err(Refusal::new("InvalidFilterKey", text));
    }
    for filter in &filters {
        let known = filter.key == "tag-key"
            || filter.key.strip_prefix("tag:").is_some_and(|tag| !tag.is_empty())
            || OLD_KEYS.contains(&filter.key.as_str())
            || filter.key == "PlatformType";
        if !known {
            let text = format!("The filter key {} is not supported", filter.key);
            return Err(Refusal::new("InvalidFilterKey", text));
        }
    }
    let page = Page::read(input.next_token.as_deref(), input.max_results, 50)?;
    let everyone = state.by_scope.get(scope).map_or(&[][..], Vec::as_slice);
    let candidates = match &filters[..] {
        [one] if is_patch_group(&one.key) && one.values.len() == 1 => {
            let key = (scope.clone(), one.values[0].clone());
            state.by_group.get(&key).map_or(&[][..], Vec::as_slice)
        }
        _ => everyone,
    };
    let fits = |index: &usize| {
        let node = &state.nodes[*index];
        node.is_managed() && filters.iter().all(|filter| fits(node, filter))
    };
    Ok(page.answer_where("InstanceInformationList", candidates, fits, |index| {
        row(state, &state.nodes[*index])
    }))
}

fn check_values(checks: &mut Checks, at: &str, values: &[String]) {
    checks.count(at, values, 1, 100);
    for value in values {
        checks.length(at, Some(value), 1, usize::MAX);
    }
}

fn is_patch_group(key: &str) -> bool {
    matches!(key, "tag:PatchGroup" | "tag:Patch Group")
}

fn fits(node: &Node, filter: &StringFilter) -> bool {
    let has = |text: &str| filter.values.iter().any(|value| value == text);
    match filter.key.as_str() {
        "InstanceIds" => has(&node.spec.id),
        "PingStatus" => has(node.ping()),
        "PlatformType" | "PlatformTypes" => has(node.spec.os.platform_type()),
        "AgentVersion" => has(AGENT),
        "ResourceType" => has("EC2Instance"),
        "tag-key" => node.spec.tags.keys().any(|key| has(key)),
        key => key
            .strip_prefix("tag:")
            .and_then(|tag| node.spec.tags.get(tag))
            .is_some_and(|value| has(value)),
    }
}

fn row(state: &State, node: &Node) -> Value {
    // An agent that answers does so every few minutes; for one that does not, this is the last time
    // it did.
    let last_ping = if node.is_online() { state.now } else { node.last_ping };
    json!({
        "InstanceId": node.spec.id,
        "PingStatus": node.ping(),
        "LastPingDateTime": seconds(last_ping),
        "AgentVersion": AGENT,
        "IsLatestVersion": true,
        "PlatformType": node.spec.os.platform_type(),
        "PlatformName": node.spec.os.platform_name(),
        "PlatformVersion": node.spec.os.platform_version(),
        "ResourceType": "EC2Instance",
        "ComputerName": node.spec.name,
        "SourceId": node.spec.id,
        "SourceType": "AWS::EC2::Instance",
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ListTagsForResource {
    resource_type: String,
    resource_id: String,
}

impl Input for ListTagsForResource {
    fn check(&self, checks: &mut Checks) {
        const TYPES: [&str; 10] = [
            "Document",
            "ManagedInstance",
            "MaintenanceWindow",
            "Parameter",
            "PatchBaseline",
            "OpsItem",
            "OpsMetadata",
            "Automation",
            "Association",
            "CloudConnector",
        ];
        checks.word("resourceType", Some(&self.resource_type), &TYPES);
    }
}

/// Lists tags, only of resources that have tags in this world. In reality this operation does not
/// return EC2's own tags; here every node behaves like a hybrid one.
pub(super) fn list_tags(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: ListTagsForResource = read(input)?;
    let tags = match input.resource_type.as_str() {
        "ManagedInstance" => {
            let index = state.node_at(scope, &input.resource_id).ok_or_else(no_resource)?;
            let tags = &state.nodes[index].spec.tags;
            tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
        }
        "MaintenanceWindow" => {
            super::windows::find(state, scope, &input.resource_id).map_err(|_| no_resource())?;
            Vec::new()
        }
        _ => return Err(no_resource()),
    };
    Ok(json!({ "TagList": tags }))
}

fn no_resource() -> Refusal {
    Refusal::new("InvalidResourceId", "The resource ID is not valid.")
}

pub(super) fn no_node(id: &str) -> Refusal {
    Refusal::new(
        "InvalidInstanceId",
        format!("Instance {id} is not in a valid state for this account"),
    )
}
