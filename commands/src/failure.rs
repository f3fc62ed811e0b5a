//! A call to AWS that brought no answer, typed so that everybody reads in their own language what can
//! be done about it. What AWS or the network itself said stays as it was said.

use serde::{Deserialize, Serialize};

use crate::card::Words;
use crate::environment_name::EnvironmentName;
use crate::text::Text;
use crate::wording::{Args, Locale};

/// What went wrong, and what an operator can do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What was asked, and what AWS or the network said.
    pub said: String,
    /// What can be done; none where that is all there is to say.
    pub remedy: Option<Remedy>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Remedy {
    /// What to do, in one language.
    pub fn text(&self, locale: Locale) -> Text {
        let words = Words(locale);
        match self {
            Self::Allow { environment, operation } => {
                let id = match operation.as_str() {
                    "SendCommand" => "remedy-allow-send",
                    "PutObject" => "remedy-allow-put",
                    "GetCallerIdentity" => "remedy-allow-identity",
                    "CancelCommand" => "remedy-allow-execute",
                    _ => "remedy-allow-read",
                };
                let args = Args::new().text("environment", environment.as_str());
                words.say(id, &args.text("operation", operation))
            }
            Self::Wait => words.say("remedy-wait", &Args::new()),
            Self::CheckCredentials { environment } => {
                let args = Args::new().text("environment", environment.as_str());
                words.say("remedy-check-credentials", &args)
            }
            Self::RenewCredentials => words.say("remedy-renew-credentials", &Args::new()),
            Self::Connect => words.say("remedy-connect", &Args::new()),
        }
    }
}

impl Failure {
    /// What was said, and what to do.
    pub fn text(&self, locale: Locale) -> Text {
        match &self.remedy {
            None => Text::from(self.said.clone()),
            Some(remedy) => {
                let args = Args::new().text("said", &self.said).rich("remedy", remedy.text(locale));
                Words(locale).say("failure-do", &args)
            }
        }
    }
}

impl NotScanned {
    /// Why, in one language.
    pub(crate) fn text(&self, locale: Locale) -> Text {
        let id = match self {
            Self::Failed(failure) => return failure.text(locale),
            Self::Held(HeldBecause::Stopped) => "held-stopped",
            Self::Held(HeldBecause::NoLease) => "held-no-lease",
            Self::Held(HeldBecause::WrongAccount) => "held-wrong-account",
            Self::Held(HeldBecause::RunNear) => "held-run-near",
            Self::Held(HeldBecause::NoRight) => "held-no-right",
        };
        Words(locale).say(id, &Args::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_reader_reads_the_remedy_in_another_language() {
        let environment: EnvironmentName = "production".parse().expect("a name");
        let allow = |operation: &str| Remedy::Allow {
            environment: environment.clone(),
            operation: operation.into(),
        };
        let operations = ["SendCommand", "PutObject", "GetCallerIdentity", "CancelCommand"];
        let mut all: Vec<Remedy> = operations.map(allow).into();
        all.extend([
            allow("DescribeInstancePatches"),
            Remedy::Wait,
            Remedy::CheckCredentials { environment: environment.clone() },
            Remedy::RenewCredentials,
            Remedy::Connect,
        ]);
        for remedy in all {
            let failure = Failure { said: "AWS: no".into(), remedy: Some(remedy) };
            let text = failure.text(Locale::Ja).plain();
            assert!(text.contains('。') && text.contains("AWS: no"), "{text}");
            assert!(failure.text(Locale::En).plain().is_ascii(), "{failure:?}");
        }
        let held = [
            HeldBecause::Stopped,
            HeldBecause::NoLease,
            HeldBecause::WrongAccount,
            HeldBecause::RunNear,
            HeldBecause::NoRight,
        ];
        for why in held.map(NotScanned::Held) {
            assert!(!why.text(Locale::Ja).plain().is_ascii(), "{why:?}");
        }
    }
}
