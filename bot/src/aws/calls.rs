//! Counting what AWS is asked, every attempt of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_ssm::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_ssm::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ssm::error::BoxError;

tokio::task_local! {
    /// The look that this task is busy with.
    static LOOK: Calls;
}

/// Calls to Systems Manager, by operation. Cloning it shares it.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls(Arc<Mutex<BTreeMap<String, u64>>>);

impl Calls {
    /// All so far.
    pub(super) fn so_far(&self) -> BTreeMap<String, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Does `work`, and counts here what it asks beside the place's own count.
    pub(super) async fn of<T>(&self, work: impl Future<Output = T>) -> T {
        LOOK.scope(self.clone(), work).await
    }

    fn count(&self, operation: &str) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match calls.get_mut(operation) {
            Some(count) => *count += 1,
            None => {
                calls.insert(operation.to_owned(), 1);
            }
        }
    }
}

impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "Calls"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        self.count(operation);
        // Outside of a look, as when a run is followed, there is nothing more to count.
        let _ = LOOK.try_with(|look| look.count(operation));
        Ok(())
    }
}
