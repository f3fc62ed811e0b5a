//! Whom the credentials belong to: GetCallerIdentity of STS, which needs no permission.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use commands::environment::Environment;
use commands::failure::Finding;
use commands::fleet::account::{Caller, Purpose, WrongAccount};
use commands::id::EnvironmentName;
use commands::refusal::Refusal;
use thiserror::Error;
use tokio::sync::OnceCell;

use crate::aws::client::Client;
use crate::aws::client::connect::Access;
use crate::aws::error::counted_as;
use crate::aws::{Aws, AwsError, Fault};
use crate::telemetry::metrics;

const OPERATION: &str = "GetCallerIdentity";

/// The client that asks STS whose credentials these are.
pub(in crate::aws) struct Identity {
    pub(in crate::aws) access: Access,
    pub(in crate::aws) client: aws_sdk_sts::Client,
}

/// Why an environment cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EnvironmentError {
    /// AWS did not answer the request.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The credentials belong to another account, so the answers would describe other nodes.
    #[error("the credentials for {environment} are of another account than {}", .wrong.configured())]
    WrongAccount {
        /// The environment whose credentials are wrong.
        environment: EnvironmentName,
        /// The account that the credentials belong to, and the one that they should belong to.
        wrong: WrongAccount,
    },
}

impl EnvironmentError {
    /// The refusal for the person who asked for it.
    pub(crate) fn refusal(&self) -> Refusal {
        match self {
            Self::Aws(error) => Refusal::Failed(Box::new(error.failure())),
            Self::WrongAccount { environment, wrong } => {
                Refusal::WrongAccount { environment: environment.clone(), wrong: wrong.clone() }
            }
        }
    }

    /// The account mismatch, if that is the reason.
    pub fn wrong_account(&self) -> Option<&WrongAccount> {
        match self {
            Self::WrongAccount { wrong, .. } => Some(wrong),
            Self::Aws(_) => None,
        }
    }
}

/// The identities found so far. The bot asks about the same credentials once, however many
/// environments share them. Each refresh creates a new value, so the answers do not get old.
pub struct Callers {
    aws: Aws,
    known: Mutex<BTreeMap<Access, Arc<OnceCell<Caller>>>>,
}

impl fmt::Debug for Callers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callers").finish_non_exhaustive()
    }
}

impl Aws {
    /// Creates an empty value. Sends no request yet.
    pub fn callers(&self) -> Callers {
        Callers { aws: self.clone(), known: Mutex::default() }
    }
}

impl Callers {
    /// Checks that all credentials of `environment` belong to its account.
    ///
    /// # Errors
    /// If any do not, or if AWS cannot be asked.
    pub async fn in_its_account(&self, environment: &Environment) -> Result<(), EnvironmentError> {
        match self.readable(environment).await? {
            None => Ok(()),
            Some(error) => Err(error.into()),
        }
    }

    /// Checks that the read role of `environment` belongs to its account. Returns why the bot could
    /// not ask for the identity of the execute role, if it could not.
    ///
    /// # Errors
    /// If any of the credentials belong to another account, or if the bot cannot ask for the
    /// identity of the read role.
    pub async fn readable(
        &self,
        environment: &Environment,
    ) -> Result<Option<AwsError>, EnvironmentError> {
        let client = self.aws.client(&environment.name, OPERATION)?;
        let mut callers = BTreeMap::new();
        callers.insert(Purpose::Read, self.caller(client, &client.reads_as).await?);
        let mut unknown = None;
        if let Some(executes) = &client.executes {
            match self.caller(client, &executes.identity).await {
                Ok(caller) => drop(callers.insert(Purpose::Execute, caller)),
                Err(error) => unknown = Some(error),
            }
        }
        match environment.wrong_account(callers) {
            Some(wrong) => {
                Err(EnvironmentError::WrongAccount { environment: environment.name.clone(), wrong })
            }
            None => Ok(unknown),
        }
    }

    async fn caller(&self, client: &Client, identity: &Identity) -> Result<Caller, AwsError> {
        let asked = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(identity.access.clone()).or_default())
        };
        asked.get_or_try_init(|| identity.caller(client)).await.cloned()
    }
}

impl Identity {
    async fn caller(&self, client: &Client) -> Result<Caller, AwsError> {
        let began = Instant::now();
        let answer = Box::pin(self.client.get_caller_identity().send())
            .await
            .map_err(|error| AwsError::from_sdk(OPERATION, &client.environment, &error));
        metrics::called(
            OPERATION,
            counted_as(answer.as_ref().err().map(|error| error.fault)),
            began.elapsed(),
        );
        let answer = answer?;
        let account = answer.account().unwrap_or_default().to_owned();
        if account.is_empty() {
            let (fault, found) = (Fault::Unreadable, Finding::NoAccount);
            return Err(AwsError::ours(OPERATION, &client.environment, fault, found));
        }
        Ok(Caller { account, arn: answer.arn().unwrap_or_default().to_owned() })
    }
}
