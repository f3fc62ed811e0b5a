//! Patches and the baselines that approve them.

use chrono::{DateTime, TimeDelta, Utc};

use super::os::Os;

/// A patch as its vendor released it. What Systems Manager reports about it differs by system.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The system it is for.
    pub os: Os,
    /// `KBId` of a compliance row: `KB5041160` on Windows, `name.arch` on Linux.
    pub id: String,
    /// `Title` of a compliance row; on Linux `name.arch:epoch:version-release`, which is what
    /// an `InstallOverrideList` matches.
    pub title: String,
    /// The vendor's classification; empty if there is none.
    pub classification: String,
    /// The vendor's severity: from MSRC, from the advisory, or the priority on Ubuntu.
    pub severity: String,
    /// CVEs that it fixes.
    pub cves: Vec<String>,
    /// The ids of its advisories, such as `RHSA-2024:4312`.
    pub advisories: Vec<String>,
    /// When the vendor released it: nobody sees it earlier.
    pub released: DateTime<Utc>,
    /// The ids of Windows updates that it replaces. Linux packages replace each other by name.
    pub supersedes: Vec<String>,
    /// The package of the patch, on Linux.
    pub package: Option<Package>,
}

/// The parts of a Linux package's identity.
#[derive(Clone, Debug)]
pub struct Package {
    /// The name, such as `openssh-server`.
    pub name: String,
    /// The architecture, such as `x86_64`.
    pub arch: String,
    /// The epoch, usually 0.
    pub epoch: i32,
    /// The version, such as `8.7p1`.
    pub version: String,
    /// The release, such as `38.el9_4.1`; empty on Debian and Ubuntu, whose version is one string.
    pub release: String,
}

impl Patch {
    /// An update of a Linux package. `evr` is `epoch:version-release`, or on Ubuntu the version.
    pub fn package(os: Os, name: &str, arch: &str, evr: &str, released: DateTime<Utc>) -> Self {
        let apt = os == Os::Ubuntu2204;
        let (epoch, rest) = match evr.split_once(':') {
            Some((epoch, rest)) if !apt => (epoch.parse().unwrap_or(0), rest),
            _ => (0, evr),
        };
        let (version, release) = match rest.rsplit_once('-') {
            Some((version, release)) if !apt => (version, release),
            _ => (rest, ""),
        };
        let title = if apt {
            format!("{name}.{arch}:{version}")
        } else {
            format!("{name}.{arch}:{epoch}:{version}-{release}")
        };
        let package = Package {
            name: name.into(),
            arch: arch.into(),
            epoch,
            version: version.into(),
            release: release.into(),
        };
        Self {
            os,
            id: format!("{name}.{arch}"),
            title,
            classification: if apt { String::new() } else { "Security".into() },
            severity: if apt { "Optional" } else { "Important" }.into(),
            cves: Vec::new(),
            advisories: Vec::new(),
            released,
            supersedes: Vec::new(),
            package: Some(package),
        }
    }

    /// A Windows update. `kb` is `KB5041160`.
    pub fn windows(kb: &str, title: &str, released: DateTime<Utc>) -> Self {
        Self {
            os: Os::WindowsServer2022,
            id: kb.into(),
            title: title.into(),
            classification: "SecurityUpdates".into(),
            severity: "Critical".into(),
            cves: Vec::new(),
            advisories: Vec::new(),
            released,
            supersedes: Vec::new(),
            package: None,
        }
    }

    /// Sets the vendor's severity.
    #[must_use]
    pub fn severity(mut self, word: &str) -> Self {
        self.severity = word.into();
        self
    }

    /// Sets the vendor's classification.
    #[must_use]
    pub fn classification(mut self, word: &str) -> Self {
        self.classification = word.into();
        self
    }

    /// Sets the CVEs that it fixes.
    #[must_use]
    pub fn fixes<const N: usize>(mut self, cves: [&str; N]) -> Self {
        self.cves.extend(cves.map(String::from));
        self
    }

    /// Adds an advisory.
    #[must_use]
    pub fn advisory(mut self, id: &str) -> Self {
        self.advisories.push(id.into());
        self
    }

    /// Adds an older Windows update that it contains.
    #[must_use]
    pub fn replaces(mut self, id: &str) -> Self {
        self.supersedes.push(id.into());
        self
    }

    pub(super) fn is_out(&self, now: DateTime<Utc>) -> bool {
        self.released <= now
    }

    /// Whether a node with `self` no longer needs `older`.
    pub(super) fn replaces_patch(&self, older: &Self) -> bool {
        self.os == older.os
            && match self.id == older.id {
                // New content under an old number, or a newer version of a package.
                true => {
                    let keeps_its_id = self.package.is_some() || self.supersedes.contains(&self.id);
                    keeps_its_id && self.released > older.released
                }
                false => self.supersedes.contains(&older.id),
            }
    }
}

/// A patch baseline: which released patches count as missing.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// The id, such as `pb-0123456789abcdef0`.
    pub id: String,
    /// The name of the baseline.
    pub name: String,
    /// Its purpose, in one sentence.
    pub description: String,
    /// The account that owns it.
    pub account: String,
    /// The Region that it is in.
    pub region: String,
    /// The system that it is for.
    pub os: Os,
    /// Whether nodes without a registered group use it.
    pub is_default: bool,
    /// Days from release to approval.
    pub approve_after_days: i32,
    /// `AvailableSecurityUpdatesComplianceStatus`: `COMPLIANT` or `NON_COMPLIANT`. `None` if the
    /// response does not contain it, as for every system except Windows.
    pub available_security_updates: Option<&'static str>,
    /// Severities that it approves; empty means all.
    pub severities: Vec<String>,
    /// Patch ids that are approved at once.
    pub approved: Vec<String>,
    /// Patch ids that are rejected, even if a rule approves them.
    pub rejected: Vec<String>,
    /// Patch groups registered with it.
    pub groups: Vec<String>,
    /// When it was created.
    pub created: DateTime<Utc>,
}

impl Baseline {
    /// Whether a patch is approved at `now`.
    pub(super) fn approves(&self, patch: &Patch, now: DateTime<Utc>) -> bool {
        if self.rejected.contains(&patch.id) {
            return false;
        }
        if self.approved.contains(&patch.id) {
            return true;
        }
        let delay = TimeDelta::days(i64::from(self.approve_after_days));
        patch.os == self.os
            && (self.severities.is_empty() || self.severities.contains(&patch.severity))
            && patch.released + delay <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linux_title_is_what_an_override_list_matches() {
        let day = DateTime::UNIX_EPOCH;
        let rpm = Patch::package(Os::Rhel9, "openssh", "x86_64", "0:8.7p1-38.el9_4.1", day);
        assert_eq!(rpm.title, "openssh.x86_64:0:8.7p1-38.el9_4.1");
        let deb =
            Patch::package(Os::Ubuntu2204, "openssh-server", "amd64", "1:8.9p1-3ubuntu0.10", day);
        assert_eq!(deb.title, "openssh-server.amd64:1:8.9p1-3ubuntu0.10");
    }

    #[test]
    fn a_newer_package_replaces_the_older_of_the_same_name() {
        let day = DateTime::UNIX_EPOCH;
        let old = Patch::package(Os::Rhel9, "curl", "x86_64", "0:1-1", day);
        let new = Patch::package(Os::Rhel9, "curl", "x86_64", "0:2-1", day + TimeDelta::days(1));
        assert!(new.replaces_patch(&old));
        assert!(!old.replaces_patch(&new));
    }
}
