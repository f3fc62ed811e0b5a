//! Receives EventBridge's events through SQS: hints to poll or refresh early, and never more.
//!
//! Events arrive late, twice, in any order or not at all, and anybody who may write to the queue
//! can forge them. So the bot does not trust their content; it reads from AWS what they name.
//! Without a queue the bot is slower, but not wrong.
//!
//! Limits: the SQS API reference, ReceiveMessage (20 s, 10 messages) and DeleteMessageBatch (10).

use std::collections::BTreeSet;
use std::fmt;
use std::time::{Duration, Instant};

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message};
use chrono::TimeDelta;
use commands::failure::{Cause, Finding};
use commands::id::EnvironmentName;
use futures_util::future::join_all;

use crate::aws::client::connect::{self, OnlyEncrypted};
use crate::aws::error::counted_as;
use crate::aws::error::quote;
use crate::aws::{AwsError, AwsSettings, Fault};
use crate::backoff::Backoff;
use crate::clock::Wait;
use crate::telemetry::{Health, metrics};

mod envelope;
mod queue_url;

use envelope::Decoded;
pub use envelope::Hint;
pub use queue_url::{QueueUrl, QueueUrlError};

/// The longest time that SQS waits for a message, in seconds.
const LONG_POLL: i32 = 20;

/// The most messages that SQS returns at once.
const AT_ONCE: i32 = 10;

/// The timeout of an attempt. After the longest poll, no response will follow.
const ATTEMPT: Duration = Duration::from_secs(30);

/// The queues that the bot polls.
pub struct EventQueues {
    queues: Vec<Queue>,
    wait: Wait,
}

impl fmt::Debug for EventQueues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventQueues").field("queues", &self.queues.len()).finish_non_exhaustive()
    }
}

struct Queue {
    url: QueueUrl,
    /// The environment whose read role polls it.
    environment: EnvironmentName,
    client: aws_sdk_sqs::Client,
}

impl EventQueues {
    /// Builds a client for each queue, with the read role of the first environment in the queue's
    /// account. Sends no request to AWS yet.
    ///
    /// # Errors
    /// If no environment is in the account of a queue.
    pub async fn connect(
        settings: &AwsSettings,
        queues: &[QueueUrl],
        wait: Wait,
    ) -> Result<Self, AwsError> {
        let mut connected = Vec::with_capacity(queues.len());
        for url in queues {
            let of_its_account = |known: &&super::AwsEnvironment| known.account == url.account();
            let Some(environment) = settings.environments.iter().find(of_its_account) else {
                let Some(first) = settings.environments.first() else { continue };
                return Err(AwsError::ours(
                    "ReceiveMessage",
                    &first.name,
                    Fault::Settings,
                    Finding::QueueElsewhere,
                ));
            };
            let region = url.region();
            let base = Box::pin(connect::base(settings, region)).await;
            let session = format!("patchbot-events-{}", environment.name);
            let read = connect::assumed(&base, &environment.read, region, session).await;
            let timeouts = TimeoutConfig::builder()
                .connect_timeout(connect::CONNECT)
                .operation_attempt_timeout(ATTEMPT)
                .build();
            let mut config = aws_sdk_sqs::config::Builder::from(&read)
                .timeout_config(timeouts)
                // A long poll transfers nothing for twenty seconds, which is not a fault.
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
                // The loop below retries and logs failures.
                .retry_config(RetryConfig::disabled());
            if settings.endpoint.is_none() {
                config = config.interceptor(OnlyEncrypted);
            }
            connected.push(Queue {
                url: url.clone(),
                environment: environment.name.clone(),
                client: aws_sdk_sqs::Client::from_conf(config.build()),
            });
        }
        Ok(Self { queues: connected, wait })
    }

    /// Polls all queues and hands over the hints in their messages. It never returns, even if there
    /// are no queues.
    pub async fn poll(&self, health: &Health, hand_over: impl Fn(BTreeSet<Hint>)) {
        let each = self.queues.iter().map(|queue| self.poll_one(queue, health, &hand_over));
        join_all(each).await;
        std::future::pending().await
    }

    async fn poll_one(&self, queue: &Queue, health: &Health, hand_over: &impl Fn(BTreeSet<Hint>)) {
        let name = queue.url.to_string();
        let mut failures = 0;
        loop {
            match queue.receive(hand_over).await {
                Ok(()) => {
                    if std::mem::take(&mut failures) > 0 {
                        tracing::info!(queue.url = %name, "event queue `{name}` is readable again");
                    }
                    health.queue_read(&name, true);
                }
                Err(error) => {
                    failures += 1;
                    tracing::warn!(queue.url = %name, queue.failures = failures, aws.error = %error, aws.hint = error.hint(), "failed to read event queue `{name}`: polling continues");
                    health.queue_read(&name, false);
                    let pause = Backoff::CALL.after(&name, failures);
                    (self.wait)(TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX)).await;
                }
            }
        }
    }
}

impl Queue {
    /// Waits for messages, hands over their hints, and deletes them.
    async fn receive(&self, hand_over: &impl Fn(BTreeSet<Hint>)) -> Result<(), AwsError> {
        let began = Instant::now();
        let request = self
            .client
            .receive_message()
            .queue_url(self.url.as_str())
            .max_number_of_messages(AT_ONCE)
            .wait_time_seconds(LONG_POLL);
        let answer = Box::pin(request.send())
            .await
            .map_err(|error| AwsError::from_sdk("ReceiveMessage", &self.environment, &error));
        let fault = answer.as_ref().err().map(|error| error.fault);
        metrics::called("ReceiveMessage", counted_as(fault), began.elapsed());
        let messages = answer?.messages.unwrap_or_default();
        if messages.is_empty() {
            return Ok(());
        }
        let hints = self.read(&messages);
        if !hints.is_empty() {
            hand_over(hints);
        }
        self.delete(messages).await
    }

    fn read(&self, messages: &[Message]) -> BTreeSet<Hint> {
        let mut hints = BTreeSet::new();
        for message in messages {
            let decoded = envelope::read(message.body().unwrap_or_default());
            metrics::event(match &decoded {
                Decoded::Hint(_) => "hint",
                Decoded::Other => "other",
                Decoded::Malformed => "malformed",
            });
            match decoded {
                Decoded::Hint(hint) => {
                    hints.insert(hint);
                }
                Decoded::Other => {}
                // Its content may be anything, so it does not belong in a log.
                Decoded::Malformed => {
                    tracing::warn!(queue.url = %self.url, message.id = message.message_id(), message.bytes = message.body().map_or(0, str::len), "a message is no event of Systems Manager; it is deleted");
                }
            }
        }
        hints
    }

    /// Deletes the messages that were handed over. A message that remains arrives again, and the
    /// bot reads its subject again.
    async fn delete(&self, messages: Vec<Message>) -> Result<(), AwsError> {
        let ours = |cause: Cause| {
            AwsError::ours("DeleteMessageBatch", &self.environment, Fault::Unreadable, cause)
        };
        let entries = messages
            .into_iter()
            .filter_map(|message| message.receipt_handle)
            .enumerate()
            .map(|(number, handle)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(number.to_string());
                entry
                    .receipt_handle(handle)
                    .build()
                    .map_err(|error| ours(quote(&error.to_string()).into()))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if entries.is_empty() {
            return Err(ours(Finding::NoReceipt.into()));
        }
        let began = Instant::now();
        let request = self.client.delete_message_batch().queue_url(self.url.as_str());
        let answer = Box::pin(request.set_entries(Some(entries)).send())
            .await
            .map_err(|error| AwsError::from_sdk("DeleteMessageBatch", &self.environment, &error));
        let fault = answer.as_ref().err().map(|error| error.fault);
        metrics::called("DeleteMessageBatch", counted_as(fault), began.elapsed());
        match answer?.failed.first() {
            None => Ok(()),
            Some(failed) => Err(ours(Finding::NotDeleted { code: failed.code.clone() }.into())),
        }
    }
}
