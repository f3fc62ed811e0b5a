//! One environment's Systems Manager.

use std::error::Error;
use std::time::Instant;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ssm::config::http::HttpResponse;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use commands::environment_name::EnvironmentName;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use super::AwsError;
use super::catalogue::Shelf;
use crate::health::numbers;

/// The clients of one environment.
pub(super) struct Place {
    pub(super) environment: EnvironmentName,
    pub(super) region: String,
    /// A simulator's address.
    pub(super) endpoint: Option<String>,
    /// Tries again by itself.
    pub(super) reads: aws_sdk_ssm::Client,
    /// Never tries again.
    pub(super) sends: aws_sdk_ssm::Client,
    pub(super) permits: Semaphore,
    pub(super) credentials: SharedCredentialsProvider,
    pub(super) catalogue: Mutex<Shelf>,
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
        let _permit = self.room().await;
        // On the heap: futures of the SDK are large, and a survey holds many.
        let began = Instant::now();
        let answer = Box::pin(request)
            .await
            .map_err(|error| AwsError::from_sdk(operation, &self.environment, &error));
        numbers::called(operation, answer.as_ref().err().map(|error| error.fault), began.elapsed());
        answer
    }

    /// Waits until there is room for one more call.
    pub(super) async fn room(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed, so there is always a permit in the end.
        self.permits.acquire().await.ok()
    }
}
