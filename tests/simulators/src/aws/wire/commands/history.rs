//! ListCommands, ListCommandInvocations and GetCommandInvocation.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws::command::{Command, DOCUMENT, Invocation, Status};
use crate::aws::node::Node;
use crate::aws::state::{Scope, State};
use crate::aws::wire::check::{Checks, Input, read};
use crate::aws::wire::page::Page;
use crate::aws::wire::refusal::Refusal;
use crate::aws::wire::seconds;
use crate::aws::wire::windows::iso;
use crate::aws::world::Pace;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Listing {
    command_id: Option<String>,
    instance_id: Option<String>,
    max_results: Option<i32>,
    next_token: Option<String>,
    filters: Option<Vec<CommandFilter>>,
    /// Used by ListCommandInvocations only.
    details: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommandFilter {
    key: String,
    value: String,
}

impl Input for Listing {
    fn check(&self, checks: &mut Checks) {
        checks.length("commandId", self.command_id.as_deref(), 36, 36);
        checks.instance_ids("instanceId", self.instance_id.as_slice());
        checks.range("MaxResults", self.max_results, 1, 50);
        let Some(filters) = &self.filters else { return };
        checks.count("filters", filters, 1, 5);
        for filter in filters {
            let keys =
                ["InvokedAfter", "InvokedBefore", "Status", "ExecutionStage", "DocumentName"];
            checks.word("filters.member.key", Some(&filter.key), &keys);
            checks.length("filters.member.value", Some(&filter.value), 1, 128);
        }
    }
}

/// How long the service keeps a command. AWS Systems Manager user guide, "Understanding command
/// statuses".
const KEPT: TimeDelta = TimeDelta::days(30);

/// A parsed filter.
enum Wanted {
    After(DateTime<Utc>),
    Before(DateTime<Utc>),
    Status(String),
    Executing(bool),
    Document(String),
}

impl Listing {
    fn wanted(&self) -> Result<Vec<Wanted>, Refusal> {
        let wanted = |filter: &CommandFilter| {
            let value = filter.value.as_str();
            let refuse = || Refusal::validation(format!("{value:?} does not fit {}", filter.key));
            let moment = || value.parse::<DateTime<Utc>>().map_err(|_| refuse());
            Ok(match filter.key.as_str() {
                "InvokedAfter" => Wanted::After(moment()?),
                "InvokedBefore" => Wanted::Before(moment()?),
                "Status" => Wanted::Status(value.to_owned()),
                "DocumentName" => Wanted::Document(value.to_owned()),
                _ if value == "Executing" => Wanted::Executing(true),
                _ if value == "Complete" => Wanted::Executing(false),
                _ => return Err(refuse()),
            })
        };
        self.filters.iter().flatten().map(wanted).collect()
    }

    /// Refuses a listing by an id that the caller does not own, instead of answering with an empty
    /// list.
    fn check_ids(&self, state: &State, scope: &Scope) -> Result<(), Refusal> {
        if let Some(id) = &self.command_id {
            find(state, scope, id)?;
        }
        if let Some(id) = &self.instance_id {
            state.node_ids.get(id).ok_or_else(|| super::super::managed_nodes::no_node(id))?;
        }
        Ok(())
    }
}

/// A command that is visible to its owner: already, and still.
pub(super) fn find(state: &State, scope: &Scope, id: &str) -> Result<usize, Refusal> {
    let found = state
        .commands
        .iter()
        .position(|command| command.id == id && is_visible(command, scope, state.now));
    found.ok_or_else(|| Refusal::new("InvalidCommandId", format!("{id} is no command here")))
}

fn is_visible(command: &Command, scope: &Scope, now: DateTime<Utc>) -> bool {
    command.account == scope.account
        && command.region == scope.region
        && command.visible_at <= now
        && now - command.requested_at <= KEPT
}

/// The newest first.
pub(in crate::aws::wire) fn list(
    state: &mut State,
    scope: &Scope,
    input: Value,
) -> Result<Value, Refusal> {
    let input: Listing = read(input)?;
    if input.details.is_some() {
        let text = "unknown field `Details`: ListCommands has none";
        return Err(Refusal::new("SerializationException", text));
    }
    let page = Page::read(input.next_token.as_deref(), input.max_results, 50)?;
    input.check_ids(state, scope)?;
    let wanted = input.wanted()?;
    let fits = |command: &&Command| {
        let (status, details) = command.status();
        let running = matches!(status, "Pending" | "InProgress" | "Cancelling");
        is_visible(command, scope, state.now)
            && input.command_id.as_ref().is_none_or(|id| *id == command.id)
            && input.instance_id.as_ref().is_none_or(|id| {
                command.invocations.iter().any(|i| state.nodes[i.node].spec.id == *id)
            })
            && wanted.iter().all(|wanted| match wanted {
                Wanted::After(at) => command.requested_at >= *at,
                Wanted::Before(at) => command.requested_at <= *at,
                Wanted::Status(word) => word == status || word == details,
                Wanted::Executing(executing) => *executing == running,
                Wanted::Document(name) => name == DOCUMENT,
            })
    };
    let newest_first: Vec<&Command> = state.commands.iter().rev().collect();
    Ok(page.answer_where("Commands", &newest_first, fits, |c| command(c, &state.pace)))
}

pub(super) fn command(command: &Command, pace: &Pace) -> Value {
    let (status, details) = command.status();
    let delivery_failed = command.count(Status::DeliveryTimedOut);
    json!({
        "CommandId": command.id,
        "DocumentName": DOCUMENT,
        "DocumentVersion": command.document_version,
        "Comment": command.comment,
        "ExpiresAfter": seconds(command.requested_at + command.timeout + pace.execution_timeout),
        "Parameters": command.parameters,
        "InstanceIds": command.instance_ids,
        "Targets": command.targets,
        "RequestedDateTime": seconds(command.requested_at),
        "Status": status,
        "StatusDetails": details,
        "OutputS3Region": command.region,
        "MaxConcurrency": command.max_concurrency,
        "MaxErrors": command.max_errors,
        "TargetCount": command.invocations.len(),
        "CompletedCount": command.completed_count(),
        "ErrorCount": command.error_count(),
        "DeliveryTimedOutCount": delivery_failed,
        "TimeoutSeconds": command.timeout.num_seconds(),
    })
}

pub(in crate::aws::wire) fn invocations(
    state: &mut State,
    scope: &Scope,
    input: Value,
) -> Result<Value, Refusal> {
    let input: Listing = read(input)?;
    let page = Page::read(input.next_token.as_deref(), input.max_results, 50)?;
    input.check_ids(state, scope)?;
    let wanted = input.wanted()?;
    if wanted.iter().any(|wanted| matches!(wanted, Wanted::Executing(_))) {
        let text = "ExecutionStage can be used with ListCommands only";
        return Err(Refusal::new("InvalidFilterKey", text));
    }
    let visible = state.commands.iter().rev().filter(|c| is_visible(c, scope, state.now));
    let of_command = visible.filter(|c| input.command_id.as_ref().is_none_or(|id| *id == c.id));
    let all: Vec<(&Command, &Invocation)> =
        of_command.flat_map(|c| c.invocations.iter().map(move |i| (c, i))).collect();
    let fits = |(command, invocation): &(&Command, &Invocation)| {
        let (status, details) = invocation.words(state.now);
        let node = &state.nodes[invocation.node];
        input.instance_id.as_ref().is_none_or(|id| *id == node.spec.id)
            && wanted.iter().all(|wanted| match wanted {
                Wanted::After(at) => command.requested_at >= *at,
                Wanted::Before(at) => command.requested_at <= *at,
                Wanted::Status(word) => word == status || word == details,
                Wanted::Executing(_) => false,
                Wanted::Document(name) => name == DOCUMENT,
            })
    };
    let with_plugins = input.details == Some(true);
    Ok(page.answer_where("CommandInvocations", &all, fits, |(command, invocation)| {
        let node = &state.nodes[invocation.node];
        invocation_row(command, invocation, node, state.now, with_plugins)
    }))
}

fn invocation_row(
    command: &Command,
    invocation: &Invocation,
    node: &Node,
    now: DateTime<Utc>,
    with_plugins: bool,
) -> Value {
    let (status, details) = invocation.words(now);
    let plugins = if with_plugins { plugins(invocation, node) } else { Vec::new() };
    json!({
        "CommandId": command.id,
        "InstanceId": node.spec.id,
        "InstanceName": node.spec.name,
        "Comment": command.comment,
        "DocumentName": DOCUMENT,
        "DocumentVersion": command.document_version,
        "RequestedDateTime": seconds(command.requested_at),
        "Status": status,
        "StatusDetails": details,
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
        "CommandPlugins": plugins,
        "ServiceRole": "",
    })
}

const PLUGINS: [&str; 3] = ["PatchWindows", "PatchLinux", "PatchMacOS"];
const SKIPPED: &str = "Step execution skipped due to unsatisfied preconditions: platformType";

/// The document has a step for each platform; all but one are skipped, and say so.
fn plugins(invocation: &Invocation, node: &Node) -> Vec<Value> {
    let Some(started) = invocation.started_at else { return Vec::new() };
    let plugin = |name: &&str| {
        let works = *name == node.spec.os.plugin();
        let mut row = json!({
            "Name": name,
            "Status": if works { plugin_status(invocation) } else { "Success" },
            "StatusDetails": if works { plugin_status(invocation) } else { "Success" },
            "ResponseCode": if works { invocation.response_code } else { 0 },
            "ResponseStartDateTime": seconds(started),
            "Output": if works { clip(&output(invocation), 2500) } else { SKIPPED.to_owned() },
        });
        if let Some(ended) = invocation.ended_at {
            row["ResponseFinishDateTime"] = seconds(ended);
        }
        row
    };
    PLUGINS.iter().map(plugin).collect()
}

fn plugin_status(invocation: &Invocation) -> &'static str {
    match invocation.status {
        Status::Cancelling => "InProgress",
        status => status.word(),
    }
}

fn output(invocation: &Invocation) -> String {
    if invocation.stderr.is_empty() {
        return invocation.stdout.clone();
    }
    format!("{}\n----------ERROR-------\n{}", invocation.stdout, invocation.stderr)
}

fn clip(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct GetInvocation {
    command_id: String,
    instance_id: String,
    plugin_name: Option<String>,
}

impl Input for GetInvocation {
    fn check(&self, checks: &mut Checks) {
        checks.length("commandId", Some(&self.command_id), 36, 36);
        checks.instance_ids("instanceId", std::slice::from_ref(&self.instance_id));
        checks.length("pluginName", self.plugin_name.as_deref(), 4, usize::MAX);
    }
}

pub(in crate::aws::wire) fn get(
    state: &mut State,
    scope: &Scope,
    input: Value,
) -> Result<Value, Refusal> {
    let input: GetInvocation = read(input)?;
    let none = || Refusal::new("InvocationDoesNotExist", "There is no such invocation (yet)");
    let index = find(state, scope, &input.command_id).map_err(|_| none())?;
    let command = &state.commands[index];
    let is_its =
        |invocation: &&Invocation| state.nodes[invocation.node].spec.id == input.instance_id;
    let invocation = command.invocations.iter().find(is_its).ok_or_else(none)?;
    let node = &state.nodes[invocation.node];
    let Some(plugin) = input.plugin_name.filter(|name| PLUGINS.contains(&name.as_str())) else {
        let text = "The document has several steps: name PatchWindows, PatchLinux or PatchMacOS";
        return Err(Refusal::new("InvalidPluginName", text));
    };
    let works = plugin == node.spec.os.plugin();
    let (status, details) = invocation.words(state.now);
    let time = |at: Option<DateTime<Utc>>| at.map(iso).unwrap_or_default();
    let elapsed = match (invocation.started_at, invocation.ended_at) {
        (Some(from), Some(to)) => {
            let millis = (to - from).num_milliseconds();
            format!("PT{}.{:03}S", millis / 1000, millis % 1000)
        }
        _ => String::new(),
    };
    let skipped = !works && invocation.started_at.is_some();
    Ok(json!({
        "CommandId": command.id,
        "InstanceId": node.spec.id,
        "Comment": command.comment,
        "DocumentName": DOCUMENT,
        "DocumentVersion": command.document_version,
        "PluginName": plugin,
        "ResponseCode": if skipped { 0 } else { invocation.response_code },
        "ExecutionStartDateTime": time(invocation.started_at),
        "ExecutionElapsedTime": elapsed,
        "ExecutionEndDateTime": time(invocation.ended_at),
        "Status": if skipped { "Success" } else { status },
        "StatusDetails": if skipped { "Success" } else { details },
        "StandardOutputContent": if skipped { SKIPPED.to_owned() } else { clip(&invocation.stdout, 24_000) },
        "StandardOutputUrl": "",
        "StandardErrorContent": if skipped { String::new() } else { clip(&invocation.stderr, 8_000) },
        "StandardErrorUrl": "",
    }))
}
