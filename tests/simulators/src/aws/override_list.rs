//! The `InstallOverrideList`, which allows exactly these patches and no others.

use serde::Deserialize;

use super::patch::Patch;

/// An override list, as nodes read it.
#[derive(Debug, Deserialize)]
pub(super) struct OverrideList {
    patches: Vec<ListedPatch>,
}

#[derive(Debug, Deserialize)]
struct ListedPatch {
    id: String,
    title: Option<String>,
}

impl OverrideList {
    /// Parses the YAML. Unknown keys are allowed, like on a real node.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let list: Self = serde_norway::from_str(text).map_err(|error| error.to_string())?;
        match list.patches.iter().any(|listed| listed.id.is_empty()) {
            true => Err("an entry of patches has no id".into()),
            false => Ok(list),
        }
    }

    /// Whether the list names this patch. A title counts on Linux only.
    pub(super) fn names(&self, patch: &Patch) -> bool {
        self.patches.iter().any(|listed| {
            let title = listed.title.as_deref().filter(|_| patch.package.is_some());
            fits(&listed.id, &patch.id)
                && title.is_none_or(|title| {
                    fits(title, &patch.title) || fits(title, version_of(&patch.title))
                })
        })
    }
}

/// The part of a title after `name.arch:`, which may be given alone.
fn version_of(title: &str) -> &str {
    title.split_once(':').map_or(title, |(_, version)| version)
}

/// Whether `text` matches a pattern in which `*` stands for any characters.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(found) = rest.find(part) else { return false };
        rest = &rest[found + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::aws::Os;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, fit) in [
            ("kernel.x86_64", "kernel.x86_64", true),
            ("kernel.x86_64", "kernel.x86_64.rpm", false),
            ("*", "", true),
            ("*10:3.1.1-50*", "xen.x86_64:10:3.1.1-50.el9", true),
            ("a*b*c", "a--b--c", true),
            ("a*b*c", "a--c--b", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(fits(pattern, text), fit, "{pattern} against {text}");
        }
    }

    #[test]
    fn a_pin_names_one_version_of_a_package() {
        let list = OverrideList::parse(
            "patches:\n  - id: 'openssh.x86_64'\n    title: '*0:8.7p1-38.el9_4.1*'\n  - id: KB5041160\n",
        )
        .unwrap();
        let day = DateTime::UNIX_EPOCH;
        let ssh = |evr| Patch::package(Os::Rhel9, "openssh", "x86_64", evr, day);
        assert!(list.names(&ssh("0:8.7p1-38.el9_4.1")));
        assert!(!list.names(&ssh("0:8.7p1-45.el9")));
        assert!(list.names(&Patch::windows("KB5041160", "August", day)));
        assert!(!list.names(&Patch::windows("KB5044281", "October", day)));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for wrong in ["", "patches: 3", "- id: a", "patches: [{title: x}]"] {
            assert!(OverrideList::parse(wrong).is_err(), "{wrong}");
        }
    }
}
