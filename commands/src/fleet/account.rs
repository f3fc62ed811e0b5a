//! Whose AWS credentials there are for an environment (GetCallerIdentity), held against the account
//! that the configuration names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::environment::Environment;

/// What credentials are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To look.
    Read,
    /// To send and cancel commands, and to put lists where nodes read them.
    Execute,
}

/// Whom AWS takes the owner of credentials for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// `Account`, twelve digits.
    pub account: String,
    /// `Arn`: a role's session, a user, or the account's root.
    pub arn: String,
}

/// Credentials of another account than the configured one: what is read with them is about other
/// nodes than the cards say, and what is sent goes to them. The environment is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongAccount {
    configured: String,
    /// At least one; none of them of the configured account.
    strays: BTreeMap<Purpose, Caller>,
}

impl WrongAccount {
    /// The account that the configuration names.
    pub fn configured(&self) -> &str {
        &self.configured
    }

    /// Whose credentials there are instead; at least one.
    pub fn strays(&self) -> &BTreeMap<Purpose, Caller> {
        &self.strays
    }
}

impl Environment {
    /// Which of `callers` are of another account than this environment; `None` where there are none.
    pub fn wrong_account(&self, callers: BTreeMap<Purpose, Caller>) -> Option<WrongAccount> {
        let mut strays = callers;
        strays.retain(|_, caller| caller.account != self.account);
        let configured = self.account.clone();
        (!strays.is_empty()).then_some(WrongAccount { configured, strays })
    }
}
