//! Published facts about vulnerabilities: scores from the NVD, known exploitation from CISA, and
//! the CVEs that a Windows update fixes from Microsoft.
//!
//! If a feed does not answer, the result holds an error beside what is already known, and never
//! just an empty answer.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use commands::patch::advisory::{Advisory, CveId};
use commands::patch::{Cves, Patch};

use crate::clock::Wait;
use crate::secret::Secret;

mod error;
mod facts;
mod kev;
mod msrc;
mod nvd;

pub use error::FeedError;

use facts::Facts;

/// The window over which the NVD counts requests.
const WINDOW: TimeDelta = TimeDelta::seconds(30);

/// How many times the bot sends one request to the NVD in all while the NVD answers that it gets
/// too many.
const ATTEMPTS: u32 = 3;

/// The addresses of the feeds.
#[derive(Clone, Debug)]
pub struct AdvisorySettings {
    /// The NVD's API 2.0, or a mirror: `https://services.nvd.nist.gov/rest/json/cves/2.0`.
    pub nvd_base: String,
    /// CISA's catalogue, or a mirror:
    /// `https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json`.
    pub kev_url: String,
    /// Microsoft's CVRF API, or a mirror: `https://api.msrc.microsoft.com/cvrf/v3.0`. `None` if no
    /// environment runs Windows.
    pub msrc_base: Option<String>,
    /// The API key. With it the NVD answers 50 requests in 30 seconds, without it 5.
    pub nvd_api_key: Option<Secret>,
}

/// The feeds, and what was read from them.
pub struct Advisories {
    settings: AdvisorySettings,
    http: reqwest::Client,
    wait: Wait,
    facts: Mutex<Facts>,
    /// How many more requests the NVD accepts before the bot has to pause. The lock is held during
    /// a request.
    allowance: tokio::sync::Mutex<u32>,
}

impl fmt::Debug for Advisories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Advisories").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The result of a lookup.
#[derive(Debug, Default)]
pub struct Lookup {
    /// The known advisories, by CVE.
    pub advisories: BTreeMap<CveId, Advisory>,
    /// Errors of the feeds that did not answer.
    pub errors: Vec<FeedError>,
}

impl Advisories {
    /// Creates the client and sends no request yet. `wait` performs the pauses that the NVD
    /// requires.
    pub fn new(settings: AdvisorySettings, wait: Wait) -> Result<Self, FeedError> {
        // A redirect to another host would carry the key there, because it is in a header.
        let same_host = reqwest::redirect::Policy::custom(|attempt| {
            let before =
                attempt.previous().last().and_then(|url| url.host_str().map(str::to_owned));
            if attempt.previous().len() < 5 && attempt.url().host_str() == before.as_deref() {
                attempt.follow()
            } else {
                attempt.stop()
            }
        });
        let http = reqwest::Client::builder()
            .no_proxy()
            .user_agent(concat!("patchbot/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .redirect(same_host)
            .build()
            .map_err(|error| FeedError::Client(error.to_string()))?;
        let allowance = tokio::sync::Mutex::new(burst(&settings));
        Ok(Self { settings, http, wait, facts: Mutex::default(), allowance })
    }

    /// Reads CISA's catalogue. If that fails, the catalogue that was read before remains in force.
    pub async fn refresh_kev(&self, now: DateTime<Utc>) -> Result<(), FeedError> {
        let entries = kev::fetch(&self.http, &self.settings.kev_url).await?;
        tracing::info!(kev.entries = entries.len(), "the KEV catalogue was read");
        self.facts().learn_kev(entries, now);
        Ok(())
    }

    /// Reads the last months of Microsoft's updates, and the months that the titles of `patches`
    /// name, if an address is configured. If that fails, what was read before remains.
    pub async fn refresh_msrc(
        &self,
        patches: &[Patch],
        now: DateTime<Utc>,
    ) -> Result<(), FeedError> {
        let Some(base) = &self.settings.msrc_base else { return Ok(()) };
        let names = msrc::months(patches.iter().map(|patch| patch.title.as_str()), now);
        let months = msrc::fetch(&self.http, base, names).await?;
        self.facts().learn_msrc(months);
        Ok(())
    }

    /// Adds the CVEs of a Windows update if Systems Manager names none and Microsoft does. If
    /// neither names any, they stay unknown.
    pub fn complete(&self, patch: &mut Patch) {
        if patch.cves == Cves::Unknown {
            let mended = self.facts().mended_by(&patch.id);
            if !mended.is_empty() {
                patch.cves = Cves::Listed(mended);
            }
        }
    }

    /// Returns what is published about `cves`. The bot requests only those without a fresh record
    /// from the NVD; if the NVD does not answer, the result holds the older record.
    pub async fn look_up(&self, cves: &BTreeSet<CveId>, now: DateTime<Utc>) -> Lookup {
        let mut found = Lookup::default();
        let stale: Vec<&CveId> = {
            let facts = self.facts();
            if !facts.has_kev() {
                found.errors.push(FeedError::NeverRead { feed: kev::FEED });
            }
            cves.iter().filter(|cve| !facts.is_fresh(cve, now)).collect()
        };
        for cve in stale {
            match self.ask_nvd(cve).await {
                Ok(record) => self.facts().learn(cve, record.as_ref(), now),
                Err(error) => {
                    let give_up = error.is_of_the_feed();
                    found.errors.push(error);
                    if give_up {
                        break;
                    }
                }
            }
        }
        let facts = self.facts();
        found.advisories =
            cves.iter().filter_map(|cve| Some((cve.clone(), facts.advisory(cve)?))).collect();
        drop(facts);
        found
    }

    async fn ask_nvd(&self, cve: &CveId) -> Result<Option<nvd::Record>, FeedError> {
        let AdvisorySettings { nvd_base, nvd_api_key, .. } = &self.settings;
        let mut allowance = self.allowance.lock().await;
        let mut attempt = 1;
        loop {
            if *allowance == 0 {
                (self.wait)(WINDOW).await;
                *allowance = burst(&self.settings);
            }
            *allowance -= 1;
            match nvd::fetch(&self.http, nvd_base, nvd_api_key.as_ref(), cve.as_str()).await {
                // Another client behind the same address uses up the allowance as well.
                Err(FeedError::TooMany { .. }) if attempt < ATTEMPTS => *allowance = 0,
                answer => return answer,
            }
            attempt += 1;
        }
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many requests the NVD accepts per [`WINDOW`].
fn burst(settings: &AdvisorySettings) -> u32 {
    if settings.nvd_api_key.is_some() { 50 } else { 5 }
}
