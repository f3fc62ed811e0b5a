//! What was announced, and whether something is worth announcing now.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::fleet::summary::Summary;
use crate::id::EnvironmentName;
use crate::patch::assessment::{Assessment, announce_again};
use crate::patch::{Patch, PatchId};

/// The most patches on one card: more would hide the worst. The rest follows on the next.
pub const PATCHES_PER_ANNOUNCEMENT: usize = 20;

/// All announcements so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Announcements {
    /// In their order; the first has number 1.
    pub list: Vec<Announcement>,
    /// What was said of each patch last.
    said: BTreeMap<PatchId, Assessment>,
}

/// One announcement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Announcement {
    /// Counted from 1.
    pub number: u32,
    /// When.
    pub at: DateTime<Utc>,
    /// The worst first.
    pub patches: Vec<AnnouncedPatch>,
    /// How many nodes of each environment miss at least one of them.
    pub affected: BTreeMap<EnvironmentName, Affected>,
}

/// How much of an environment is affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// Nodes that miss at least one patch.
    pub nodes: u32,
    /// All nodes.
    pub of: u32,
}

/// A patch of an announcement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnnouncedPatch {
    /// The patch.
    pub patch: Patch,
    /// How bad what it mends is.
    pub assessment: Assessment,
    /// How many nodes miss it, by environment.
    pub nodes: BTreeMap<EnvironmentName, u32>,
    /// Whether it was announced before and is worse now.
    pub again: bool,
}

impl Announcements {
    /// Something was announced.
    pub(crate) fn announced(&mut self, announcement: Announcement) {
        for announced in &announcement.patches {
            self.said.insert(announced.patch.id.clone(), announced.assessment.clone());
        }
        self.list.push(announcement);
    }

    /// What must be announced, given what is missing where. A patch is announced when a clause of
    /// the announcement rule fires, and again only when it has become worse.
    pub fn decide(
        &self,
        summaries: &[&Summary],
        assess: &dyn Fn(&Patch) -> Assessment,
    ) -> Vec<Event> {
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
                Event::Announced { number, patches: patches.to_vec(), affected }
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
