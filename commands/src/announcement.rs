//! The announcements so far, and the decision whether something is worth announcing now.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::fleet::summary::Summary;
use crate::id::EnvironmentName;
use crate::patch::assessment::{Assessment, announce_again};
use crate::patch::{Patch, PatchId};

/// The most patches on one card, the worst first: a longer list would hide the worst. The rest
/// follows on the next card.
pub const PATCHES_PER_ANNOUNCEMENT: usize = 20;

/// All announcements so far, and the last published assessment of each patch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Announcements {
    /// In the order of their numbers; the first has number 1.
    pub list: Vec<Announcement>,
    /// The assessment that was last announced for each patch.
    said: BTreeMap<PatchId, Assessment>,
}

/// One announcement, which becomes one card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Announcement {
    /// The number of the announcement, counted from 1.
    pub number: u32,
    /// When the announcement was decided.
    pub at: DateTime<Utc>,
    /// The announced patches, the worst first.
    pub patches: Vec<AnnouncedPatch>,
    /// For each environment, how many nodes miss at least one of the patches.
    pub affected: BTreeMap<EnvironmentName, Affected>,
}

/// How much of an environment is affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// Nodes that miss at least one of the announced patches.
    pub nodes: u32,
    /// All nodes of the environment.
    pub of: u32,
}

/// A patch of an announcement, as it was assessed then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnnouncedPatch {
    /// The patch, as Systems Manager describes it.
    pub patch: Patch,
    /// The severity of what it fixes.
    pub assessment: Assessment,
    /// How many nodes miss it, by environment.
    pub nodes: BTreeMap<EnvironmentName, u32>,
    /// Whether it was announced before and is worse now.
    pub again: bool,
}

impl Announcements {
    /// Records an announcement that was made.
    pub(crate) fn announced(&mut self, announcement: Announcement) {
        for announced in &announcement.patches {
            self.said.insert(announced.patch.id.clone(), announced.assessment.clone());
        }
        self.list.push(announcement);
    }

    /// Decides what to announce, given what is missing in each environment. A patch is announced
    /// when a clause of the announcement rule fires, and again only when it has become worse.
    pub(crate) fn due(
        &self,
        summaries: &[&Summary],
        assess: &dyn Fn(&Patch) -> Assessment,
        now: DateTime<Utc>,
    ) -> Vec<Announcement> {
        let mut found: Vec<AnnouncedPatch> = missing(summaries)
            .into_values()
            .filter_map(|(patch, nodes)| {
                let assessment = assess(patch);
                assessment.clause?;
                let said = self.said.get(&patch.id);
                let news = said.is_none_or(|before| announce_again(before, &assessment));
                let again = said.is_some();
                news.then(|| AnnouncedPatch { patch: patch.clone(), assessment, nodes, again })
            })
            .collect();
        found.sort_by(|a, b| a.order().cmp(&b.order()));
        found
            .chunks(PATCHES_PER_ANNOUNCEMENT)
            .zip(self.list.len() as u32 + 1..)
            .map(|(patches, number)| {
                let affected = affected(summaries, patches);
                Announcement { number, at: now, patches: patches.to_vec(), affected }
            })
            .collect()
    }
}

impl AnnouncedPatch {
    fn order(&self) -> impl Ord + '_ {
        self.assessment.order(self.nodes.values().sum(), &self.patch.id)
    }
}

fn affected(
    summaries: &[&Summary],
    patches: &[AnnouncedPatch],
) -> BTreeMap<EnvironmentName, Affected> {
    let ids = patches.iter().map(|announced| &announced.patch.id).collect();
    let one = |summary: &&Summary| {
        let affected = Affected { nodes: summary.missing_any(&ids), of: summary.nodes };
        (summary.environment().clone(), affected)
    };
    summaries.iter().map(one).collect()
}

/// Every missing patch with the number of nodes that miss it, by environment.
pub fn missing<'a>(
    summaries: &[&'a Summary],
) -> BTreeMap<&'a PatchId, (&'a Patch, BTreeMap<EnvironmentName, u32>)> {
    let mut all: BTreeMap<&PatchId, (&Patch, BTreeMap<EnvironmentName, u32>)> = BTreeMap::new();
    for summary in summaries {
        for (patch, count) in summary.missing() {
            let (_, nodes) = all.entry(&patch.id).or_insert_with(|| (patch, BTreeMap::new()));
            nodes.insert(summary.environment().clone(), count);
        }
    }
    all
}
