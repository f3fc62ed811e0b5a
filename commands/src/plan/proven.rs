//! What a run has proven: the versions that were on its compliant nodes at the time it judged them.
//! Nothing else is ever pinned.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::fleet::node::NodeId;
use crate::patch::PatchId;
use crate::patch::installed::Installed;

/// What a run proved, by system (see [`crate::fleet::operating_system::system`]): the same id on
/// two systems is two patches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    systems: BTreeMap<String, BTreeMap<PatchId, Versions>>,
    /// Nodes that were judged compliant but whose patches could not be read.
    unread: BTreeSet<NodeId>,
}

/// The versions (`Title`) of one patch on the nodes of one system that have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// The versions on every node that has the patch at all.
    pub everywhere: BTreeSet<String>,
    /// The versions on at least one node.
    pub anywhere: BTreeSet<String>,
}

impl Versions {
    fn of(title: String) -> Self {
        let titles = BTreeSet::from([title]);
        Self { everywhere: titles.clone(), anywhere: titles }
    }

    /// Merges another node's versions: only a version that both nodes have stays proven.
    fn meet(&mut self, id: &PatchId, other: &Self) {
        self.anywhere.extend(other.anywhere.iter().cloned());
        if id.is_article() {
            // An article is identified by its number: its titles are only words, and one of them is
            // enough.
            self.anywhere = self.anywhere.iter().take(1).cloned().collect();
            self.everywhere.clone_from(&self.anywhere);
        } else {
            self.everywhere.retain(|title| other.everywhere.contains(title));
        }
    }
}

impl Proven {
    /// What one compliant node has. `None` if it could not be read.
    pub fn of_node(node: &NodeId, system: &str, installed: Option<&BTreeSet<Installed>>) -> Self {
        let mut proven = Self::default();
        let Some(installed) = installed else {
            proven.unread.insert(node.clone());
            return proven;
        };
        let patches = proven.systems.entry(system.to_owned()).or_default();
        for Installed { id, title } in installed {
            let found = Versions::of(title.clone());
            match patches.get_mut(id) {
                // With several versions side by side, as with kernels, the node has each of them.
                Some(known) if !id.is_article() => {
                    known.everywhere.insert(title.clone());
                    known.anywhere.insert(title.clone());
                }
                Some(known) => known.meet(id, &found),
                None => drop(patches.insert(id.clone(), found)),
            }
        }
        proven
    }

    /// Merges what other nodes have.
    pub fn merge(&mut self, other: &Self) {
        self.unread.extend(other.unread.iter().cloned());
        for (system, patches) in &other.systems {
            let known = self.systems.entry(system.clone()).or_default();
            for (id, versions) in patches {
                match known.get_mut(id) {
                    Some(known) => known.meet(id, versions),
                    None => drop(known.insert(id.clone(), versions.clone())),
                }
            }
        }
    }

    /// The part of `other` that changes this when it is merged. This keeps the records of a large
    /// fleet small, because most of its nodes have the same patches.
    pub fn news(&self, other: &Self) -> Self {
        let mut merged = self.clone();
        merged.merge(other);
        let is_new = |system: &str, id: &PatchId| {
            let versions = |of: &Self| of.systems.get(system).and_then(|all| all.get(id)).cloned();
            versions(self) != versions(&merged)
        };
        let systems = other.systems.iter().map(|(system, patches)| {
            let news = patches.iter().filter(|(id, _)| is_new(system, id));
            (system.clone(), news.map(|(id, found)| (id.clone(), found.clone())).collect())
        });
        Self { systems: systems.collect(), unread: other.unread.clone() }
    }

    /// The versions of a patch on the nodes of a system; `None` if none of them had it, or if the
    /// system is not known.
    pub fn versions(&self, system: &str, id: &PatchId) -> Option<&Versions> {
        if system.is_empty() {
            return None;
        }
        self.systems.get(system)?.get(id)
    }

    /// Whether the patches of every node could be read.
    pub fn is_whole(&self) -> bool {
        self.unread.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(node: &str, system: &str, patches: &[(&str, &str)]) -> Proven {
        let installed = patches
            .iter()
            .map(|(id, title)| Installed { id: PatchId((*id).into()), title: (*title).into() });
        Proven::of_node(&NodeId(node.into()), system, Some(&installed.collect()))
    }

    fn titles<'a>(proven: &'a Proven, system: &str, id: &str) -> Vec<&'a str> {
        let versions = proven.versions(system, &PatchId(id.into()));
        versions.into_iter().flat_map(|found| &found.everywhere).map(String::as_str).collect()
    }

    #[test]
    fn only_what_every_node_that_has_a_package_has_is_proven() {
        let mut proven = has("i-1", "linux", &[("a.x86_64", "a:1"), ("b.x86_64", "b:1")]);
        proven.merge(&has("i-2", "linux", &[("a.x86_64", "a:2"), ("b.x86_64", "b:1")]));
        proven.merge(&has("i-3", "linux", &[("a.x86_64", "a:1")]));
        assert_eq!(titles(&proven, "linux", "a.x86_64"), Vec::<&str>::new(), "they disagree");
        assert_eq!(titles(&proven, "linux", "b.x86_64"), ["b:1"], "one node has no such package");
        assert_eq!(
            proven.news(&has("i-4", "linux", &[("b.x86_64", "b:1")])).systems["linux"].len(),
            0
        );
    }

    #[test]
    fn one_id_on_two_systems_is_two_patches_and_two_titles_are_one_article() {
        let mut proven = has("i-1", "linux 2", &[("a.x86_64", "a:2")]);
        proven.merge(&has("i-2", "linux 3", &[("a.x86_64", "a:3")]));
        assert_eq!(titles(&proven, "linux 2", "a.x86_64"), ["a:2"]);
        assert_eq!(titles(&proven, "linux 3", "a.x86_64"), ["a:3"]);
        let mut article = has("w-1", "windows", &[("KB1", "for x64"), ("KB1", "for arm")]);
        article.merge(&has("w-2", "windows", &[("KB1", "x64")]));
        assert_eq!(titles(&article, "windows", "KB1"), ["for arm"]);
    }

    #[test]
    fn what_is_on_an_unknown_system_proves_nothing_of_another() {
        assert_eq!(titles(&has("i-1", "", &[("a.x86_64", "a:1")]), "", "a.x86_64"), [""; 0]);
    }

    #[test]
    fn a_node_that_could_not_be_read_makes_the_whole_unproven() {
        let mut proven = has("i-1", "linux", &[("a.x86_64", "a:1")]);
        assert!(proven.is_whole());
        proven.merge(&Proven::of_node(&NodeId("i-2".into()), "linux", None));
        assert!(!proven.is_whole());
    }
}
