//! Sends a command, at most once, and returns exactly what is known about it afterwards.

use std::error::Error;
use std::time::Instant;

use aws_sdk_ssm::config::http::HttpResponse;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ssm::operation::send_command::builders::SendCommandFluentBuilder;
use commands::environment::{Environment, RebootOption};
use commands::failure::Finding;
use commands::fleet::node::NodeId;
use commands::id::{Operation, RunId};
use commands::run::{Blame, Dispatch, comment};
use commands::seconds::Seconds;
use uuid::Uuid;

use crate::aws::client::{Client, Executes};
use crate::aws::command::gate::Right;
use crate::aws::error::{counted_as, held};
use crate::aws::{Aws, AwsError, DOCUMENT, Fault, Gate, Held};
use crate::telemetry::metrics;

/// How to send a command, in addition to what its dispatch says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendParameters {
    /// Whether nodes reboot after an Install.
    pub reboot: RebootOption,
    /// Where the nodes read exactly what to install; for an Install only.
    pub override_location: Option<String>,
    /// How long a node may take to accept the command.
    pub delivery: Seconds,
    /// `MaxConcurrency`: a count or a percentage. `None` leaves it to AWS, which takes 50.
    pub max_concurrency: Option<String>,
    /// `MaxErrors`: a count or a percentage. `None` leaves it to AWS, which stops after the first
    /// error.
    pub max_errors: Option<String>,
}

/// What is known after one attempt to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// AWS accepted the command.
    Sent {
        /// Its `CommandId`.
        command: String,
    },
    /// AWS certainly refused it and would refuse it again.
    Refused {
        /// The error that AWS returned.
        why: Box<AwsError>,
        /// What the refusal can be blamed on: nodes, or the command as a whole.
        blame: Blame,
    },
    /// AWS certainly did not accept it, for a temporary reason.
    NotNow {
        /// The error of the call.
        why: Box<AwsError>,
    },
    /// The gate held it at the last moment, so it certainly was not sent.
    Held {
        /// Why the gate held it.
        why: Held,
    },
    /// AWS may have accepted it. Sending it again could run it twice.
    Uncertain {
        /// The error of the call.
        why: Box<AwsError>,
    },
}

impl Aws {
    /// Sends `dispatch` once, if it may pass `gate` when its first byte is about to leave. No layer
    /// below retries.
    pub async fn send(
        &self,
        environment: &Environment,
        run: &RunId,
        dispatch: &Dispatch,
        parameters: &SendParameters,
        gate: &Gate,
    ) -> SendOutcome {
        let client = match self.client(&environment.name, "SendCommand") {
            Ok(client) => client,
            Err(error) => return refused(error),
        };
        let order = Order {
            operation: dispatch.id.operation,
            snapshot: dispatch.snapshot,
            nodes: &dispatch.nodes,
            comment: comment(run, &dispatch.id),
            parameters,
        };
        let right = gate.for_run(run, dispatch.id.operation);
        let outcome = order.send(client, &right).await;
        let command = match &outcome {
            SendOutcome::Sent { command } => Some(command.as_str()),
            SendOutcome::Refused { .. }
            | SendOutcome::Held { .. }
            | SendOutcome::NotNow { .. }
            | SendOutcome::Uncertain { .. } => None,
        };
        tracing::info!(
            aws.environment = %environment.name,
            aws.comment = comment(run, &dispatch.id),
            aws.command = command,
            "called SendCommand"
        );
        outcome
    }
}

/// One SendCommand, in full.
pub(in crate::aws) struct Order<'a> {
    pub(in crate::aws) operation: Operation,
    pub(in crate::aws) snapshot: Uuid,
    pub(in crate::aws) nodes: &'a [NodeId],
    pub(in crate::aws) comment: String,
    pub(in crate::aws) parameters: &'a SendParameters,
}

impl Order<'_> {
    pub(in crate::aws) async fn send(&self, client: &Client, right: &Right) -> SendOutcome {
        let executes = match client.executes("SendCommand") {
            Ok(executes) => executes,
            Err(error) => return refused(error),
        };
        // A command that the gate would hold does not use up the rate limit.
        if let Err(why) = right.check() {
            return SendOutcome::Held { why };
        }
        let _permit = client.permit("SendCommand").await;
        let began = Instant::now();
        let answer = right.exercise(Box::pin(self.request(executes).send())).await;
        let fault = answer
            .as_ref()
            .err()
            .map(|error| AwsError::from_sdk("SendCommand", &client.environment, error).fault);
        metrics::called("SendCommand", counted_as(fault), began.elapsed());
        match answer {
            Ok(answer) => match answer.command().and_then(|command| command.command_id()) {
                Some(id) => SendOutcome::Sent { command: id.to_owned() },
                None => {
                    let (fault, found) = (Fault::Unreadable, Finding::NoCommandId);
                    let why = AwsError::ours("SendCommand", &client.environment, fault, found);
                    SendOutcome::Uncertain { why: Box::new(why) }
                }
            },
            Err(error) => outcome(client, self.nodes, &error),
        }
    }

    fn request(&self, executes: &Executes) -> SendCommandFluentBuilder {
        let SendParameters { reboot, override_location, delivery, max_concurrency, max_errors } =
            self.parameters;
        let value = |text: &str| vec![text.to_owned()];
        let mut request = executes
            .client
            .send_command()
            .document_name(DOCUMENT)
            .set_instance_ids(Some(self.nodes.iter().map(|node| node.0.clone()).collect()))
            .comment(&self.comment)
            .timeout_seconds(i32::try_from(delivery.0.clamp(30, 2_592_000)).unwrap_or(i32::MAX))
            .parameters("Operation", value(self.operation.as_parameter()))
            .parameters("SnapshotId", vec![self.snapshot.to_string()])
            .set_max_concurrency(max_concurrency.clone())
            .set_max_errors(max_errors.clone());
        if self.operation == Operation::Install {
            request = request.parameters("RebootOption", value(reboot.as_parameter()));
            if let Some(location) = override_location {
                request = request.parameters("InstallOverrideList", value(location));
            }
        }
        request
    }
}

/// What a failed call says about whether the command exists.
fn outcome<E>(client: &Client, nodes: &[NodeId], error: &SdkError<E, HttpResponse>) -> SendOutcome
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    if let Some(why) = held(error) {
        return SendOutcome::Held { why };
    }
    // Read from the full message, before it is shortened: it can name every node of the command.
    let blame = blame(error.code(), error.message().unwrap_or_default(), nodes);
    let why = Box::new(AwsError::from_sdk("SendCommand", &client.environment, error));
    match why.fault {
        // The request never left, or AWS rejected it before processing it.
        Fault::Throttled | Fault::Expired | Fault::Unreachable | Fault::Held => {
            SendOutcome::NotNow { why }
        }
        Fault::Denied | Fault::Credentials | Fault::Refused | Fault::Settings => {
            SendOutcome::Refused { why, blame }
        }
        // Once a byte has left, neither silence nor a 5xx proves that nothing started.
        Fault::NoAnswer | Fault::Service | Fault::Unreadable => SendOutcome::Uncertain { why },
    }
}

/// A refusal on our side, which concerns no node in particular.
fn refused(error: AwsError) -> SendOutcome {
    SendOutcome::Refused { why: Box::new(error), blame: Blame::Call }
}

/// What a refusal with this code can be blamed on. Its text reads `Instances [[i-a, i-b]] not in a
/// valid state for account …`, or names the ARN of the one node that the policies do not allow.
fn blame(code: Option<&str>, message: &str, nodes: &[NodeId]) -> Blame {
    let named: Vec<NodeId> = nodes.iter().filter(|node| names(message, &node.0)).cloned().collect();
    match code {
        Some("InvalidInstanceId" | "UnsupportedPlatformType") => Blame::Nodes(named),
        // Otherwise the policies deny the document or the action itself.
        Some("AccessDeniedException" | "AccessDenied") if !named.is_empty() => Blame::Nodes(named),
        _ => Blame::Call,
    }
}

/// Whether `text` contains this id, and not only a longer one that starts or ends like it.
fn names(text: &str, id: &str) -> bool {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    parts.into_iter().any(|part| part == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes() -> Vec<NodeId> {
        ["i-0a", "i-0ab", "mi-0c"].map(|id| NodeId(id.into())).into()
    }

    fn named(ids: &[&str]) -> Blame {
        Blame::Nodes(ids.iter().map(|id| NodeId((*id).into())).collect())
    }

    #[test]
    fn a_refusal_names_nodes_in_many_ways() {
        for (code, text, expected) in [
            (
                "InvalidInstanceId",
                "Instances [[i-0a, mi-0c]] not in a valid state for account 1",
                named(&["i-0a", "mi-0c"]),
            ),
            ("InvalidInstanceId", "Instance i-0ab is not in a valid state", named(&["i-0ab"])),
            ("InvalidInstanceId", "", named(&[])),
            ("UnsupportedPlatformType", "The platform is not supported", named(&[])),
            (
                "AccessDeniedException",
                "User: arn:aws:sts::1:assumed-role/patchbot/s is not authorized to perform: \
                 ssm:SendCommand on resource: arn:aws:ec2:eu-west-1:1:instance/i-0a because no",
                named(&["i-0a"]),
            ),
            (
                "AccessDeniedException",
                "… on resource: arn:aws:ssm:eu-west-1:1:managed-instance/mi-0c",
                named(&["mi-0c"]),
            ),
        ] {
            assert_eq!(blame(Some(code), text, &nodes()), expected, "{code}: {text}");
        }
    }

    #[test]
    fn what_no_node_can_help_is_the_fault_of_the_call() {
        for (code, text) in [
            (
                "AccessDeniedException",
                "… on resource: arn:aws:ssm:eu-west-1::document/AWS-RunPatchBaseline",
            ),
            ("AccessDeniedException", "… on resource: arn:aws:ec2:eu-west-1:1:instance/i-other"),
            ("InvalidParameters", "i-0a"),
            ("InvalidDocument", ""),
            ("DuplicateInstanceId", "i-0a"),
            ("ExpiredTokenException", "i-0a"),
        ] {
            assert_eq!(blame(Some(code), text, &nodes()), Blame::Call, "{code}: {text}");
        }
    }
}
