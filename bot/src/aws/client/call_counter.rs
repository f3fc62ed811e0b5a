//! Counts the calls to Systems Manager: every attempt, by operation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_ssm::config::http::HttpResponse;
use aws_sdk_ssm::config::interceptors::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_ssm::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ssm::error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use serde::Deserialize;

use crate::aws::Fault;
use crate::aws::error::of_code;
use crate::telemetry::metrics;

tokio::task_local! {
    /// The counter of the current task, in addition to the client's own counter.
    static CURRENT: CallCounter;
}

/// Calls to Systems Manager, by operation. Clones share the counts.
#[derive(Clone, Debug, Default)]
pub(in crate::aws) struct CallCounter(Arc<Mutex<BTreeMap<String, u64>>>);

impl CallCounter {
    pub(in crate::aws) fn so_far(&self) -> BTreeMap<String, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs `work`, and counts its calls here in addition to the client's own counter.
    pub(in crate::aws) async fn counting<T>(&self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self.clone(), work).await
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

impl Intercept for CallCounter {
    fn name(&self) -> &'static str {
        "CallCounter"
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
        // Outside a refresh, such as while tracking a run, there is no counter of the task.
        let _ = CURRENT.try_with(|look| look.count(operation));
        Ok(())
    }

    /// Counts attempts after they fail: the SDK retries reads by itself, and a call that succeeds
    /// in the end does not report its retries.
    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().is_some_and(is_throttled) {
            // The request itself no longer exists at this point.
            let operation = bag.load::<Metadata>().map(Metadata::name).unwrap_or_default();
            metrics::throttled(operation);
        }
        Ok(())
    }
}

fn is_throttled(answer: &HttpResponse) -> bool {
    let status = answer.status().as_u16();
    if status < 400 {
        return false;
    }
    let refusal: Option<Refusal> =
        answer.body().bytes().and_then(|body| serde_json::from_slice(body).ok());
    // The code may follow the namespace of its shape and a `#`.
    let code = refusal.as_ref().map(|refusal| refusal.code.rsplit('#').next().unwrap_or_default());
    code.is_some_and(|code| of_code(status, code) == Fault::Throttled)
}

/// An error in the JSON protocol.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "__type")]
    code: String,
}
