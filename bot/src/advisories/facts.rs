//! What the bot has read from the feeds, and when. Unlike the advisories derived from it, it is not
//! stored: after a restart the bot reads the feeds again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use commands::patch::PatchId;
use commands::patch::advisory::{Advisory, CveId, CvssScore, CvssVersion, KnownExploited};
use commands::patch::level::Score;

use super::kev::Entry;
use super::msrc::Fixes;
use super::nvd::{Metric, Record};

/// How long the NVD's record of a CVE counts as fresh.
const GOOD_FOR: TimeDelta = TimeDelta::hours(24);

/// How long it counts as fresh while the CVE has no score: one may be published at any hour.
const GOOD_FOR_UNSCORED: TimeDelta = TimeDelta::hours(6);

/// Everything that was read so far.
#[derive(Debug, Default)]
pub(super) struct Facts {
    nvd: BTreeMap<CveId, Fact>,
    kev: Option<Kev>,
    /// By month, so that reading a month again replaces what was read before.
    msrc: BTreeMap<String, Fixes>,
}

/// The KEV catalogue as of the last read.
#[derive(Debug)]
struct Kev {
    read_at: DateTime<Utc>,
    entries: BTreeMap<String, Entry>,
}

/// What the NVD says about one CVE.
#[derive(Debug)]
struct Fact {
    read_at: DateTime<Utc>,
    said: Said,
}

#[derive(Debug)]
enum Said {
    /// The NVD has a record of it.
    Published { title: Option<String>, scores: Vec<CvssScore> },
    /// The NVD withdrew the record: it is not a vulnerability.
    Rejected,
    /// The NVD has no record of it.
    Absent,
}

impl Fact {
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let good_for = match &self.said {
            Said::Published { scores, .. } if !scores.is_empty() => GOOD_FOR,
            Said::Published { .. } | Said::Rejected | Said::Absent => GOOD_FOR_UNSCORED,
        };
        now - self.read_at < good_for
    }
}

impl Facts {
    /// Whether the record of `cve` is fresh enough not to read it from the NVD again.
    pub(super) fn is_fresh(&self, cve: &CveId, now: DateTime<Utc>) -> bool {
        self.nvd.get(cve).is_some_and(|fact| fact.is_fresh(now))
    }

    /// Stores what the NVD answered; `None` means that it has no record.
    pub(super) fn learn(&mut self, cve: &CveId, record: Option<&Record>, now: DateTime<Utc>) {
        let said = match record {
            None => Said::Absent,
            Some(record) if record.is_rejected() => {
                tracing::info!(cve = %cve, "the NVD has withdrawn a CVE: it is dropped");
                Said::Rejected
            }
            Some(record) => Said::Published { title: record.title(), scores: scores(record) },
        };
        self.nvd.insert(cve.clone(), Fact { read_at: now, said });
    }

    pub(super) fn learn_kev(&mut self, entries: BTreeMap<String, Entry>, now: DateTime<Utc>) {
        self.kev = Some(Kev { read_at: now, entries });
    }

    /// Stores the months that were read; other months stay unchanged.
    pub(super) fn learn_msrc(&mut self, months: BTreeMap<String, Fixes>) {
        self.msrc.extend(months);
    }

    /// The CVEs that a Windows update fixes, according to the months that were read from Microsoft.
    pub(super) fn mended_by(&self, patch: &PatchId) -> Vec<CveId> {
        let Some(number) = patch.as_str().strip_prefix("KB") else { return Vec::new() };
        let all: BTreeSet<&CveId> =
            self.msrc.values().filter_map(|fixes| fixes.get(number)).flatten().collect();
        all.into_iter().cloned().collect()
    }

    pub(super) fn has_kev(&self) -> bool {
        self.kev.is_some()
    }

    /// Everything known about `cve`. An entry in CISA's catalogue suffices, even if the NVD has no
    /// record.
    pub(super) fn advisory(&self, cve: &CveId) -> Option<Advisory> {
        let fact = self.nvd.get(cve);
        let kev = self.kev.as_ref().and_then(|kev| Some((kev, kev.entries.get(cve.as_str())?)));
        let (title, scores, as_of) = match (fact.map(|fact| (&fact.said, fact.read_at)), kev) {
            (Some((Said::Rejected, _)), _) => return None,
            (Some((Said::Published { title, scores }, read_at)), _) => {
                (title.clone(), scores.clone(), read_at)
            }
            (Some((Said::Absent, _)) | None, Some((kev, _))) => (None, Vec::new(), kev.read_at),
            (Some((Said::Absent, _)) | None, None) => return None,
        };
        let name = kev.map(|(_, entry)| entry.vulnerability_name.trim().to_owned());
        let title =
            name.filter(|name| !name.is_empty()).or(title).unwrap_or_else(|| cve.to_string());
        let kev = kev.map(|(_, entry)| KnownExploited {
            date_added: entry.date_added,
            due_date: entry.due_date,
            ransomware: entry.ransomware(),
        });
        Some(Advisory { cve: cve.clone(), title, scores, kev, as_of })
    }
}

fn scores(record: &Record) -> Vec<CvssScore> {
    let metrics = &record.metrics;
    let by_version = [
        (CvssVersion::V40, &metrics.v40),
        (CvssVersion::V31, &metrics.v31),
        (CvssVersion::V30, &metrics.v30),
        (CvssVersion::V2, &metrics.v2),
    ];
    let score = |version, metric: &Metric| {
        let score = Score::from_number(metric.cvss_data.base_score).ok()?;
        Some(CvssScore {
            version,
            score,
            source: metric.source.clone(),
            primary: metric.is_primary(),
        })
    };
    by_version
        .into_iter()
        .flat_map(|(version, metrics)| {
            metrics.iter().filter_map(move |metric| score(version, metric))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cve(id: &str) -> CveId {
        id.parse().expect("a CVE id")
    }

    /// CVE-2024-1086 as in the NVD and in CISA's catalogue, shortened.
    fn record(status: &str) -> Record {
        serde_json::from_value(json!({
            "id": "CVE-2024-1086", "vulnStatus": status,
            "descriptions": [{ "lang": "en", "value": "A use-after-free in nf_tables. More." }],
            "metrics": { "cvssMetricV31": [
                { "source": "cve-coordination@google.com", "type": "Secondary",
                  "cvssData": { "baseScore": 7.8, "vectorString": "CVSS:3.1/…" } },
                { "source": "nvd@nist.gov", "type": "Primary",
                  "cvssData": { "baseScore": 7.8, "vectorString": "CVSS:3.1/…" } } ] },
        }))
        .expect("a record")
    }

    fn catalogue() -> BTreeMap<String, Entry> {
        let entry = serde_json::from_value(json!({
            "cveID": "CVE-2024-1086", "vulnerabilityName": "Linux Kernel Use-After-Free Vulnerability",
            "dateAdded": "2024-05-30", "dueDate": "2024-06-20", "knownRansomwareCampaignUse": "Known",
        }))
        .expect("an entry");
        [("CVE-2024-1086".to_owned(), entry)].into()
    }

    #[test]
    fn both_feeds_make_one_advisory() {
        let (id, now) = (cve("CVE-2024-1086"), DateTime::UNIX_EPOCH);
        let mut facts = Facts::default();
        facts.learn(&id, Some(&record("Analyzed")), now);
        assert_eq!(facts.advisory(&id).expect("known").title, "A use-after-free in nf_tables");
        facts.learn_kev(catalogue(), now);
        let advisory = facts.advisory(&id).expect("known");
        assert_eq!(advisory.title, "Linux Kernel Use-After-Free Vulnerability");
        assert_eq!(advisory.scores.len(), 2);
        assert_eq!(advisory.score().map(|score| score.source.as_str()), Some("nvd@nist.gov"));
        assert!(advisory.kev.is_some_and(|kev| kev.ransomware));
    }

    #[test]
    fn exploited_is_said_even_while_the_nvd_is_silent() {
        let mut facts = Facts::default();
        facts.learn_kev(catalogue(), DateTime::UNIX_EPOCH);
        let id = cve("CVE-2024-1086");
        assert!(facts.advisory(&id).is_some_and(|advisory| advisory.kev.is_some()));
        assert!(!facts.is_fresh(&id, DateTime::UNIX_EPOCH), "the NVD is still to be asked");
    }

    #[test]
    fn a_withdrawn_record_is_dropped_and_not_asked_for_again_at_once() {
        let mut facts = Facts::default();
        let id = cve("CVE-2024-1086");
        facts.learn(&id, Some(&record("Rejected")), DateTime::UNIX_EPOCH);
        assert!(facts.advisory(&id).is_none());
        assert!(facts.is_fresh(&id, DateTime::UNIX_EPOCH));
    }

    #[test]
    fn a_score_is_asked_for_again_after_a_day_and_a_missing_one_after_six_hours() {
        let (scored, absent) = (cve("CVE-2024-1086"), cve("CVE-2024-1087"));
        let mut facts = Facts::default();
        facts.learn(&scored, Some(&record("Analyzed")), DateTime::UNIX_EPOCH);
        facts.learn(&absent, None, DateTime::UNIX_EPOCH);
        let is_fresh = |cve: &CveId, hours| {
            facts.is_fresh(cve, DateTime::UNIX_EPOCH + TimeDelta::hours(hours))
        };
        assert!(is_fresh(&scored, 23) && !is_fresh(&scored, 24));
        assert!(is_fresh(&absent, 5) && !is_fresh(&absent, 6));
    }
}
