//! Which nodes there are, their tags, and the software on them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{Checks, Input, read};
use super::page::Page;
use super::refusal::Refusal;
use super::seconds;
use crate::aws::node::Node;
use crate::aws::state::{Place, State};

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

/// The older form, with small letters.
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
            checks.count(
                "instanceInformationFilterList.member.valueSet",
                &filter.value_set,
                1,
                100,
            );
        }
        for filter in &self.filters {
            checks.length("filters.member.key", Some(&filter.key), 1, usize::MAX);
            checks.count("filters.member.values", &filter.values, 1, 100);
        }
    }
}

const AGENT: &str = "3.3.987.0";

pub(super) fn describe(state: &mut State, place: &Place, input: Value) -> Result<Value, Refusal> {
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
    let everyone = state.by_place.get(place).map_or(&[][..], Vec::as_slice);
    let candidates = match &filters[..] {
        [one] if is_patch_group(&one.key) && one.values.len() == 1 => {
            let key = (place.clone(), one.values[0].clone());
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

/// Only of what the world has tags on. EC2's own tags are not asked through this operation in
/// reality; here every node answers, as a hybrid one would.
pub(super) fn list_tags(state: &mut State, place: &Place, input: Value) -> Result<Value, Refusal> {
    let input: ListTagsForResource = read(input)?;
    let tags = match input.resource_type.as_str() {
        "ManagedInstance" => {
            let index = state.node_at(place, &input.resource_id).ok_or_else(no_resource)?;
            let tags = &state.nodes[index].spec.tags;
            tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
        }
        "MaintenanceWindow" => {
            super::windows::find(state, place, &input.resource_id).map_err(|_| no_resource())?;
            Vec::new()
        }
        _ => return Err(no_resource()),
    };
    Ok(json!({ "TagList": tags }))
}

fn no_resource() -> Refusal {
    Refusal::new("InvalidResourceId", "The resource ID is not valid.")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ListInventoryEntries {
    instance_id: String,
    type_name: String,
    next_token: Option<String>,
    max_results: Option<i32>,
}

impl Input for ListInventoryEntries {
    fn check(&self, checks: &mut Checks) {
        checks.instance_ids("instanceId", std::slice::from_ref(&self.instance_id));
        checks.range("MaxResults", self.max_results, 1, 50);
        let fits = self.type_name.starts_with("AWS:") || self.type_name.starts_with("Custom:");
        checks.form("typeName", &self.type_name, fits, "^(AWS|Custom):.*$");
    }
}

pub(super) fn list_inventory(
    state: &mut State,
    place: &Place,
    input: Value,
) -> Result<Value, Refusal> {
    let input: ListInventoryEntries = read(input)?;
    if input.type_name != "AWS:Application" {
        let text = format!("the simulator keeps no inventory of type {}", input.type_name);
        return Err(Refusal::new("InvalidTypeNameException", text));
    }
    let index =
        state.node_at(place, &input.instance_id).ok_or_else(|| no_node(&input.instance_id))?;
    let page = Page::read(input.next_token.as_deref(), input.max_results, 50)?;
    let applications = &state.nodes[index].spec.applications;
    let mut answer = page.answer("Entries", applications, |application| {
        json!({
            "Name": application.name,
            "ApplicationType": "",
            "Publisher": application.publisher,
            "Version": application.version,
            "Architecture": application.architecture,
        })
    });
    answer["TypeName"] = json!(input.type_name);
    answer["InstanceId"] = json!(input.instance_id);
    answer["SchemaVersion"] = json!("1.1");
    answer["CaptureTime"] = json!(state.now.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    Ok(answer)
}

pub(super) fn no_node(id: &str) -> Refusal {
    Refusal::new(
        "InvalidInstanceId",
        format!("Instance {id} is not in a valid state for this account"),
    )
}
