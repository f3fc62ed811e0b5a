//! Reads the advisories of missing patches, and announces what the domain decides to.

use std::collections::BTreeSet;

use anyhow::Result;
use chrono::{DateTime, Utc};
use commands::decide::{Input, Observation};
use commands::fleet::summary::Summary;
use commands::patch::Patch;
use commands::patch::advisory::{Advisory, CveId};

use crate::engine::tasks::{Rest, TaskKey};
use crate::engine::{Engine, Outcome, Services};

impl Engine {
    /// Starts to read the advisories of missing patches.
    pub(in crate::engine) fn read_advisories(&mut self) {
        if !self.tasks.is_free(&TaskKey::Advisories) {
            return;
        }
        let (services, patches) = (self.services.clone(), self.state.missing_patches());
        self.tasks.start(TaskKey::Advisories, async move {
            let now = services.clock.now();
            Outcome::Read(read(&services, patches, now).await)
        });
    }

    /// Stores the advisories that were read, and announces what follows.
    pub(in crate::engine) async fn advisories_read(
        &mut self,
        advisories: Vec<Advisory>,
    ) -> Result<Rest> {
        self.journal.save_advisories(advisories.iter()).await?;
        let read = advisories.into_iter().map(|advisory| (advisory.cve.clone(), advisory));
        self.state.advisories.extend(read);
        // Systems Manager names no CVE for Windows. Microsoft does, and may have been read only
        // now.
        let mut known = std::mem::take(&mut self.state.summaries);
        known.values_mut().for_each(|summary| self.complete(summary));
        self.state.summaries = known;
        self.announce().await?;
        Ok(Rest::No)
    }

    /// Adds the CVEs of Windows updates. Systems Manager names none for Windows; Microsoft does.
    pub(super) fn complete(&self, summary: &mut Summary) {
        let held_back = summary.held_back.iter_mut().flatten().map(|held| &mut held.patch);
        let patches = summary.patches.values_mut().chain(held_back);
        patches.for_each(|patch| self.services.advisories.complete(patch));
    }

    /// Announces what is due.
    async fn announce(&mut self) -> Result<()> {
        let before = self.state.announcements.list.len();
        self.decide(Input::Observed(Observation::Assessed), None).await.map(drop)?;
        tracing::info!(
            announcements.new = self.state.announcements.list.len() - before,
            environments.seen = self.state.summaries.len(),
            environments.unreadable = self.state.unreadable.len(),
            "checked the patches of all environments"
        );
        Ok(())
    }
}

/// Reads the advisories of the CVEs that `patches` fix.
async fn read(services: &Services, patches: Vec<Patch>, now: DateTime<Utc>) -> Vec<Advisory> {
    let feeds = &services.advisories;
    for read in [feeds.refresh_kev(now).await, feeds.refresh_msrc(&patches, now).await] {
        if let Err(error) = read {
            tracing::warn!(feed.error = %error, "a feed could not be read; exploited vulnerabilities may be missed until it can");
        }
    }
    let completed = patches.into_iter().map(|mut patch| {
        feeds.complete(&mut patch);
        patch
    });
    let cves: BTreeSet<CveId> = completed.flat_map(|patch| patch.cves.known().to_vec()).collect();
    let found = feeds.look_up(&cves, now).await;
    for error in &found.errors {
        tracing::warn!(feed.error = %error, "a feed did not answer; levels are estimated from the vendor's word where it is missing");
    }
    found.advisories.into_values().collect()
}
