//! Installed patches, in their exact version.

use serde::{Deserialize, Serialize};

use crate::patch::PatchId;

/// An installed patch in an exact version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Installed {
    /// `KBId`: `KB5041160` or `kernel.x86_64`.
    pub id: PatchId,
    /// `Title`: for Linux the package with its version and release.
    pub title: String,
}

impl Installed {
    /// Whether the list can name it so that it allows exactly this: an article by its number, a
    /// package by its name and one version. Only characters of real names and versions are allowed:
    /// no pattern, no quote, no line break.
    pub fn is_pinnable(&self) -> bool {
        const LONGEST: usize = 300;
        if self.title.len() > LONGEST || self.id.as_str().len() > LONGEST {
            return false;
        }
        if self.id.is_article() {
            // The list contains only its number; its title is for people.
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
