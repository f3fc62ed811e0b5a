//! Which AWS account the credentials of an environment belong to (GetCallerIdentity), compared with
//! the account that the configuration names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::environment::Environment;

/// The purpose of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To read.
    Read,
    /// To send and cancel commands, and to upload override lists for the nodes.
    Execute,
}

/// The identity to which AWS resolves the credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// `Account`: twelve digits.
    pub account: String,
    /// `Arn`: a role session, a user, or the root user of the account.
    pub arn: String,
}

/// Credentials of an account other than the configured one. Whatever they read is about other nodes
/// than the cards say, and whatever they send goes to those nodes. The environment is therefore
/// closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongAccount {
    configured: String,
    /// At least one identity; none of them is in the configured account.
    strays: BTreeMap<Purpose, Caller>,
}

impl WrongAccount {
    /// The account that the configuration names.
    pub fn configured(&self) -> &str {
        &self.configured
    }

    /// The identities of the credentials, by purpose; at least one.
    pub fn strays(&self) -> &BTreeMap<Purpose, Caller> {
        &self.strays
    }
}

impl Environment {
    /// Those of `callers` that are in another account than this environment's; `None` if there are
    /// none.
    pub fn wrong_account(&self, callers: BTreeMap<Purpose, Caller>) -> Option<WrongAccount> {
        let mut strays = callers;
        strays.retain(|_, caller| caller.account != self.account);
        let configured = self.account.clone();
        (!strays.is_empty()).then_some(WrongAccount { configured, strays })
    }
}
