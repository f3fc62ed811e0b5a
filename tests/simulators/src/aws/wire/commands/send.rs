//! SendCommand and CancelCommand. There is no idempotency token: each accepted request runs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{history, parameters};
use crate::aws::command::{Command, DOCUMENT, Invocation, Status};
use crate::aws::state::{Event, Scope, State};
use crate::aws::wire::check::{Checks, Input, read};
use crate::aws::wire::managed_nodes::no_node;
use crate::aws::wire::refusal::Refusal;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct SendCommand {
    #[serde(default)]
    instance_ids: Vec<String>,
    #[serde(default)]
    targets: Vec<Target>,
    document_name: String,
    document_version: Option<String>,
    document_hash: Option<String>,
    document_hash_type: Option<String>,
    timeout_seconds: Option<i32>,
    comment: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, Vec<String>>,
    max_concurrency: Option<String>,
    max_errors: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Target {
    key: String,
    values: Vec<String>,
}

impl Input for SendCommand {
    fn check(&self, checks: &mut Checks) {
        checks.count("instanceIds", &self.instance_ids, 0, 50);
        checks.instance_ids("instanceIds.member", &self.instance_ids);
        checks.count("targets", &self.targets, 0, 5);
        for target in &self.targets {
            checks.length("targets.member.key", Some(&target.key), 1, 163);
            checks.count("targets.member.values", &target.values, 0, 50);
        }
        let name = &self.document_name;
        let fits = (3..=128).contains(&name.len())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:/".contains(c));
        checks.form("documentName", name, fits, r"^[a-zA-Z0-9_\-.:/]{3,128}$");
        if let Some(version) = &self.document_version {
            let numbered = !version.starts_with('0') && version.parse::<u32>().is_ok();
            let fits = numbered || ["$LATEST", "$DEFAULT"].contains(&version.as_str());
            checks.form("documentVersion", version, fits, "([$]LATEST|[$]DEFAULT|^[1-9][0-9]*$)");
        }
        checks.length("documentHash", self.document_hash.as_deref(), 0, 256);
        checks.word("documentHashType", self.document_hash_type.as_deref(), &["Sha256", "Sha1"]);
        checks.range("TimeoutSeconds", self.timeout_seconds, 30, 2_592_000);
        checks.length("comment", self.comment.as_deref(), 0, 100);
        if let Some(share) = &self.max_concurrency {
            let pattern = "^([1-9][0-9]*|[1-9][0-9]%|[1-9]%|100%)$";
            checks.form("maxConcurrency", share, is_share(share, 1), pattern);
        }
        if let Some(share) = &self.max_errors {
            let pattern = "^([1-9][0-9]*|[0]|[1-9][0-9]%|[0-9]%|100%)$";
            checks.form("maxErrors", share, is_share(share, 0), pattern);
        }
    }
}

/// A count, or a percentage up to 100, without leading zeros.
fn is_share(text: &str, least: u32) -> bool {
    let (digits, most) = match text.strip_suffix('%') {
        Some(digits) => (digits, 100),
        None => (text, 9_999_999),
    };
    let canonical = digits == "0" || !digits.starts_with('0');
    let number = digits.parse::<u32>().ok().filter(|_| digits.chars().all(|c| c.is_ascii_digit()));
    text.len() <= 7 && canonical && number.is_some_and(|number| (least..=most).contains(&number))
}

/// Sends as the caller with this access key; with an empty key no policies apply.
pub(in crate::aws::wire) fn send(
    state: &mut State,
    scope: &Scope,
    key: &str,
    input: Value,
) -> Result<Value, Refusal> {
    let input: SendCommand = read(input)?;
    let name = input.document_name.rsplit('/').next().unwrap_or_default();
    if name != DOCUMENT {
        let text = format!("Document with name {} does not exist.", input.document_name);
        return Err(Refusal::new("InvalidDocument", text));
    }
    let version = input.document_version.unwrap_or_else(|| "$DEFAULT".into());
    if !["$LATEST", "$DEFAULT", "1"].contains(&version.as_str()) {
        let text = format!("Document version {version} does not exist");
        return Err(Refusal::new("InvalidDocumentVersion", text));
    }
    parameters::check(&input.parameters)?;
    let distinct: BTreeSet<&String> = input.instance_ids.iter().collect();
    if distinct.len() < input.instance_ids.len() {
        return Err(Refusal::new("DuplicateInstanceId", "An instance ID is given twice"));
    }
    let nodes = match (input.instance_ids.is_empty(), input.targets.is_empty()) {
        (false, true) => named(state, scope, key, &input.instance_ids)?,
        (true, false) => targeted(state, scope, &input.targets)?,
        _ => {
            let text = "Either InstanceIds or Targets must be given, and not both";
            return Err(Refusal::new("InvalidParameters", text));
        }
    };
    let targets: Vec<Value> = input
        .targets
        .iter()
        .map(|target| json!({ "Key": target.key, "Values": target.values }))
        .collect();
    let comment = input.comment.unwrap_or_default();
    let visible_at = state.visible_at(&comment);
    let command = Command {
        id: Uuid::new_v4().to_string(),
        account: scope.account.clone(),
        region: scope.region.clone(),
        comment,
        document_version: version,
        parameters: input.parameters,
        instance_ids: input.instance_ids,
        targets: Value::Array(targets),
        requested_at: state.now,
        visible_at,
        timeout: TimeDelta::seconds(i64::from(input.timeout_seconds.unwrap_or(3600))),
        max_concurrency: input.max_concurrency.unwrap_or_else(|| "50".into()),
        max_errors: input.max_errors.unwrap_or_else(|| "0".into()),
        cancelled: false,
        invocations: nodes.into_iter().map(|node| invocation(state, key, node)).collect(),
        notified: None,
    };
    let answer = json!({ "Command": history::command(&command, &state.pace) });
    let index = state.commands.len();
    state.commands.push(command);
    let delivery = state.pace.delivery;
    state.after(delivery, Event::Deliver { command: index });
    Ok(answer)
}

/// The nodes with these ids. A single node that is denied, or in no state for a command, causes the
/// refusal of the whole call.
///
/// Sources: agent-bom issue 3952 for the denial, which names the ARN of one node; public reports of
/// `Instances [[…]] not in a valid state for account …` for the other.
fn named(state: &State, scope: &Scope, key: &str, ids: &[String]) -> Result<Vec<usize>, Refusal> {
    let found: Vec<Option<usize>> = ids.iter().map(|id| state.node_at(scope, id)).collect();
    let denied = ids.iter().zip(&found).find(|(_, node)| {
        // A node that does not exist has no tags.
        node.is_some_and(|node| !state.lets_send(key, node))
    });
    if let Some((id, _)) = denied {
        let who = state.arn_of(key).unwrap_or_default();
        let kind = if id.starts_with("mi-") { "ssm" } else { "ec2" };
        let shape = if id.starts_with("mi-") { "managed-instance" } else { "instance" };
        let text = format!(
            "User: {who} is not authorized to perform: ssm:SendCommand on resource: \
             arn:aws:{kind}:{}:{}:{shape}/{id} because no identity-based policy allows the \
             ssm:SendCommand action",
            scope.region, scope.account
        );
        return Err(Refusal::new("AccessDeniedException", text));
    }
    let takes = |node: &Option<usize>| node.is_some_and(|node| state.nodes[node].takes_commands());
    let refused: Vec<&str> = ids
        .iter()
        .zip(&found)
        .filter(|(_, node)| !takes(node))
        .map(|(id, _)| id.as_str())
        .collect();
    if !refused.is_empty() {
        let text = format!(
            "Instances [[{}]] not in a valid state for account {}",
            refused.join(", "),
            scope.account
        );
        return Err(Refusal::new("InvalidInstanceId", text));
    }
    Ok(found.into_iter().flatten().collect())
}

/// The invocation on a node. If the caller's policies do not allow a node that a target selected,
/// the invocation is final at once. The command is accepted all the same: AWS Systems Manager user
/// guide, "Restricting Run Command access based on tags".
fn invocation(state: &State, key: &str, node: usize) -> Invocation {
    let mut invocation = Invocation::new(node);
    if !state.lets_send(key, node) {
        invocation.status = Status::AccessDenied;
        invocation.ended_at = Some(state.now);
    }
    invocation
}

/// The nodes that match every target.
fn targeted(state: &State, scope: &Scope, targets: &[Target]) -> Result<Vec<usize>, Refusal> {
    for Target { key, .. } in targets {
        if key != "InstanceIds" && key != "tag-key" && !key.starts_with("tag:") {
            let text = format!("The simulator does not resolve targets by {key}");
            return Err(Refusal::validation(text));
        }
    }
    let here = state.by_scope.get(scope).map_or(&[][..], Vec::as_slice);
    let fits = |index: &&usize| {
        let spec = &state.nodes[**index].spec;
        targets.iter().all(|target| match target.key.as_str() {
            "InstanceIds" => target.values.contains(&spec.id),
            "tag-key" => target.values.iter().any(|key| spec.tags.contains_key(key)),
            key => key
                .strip_prefix("tag:")
                .and_then(|tag| spec.tags.get(tag))
                .is_some_and(|value| target.values.contains(value)),
        })
    };
    Ok(here
        .iter()
        .filter(|index| state.nodes[**index].is_managed())
        .filter(fits)
        .copied()
        .collect())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct CancelCommand {
    command_id: String,
    #[serde(default)]
    instance_ids: Vec<String>,
}

impl Input for CancelCommand {
    fn check(&self, checks: &mut Checks) {
        checks.length("commandId", Some(&self.command_id), 36, 36);
        checks.count("instanceIds", &self.instance_ids, 0, 50);
        checks.instance_ids("instanceIds.member", &self.instance_ids);
    }
}

pub(in crate::aws::wire) fn cancel(
    state: &mut State,
    scope: &Scope,
    input: Value,
) -> Result<Value, Refusal> {
    let input: CancelCommand = read(input)?;
    let command = history::find(state, scope, &input.command_id)?;
    let nodes = input
        .instance_ids
        .iter()
        .map(|id| state.node_at(scope, id).ok_or_else(|| no_node(id)))
        .collect::<Result<Vec<_>, _>>()?;
    state.cancel(command, &nodes);
    Ok(json!({}))
}
