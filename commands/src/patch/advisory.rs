//! Advisories: what is published about a vulnerability.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::patch::level::Score;

/// The id of a vulnerability, such as `CVE-2024-6387`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CveId(String);

/// An error for text that is not a CVE id.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a CVE id is CVE, a year and at least four digits, such as CVE-2024-6387")]
pub struct CveIdError;

impl CveId {
    /// The id, as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CveId {
    type Err = CveIdError;

    fn from_str(text: &str) -> Result<Self, CveIdError> {
        let text = text.trim().to_ascii_uppercase();
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let well = text.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')).is_some_and(
            |(year, number)| {
                year.len() == 4
                    && digits(year)
                    && (4..=19).contains(&number.len())
                    && digits(number)
            },
        );
        if well { Ok(Self(text)) } else { Err(CveIdError) }
    }
}

impl fmt::Display for CveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for CveId {
    type Error = CveIdError;

    fn try_from(text: String) -> Result<Self, CveIdError> {
        text.parse()
    }
}

impl From<CveId> for String {
    fn from(id: CveId) -> Self {
        id.0
    }
}

/// The CVSS version of a score. Scores of different versions are not comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CvssVersion {
    /// CVSS 2.0.
    V2,
    /// CVSS 3.0.
    V30,
    /// CVSS 3.1.
    V31,
    /// CVSS 4.0.
    V40,
}

impl CvssVersion {
    /// Which score is used if there are several: 3.1, then 3.0, 4.0, 2.0.
    const ORDER: [Self; 4] = [Self::V31, Self::V30, Self::V40, Self::V2];
}

impl fmt::Display for CvssVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V2 => "2.0",
            Self::V30 => "3.0",
            Self::V31 => "3.1",
            Self::V40 => "4.0",
        })
    }
}

/// A CVSS score, with its version and source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CvssScore {
    /// The CVSS version of the score.
    pub version: CvssVersion,
    /// The base score.
    pub score: Score,
    /// Who published it, such as `nvd@nist.gov`.
    pub source: String,
    /// Whether the database marks it as primary.
    pub primary: bool,
}

/// The entry of a vulnerability that CISA lists as exploited.
///
/// Source: CISA Known Exploited Vulnerabilities Catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownExploited {
    /// When CISA added it to the list.
    pub date_added: NaiveDate,
    /// The date by which US agencies must have fixed it.
    pub due_date: Option<NaiveDate>,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
}

/// An advisory about one vulnerability.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisory {
    /// The id of the vulnerability.
    pub cve: CveId,
    /// The vulnerability, in one sentence.
    pub title: String,
    /// All published scores.
    pub scores: Vec<CvssScore>,
    /// Its entry in CISA's list of exploited vulnerabilities; `None` if it is not listed.
    pub kev: Option<KnownExploited>,
    /// When we read this.
    pub as_of: DateTime<Utc>,
}

impl Advisory {
    /// The score that is used: by version in the order 3.1, 3.0, 4.0, 2.0; within a version the
    /// primary one, otherwise the highest.
    pub fn score(&self) -> Option<&CvssScore> {
        CvssVersion::ORDER.into_iter().find_map(|version| {
            let of_version = || self.scores.iter().filter(move |score| score.version == version);
            of_version()
                .find(|score| score.primary)
                .or_else(|| of_version().max_by_key(|score| score.score))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advisory(scores: &[(CvssVersion, u8, bool)]) -> Advisory {
        let score = |&(version, tenths, primary): &(CvssVersion, u8, bool)| CvssScore {
            version,
            score: Score::from_tenths(tenths).expect("a score"),
            source: "nvd@nist.gov".into(),
            primary,
        };
        Advisory {
            cve: "CVE-2024-6387".parse().expect("an id"),
            title: String::new(),
            scores: scores.iter().map(score).collect(),
            kev: None,
            as_of: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_score_that_counts_follows_version_then_primary_then_height() {
        use CvssVersion::{V2, V31, V40};
        let check = |scores: &[_], tenths: Option<u8>| {
            let advisory = advisory(scores);
            assert_eq!(advisory.score().map(|score| score.score.tenths()), tenths, "{scores:?}");
        };
        check(&[], None);
        check(&[(V2, 93, true), (V40, 87, true)], Some(87));
        check(&[(V40, 93, true), (V31, 81, false)], Some(81));
        check(&[(V31, 98, false), (V31, 81, true)], Some(81));
        check(&[(V31, 70, false), (V31, 81, false)], Some(81));
    }

    #[test]
    fn cve_ids_are_read_strictly() {
        for good in ["CVE-2024-6387", " cve-2021-44228 ", "CVE-2014-1234567"] {
            assert!(good.parse::<CveId>().is_ok(), "{good}");
        }
        for bad in ["", "CVE-24-1", "CVE-2024-", "CVE-2024-123", "2024-6387", "CVE-2024-6387; rm"] {
            assert!(bad.parse::<CveId>().is_err(), "{bad}");
        }
    }
}
