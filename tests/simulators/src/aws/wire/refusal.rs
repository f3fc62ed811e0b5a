//! Errors in the format of Systems Manager.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A refusal with the error code that clients match on.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refusal {
    /// A refusal because of the client's mistake.
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into() }
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    pub(super) fn internal() -> Self {
        let message = "An internal error occurred; it may or may not have been done.".into();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: "InternalServerError", message }
    }
}

impl Refusal {
    /// The body of the response.
    pub(super) fn body(&self) -> Value {
        // Errors of the model have `Message`, those of the service's front end `message`.
        let key = match self.code {
            "ValidationException"
            | "SerializationException"
            | "ThrottlingException"
            | "UnknownOperationException"
            | "UnrecognizedClientException"
            | "MissingAuthenticationTokenException"
            | "IncompleteSignatureException"
            | "InvalidInstanceInformationFilterValue" => "message",
            _ => "Message",
        };
        json!({ "__type": self.code, key: self.message })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        super::json_answer(self.status, &self.body())
    }
}
