//! Failed calls to AWS, as data, so that each reader sees in their own language what happened and
//! what can be done about it. What AWS or the network said is quoted.

use serde::{Deserialize, Serialize};

use crate::id::EnvironmentName;

/// A call to AWS that failed, and what an operator can do about it. It never holds a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The API operation, such as `DescribeInstancePatches`.
    pub operation: String,
    /// The environment whose account or Region was called.
    pub environment: EnvironmentName,
    /// Why the call failed.
    pub cause: Cause,
    /// The request id, with which AWS support finds the call; `None` if there was no response.
    pub request: Option<String>,
    /// What an operator can do; `None` if we know of nothing.
    pub remedy: Option<Remedy>,
}

/// Why a call to AWS failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// AWS refused the call, or the connection broke.
    Said {
        /// AWS's error code, if it gave one.
        code: Option<String>,
        /// The error message.
        words: Quoted,
    },
    /// patchbot itself found the problem.
    Found(Finding),
}

/// An error message of AWS, its SDK or the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quoted {
    /// The message.
    Words(String),
    /// There is no readable message.
    Nothing,
    /// The message is about a signature and could quote the session token, so we do not keep it.
    Withheld,
}

/// A problem with a call that patchbot itself found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The SDK searched every source of credentials and found none.
    NoCredentials,
    /// The configuration gives no source of credentials.
    NoCredentialSource,
    /// The configuration names no execute role, so nothing can be changed there.
    NoExecuteRole,
    /// The configuration gives no account for the environment.
    NoAccountConfigured,
    /// The endpoint in the process environment or AWS profile does not use TLS.
    NotEncrypted,
    /// The call was held back just before it was sent.
    Held(HeldBecause),
    /// The response to SendCommand has no command id.
    NoCommandId,
    /// The response to GetCallerIdentity has no account.
    NoAccount,
    /// No patch baseline applies to an operating system.
    NoBaseline {
        /// The operating system, as AWS names it.
        system: String,
    },
    /// A maintenance window in a response has no time of its last change.
    WindowWithoutChange {
        /// The id of the window.
        window: String,
    },
    /// A maintenance window in a response has no duration.
    WindowWithoutDuration {
        /// The id of the window.
        window: String,
    },
    /// The override location is not `s3://bucket/key`, or it is too long.
    BadLocation {
        /// The location that is configured.
        location: String,
        /// The maximum length, in characters.
        limit: usize,
    },
    /// The override list would be empty.
    NothingToInstall,
    /// A patch has no id by which an override list could name it.
    NotListable {
        /// The id of the patch, as far as it has one.
        patch: String,
    },
    /// The proof of a patch lacks its version.
    NoVersion {
        /// The id of the patch.
        patch: String,
    },
    /// A name for the override list contains a control character.
    ControlCharacter {
        /// The name, with the character escaped.
        name: String,
    },
    /// No environment is in the account of the queue.
    QueueElsewhere,
    /// Messages of the queue came without a receipt handle.
    NoReceipt,
    /// A message of the queue could not be deleted.
    NotDeleted {
        /// AWS's error code.
        code: String,
    },
}

/// What an operator can do about a failed call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Allow a role to call an operation.
    Allow {
        /// The environment whose role lacks the permission.
        environment: EnvironmentName,
        /// The operation, such as `SendCommand`.
        operation: String,
    },
    /// Wait: AWS limits the rate of calls.
    Wait,
    /// Check the credentials with which a role is assumed.
    CheckCredentials {
        /// The environment whose role is assumed.
        environment: EnvironmentName,
    },
    /// Renew credentials that have expired.
    RenewCredentials,
    /// Restore the network connection to AWS.
    Connect,
}

/// Why nodes were not scanned before a survey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotScanned {
    /// The scan was held back before it was sent.
    Held(HeldBecause),
    /// The call to AWS failed.
    Failed(Failure),
}

/// Why a scan was held back. It is sent once the cause is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldBecause {
    /// Somebody has stopped everything.
    Stopped,
    /// Another process holds the lease.
    NoLease,
    /// The credentials belong to another account.
    WrongAccount,
    /// A run works on the nodes, or is about to.
    RunNear,
    /// The caller did not have the right to send it.
    NoRight,
}

impl Cause {
    /// AWS's error code, if it gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Said { code, .. } => code.as_deref(),
            Self::Found(_) => None,
        }
    }
}

impl From<Quoted> for Cause {
    fn from(words: Quoted) -> Self {
        Self::Said { code: None, words }
    }
}

impl From<Finding> for Cause {
    fn from(finding: Finding) -> Self {
        Self::Found(finding)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    impl From<&str> for Failure {
        fn from(words: &str) -> Self {
            let words = Quoted::Words(words.into());
            Self { cause: Cause::Said { code: None, words }, ..said("") }
        }
    }

    /// AWS's error code, without a message.
    pub(crate) fn said(code: &str) -> Failure {
        Failure {
            operation: "SendCommand".into(),
            environment: "verification".parse().expect("a name"),
            cause: Cause::Said { code: Some(code.into()), words: Quoted::Words("no".into()) },
            request: None,
            remedy: None,
        }
    }
}
