//! Queues that EventBridge puts events into.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::aws::{AwsEnvironment, QueueUrl};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventsTable {
    queue_url: Urls,
}

/// One, or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "`queue_url` has to be the address of a queue, or a list of such")]
enum Urls {
    One(String),
    Several(Vec<String>),
}

impl EventsTable {
    /// The queues. Each is read with the read role of an environment in its account.
    pub(super) fn check(self, environments: &[AwsEnvironment]) -> Result<Vec<QueueUrl>> {
        let urls = match self.queue_url {
            Urls::One(url) => vec![url],
            Urls::Several(urls) => urls,
        };
        ensure!(!urls.is_empty(), "`aws.events.queue_url` is empty: take [aws.events] away");
        let mut queues = BTreeSet::new();
        for url in urls {
            let queue: QueueUrl = url.parse().context("in `aws.events.queue_url`")?;
            ensure!(
                environments.iter().any(|environment| environment.account == queue.account()),
                "`aws.events.queue_url` is in the account {}, and no environment is: with whose read \
                 role should it be read?",
                queue.account()
            );
            ensure!(queues.insert(queue), "`aws.events.queue_url` names {url} twice");
        }
        Ok(queues.into_iter().collect())
    }
}
