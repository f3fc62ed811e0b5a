//! What a plan is pinned to: the versions that were proven, and what the plan leaves out because
//! nobody has proven it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::fleet::listing::Absent;
use crate::patch::PatchId;
use crate::patch::installed::Installed;
use crate::patch::version::is_newer;
use crate::plan::{PatchPlan, Pin, PlannedNode};

/// A version that may be installed on the nodes of one system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pinned {
    /// See [`crate::fleet::operating_system::system`].
    pub system: String,
    /// `KBnnn` or `name.arch`.
    pub id: PatchId,
    /// `Title`: for a package, its version.
    pub title: String,
}

/// A patch that nodes miss and that the plan does not install.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftOut {
    /// `KBnnn` or `name.arch`.
    pub id: PatchId,
    /// `Title` of the missing patch.
    pub title: String,
    /// Why the plan does not install it.
    pub why: WhyLeftOut,
}

impl LeftOut {
    /// What identifies it to a reader: for an article only its number, whatever its title is today
    /// or on another node.
    pub(crate) fn known_by(&self) -> (&PatchId, Option<&str>, &WhyLeftOut) {
        let version = (!self.id.is_article()).then_some(self.title.as_str());
        (&self.id, version, &self.why)
    }
}

/// Why a plan does not install a patch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyLeftOut {
    /// Nobody has proven it.
    NotProven,
    /// The proven version is installed already; the missing one is newer.
    Newer {
        /// `Title` of the proven version.
        proven: String,
    },
    /// The nodes that prove it have different versions.
    Disagreed,
    /// Its name is missing or contains characters that no real name has: the list could not name it
    /// without allowing more than was proven.
    NotPinnable,
    /// It is a definition update: see [`crate::patch::is_definition`].
    Definition,
}

impl PatchPlan {
    /// What the nodes may install, as an InstallOverrideList names it: one list for all nodes.
    pub fn list(&self) -> BTreeSet<Installed> {
        let pins = match &self.pin {
            Pin::Proven { patches, .. } => patches.as_slice(),
            Pin::First | Pin::NotProven { .. } => &[],
        };
        let pinned = pins.iter().map(|Pinned { id, title, .. }| (id, title));
        let definitions = self.patches.iter().filter(|patch| patch.is_definition);
        let definitions =
            definitions.flat_map(|patch| patch.titles.iter().map(|title| (&patch.id, title)));
        // The list names an article only by its number, so one title of it is enough.
        let mut articles = BTreeSet::new();
        pinned
            .chain(definitions)
            .filter(|(id, _)| !id.is_article() || articles.insert(*id))
            .map(|(id, title)| Installed { id: id.clone(), title: title.clone() })
            .collect()
    }

    /// Why the plan expects `node` to still miss `absent`; `None` if the plan does not expect it.
    pub(crate) fn why_absent(
        &self,
        node: &PlannedNode,
        absent: &Absent,
        installed: Option<&BTreeSet<Installed>>,
    ) -> Option<WhyLeftOut> {
        if absent.is_definition {
            return Some(WhyLeftOut::Definition);
        }
        let pins = match &self.pin {
            Pin::First | Pin::NotProven { .. } => return None,
            Pin::Proven { patches, .. } => patches,
        };
        let pinned: BTreeSet<&str> = pins
            .iter()
            .filter(|pin| pin.system == node.system && pin.id == absent.id)
            .map(|pin| pin.title.as_str())
            .collect();
        if pinned.is_empty() {
            let of_id = || self.left_out.iter().filter(|left| left.id == absent.id);
            let known = of_id().find(|left| left.title == absent.title).or_else(|| of_id().next());
            return Some(known.map_or(WhyLeftOut::NotProven, |left| left.why.clone()));
        }
        if absent.id.is_article() || pinned.contains(absent.title.as_str()) {
            return None;
        }
        // A newer version is out by now. The node is as planned if it has the proven version, or a
        // newer one, which only somebody else can have installed.
        let there = || installed.into_iter().flatten().filter(|one| one.id == absent.id);
        if let Some(has) = there().find(|one| pinned.contains(one.title.as_str())) {
            return Some(WhyLeftOut::Newer { proven: has.title.clone() });
        }
        let is_beyond = |one: &Installed| {
            pinned.iter().any(|pin| is_newer(&node.system, &absent.id, &one.title, pin))
        };
        there().any(is_beyond).then_some(WhyLeftOut::NotProven)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_names_exactly_one_version_can_be_pinned() {
        for (id, title, pinnable) in [
            ("openssl.x86_64", "openssl.x86_64:1:3.0.8-1.amzn2023.0.11", true),
            ("libstdc++.x86_64", "libstdc++.x86_64:0:11.4.1-3.el9", true),
            ("libc6.amd64", "libc6.amd64:2.35-0ubuntu3.8", true),
            ("a.noarch", "a.noarch:0:1.0~rc1^git1-1", true),
            ("KB5041160", "2024-08 Cumulative Update for x64-based Systems (KB5041160)", true),
            ("KB5041160", "", true),
            ("openssl.x86_64", "*", false),
            ("openssl.x86_64", "openssl.x86_64:*", false),
            ("openssl.x86_64", "openssl.x86_64:1:3.0.?-1", false),
            ("openssl.x86_64", "openssl.x86_64:1:3.0.[89]-1", false),
            ("openssl.x86_64", "openssl.x86_64:", false),
            ("openssl.x86_64", "", false),
            ("openssl.x86_64", "kernel.x86_64:0:6.1-1", false),
            ("openssl.x86_64", "openssl.x86_64:1'\n  - id: '*", false),
            ("*", "*:1", false),
            ("*.x86_64", "*.x86_64:1", false),
            ("Intel - net", "Intel - net", false),
            ("KB5041160", "KB5041160\n  - id: b", false),
            ("KB5041160", "*", false),
        ] {
            let patch = Installed { id: PatchId(id.into()), title: title.into() };
            assert_eq!(patch.is_pinnable(), pinnable, "{id} {title:?}");
        }
    }
}
