//! The severity of what a patch fixes, and whether that must be announced at once.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::patch::advisory::{Advisory, CveId, CvssVersion, KnownExploited};
use crate::patch::level::{Level, Score};
use crate::patch::{Patch, PatchId};

/// The severity of what a patch fixes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The level that follows from the score or the vendor's rating.
    pub level: Level,
    /// Whether the level comes from the vendor's rating, because there is no score.
    pub estimated: bool,
    /// The highest score among its vulnerabilities; `None` if none of them has a score.
    pub score: Option<Scored>,
    /// The entry of an exploited vulnerability among them: the one that CISA listed first.
    pub kev: Option<KnownExploited>,
    /// Why it must be announced at once; `None` if it can wait for the digest.
    pub clause: Option<AnnounceClause>,
}

/// A score with everything needed to check it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// The base score.
    pub score: Score,
    /// The CVSS version of the score.
    pub version: CvssVersion,
    /// Who published the score.
    pub source: String,
    /// The vulnerability that was scored.
    pub cve: CveId,
}

/// Why a patch must be announced at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnnounceClause {
    /// CISA lists one of its vulnerabilities as exploited.
    KnownExploited,
    /// Its level is III.
    LevelIII,
}

/// Assesses `patch` by the published advisories: its worst vulnerability counts.
pub fn assess<'a>(patch: &Patch, advisory: &dyn Fn(&CveId) -> Option<&'a Advisory>) -> Assessment {
    let known: Vec<&Advisory> = patch.cves.known().iter().filter_map(advisory).collect();
    let score = known
        .iter()
        .filter_map(|advisory| Some((advisory, advisory.score()?)))
        .max_by_key(|(advisory, score)| (score.score, Reverse(&advisory.cve)))
        .map(|(advisory, score)| Scored {
            score: score.score,
            version: score.version,
            source: score.source.clone(),
            cve: advisory.cve.clone(),
        });
    let kev = known
        .iter()
        .filter_map(|advisory| advisory.kev.as_ref())
        .min_by_key(|kev| kev.date_added)
        .cloned();
    let (level, estimated) = match (&score, patch.severity) {
        (Some(scored), _) => (scored.score.level(), false),
        (None, Some(severity)) => (severity.level(), true),
        (None, None) => (Level::Unrated, false),
    };
    let clause = match level {
        _ if kev.is_some() => Some(AnnounceClause::KnownExploited),
        Level::III => Some(AnnounceClause::LevelIII),
        Level::II | Level::Unrated | Level::I => None,
    };
    Assessment { level, estimated, score, kev, clause }
}

/// Whether a patch that was announced as `before` must be announced again, which is when it has
/// become worse.
pub fn announce_again(before: &Assessment, now: &Assessment) -> bool {
    let listed = before.kev.is_none() && now.kev.is_some();
    listed || now.level > before.level
}

impl Assessment {
    /// The worst first: by exploitation, level, score, number of nodes, id.
    pub fn order<'a>(&self, nodes: u32, id: &'a PatchId) -> impl Ord + use<'a> {
        let score = self.score.as_ref().map(|scored| scored.score);
        (Reverse(self.kev.is_some()), Reverse(self.level), Reverse(score), Reverse(nodes), id)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};

    use super::*;
    use crate::patch::advisory::CvssScore;
    use crate::patch::{Cves, VendorSeverity};

    fn patch(cves: &[&str], severity: Option<VendorSeverity>) -> Patch {
        let cves: Vec<CveId> = cves.iter().map(|cve| cve.parse().expect("a CVE id")).collect();
        Patch {
            id: PatchId("openssh.x86_64".into()),
            title: "openssh.x86_64:0:8.7p1-8.amzn2023.0.11".into(),
            classification: "Security".into(),
            severity,
            cves: if cves.is_empty() { Cves::Unknown } else { Cves::Listed(cves) },
            released: None,
            advisories: vec![],
            url: None,
        }
    }

    fn advisory(cve: &str, number: f64, listed: bool) -> Advisory {
        let date = NaiveDate::from_ymd_opt(2024, 5, 30).expect("a date");
        Advisory {
            cve: cve.parse().expect("a CVE id"),
            title: String::new(),
            scores: vec![CvssScore {
                version: CvssVersion::V31,
                score: Score::from_number(number).expect("a score"),
                source: "nvd@nist.gov".into(),
                primary: true,
            }],
            kev: listed.then_some(KnownExploited {
                date_added: date,
                due_date: None,
                ransomware: false,
            }),
            as_of: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_worst_counts_and_exploited_announces_by_itself() {
        // NVD rates CVE-2024-6387 at 8.1 and CVE-2024-1086 at 7.8; the latter has been in CISA's
        // catalogue since 2024-05-30.
        let all = [advisory("CVE-2024-6387", 8.1, false), advisory("CVE-2024-1086", 7.8, true)];
        let look = |cve: &CveId| all.iter().find(|advisory| advisory.cve == *cve);
        let both = assess(&patch(&["CVE-2024-6387", "CVE-2024-1086"], None), &look);
        assert_eq!(both.level, Level::III);
        assert_eq!(both.score.as_ref().map(|scored| scored.score.to_string()), Some("8.1".into()));
        assert_eq!(both.clause, Some(AnnounceClause::KnownExploited));
        let one = assess(&patch(&["CVE-2024-6387"], None), &look);
        assert_eq!(one.clause, Some(AnnounceClause::LevelIII));
        assert!(announce_again(&one, &both));
        assert!(!announce_again(&both, &one));
    }

    #[test]
    fn without_a_score_the_vendor_is_believed_and_without_a_word_nobody_is() {
        let nothing = |_: &CveId| None;
        let estimated = assess(&patch(&[], Some(VendorSeverity::Important)), &nothing);
        assert_eq!((estimated.level, estimated.estimated), (Level::III, true));
        let unrated = assess(&patch(&[], None), &nothing);
        assert_eq!(
            (unrated.level, unrated.estimated, unrated.clause),
            (Level::Unrated, false, None)
        );
    }
}
