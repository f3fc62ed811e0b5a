//! The clients of one environment, and the one path of every call: rate limit, counters, errors.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use aws_sdk_ssm::config::http::HttpResponse;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use commands::failure::Finding;
use commands::id::EnvironmentName;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use crate::aws::client::call_counter::CallCounter;
use crate::aws::client::caller_identity::Identity;
use crate::aws::client::rate_limit::RateLimit;
use crate::aws::error::counted_as;
use crate::aws::fleet::available_patches::AvailablePatchesCache;
use crate::aws::fleet::missing_index::MissingIndex;
use crate::aws::{AwsError, Fault};
use crate::telemetry::metrics;

pub(in crate::aws) mod call_counter;
pub(in crate::aws) mod caller_identity;
pub(in crate::aws) mod connect;
pub(in crate::aws) mod http;
pub(in crate::aws) mod pages;
pub(in crate::aws) mod rate_limit;

/// The clients of one environment.
pub(in crate::aws) struct Client {
    pub(in crate::aws) environment: EnvironmentName,
    /// The client for reads, which retries by itself.
    pub(in crate::aws) reads: aws_sdk_ssm::Client,
    /// The identity of the read role.
    pub(in crate::aws) reads_as: Identity,
    /// `None` if patchbot may only read here.
    pub(in crate::aws) executes: Option<Executes>,
    pub(in crate::aws) permits: Semaphore,
    /// All environments of an account and Region share it.
    pub(in crate::aws) rate_limit: Arc<RateLimit>,
    pub(in crate::aws) calls: CallCounter,
    pub(in crate::aws) available_patches: Mutex<AvailablePatchesCache>,
    pub(in crate::aws) index: Mutex<MissingIndex>,
}

/// The clients of the execute role: SendCommand, CancelCommand, and the lists in S3.
pub(in crate::aws) struct Executes {
    /// Never retries.
    pub(in crate::aws) client: aws_sdk_ssm::Client,
    pub(in crate::aws) lists: aws_sdk_s3::Client,
    pub(in crate::aws) identity: Identity,
}

impl Client {
    /// Makes a call as soon as the rate limit permits, and classifies its error.
    pub(in crate::aws) async fn call<T, E>(
        &self,
        operation: &'static str,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, AwsError>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let _permit = self.permit(operation).await;
        // On the heap: futures of the SDK are large, and a survey holds many of them.
        let began = Instant::now();
        let answer = Box::pin(request)
            .await
            .map_err(|error| AwsError::from_sdk(operation, &self.environment, &error));
        metrics::called(
            operation,
            counted_as(answer.as_ref().err().map(|error| error.fault)),
            began.elapsed(),
        );
        answer
    }

    /// Waits until the rate limit permits one more call of `operation`.
    pub(in crate::aws) async fn permit(
        &self,
        operation: &'static str,
    ) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so a permit always arrives in the end.
        let permit = self.permits.acquire().await.ok();
        self.rate_limit.acquire(operation).await;
        permit
    }

    /// The clients of the execute role, or an error that names `operation` if there is no such
    /// role.
    pub(in crate::aws) fn executes(&self, operation: &'static str) -> Result<&Executes, AwsError> {
        self.executes.as_ref().ok_or_else(|| {
            let found = Finding::NoExecuteRole;
            AwsError::ours(operation, &self.environment, Fault::Settings, found)
        })
    }
}
