//! A Scan outside of any run, so that what is missing is known at all.
//!
//! Of most Linux distributions a new patch is first seen in the results of a Scan: without one
//! there is nothing to announce.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use commands::environment::Environment;
use commands::node::{Invocations, NodeId};
use commands::run::{NODES_PER_COMMAND, Operation};
use uuid::Uuid;

use super::follow::watch;
use super::place::Place;
use super::send::{Order, SendOutcome, SendParameters};
use super::{Aws, AwsError, Fault};

/// How long to wait between two looks at a command.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(15);

/// How often a Scan is tried to be sent in all. It changes nothing on a node, so a second one
/// after a doubtful first does no harm.
const SEND_ATTEMPTS: u32 = 4;

impl Aws {
    /// Scans `nodes` and returns once each has ended, or when the environment's patience for
    /// delivery and scan is at its end: then the answer holds nodes that are still under way, and
    /// lacks those of which nothing was heard. `label` stands in the comment of the commands.
    pub async fn scan(
        &self,
        environment: &Environment,
        nodes: &[NodeId],
        label: &str,
    ) -> Result<Invocations, AwsError> {
        let place = self.place(&environment.name, "SendCommand")?;
        let comment: String = format!("patchbot:scan:{label}").chars().take(100).collect();
        let parameters = SendParameters {
            reboot: environment.reboot,
            override_location: None,
            delivery: environment.patience.delivery,
            max_concurrency: Some("100%".into()),
            max_errors: Some("100%".into()),
        };
        let mut open: BTreeMap<String, usize> = BTreeMap::new();
        for chunk in nodes.chunks(NODES_PER_COMMAND) {
            let order = Order {
                operation: Operation::Scan,
                snapshot: Uuid::new_v4(),
                nodes: chunk,
                comment: comment.clone(),
                parameters: &parameters,
            };
            open.insert(self.send_scan(place, &order).await?, chunk.len());
        }
        let patience =
            TimeDelta::from(environment.patience.delivery) + environment.patience.scan.into();
        let mut waited = TimeDelta::zero();
        let mut heard = Invocations::new();
        while !open.is_empty() && waited < patience {
            (self.wait)(LOOK_EVERY).await;
            waited += LOOK_EVERY;
            let commands: Vec<(String, usize)> =
                open.iter().map(|(id, n)| (id.clone(), *n)).collect();
            for (command, nodes) in commands {
                let invocations = watch(place, &command).await?;
                let ended = invocations.values().filter(|status| status.is_final()).count();
                if ended >= nodes {
                    open.remove(&command);
                }
                heard.extend(invocations);
            }
        }
        Ok(heard)
    }

    async fn send_scan(&self, place: &Place, order: &Order<'_>) -> Result<String, AwsError> {
        let mut pause = TimeDelta::seconds(5);
        let mut attempt = 1;
        loop {
            let why = match order.send(place).await {
                SendOutcome::Sent { command } => return Ok(command),
                SendOutcome::Refused { why } => {
                    return Err(AwsError::ours(
                        "SendCommand",
                        &place.environment,
                        Fault::Refused,
                        why,
                    ));
                }
                SendOutcome::NotNow { why } | SendOutcome::Uncertain { why } => why,
            };
            if attempt >= SEND_ATTEMPTS {
                return Err(AwsError::ours("SendCommand", &place.environment, Fault::Service, why));
            }
            (self.wait)(pause).await;
            attempt += 1;
            pause = pause * 2;
        }
    }
}
