//! The errors of AWS calls, and what an operator can do about them.

use std::error::Error;
use std::fmt;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ssm::config::http::HttpResponse;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ssm::operation::RequestId;
use commands::failure::{Cause, Failure, Finding, Quoted, Remedy};
use commands::id::EnvironmentName;
use commands::text::wording::Locale;

use crate::aws::client::connect::NotEncrypted;
use crate::aws::command::gate::Held;

/// The maximum length of a service's message, in characters.
const MESSAGE: usize = 400;

/// A failed call to AWS. It never holds a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct AwsError {
    /// The API operation, such as `DescribeInstancePatches`.
    pub operation: &'static str,
    /// The environment that the call was for.
    pub environment: EnvironmentName,
    /// The kind of fault.
    pub fault: Fault,
    /// The details of what happened.
    pub cause: Cause,
    /// The request id, by which AWS support finds the call.
    pub request_id: Option<String>,
}

/// The kinds of fault that an operator distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The gate held the command: nothing was sent.
    Held,
    /// IAM denied the call.
    Denied,
    /// AWS throttled the call.
    Throttled,
    /// There are no credentials, or the role could not be assumed.
    Credentials,
    /// The credentials have expired.
    Expired,
    /// No connection came about: nothing was sent.
    Unreachable,
    /// The connection was open, but no response arrived, or only half of one.
    NoAnswer,
    /// The service failed (5xx).
    Service,
    /// The service refused the request (4xx).
    Refused,
    /// The response makes no sense.
    Unreadable,
    /// The configured settings cannot be used.
    Settings,
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In the language of the log.
        f.write_str(&self.failure().said(Locale::En).plain())
    }
}

impl AwsError {
    /// An error that was found on our side.
    pub(super) fn ours(
        operation: &'static str,
        environment: &EnvironmentName,
        fault: Fault,
        cause: impl Into<Cause>,
    ) -> Self {
        let (environment, cause) = (environment.clone(), cause.into());
        Self { operation, environment, fault, cause, request_id: None }
    }

    pub(super) fn from_sdk<E>(
        operation: &'static str,
        environment: &EnvironmentName,
        error: &SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let fault = fault(error);
        let request_id = error.request_id().map(str::to_owned);
        Self { operation, environment: environment.clone(), fault, cause: cause(error), request_id }
    }

    /// What went wrong, and what an operator can do about it.
    pub fn failure(&self) -> Failure {
        Failure {
            operation: self.operation.to_owned(),
            environment: self.environment.clone(),
            cause: self.cause.clone(),
            request: self.request_id.clone(),
            remedy: self.remedy(),
        }
    }

    /// The error code of the service, if it returned one.
    pub fn code(&self) -> Option<&str> {
        self.cause.code()
    }

    /// Whether the same call may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self.fault {
            Fault::Held
            | Fault::Throttled
            | Fault::Expired
            | Fault::Unreachable
            | Fault::NoAnswer
            | Fault::Service
            | Fault::Unreadable => true,
            Fault::Denied | Fault::Credentials | Fault::Refused | Fault::Settings => false,
        }
    }

    /// What an operator can do, in the language of the log; `None` if the message says it already.
    pub fn hint(&self) -> Option<String> {
        self.remedy().map(|remedy| remedy.text(Locale::En).plain())
    }

    fn remedy(&self) -> Option<Remedy> {
        let environment = || self.environment.clone();
        match self.fault {
            Fault::Denied => {
                let operation = self.operation.to_owned();
                Some(Remedy::Allow { environment: environment(), operation })
            }
            Fault::Throttled => Some(Remedy::Wait),
            // This message already says what to do.
            Fault::Credentials if self.cause == Cause::Found(Finding::NoCredentials) => None,
            Fault::Credentials => Some(Remedy::CheckCredentials { environment: environment() }),
            Fault::Expired => Some(Remedy::RenewCredentials),
            Fault::Unreachable => Some(Remedy::Connect),
            Fault::Held
            | Fault::NoAnswer
            | Fault::Service
            | Fault::Refused
            | Fault::Unreadable
            | Fault::Settings => None,
        }
    }
}

/// The label under which a call is counted. `None` means that it succeeded.
pub(in crate::aws) fn counted_as(fault: Option<Fault>) -> &'static str {
    match fault {
        None => "ok",
        Some(Fault::Throttled) => "throttled",
        Some(Fault::Held) => "held",
        Some(Fault::Denied | Fault::Credentials | Fault::Expired) => "denied",
        Some(Fault::Unreachable | Fault::NoAnswer) => "unreachable",
        Some(Fault::Service) => "service",
        Some(Fault::Refused | Fault::Unreadable | Fault::Settings) => "refused",
    }
}

fn cause<E>(error: &SdkError<E, HttpResponse>) -> Cause
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    if let SdkError::ServiceError(_) = error {
        let code = error.code().map(str::to_owned);
        return Cause::Said { code, words: service_words(error.code(), error.message()) };
    }
    // Replaces the SDK's message, which names its internals and no remedy.
    if has_no_credentials(error) {
        Finding::NoCredentials.into()
    } else if find::<NotEncrypted>(error).is_some() {
        Finding::NotEncrypted.into()
    } else if let Some(held) = held(error) {
        Finding::Held(held.because()).into()
    } else {
        quote(&words(error)).into()
    }
}

fn fault<E>(error: &SdkError<E, HttpResponse>) -> Fault
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    if find::<NotEncrypted>(error).is_some() {
        return Fault::Settings;
    }
    if held(error).is_some() {
        return Fault::Held;
    }
    match error {
        SdkError::ConstructionFailure(_) => Fault::Settings,
        SdkError::TimeoutError(_) => Fault::NoAnswer,
        SdkError::ResponseError(_) => Fault::Unreadable,
        SdkError::DispatchFailure(_) if has_no_credentials(error) => Fault::Credentials,
        SdkError::DispatchFailure(_) => match find::<CredentialsError>(error) {
            Some(why) => no_credentials(why),
            None if never_connected(error) => Fault::Unreachable,
            None => Fault::NoAnswer,
        },
        SdkError::ServiceError(service) => {
            of_code(service.raw().status().as_u16(), error.code().unwrap_or_default())
        }
        _ => Fault::Unreadable,
    }
}

/// Whether the SDK searched all sources and found no credentials.
fn has_no_credentials(error: &(dyn Error + 'static)) -> bool {
    // That includes the credentials with which a role should have been assumed.
    causes(error)
        .filter_map(<dyn Error>::downcast_ref)
        .any(|why| matches!(why, CredentialsError::CredentialsNotLoaded(_)))
}

/// Classifies missing credentials: a source that cannot be reached may answer later; one that
/// refuses will not.
fn no_credentials(why: &CredentialsError) -> Fault {
    match why {
        CredentialsError::ProviderTimedOut(_) => Fault::Unreachable,
        CredentialsError::ProviderError(_) if !words(why).contains("AccessDenied") => {
            Fault::Unreachable
        }
        _ => Fault::Credentials,
    }
}

/// The kind of fault that a status and an error code mean. Systems Manager does not model
/// throttling for most operations, so the code decides.
pub(super) fn of_code(status: u16, code: &str) -> Fault {
    match code {
        "ThrottlingException"
        | "Throttling"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "SlowDown" => Fault::Throttled,
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" => Fault::Denied,
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => Fault::Expired,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "MissingAuthenticationTokenException"
        | "InvalidAccessKeyId"
        | "IncompleteSignature" => Fault::Credentials,
        "InternalServerError"
        | "InternalFailure"
        | "InternalError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => Fault::Service,
        "RequestTimeout" | "RequestTimeoutException" => Fault::NoAnswer,
        "" => match status {
            500.. => Fault::Service,
            _ => Fault::Unreadable,
        },
        _ => match status {
            500.. => Fault::Service,
            // S3 redirects to the Region of a bucket; the bot does not follow.
            300..500 => Fault::Refused,
            _ => Fault::Unreadable,
        },
    }
}

/// Whether certainly no byte of the request left: the name did not resolve, the connection was
/// refused, or TLS did not come about.
fn never_connected(error: &(dyn Error + 'static)) -> bool {
    find::<hyper_util::client::legacy::Error>(error).is_some_and(|error| error.is_connect())
        || find::<io::Error>(error)
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// An error and all its causes.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|error| error.downcast_ref())
}

/// Why the gate held a command, if it did.
pub(super) fn held(error: &(dyn Error + 'static)) -> Option<Held> {
    find(error).copied()
}

/// The messages of an error and all its causes.
pub(super) fn words(error: &(dyn Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The message of a service. One about a wrong signature can quote the signed request, including
/// the session token, and is dropped.
pub(super) fn service_words(code: Option<&str>, message: Option<&str>) -> Quoted {
    match (code, message) {
        (
            Some("SignatureDoesNotMatch" | "InvalidSignatureException" | "IncompleteSignature"),
            _,
        ) => Quoted::Withheld,
        (_, Some(message)) => quote(message),
        (_, None) => Quoted::Nothing,
    }
}

/// At most [`MESSAGE`] characters of a text, and nothing of a text that quotes a signed request.
pub(super) fn quote(text: &str) -> Quoted {
    let lower = text.to_ascii_lowercase();
    if lower.contains("security-token") || lower.contains("canonical string") {
        return Quoted::Withheld;
    }
    Quoted::Words(text.chars().take(MESSAGE).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_decides_before_the_status() {
        assert_eq!(of_code(400, "ThrottlingException"), Fault::Throttled);
        assert_eq!(of_code(400, "AccessDeniedException"), Fault::Denied);
        assert_eq!(of_code(400, "ExpiredTokenException"), Fault::Expired);
        assert_eq!(of_code(400, "InvalidInstanceId"), Fault::Refused);
        assert_eq!(of_code(301, "PermanentRedirect"), Fault::Refused);
        assert_eq!(of_code(500, "InternalServerError"), Fault::Service);
        assert_eq!(of_code(503, "SomethingNew"), Fault::Service);
    }

    #[test]
    fn an_answer_without_a_code_is_not_from_the_service() {
        assert_eq!(of_code(403, ""), Fault::Unreadable, "a proxy's page");
        assert_eq!(of_code(502, ""), Fault::Service);
    }

    #[test]
    fn a_denied_call_names_the_missing_action() {
        let environment = "production".parse().expect("a name");
        let error =
            AwsError::ours("DescribeInstancePatches", &environment, Fault::Denied, quote("no"));
        let hint = error.hint().expect("a hint");
        assert_eq!(hint, "The read role of production lacks ssm:DescribeInstancePatches");
        assert!(!error.is_temporary());
    }

    #[test]
    fn a_quoted_request_is_not_kept() {
        let quoted = "… x-amz-security-token:SECRET …";
        for code in ["InvalidSignatureException", "SomethingNew"] {
            assert_eq!(service_words(Some(code), Some(quoted)), Quoted::Withheld, "{code}");
        }
    }
}
