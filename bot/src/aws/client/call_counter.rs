//! Counting what AWS is asked, every attempt of it.

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
    /// What this task counts beside the client's own count.
    static CURRENT: CallCounter;
}

/// CallCounter to Systems Manager, by operation. Cloning it shares it.
#[derive(Clone, Debug, Default)]
pub(in crate::aws) struct CallCounter(Arc<Mutex<BTreeMap<String, u64>>>);

impl CallCounter {
    /// All so far.
    pub(in crate::aws) fn so_far(&self) -> BTreeMap<String, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Does `work`, and counts here what it asks beside the client's own count.
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
        // Outside of a look, as when a run is followed, there is nothing more to count.
        let _ = CURRENT.try_with(|look| look.count(operation));
        Ok(())
    }

    /// The SDK tries reads again by itself, and a call that ends well tells nothing of it.
    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().is_some_and(is_throttled) {
            // The request itself is gone by now.
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
    // The code may stand behind the namespace of its shape.
    let code = refusal.as_ref().map(|refusal| refusal.code.rsplit('#').next().unwrap_or_default());
    code.is_some_and(|code| of_code(status, code) == Fault::Throttled)
}

/// An error as the JSON protocol carries it.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "__type")]
    code: String,
}
