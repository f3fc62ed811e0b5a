//! Keeps what the SDK asked and what it was answered, for judges that are not ours.
//!
//! What other clients ask is not kept: tests break the rules on purpose. Nothing of the signature
//! is kept.

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

use super::refusal::Refusal;
use crate::kept::Kept;

static EXCHANGES: Kept = Kept::in_folder("PATCHBOT_EXCHANGES");

/// Keeps one exchange. `answer` is none where the connection closed without one.
pub(super) fn keep(
    service: &str,
    operation: &str,
    headers: &HeaderMap,
    input: &Value,
    answer: Option<&Result<Value, Refusal>>,
) {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    if !agent.is_some_and(|agent| agent.contains("aws-sdk-rust")) {
        return;
    }
    EXCHANGES.write(|| {
        let answer = match answer {
            None => json!({ "closed": true }),
            Some(Ok(output)) => json!({ "output": output }),
            Some(Err(refusal)) => json!({ "error": refusal.code, "message": refusal.message }),
        };
        json!({ "service": service, "operation": operation, "input": input, "answer": answer })
    });
}
