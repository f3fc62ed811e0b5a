//! Who may approve plans: the policy of an environment, and its exceptions for one level.

use std::collections::BTreeMap;

use commands::environment::policy::ApprovalPolicy;
use commands::patch::level::Level;
use serde::Deserialize;

use super::{Result, Span, approver};
use crate::chat::Person;

/// A level as a key: `III`, `II`, `I` or `unrated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LevelKey(Level);

impl<'de> Deserialize<'de> for LevelKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // Only one spelling for each, or two tables could describe the same level.
        let level = match text.as_str() {
            "III" => Level::III,
            "II" => Level::II,
            "I" => Level::I,
            "unrated" => Level::Unrated,
            _ => return Err(serde::de::Error::custom("a level is I, II, III or unrated")),
        };
        Ok(Self(level))
    }
}

/// The exceptions for plans of one level. For a key that it does not set, the environment's value
/// applies.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LevelTable {
    approvers: Option<Vec<String>>,
    quorum: Option<u32>,
    expires_after: Option<Span>,
    requester_may_vote: Option<bool>,
}

/// The parts of a policy as they are in the file.
#[derive(Clone)]
pub(super) struct Written {
    pub(super) approvers: Vec<String>,
    pub(super) quorum: u32,
    pub(super) expires_after: Span,
    pub(super) requester_may_vote: bool,
}

impl Written {
    pub(super) fn policy(&self, people: &BTreeMap<String, Person>) -> Result<ApprovalPolicy> {
        let approvers = self.approvers.iter().map(|text| approver(text, people));
        Ok(ApprovalPolicy {
            approvers: approvers.collect::<Result<_>>()?,
            quorum: self.quorum,
            expires_after: self.expires_after.seconds()?,
            requester_may_vote: self.requester_may_vote,
        })
    }

    /// The policies of the levels that have one of their own.
    pub(super) fn by_level(
        &self,
        tables: BTreeMap<LevelKey, LevelTable>,
        people: &BTreeMap<String, Person>,
    ) -> Result<BTreeMap<Level, ApprovalPolicy>> {
        let policies = tables.into_iter().map(|(key, table)| {
            let LevelTable { approvers, quorum, expires_after, requester_may_vote } = table;
            let written = Self {
                approvers: approvers.unwrap_or_else(|| self.approvers.clone()),
                quorum: quorum.unwrap_or(self.quorum),
                expires_after: expires_after.unwrap_or(self.expires_after),
                requester_may_vote: requester_may_vote.unwrap_or(self.requester_may_vote),
            };
            Ok((key.0, written.policy(people)?))
        });
        policies.collect()
    }
}

#[cfg(test)]
mod tests {
    use commands::seconds::Seconds;

    use crate::config::Config;
    use commands::environment::policy::{ApprovalPolicy, Approver};
    use commands::patch::level::Level;

    const GOOD: &str = r#"
[bot]
data = "/var/lib/patchbot"

[slack]
channel = "C0123456789"

[[person]]
name = "aiko"
slack = "U0AIKO"

[[person]]
name = "ben"
slack = "U0BEN"

[[group]]
name = "security"
slack = "S0SEC"

[[environment]]
name = "verification"
account = "111111111111"
region = "ap-northeast-1"
patch_group = "web-verification"
approvers = ["aiko", "ben"]
expires_after = "8h"
timeouts = { scan = "10m" }

[environment.level.III]
quorum = 2
approvers = ["@security"]
requester_may_vote = true

[environment.level.unrated]
expires_after = "1h"
"#;

    #[test]
    fn a_level_replaces_what_it_sets_and_nothing_else() {
        let config = Config::parse(GOOD).expect("it is good");
        let [environment] = config.promotion.0.as_slice() else { panic!("one environment") };
        let security = Approver::Group(commands::id::GroupRef("security".into()));
        let both = ["aiko", "ben"].map(|name| {
            Approver::Person(config.people[name].called(name).expect("they have an id"))
        });
        let own = ApprovalPolicy {
            approvers: both.to_vec(),
            quorum: 1,
            expires_after: Seconds::hours(8),
            requester_may_vote: false,
        };
        let of = |level| environment.policy_of(Some(level));
        assert_eq!(environment.policy_of(None), &own);
        assert_eq!((of(Level::I), of(Level::II)), (&own, &own));
        let severe = ApprovalPolicy {
            approvers: vec![security],
            quorum: 2,
            expires_after: Seconds::hours(8),
            requester_may_vote: true,
        };
        assert_eq!(of(Level::III), &severe);
        let unrated = ApprovalPolicy { expires_after: Seconds::hours(1), ..own.clone() };
        assert_eq!(of(Level::Unrated), &unrated);
        // The bot asks for its members although only one level names it.
        assert_eq!(config.groups_in_use().len(), 1);
    }

    #[test]
    fn a_level_that_empties_its_approvers_leaves_nobody() {
        let text = GOOD.replace("[\"@security\"]", "[]");
        let config = Config::parse(&text).expect("it is allowed, and says nobody");
        let policy = config.promotion.0[0].policy_of(Some(Level::III));
        assert!(policy.approvers.is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_key() {
        let check = |from: &str, to: &str, expected: &[&str]| {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "the change {from:?} changes nothing");
            let error = format!("{:#}", Config::parse(&text).expect_err(to));
            for expected in expected {
                assert!(error.contains(expected), "{error}\n  does not say\n{expected}");
            }
        };
        check("level.III", "level.IV", &["is no level", "I, II, III or unrated", "line 2"]);
        check("level.III", "level.iii", &["is no level"]);
        check(
            "quorum = 2",
            "quorom = 2",
            &[
                "unknown field",
                "`environment[1].level.III.quorom`",
                "Did you mean \"quorum\"?",
                "line 30",
            ],
        );
        check(
            "quorum = 2",
            "quorum = 0",
            &["`environment[1].level.III.quorum` has to be a whole number"],
        );
        check(
            "@security",
            "@ops",
            &["`environment[1].level.III.approvers[1]` names a group that is not described"],
        );
        check("@security", "aiko", &["level.III.quorum` cannot be reached", "of people only 1"]);
        check("\"1h\"", "\"a while\"", &["has to be a span of time"]);
        check("level.unrated", "level.III", &["duplicate key"]);
    }
}
