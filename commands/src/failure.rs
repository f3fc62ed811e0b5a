//! A call to AWS that brought no answer, typed so that everybody reads in their own language what
//! happened and what can be done about it. What AWS or the network itself said is quoted.

use serde::{Deserialize, Serialize};

use crate::id::EnvironmentName;

/// What went wrong with a call to AWS, and what an operator can do about it. It never holds a
/// credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The API operation, such as `DescribeInstancePatches`.
    pub operation: String,
    /// Where it was asked.
    pub environment: EnvironmentName,
    /// What happened.
    pub cause: Cause,
    /// The request id, by which AWS support finds the call.
    pub request: Option<String>,
    /// What can be done; none where that is all there is to say.
    pub remedy: Option<Remedy>,
}

/// What happened to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// AWS said no, or the connection broke.
    Said {
        /// AWS's error code, if it gave one.
        code: Option<String>,
        /// The words for it.
        words: Quoted,
    },
    /// patchbot itself found what is wrong.
    Found(Finding),
}

/// What AWS, its SDK or the network said, in their words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quoted {
    /// These words.
    Words(String),
    /// Nothing that could be read.
    Nothing,
    /// Words about a signature, which can quote the session token: they are not kept.
    Withheld,
}

/// What patchbot itself found wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The SDK has looked everywhere for credentials and found none.
    NoCredentials,
    /// The configuration gives no source of credentials.
    NoCredentialSource,
    /// The configuration names no execute role, so nothing is done there.
    NoExecuteRole,
    /// The configuration gives no account for the environment.
    NoAccountConfigured,
    /// The endpoint in the process environment or profile does not use TLS.
    NotEncrypted,
    /// It was held back just before it left.
    Held(HeldBecause),
    /// SendCommand was answered without a command id.
    NoCommandId,
    /// GetCallerIdentity was answered without an account.
    NoAccount,
    /// No patch baseline decides for an operating system.
    NoBaseline {
        /// As AWS names it.
        system: String,
    },
    /// A maintenance window was answered without the time of its last change.
    WindowWithoutChange {
        /// Its id.
        window: String,
    },
    /// A maintenance window was answered without its duration.
    WindowWithoutDuration {
        /// Its id.
        window: String,
    },
    /// The override location is not `s3://bucket/key`, or too long.
    BadLocation {
        /// What was configured.
        location: String,
        /// The most characters.
        limit: usize,
    },
    /// The list of what to install would be empty.
    NothingToInstall,
    /// A patch has no id by which a list could name it.
    NotListable {
        /// Its id.
        patch: String,
    },
    /// A patch was proven without its version.
    NoVersion {
        /// Its id.
        patch: String,
    },
    /// A name that the list would hold has a control character.
    ControlCharacter {
        /// The name, escaped.
        name: String,
    },
    /// No environment is in the account of the queue.
    QueueElsewhere,
    /// Messages of a queue came without a receipt handle.
    NoReceipt,
    /// A message of a queue could not be deleted.
    NotDeleted {
        /// AWS's error code.
        code: String,
    },
}

/// What an operator can do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Let a role do what it may not.
    Allow {
        /// For which environment.
        environment: EnvironmentName,
        /// What: `SendCommand`.
        operation: String,
    },
    /// Wait: AWS limits how often it may be asked.
    Wait,
    /// Check the credentials that a role is assumed with.
    CheckCredentials {
        /// For which environment.
        environment: EnvironmentName,
    },
    /// Renew credentials that have expired.
    RenewCredentials,
    /// Make a way to AWS.
    Connect,
}

/// Why nodes were not scanned before they were looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotScanned {
    /// The scan was held back before it was sent.
    Held(HeldBecause),
    /// AWS could not be asked.
    Failed(Failure),
}

/// Why a scan was held back. It is sent once nothing holds it any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldBecause {
    /// Somebody has stopped everything.
    Stopped,
    /// Another process holds the lease.
    NoLease,
    /// The credentials are of another account.
    WrongAccount,
    /// A run works on the nodes, or is about to.
    RunNear,
    /// Nobody gave the right to send it.
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

    /// AWS's word for it, and nothing more.
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
