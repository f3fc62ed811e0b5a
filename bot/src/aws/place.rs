//! One environment's Systems Manager.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use aws_sdk_ssm::config::http::HttpResponse;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use commands::environment_name::EnvironmentName;
use commands::failure::Finding;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use super::callers::Identity;
use super::calls::Calls;
use super::catalogue::Shelf;
use super::index::Index;
use super::pace::Pace;
use super::{AwsError, Fault};
use crate::health::numbers;

/// The clients of one environment.
pub(super) struct Place {
    pub(super) environment: EnvironmentName,
    /// Tries again by itself.
    pub(super) reads: aws_sdk_ssm::Client,
    /// As whom it reads.
    pub(super) reads_as: Identity,
    /// None where patchbot may only look.
    pub(super) executes: Option<Executes>,
    pub(super) permits: Semaphore,
    /// Shared by all environments of an account and Region.
    pub(super) pace: Arc<Pace>,
    pub(super) calls: Calls,
    pub(super) catalogue: Mutex<Shelf>,
    pub(super) index: Mutex<Index>,
}

/// As whom something is changed: SendCommand, CancelCommand, and the lists in S3.
pub(super) struct Executes {
    /// Never tries again.
    pub(super) client: aws_sdk_ssm::Client,
    /// Writes the lists in S3.
    pub(super) lists: aws_sdk_s3::Client,
    /// As whom.
    pub(super) identity: Identity,
}

impl Place {
    /// Asks when there is room for one more call, and names what went wrong.
    pub(super) async fn ask<T, E>(
        &self,
        operation: &'static str,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, AwsError>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let _permit = self.room(operation).await;
        // On the heap: futures of the SDK are large, and a survey holds many.
        let began = Instant::now();
        let answer = Box::pin(request)
            .await
            .map_err(|error| AwsError::from_sdk(operation, &self.environment, &error));
        numbers::called(operation, answer.as_ref().err().map(|error| error.fault), began.elapsed());
        answer
    }

    /// Waits until there is room for one more call of `operation`.
    pub(super) async fn room(&self, operation: &'static str) -> Option<SemaphorePermit<'_>> {
        // It is never closed, so there is always a permit in the end.
        let permit = self.permits.acquire().await.ok();
        self.pace.turn(operation).await;
        permit
    }

    /// As whom `operation` is done, if anybody.
    pub(super) fn executes(&self, operation: &'static str) -> Result<&Executes, AwsError> {
        self.executes.as_ref().ok_or_else(|| {
            let found = Finding::NoExecuteRole;
            AwsError::ours(operation, &self.environment, Fault::Settings, found)
        })
    }
}
