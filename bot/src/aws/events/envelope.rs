//! The messages of the queue: EventBridge's envelope around an event of Systems Manager.
//!
//! Names of events and their members: the Systems Manager user guide, "Amazon EventBridge event
//! examples for Systems Manager". The bot does not trust the content of a message: it only names
//! what to read from AWS.

use commands::fleet::node::NodeId;
use serde::Deserialize;

/// The longest id that is accepted. Those of Systems Manager have at most 36 characters.
const ID: usize = 64;

/// What an event says has changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hint {
    /// The state of a command, as a whole or on one node.
    Command(String),
    /// The compliance of a node.
    Compliance {
        /// The account, according to the event.
        account: String,
        /// The Region, according to the event.
        region: String,
        /// The id of the node.
        node: NodeId,
    },
}

/// What a message turns out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    /// A hint to read something from AWS.
    Hint(Hint),
    /// An event about something that patchbot does not watch.
    Other,
    /// Not an event, or an event that lacks a required member.
    Malformed,
}

#[derive(Deserialize)]
struct Envelope {
    source: String,
    #[serde(rename = "detail-type")]
    kind: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    detail: Detail,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Detail {
    command_id: Option<String>,
    resource_id: Option<String>,
    resource_type: Option<String>,
    compliance_type: Option<String>,
}

/// Parses the body of a message.
pub(super) fn read(body: &str) -> Decoded {
    let Ok(envelope) = serde_json::from_str::<Envelope>(body) else { return Decoded::Malformed };
    if envelope.source != "aws.ssm" {
        return Decoded::Other;
    }
    let Detail { command_id, resource_id, resource_type, compliance_type } = envelope.detail;
    match envelope.kind.as_str() {
        "EC2 Command Status-change Notification"
        | "EC2 Command Invocation Status-change Notification" => match command_id {
            Some(id) if is_id(&id) => Decoded::Hint(Hint::Command(id)),
            Some(_) | None => Decoded::Malformed,
        },
        "Configuration Compliance State Change" => {
            let of_patches = compliance_type.as_deref() == Some("Patch");
            let of_a_node = resource_type.as_deref() == Some("managed-instance");
            match resource_id {
                Some(node) if is_id(&node) && of_patches && of_a_node => {
                    let Envelope { account, region, .. } = envelope;
                    Decoded::Hint(Hint::Compliance { account, region, node: NodeId(node) })
                }
                Some(node) if is_id(&node) => Decoded::Other,
                Some(_) | None => Decoded::Malformed,
            }
        }
        // Maintenance windows, calendars, automations: the bot reads their effects when they
        // matter.
        _ => Decoded::Other,
    }
}

fn is_id(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.is_empty() && text.len() <= ID && text.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COMMAND: &str = "e8d3c0e4-71f7-4491-898f-c9b35bee5f3b";

    fn event(kind: &str, detail: serde_json::Value) -> serde_json::Value {
        json!({
            "version": "0",
            "id": "51c0891d-0e34-45b1-83d6-95db273d1602",
            "detail-type": kind,
            "source": "aws.ssm",
            "account": "111111111111",
            "time": "2026-11-23T17:00:00Z",
            "region": "ap-northeast-1",
            "resources": ["arn:aws:ec2:ap-northeast-1:111111111111:instance/i-0a"],
            "detail": detail,
        })
    }

    fn heard(event: &serde_json::Value) -> Decoded {
        read(&event.to_string())
    }

    #[test]
    fn events_name_what_they_touched() {
        let of_a_command = json!({ "command-id": COMMAND, "status": "Success", "parameters": {} });
        for kind in [
            "EC2 Command Status-change Notification",
            "EC2 Command Invocation Status-change Notification",
        ] {
            let hint = Hint::Command(COMMAND.into());
            assert_eq!(heard(&event(kind, of_a_command.clone())), Decoded::Hint(hint));
        }
        let detail = json!({
            "compliance-status": "compliant",
            "compliance-type": "Patch",
            "resource-type": "managed-instance",
            "resource-id": "i-0a",
        });
        let node = NodeId("i-0a".into());
        let (account, region) = ("111111111111".into(), "ap-northeast-1".into());
        assert_eq!(
            heard(&event("Configuration Compliance State Change", detail)),
            Decoded::Hint(Hint::Compliance { account, region, node })
        );
    }

    #[test]
    fn what_tells_nothing_is_told_from_what_is_broken() {
        let command = "EC2 Command Status-change Notification";
        let compliance = "Configuration Compliance State Change";
        let association = json!({
            "compliance-type": "Association",
            "resource-type": "managed-instance",
            "resource-id": "i-0a",
        });
        let mut foreign = event(command, json!({ "command-id": COMMAND }));
        foreign["source"] = json!("my.app");
        for other in [
            foreign,
            event(compliance, association),
            event("Maintenance Window Execution State-change Notification", json!({})),
            event("Something New", json!({ "command-id": 7_u8.to_string() })),
        ] {
            assert_eq!(heard(&other), Decoded::Other, "{other}");
        }
        for broken in [
            json!([]),
            json!({ "Type": "Notification" }),
            event(command, json!({})),
            event(command, json!({ "command-id": "" })),
            event(command, json!({ "command-id": 7 })),
            event(command, json!({ "command-id": "x".repeat(65) })),
            event(command, json!({ "command-id": "a b\n" })),
            event(command, json!("text")),
            event(compliance, json!({ "compliance-type": "Patch" })),
        ] {
            assert_eq!(heard(&broken), Decoded::Malformed, "{broken}");
        }
        assert_eq!(read("{"), Decoded::Malformed);
    }
}
