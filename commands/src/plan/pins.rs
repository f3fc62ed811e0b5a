//! What a plan is held to: versions that were proven, and what it leaves out because nobody has
//! proven it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::fleet::listing::Absent;
use crate::fleet::survey::Installed;
use crate::patch::PatchId;
use crate::patch::version::is_newer;
use crate::plan::{PatchPlan, Pin, PlannedNode};

/// One version that may be installed on the nodes of one system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pinned {
    /// See [`crate::fleet::operating_system::system`].
    pub system: String,
    /// `KBnnn` or `name.arch`.
    pub id: PatchId,
    /// `Title`: of a package its version.
    pub title: String,
}

/// A patch that nodes miss and that is not installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftOut {
    /// `KBnnn` or `name.arch`.
    pub id: PatchId,
    /// `Title` of what is missing.
    pub title: String,
    /// Why it is not installed.
    pub why: WhyLeftOut,
}

impl LeftOut {
    /// What a reader tells it from others by: an article is known by its number, whatever its title
    /// says today or on another node.
    pub(crate) fn known_by(&self) -> (&PatchId, Option<&str>, &WhyLeftOut) {
        let version = (!self.id.is_article()).then_some(self.title.as_str());
        (&self.id, version, &self.why)
    }
}

/// Why a patch is not installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyLeftOut {
    /// Nobody has proven it.
    NotProven,
    /// The version that was proven is there already; this one is newer.
    Newer {
        /// `Title` of what was proven and is there.
        proven: String,
    },
    /// The nodes that prove it have different versions.
    Disagreed,
    /// Its name holds what no real name holds, or it has none: it cannot be put on a list without
    /// allowing more than was proven.
    NotPinnable,
    /// It is a definition update: see [`crate::patch::is_definition`].
    Definition,
}

impl PatchPlan {
    /// What the nodes may install, as an InstallOverrideList names it: one list for all of them.
    pub fn list(&self) -> BTreeSet<Installed> {
        let pins = match &self.pin {
            Pin::Proven { patches, .. } => patches.as_slice(),
            Pin::First | Pin::NotProven { .. } => &[],
        };
        let pinned = pins.iter().map(|Pinned { id, title, .. }| (id, title));
        let definitions = self.patches.iter().filter(|patch| patch.is_definition);
        let definitions =
            definitions.flat_map(|patch| patch.titles.iter().map(|title| (&patch.id, title)));
        // An article is named by its number alone, so one title of it is enough.
        let mut articles = BTreeSet::new();
        pinned
            .chain(definitions)
            .filter(|(id, _)| !id.is_article() || articles.insert(*id))
            .map(|(id, title)| Installed { id: id.clone(), title: title.clone() })
            .collect()
    }

    /// Why it is as planned that `node` still misses `absent`; none if it is not.
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
        // A newer version is out by now. As planned is the node that has the one that was proven, or
        // one that is newer than that, which only somebody else can have brought.
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

impl Installed {
    /// Whether it can be put on a list so that exactly it is allowed: an article by its number, a
    /// package by its name and one version. What real names and versions are made of is allowed, and
    /// nothing else: no pattern, no quote, no line break.
    pub fn is_pinnable(&self) -> bool {
        const LONGEST: usize = 300;
        if self.title.len() > LONGEST || self.id.as_str().len() > LONGEST {
            return false;
        }
        if self.id.is_article() {
            // Only its number is written, and its title is read by people.
            let of_title = |c: char| c.is_alphanumeric() || " .,:;()-–_+/&#%@®™".contains(c);
            return self.title.chars().all(of_title);
        }
        let of_name = |c: char| c.is_ascii_alphanumeric() || "._+~^-".contains(c);
        let of_version = |c: char| of_name(c) || c == ':';
        let id = self.id.as_str();
        let version = self.title.strip_prefix(id).and_then(|rest| rest.strip_prefix(':'));
        id.starts_with(|c: char| c.is_ascii_alphanumeric())
            && id.contains('.')
            && id.chars().all(of_name)
            && version.is_some_and(|version| {
                version.starts_with(|c: char| c.is_ascii_alphanumeric())
                    && version.chars().all(of_version)
            })
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
