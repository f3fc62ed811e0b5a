//! A Scan outside a run, which shows what is missing.
//!
//! For most Linux distributions a new patch first appears in the results of a Scan: without one the
//! bot has nothing to announce.

use std::collections::{BTreeMap, VecDeque};

use chrono::TimeDelta;
use commands::environment::Environment;
use commands::failure::Failure;
use commands::fleet::node::{Invocations, NodeId};
use commands::id::Operation;
use commands::run::{Blame, NODES_PER_COMMAND, narrow};
use uuid::Uuid;

use crate::aws::client::Client;
use crate::aws::command::gate::Right;
use crate::aws::command::send::{Order, SendOutcome, SendParameters};
use crate::aws::command::track::invocations;
use crate::aws::{Aws, AwsError, Gate, Held};

/// The pause between two polls of a command.
const POLL_EVERY: TimeDelta = TimeDelta::seconds(15);

/// How many times the bot tries to send a Scan in all. A Scan changes nothing on a node, so a
/// second one after an uncertain first does no harm.
const SEND_ATTEMPTS: u32 = 4;

/// The result of a Scan outside a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scanned {
    /// How far each node got. It includes nodes that are still under way, and lacks nodes that AWS
    /// does not list.
    pub invocations: Invocations,
    /// Nodes that AWS refused to scan, each with the reason. The others were scanned.
    pub refused: BTreeMap<NodeId, Failure>,
    /// Why the Scan was not sent to all nodes, or not tracked to its end; `None` if it was.
    pub held: Option<Held>,
}

impl Aws {
    /// Scans `nodes` and returns once each has ended, or when the environment's timeouts for
    /// delivery and scan have passed. `label` goes into the comment of the commands. Each command
    /// leaves only if it may pass `gate` at that moment; after an emergency stop the bot cancels
    /// what was sent where it has not begun.
    pub async fn scan(
        &self,
        environment: &Environment,
        nodes: &[NodeId],
        label: &str,
        gate: &Gate,
    ) -> Result<Scanned, AwsError> {
        let right = &gate.for_scan(&environment.name);
        let client = self.client(&environment.name, "SendCommand")?;
        let comment: String = format!("patchbot:scan:{label}").chars().take(100).collect();
        let parameters = SendParameters {
            reboot: environment.reboot,
            override_location: None,
            delivery: environment.timeouts.delivery,
            max_concurrency: Some("100%".into()),
            max_errors: Some("100%".into()),
        };
        let mut open: BTreeMap<String, usize> = BTreeMap::new();
        let mut scanned = Scanned::default();
        let mut refusal = None;
        let mut parts: VecDeque<Vec<NodeId>> =
            nodes.chunks(NODES_PER_COMMAND).map(<[NodeId]>::to_vec).collect();
        while let Some(part) = parts.pop_front() {
            let order = Order {
                operation: Operation::Scan,
                snapshot: Uuid::new_v4(),
                nodes: &part,
                comment: comment.clone(),
                parameters: &parameters,
            };
            match self.send_scan(client, &order, right).await? {
                Tried::Sent(command) => drop(open.insert(command, part.len())),
                Tried::Held(held) => {
                    scanned.held = Some(held);
                    break;
                }
                Tried::Refused { why, blame } => {
                    let narrowed = narrow(&part, &blame);
                    let left_out = narrowed.left_out.into_iter();
                    scanned.refused.extend(left_out.map(|node| (node, why.failure())));
                    refusal = Some(why);
                    // Those that can be sent now go before those that were not tried yet.
                    narrowed.again.into_iter().rev().for_each(|part| parts.push_front(part));
                }
            }
        }
        let all_refused = scanned.held.is_none() && scanned.refused.len() == nodes.len();
        if let Some(why) = refusal.filter(|_| open.is_empty() && all_refused) {
            return Err(*why);
        }
        let timeouts =
            TimeDelta::from(environment.timeouts.delivery) + environment.timeouts.scan.into();
        let mut waited = TimeDelta::zero();
        while !open.is_empty() && waited < timeouts {
            if right.check() == Err(Held::Stopped) {
                scanned.held = Some(Held::Stopped);
                cancel(client, open.keys()).await;
                break;
            }
            (self.wait)(POLL_EVERY).await;
            waited += POLL_EVERY;
            let commands: Vec<(String, usize)> =
                open.iter().map(|(id, n)| (id.clone(), *n)).collect();
            for (command, nodes) in commands {
                let invocations = invocations(client, &command).await?;
                let ended = invocations.values().filter(|status| status.is_final()).count();
                if ended >= nodes {
                    open.remove(&command);
                }
                scanned.invocations.extend(invocations);
            }
        }
        Ok(scanned)
    }

    async fn send_scan(
        &self,
        client: &Client,
        order: &Order<'_>,
        right: &Right,
    ) -> Result<Tried, AwsError> {
        let mut pause = TimeDelta::seconds(5);
        let mut attempt = 1;
        loop {
            let why = match order.send(client, right).await {
                SendOutcome::Sent { command } => return Ok(Tried::Sent(command)),
                SendOutcome::Held { why } => return Ok(Tried::Held(why)),
                SendOutcome::Refused { why, blame } => return Ok(Tried::Refused { why, blame }),
                SendOutcome::NotNow { why } | SendOutcome::Uncertain { why } => why,
            };
            if attempt >= SEND_ATTEMPTS {
                return Err(*why);
            }
            (self.wait)(pause).await;
            attempt += 1;
            pause = pause * 2;
        }
    }
}

/// The result of sending one part.
enum Tried {
    Sent(String),
    Held(Held),
    Refused { why: Box<AwsError>, blame: Blame },
}

/// Best effort: a scan changes nothing, and one that cannot be cancelled ends by itself.
async fn cancel(client: &Client, commands: impl Iterator<Item = &String> + Send) {
    let Ok(executes) = client.executes("CancelCommand") else { return };
    for command in commands {
        let request = executes.client.cancel_command().command_id(command);
        if let Err(error) = client.call("CancelCommand", request.send()).await {
            tracing::warn!(aws.command = command, aws.error = %error, "a scan could not be cancelled");
        }
    }
}
