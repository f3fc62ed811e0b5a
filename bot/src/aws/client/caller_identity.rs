//! Whose the credentials are: GetCallerIdentity of STS, which needs no permission.

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

/// How it is found out as whom something is done.
pub(in crate::aws) struct Identity {
    pub(in crate::aws) access: Access,
    pub(in crate::aws) client: aws_sdk_sts::Client,
}

/// Why an environment cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EnvironmentError {
    /// AWS could not be asked.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// What AWS would say is about the nodes of another account.
    #[error("the credentials for {environment} are of another account than {}", .wrong.configured())]
    WrongAccount {
        /// Which environment.
        environment: EnvironmentName,
        /// Whose they are.
        wrong: WrongAccount,
    },
}

impl EnvironmentError {
    /// What is said to the person who asked for it.
    pub(crate) fn refusal(&self) -> Refusal {
        match self {
            Self::Aws(error) => Refusal::Failed(Box::new(error.failure())),
            Self::WrongAccount { environment, wrong } => {
                Refusal::WrongAccount { environment: environment.clone(), wrong: wrong.clone() }
            }
        }
    }

    /// Whose the credentials are instead, if that is why.
    pub fn wrong_account(&self) -> Option<&WrongAccount> {
        match self {
            Self::WrongAccount { wrong, .. } => Some(wrong),
            Self::Aws(_) => None,
        }
    }
}

/// Whose credentials there are. The same credentials are asked about once, however many environments
/// share them, so it is made anew for each look.
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
    /// Asks nothing yet.
    pub fn callers(&self) -> Callers {
        Callers { aws: self.clone(), known: Mutex::default() }
    }
}

impl Callers {
    /// Whether what is done in `environment` is done in its account.
    ///
    /// # Errors
    /// If it is not, or cannot be asked.
    pub async fn in_its_account(&self, environment: &Environment) -> Result<(), EnvironmentError> {
        match self.readable(environment).await? {
            None => Ok(()),
            Some(error) => Err(error.into()),
        }
    }

    /// Whether what is read in `environment` is read in its account. Gives why it could not be asked
    /// as whom commands would be sent there, if it could not.
    ///
    /// # Errors
    /// If any of its credentials are of another account, or it cannot be asked as whom it is read.
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
