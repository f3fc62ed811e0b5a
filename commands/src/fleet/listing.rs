//! The list of patches of one node, compared with its counts.

use std::collections::BTreeSet;

use crate::fleet::node::PatchCounts;
use crate::patch::PatchId;
use crate::patch::installed::Installed;

/// The rows of DescribeInstancePatches of one node, by state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Patches in state `Missing`, one for each row.
    pub missing: Vec<Absent>,
    /// Patches in state `Failed`, one for each row.
    pub failed: Vec<Absent>,
    /// Patches in state `Installed` or `InstalledOther`: what the node has, whatever the baseline
    /// says about it. `None` if we did not ask for it.
    pub present: Option<Present>,
}

/// The installed patches of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Present {
    /// Each patch, once.
    pub installed: BTreeSet<Installed>,
    /// The number of rows in which they were listed: one article may be in several.
    pub rows: u32,
}

/// A patch that is missing or failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    /// `KBId` of the row.
    pub id: PatchId,
    /// `Title` of the row.
    pub title: String,
    /// Whether it is a definition update: see [`crate::patch::is_definition`].
    pub is_definition: bool,
}

impl Listing {
    /// Whether the list has as many patches as the counts. One article may have two rows, and may
    /// be counted once or twice. If list and counts disagree, we do not know what is missing or
    /// installed.
    pub fn agrees_with(&self, counts: &PatchCounts) -> bool {
        let present = self.present.as_ref().is_none_or(|present| present.agrees_with(counts));
        agrees(counts.missing, &self.missing) && agrees(counts.failed, &self.failed) && present
    }

    /// The installed patches; `None` if we did not ask for them.
    pub fn installed(&self) -> Option<&BTreeSet<Installed>> {
        self.present.as_ref().map(|present| &present.installed)
    }
}

impl Present {
    /// Only the sum of the two states has to agree: a package that was installed from an override
    /// list, or under another baseline, may be counted as `Installed` and listed as
    /// `InstalledOther`, and is installed all the same. Patches that wait for a reboot or are
    /// rejected have counts and states of their own, and are in neither number. The documentation
    /// gives a limit on the reported rows for `NotApplicable` alone
    /// (`UnreportedNotApplicableCount`).
    fn agrees_with(&self, counts: &PatchCounts) -> bool {
        let counted = counts.installed.zip(counts.installed_other);
        let distinct = u32::try_from(self.installed.len()).unwrap_or(u32::MAX);
        // An article with several rows counts as one, as all of them, or as one in each state.
        counted.is_some_and(|(installed, other)| {
            let counted = installed.saturating_add(other);
            distinct <= counted && counted <= self.rows.max(distinct)
        })
    }
}

fn agrees(counted: Option<u32>, rows: &[Absent]) -> bool {
    // Two versions of a package count as two.
    let distinct: BTreeSet<(&PatchId, Option<&str>)> = rows
        .iter()
        .map(|row| (&row.id, (!row.id.is_article()).then_some(row.title.as_str())))
        .collect();
    counted.is_some_and(|counted| [rows.len(), distinct.len()].contains(&(counted as usize)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_not_what_was_counted_says_nothing() {
        let rows = |ids: &[&str]| -> Vec<Absent> {
            let row = |id: &&str| {
                let id = PatchId((*id).into());
                Absent { id, title: String::new(), is_definition: false }
            };
            ids.iter().map(row).collect()
        };
        let check = |missing, failed, counts: (Option<u32>, Option<u32>), agrees| {
            let listing = Listing { missing: rows(missing), failed: rows(failed), present: None };
            let counts =
                PatchCounts { missing: counts.0, failed: counts.1, ..PatchCounts::default() };
            assert_eq!(listing.agrees_with(&counts), agrees, "{listing:?} {counts:?}");
        };
        check(&[], &[], (Some(0), Some(0)), true);
        check(&["KB1"], &[], (Some(1), Some(0)), true);
        check(&["KB1", "KB1"], &[], (Some(1), Some(0)), true);
        check(&["KB1", "KB1"], &[], (Some(2), Some(0)), true);
        check(&[], &[], (Some(5), Some(0)), false);
        check(&[], &[], (Some(0), Some(1)), false);
        check(&["KB1"], &[], (Some(0), Some(0)), false);
        check(&["KB1"], &[], (Some(0), Some(1)), false);
        check(&[], &[], (None, Some(0)), false);
        check(&["KB1", "KB1", "KB2"], &["KB1"], (Some(2), Some(1)), true);
        check(&["KB1", "KB1", "KB2"], &[], (Some(1), Some(0)), false);
        check(&["KB1", "KB1", "KB2"], &[], (Some(4), Some(0)), false);
        check(&["KB1"], &[], (Some(u32::MAX), Some(0)), false);
    }

    #[test]
    fn two_versions_of_a_package_are_two() {
        let row = |title: &str| Absent {
            id: PatchId("kernel.x86_64".into()),
            title: title.into(),
            is_definition: false,
        };
        let missing = vec![row("kernel.x86_64:0:6.1-1"), row("kernel.x86_64:0:6.1-2")];
        let listing = Listing { missing, ..Listing::default() };
        for (missing, agrees) in [(2, true), (1, false)] {
            let counts =
                PatchCounts { missing: Some(missing), failed: Some(0), ..PatchCounts::default() };
            assert_eq!(listing.agrees_with(&counts), agrees, "{missing}");
        }
    }

    #[test]
    fn what_is_there_is_as_many_as_both_states_count() {
        let check = |ids: &[&str], rows, installed, installed_other, agrees| {
            let each = |id: &&str| Installed { id: PatchId((*id).into()), title: (*id).into() };
            let present = Some(Present { installed: ids.iter().map(each).collect(), rows });
            let listing = Listing { present, ..Listing::default() };
            let counts = PatchCounts {
                installed,
                installed_other,
                missing: Some(0),
                failed: Some(0),
                ..PatchCounts::default()
            };
            assert_eq!(listing.agrees_with(&counts), agrees, "{listing:?} {counts:?}");
        };
        check(&[], 0, Some(0), Some(0), true);
        check(&["a.x86_64", "b.x86_64"], 2, Some(1), Some(1), true);
        // A patch that a list installed may be counted in one state and listed in the other.
        check(&["a.x86_64", "b.x86_64"], 2, Some(0), Some(2), true);
        check(&["a.x86_64", "b.x86_64"], 2, Some(2), Some(1), false);
        check(&["a.x86_64", "b.x86_64"], 2, Some(1), Some(0), false);
        check(&[], 0, Some(5), Some(0), false);
        check(&["a.x86_64"], 1, Some(0), Some(0), false);
        check(&["a.x86_64"], 1, Some(1), None, false);
        check(&["a.x86_64"], 1, Some(u32::MAX), Some(u32::MAX), false);
        // One article in three rows may be counted once, once in each state, or as often as it is
        // listed.
        for counted in [1, 2, 3] {
            check(&["KB1"], 3, Some(counted), Some(0), true);
        }
        check(&["KB1"], 3, Some(4), Some(0), false);
    }
}
