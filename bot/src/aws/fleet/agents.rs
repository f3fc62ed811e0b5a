//! What the bot reads besides patch states: agents that should have answered, and whose scan
//! overwrote ours.

use std::collections::BTreeMap;

use aws_sdk_ssm::types::{
    Command, CommandFilter, CommandFilterKey, InstanceInformation, InstanceInformationStringFilter,
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use commands::environment::Environment;
use commands::failure::Quoted;
use commands::fleet::agent::{Agent, ForeignScan};
use commands::fleet::node::{NodeId, Ping};
use commands::run::ForeignReport;

use crate::aws::client::Client;
use crate::aws::error::quote;
use crate::aws::parse;
use crate::aws::{Aws, AwsError, DOCUMENT, Fault};

/// The maximum page size of both lists.
const PER_PAGE: i32 = 50;

/// How long before its report a foreign command may have been sent: a scan ends within this time.
const BEFORE: TimeDelta = TimeDelta::days(1);

/// How many pages of commands the bot reads for one report. The newest come first.
const PAGES: usize = 4;

impl Aws {
    /// What Systems Manager says about the agents on `nodes`. A node that it does not list is in
    /// the result as [`Ping::Unknown`], without a last contact.
    pub async fn agents(
        &self,
        environment: &Environment,
        nodes: &[NodeId],
    ) -> Result<BTreeMap<NodeId, Agent>, AwsError> {
        let client = self.client(&environment.name, "DescribeInstanceInformation")?;
        let unlisted = Agent { ping: Ping::Unknown, last_ping: None };
        let mut agents: BTreeMap<NodeId, Agent> =
            nodes.iter().map(|node| (node.clone(), unlisted)).collect();
        for chunk in nodes.chunks(PER_PAGE as usize) {
            let ids = chunk.iter().map(|node| node.0.clone()).collect();
            let filter = InstanceInformationStringFilter::builder()
                .key("InstanceIds")
                .set_values(Some(ids))
                .build()
                .map_err(|error| {
                    ours("DescribeInstanceInformation", client, quote(&error.to_string()))
                })?;
            let request = client.reads.describe_instance_information().filters(filter);
            let listed = client.all(request.max_results(PER_PAGE)).await?;
            agents.extend(listed.iter().filter_map(agent));
        }
        Ok(agents)
    }

    /// The command whose scan left `report`.
    pub async fn foreign_scan(
        &self,
        environment: &Environment,
        report: &ForeignReport,
        now: DateTime<Utc>,
    ) -> Result<ForeignScan, AwsError> {
        let client = self.client(&environment.name, "ListCommands")?;
        let after = report.ended_at.unwrap_or(now) - BEFORE;
        let after = after.to_rfc3339_opts(SecondsFormat::Secs, true);
        let filter = CommandFilter::builder()
            .key(CommandFilterKey::InvokedAfter)
            .value(after)
            .build()
            .map_err(|error| ours("ListCommands", client, quote(&error.to_string())))?;
        let request = client.reads.list_commands().instance_id(&report.node.0).filters(filter);
        let mut pages = client.pages(request.max_results(PER_PAGE));
        let mut likely = None;
        for _ in 0..PAGES {
            let Some(page) = pages.next().await? else { break };
            for command in &page {
                match fits(command, report) {
                    Fit::Certain => return Ok(foreign_scan(command, true)),
                    Fit::Likely => likely = likely.or_else(|| Some(foreign_scan(command, false))),
                    Fit::No => {}
                }
            }
        }
        Ok(likely.unwrap_or(ForeignScan::NoCommand))
    }
}

fn ours(operation: &'static str, client: &Client, words: Quoted) -> AwsError {
    AwsError::ours(operation, &client.environment, Fault::Settings, words)
}

fn agent(information: &InstanceInformation) -> Option<(NodeId, Agent)> {
    let node = NodeId(information.instance_id()?.to_owned());
    let ping = parse::ping(information.ping_status().map(|ping| ping.as_str()));
    Some((node, Agent { ping, last_ping: information.last_ping_date_time().and_then(parse::time) }))
}

/// How well a command matches a report.
#[derive(Debug, PartialEq)]
enum Fit {
    /// It carries the report's snapshot id.
    Certain,
    /// It carries no snapshot id, patches, and was sent before the report was made.
    Likely,
    No,
}

fn fits(command: &Command, report: &ForeignReport) -> Fit {
    let snapshot = parse::parameter(command.parameters(), "SnapshotId").filter(|id| !id.is_empty());
    let wanted = report.snapshot.map(|snapshot| snapshot.to_string());
    match (snapshot, wanted) {
        (Some(id), Some(wanted)) if id.eq_ignore_ascii_case(&wanted) => return Fit::Certain,
        (Some(_), _) => return Fit::No,
        (None, _) => {}
    }
    let patches = command.document_name().is_some_and(|name| name.contains(DOCUMENT));
    let requested_at = command.requested_date_time().and_then(parse::time);
    let in_time = requested_at.zip(report.ended_at).is_some_and(|(sent, ended)| sent <= ended);
    if patches && in_time { Fit::Likely } else { Fit::No }
}

fn foreign_scan(command: &Command, certain: bool) -> ForeignScan {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    ForeignScan::Command {
        id: text(command.command_id()),
        comment: text(command.comment()),
        document: text(command.document_name()),
        requested_at: command.requested_date_time().and_then(parse::time),
        certain,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ssm::primitives::DateTime as SdkTime;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_command_fits_by_its_snapshot_or_probably_by_its_time() {
        let snapshot = Uuid::from_u128(7);
        let ended_at = DateTime::from_timestamp(1_772_384_400, 0);
        let node = NodeId("i-0a".into());
        let report = ForeignReport { node, snapshot: Some(snapshot), ended_at };
        let sent = |at, snapshot: Option<String>| {
            let command = Command::builder().document_name(DOCUMENT);
            let command = command.requested_date_time(SdkTime::from_secs(at));
            match snapshot {
                Some(id) => command.parameters("SnapshotId", vec![id]).build(),
                None => command.build(),
            }
        };
        let before = 1_772_384_000;
        assert_eq!(fits(&sent(before, Some(snapshot.to_string())), &report), Fit::Certain);
        assert_eq!(fits(&sent(before, Some(Uuid::nil().to_string())), &report), Fit::No);
        assert_eq!(fits(&sent(before, None), &report), Fit::Likely);
        assert_eq!(fits(&sent(before + 500, None), &report), Fit::No, "it was sent afterwards");
    }
}
