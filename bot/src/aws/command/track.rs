//! Finds a command again, polls its invocations, and cancels it.

use std::collections::BTreeSet;

use aws_sdk_ssm::types::{Command, CommandFilter, CommandFilterKey};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use commands::environment::Environment;
use commands::fleet::node::{Invocations, NodeId};
use commands::id::RunId;
use commands::run::{AtAws, Dispatch, comment, together};

use crate::aws::client::Client;
use crate::aws::error::quote;
use crate::aws::parse;
use crate::aws::{Aws, AwsError, DOCUMENT, Fault};

/// The maximum page size of ListCommands and ListCommandInvocations.
pub(in crate::aws) const PER_PAGE: i32 = 50;

/// How far clocks may differ when the bot searches for a command. The two marks of a command
/// already tell it from every other one, so this only saves pages: a host whose clock was hours
/// ahead when it sent must find what it sent.
const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

impl Aws {
    /// The ids of all commands that AWS has for `dispatch`, oldest first: none, one, or, if
    /// something went very wrong, several. A new command may take a while to appear.
    pub async fn find(
        &self,
        environment: &Environment,
        run: &RunId,
        dispatch: &Dispatch,
    ) -> Result<Vec<String>, AwsError> {
        let client = self.client(&environment.name, "ListCommands")?;
        let wanted = comment(run, &dispatch.id);
        let snapshot = dispatch.snapshot.to_string();
        let filters = [
            filter(client, CommandFilterKey::DocumentName, DOCUMENT)?,
            filter(
                client,
                CommandFilterKey::InvokedAfter,
                &written(dispatch.intent_at - CLOCK_SKEW),
            )?,
        ];
        let request = client.reads.list_commands().set_filters(Some(filters.to_vec()));
        let mut pages = client.pages(request.max_results(PER_PAGE));
        let mut found = Vec::new();
        while let Some(page) = pages.next().await? {
            let hits = page.iter().filter(|command| is_it(command, &wanted, &snapshot));
            let known = |command: &Command| {
                let at = command.requested_date_time().and_then(parse::time);
                Some((at, command.command_id()?.to_owned()))
            };
            found.extend(hits.filter_map(known));
        }
        found.sort();
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    /// The command that AWS has under an id that a person named; `None` if it has none.
    pub async fn command(
        &self,
        environment: &Environment,
        id: &str,
    ) -> Result<Option<AtAws>, AwsError> {
        let client = self.client(&environment.name, "ListCommands")?;
        let request = client.reads.list_commands().command_id(id);
        let page = match client.call("ListCommands", request.send()).await {
            Err(error) if error.code() == Some("InvalidCommandId") => return Ok(None),
            page => page?,
        };
        let Some(command) = page.commands().iter().find(|found| found.command_id() == Some(id))
        else {
            return Ok(None);
        };
        let mut nodes: BTreeSet<NodeId> =
            command.instance_ids().iter().cloned().map(NodeId).collect();
        if nodes.is_empty() {
            // It was sent to targets, so only its invocations show where it went.
            nodes = invocations(client, id).await?.into_keys().collect();
        }
        Ok(Some(AtAws {
            document: command.document_name().unwrap_or_default().to_owned(),
            operation: parse::parameter(command.parameters(), "Operation").map(str::to_owned),
            nodes,
        }))
    }

    /// How far each node got with `commands`. There is one command unless AWS accepted it twice. A
    /// node that AWS does not list yet is absent.
    pub async fn invocations(
        &self,
        environment: &Environment,
        commands: &[String],
    ) -> Result<Invocations, AwsError> {
        let client = self.client(&environment.name, "ListCommandInvocations")?;
        let mut all = Vec::with_capacity(commands.len());
        for command in commands {
            all.push(invocations(client, command).await?);
        }
        Ok(together(all))
    }

    /// Asks AWS to cancel `command` wherever it has not begun. Best effort: tracking shows the
    /// effect.
    pub async fn cancel(&self, environment: &Environment, command: &str) -> Result<(), AwsError> {
        let client = self.client(&environment.name, "CancelCommand")?;
        let executes = client.executes("CancelCommand")?;
        let request = executes.client.cancel_command().command_id(command);
        client.call("CancelCommand", request.send()).await.map(drop)
    }
}

pub(in crate::aws) async fn invocations(
    client: &Client,
    command: &str,
) -> Result<Invocations, AwsError> {
    let request = client.reads.list_command_invocations().command_id(command).details(false);
    let mut pages = client.pages(request.max_results(PER_PAGE));
    let mut invocations = Invocations::new();
    while let Some(page) = pages.next().await? {
        for invocation in &page {
            let details = invocation.status_details().filter(|details| !details.is_empty());
            let status = details.or_else(|| invocation.status().map(|status| status.as_str()));
            if let (Some(node), Some(status)) = (invocation.instance_id(), status) {
                invocations.insert(NodeId(node.to_owned()), parse::invocation_status(status));
            }
        }
    }
    Ok(invocations)
}

pub(in crate::aws) fn filter(
    client: &Client,
    key: CommandFilterKey,
    value: &str,
) -> Result<CommandFilter, AwsError> {
    CommandFilter::builder().key(key).value(value).build().map_err(|error| {
        AwsError::ours(
            "ListCommands",
            &client.environment,
            Fault::Settings,
            quote(&error.to_string()),
        )
    })
}

/// The format of InvokedAfter: `2026-03-01T17:00:00Z`.
fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Both marks must match: a comment alone could be typed by anybody.
fn is_it(command: &Command, comment: &str, snapshot: &str) -> bool {
    command.comment() == Some(comment)
        && parse::parameter(command.parameters(), "SnapshotId")
            .is_some_and(|id| id.eq_ignore_ascii_case(snapshot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_ours_only_with_both_marks() {
        let snapshot = "521c3536-930c-4aa9-950e-01234567abcd";
        let command = |comment: &str, snapshot: &str| {
            let snapshot = vec![snapshot.to_owned()];
            Command::builder().comment(comment).parameters("SnapshotId", snapshot).build()
        };
        let mark = "patchbot:web-1:install-w0-c0:1";
        assert!(is_it(&command(mark, snapshot), mark, snapshot));
        assert!(!is_it(&command("patchbot:web-1:install-w0-c0:2", snapshot), mark, snapshot));
        assert!(!is_it(&command(mark, "another"), mark, snapshot));
        assert!(!is_it(&Command::builder().comment(mark).build(), mark, snapshot));
    }

    #[test]
    fn a_time_is_written_as_the_filter_wants_it() {
        let time = DateTime::from_timestamp(1_772_384_400, 987_000_000).expect("a time");
        assert_eq!(written(time), "2026-03-01T17:00:00Z");
    }
}
