//! The tags that put a node into a patch group.

use serde::{Deserialize, Serialize};

/// A tag that names the patch group of a node. AWS accepts either, and a node may carry both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupTag {
    /// `PatchGroup`: the spelling that every EC2 instance can carry.
    Unspaced,
    /// `Patch Group`: the older spelling, refused on instances whose metadata service shows tags.
    Spaced,
}

impl GroupTag {
    /// Both spellings.
    pub const ALL: [Self; 2] = [Self::Unspaced, Self::Spaced];

    /// The key of the tag, as AWS spells it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Unspaced => "PatchGroup",
            Self::Spaced => "Patch Group",
        }
    }

    /// The tag as filters and targets name it.
    pub fn filter(self) -> &'static str {
        match self {
            Self::Unspaced => "tag:PatchGroup",
            Self::Spaced => "tag:Patch Group",
        }
    }

    /// The other spelling.
    pub fn other(self) -> Self {
        match self {
            Self::Unspaced => Self::Spaced,
            Self::Spaced => Self::Unspaced,
        }
    }
}
