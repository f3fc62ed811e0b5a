//! The queues into which EventBridge puts events.

use serde::Deserialize;

use super::{Inconsistent, Result};
use crate::aws::QueueUrl;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventsTable {
    queue_url: Urls,
}

/// One URL, or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "`queue_url` has to be the address of a queue, or a list of such")]
enum Urls {
    One(String),
    Several(Vec<String>),
}

impl EventsTable {
    /// The queues. The bot polls each with the read role of an environment in its account.
    pub(super) fn queues(self) -> Result<Vec<QueueUrl>> {
        let urls = match self.queue_url {
            Urls::One(url) => vec![url],
            Urls::Several(urls) => urls,
        };
        let queues = urls.iter().map(|url| url.parse().map_err(|_| Inconsistent));
        let mut queues: Vec<QueueUrl> = queues.collect::<Result<_>>()?;
        queues.sort();
        Ok(queues)
    }
}
