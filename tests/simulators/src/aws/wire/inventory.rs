//! The software inventory of the nodes. The world has inventory of type `AWS:Application` only.

use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{Checks, Input, read};
use super::managed_nodes::no_node;
use super::page::Page;
use super::refusal::Refusal;
use crate::aws::state::{Scope, State};
use crate::aws::world::Application;

const SCHEMA: &str = "1.1";

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
        check_type(checks, &self.type_name);
    }
}

pub(super) fn list(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: ListInventoryEntries = read(input)?;
    refuse_types_but_applications(&input.type_name)?;
    let index =
        state.node_at(scope, &input.instance_id).ok_or_else(|| no_node(&input.instance_id))?;
    let page = Page::read(input.next_token.as_deref(), input.max_results, 50)?;
    let applications = &state.nodes[index].spec.applications;
    let mut answer = page.answer("Entries", applications, entry);
    answer["TypeName"] = json!(input.type_name);
    answer["InstanceId"] = json!(input.instance_id);
    answer["SchemaVersion"] = json!(SCHEMA);
    answer["CaptureTime"] = captured(state);
    Ok(answer)
}

fn check_type(checks: &mut Checks, name: &str) {
    checks.length("typeName", Some(name), 1, 100);
    let fits = name.starts_with("AWS:") || name.starts_with("Custom:");
    checks.form("typeName", name, fits, "^(AWS|Custom):.*$");
}

fn refuse_types_but_applications(name: &str) -> Result<(), Refusal> {
    if name == "AWS:Application" {
        return Ok(());
    }
    let text = format!("the simulator keeps no inventory of type {name}");
    Err(Refusal::new("InvalidTypeNameException", text))
}

fn entry(application: &Application) -> Value {
    json!({
        "Name": application.name,
        "ApplicationType": "",
        "Publisher": application.publisher,
        "Version": application.version,
        "Architecture": application.architecture,
    })
}

fn captured(state: &State) -> Value {
    json!(state.now.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// Without filters and aggregators, which are refused as unknown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct GetInventory {
    result_attributes: Option<Vec<ResultAttribute>>,
    next_token: Option<String>,
    max_results: Option<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ResultAttribute {
    type_name: String,
}

impl Input for GetInventory {
    fn check(&self, checks: &mut Checks) {
        if let Some(attributes) = &self.result_attributes {
            checks.count("resultAttributes", attributes, 1, 1);
            for attribute in attributes {
                check_type(checks, &attribute.type_name);
            }
        }
        checks.range("MaxResults", self.max_results, 1, 50);
    }
}

pub(super) fn get(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: GetInventory = read(input)?;
    for attribute in input.result_attributes.iter().flatten() {
        refuse_types_but_applications(&attribute.type_name)?;
    }
    let page = Page::read(input.next_token.as_deref(), input.max_results, 50)?;
    let here = state.by_scope.get(scope).map_or(&[][..], Vec::as_slice);
    let is_managed = |index: &usize| state.nodes[*index].is_managed();
    Ok(page.answer_where("Entities", here, is_managed, |index| {
        let spec = &state.nodes[*index].spec;
        let content: Vec<Value> = spec.applications.iter().map(entry).collect();
        json!({
            "Id": spec.id,
            "Data": { "AWS:Application": {
                "TypeName": "AWS:Application",
                "SchemaVersion": SCHEMA,
                "CaptureTime": captured(state),
                "Content": content,
            }},
        })
    }))
}
