//! Digests: short names for exact contents.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// SHA-256 in lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of a value's JSON. Field order is the order of declaration, and all our
    /// collections are ordered, so equal values have equal digests on every machine.
    pub fn of(value: &impl Serialize) -> Self {
        // A value of ours that cannot be serialized is a bug in this crate; its digest then matches
        // nothing.
        let json = serde_json::to_vec(value).unwrap_or_default();
        Self(Sha256::digest(&json).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The first twelve characters: enough for a button to name its card, and for a person to
    /// compare.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }

    /// All 64 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
