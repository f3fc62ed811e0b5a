//! Which nodes take the same patches: a version that was proven on one system proves nothing for
//! another, although the package has the same name there.

use crate::fleet::node::Platform;

/// The system of a node, from `PlatformName` and `PlatformVersion` of DescribeInstanceInformation:
/// the release for which its vendor publishes packages, such as `amazon linux 2023`, `ubuntu 22.04`
/// or `windows 2022`. Point releases and editions of one release take the same patches.
pub fn system(platform: Platform, name: &str, version: &str) -> String {
    let name = name.trim().to_lowercase();
    if platform.is_windows() {
        let is_release = |word: &&str| {
            *word == "r2" || (word.len() == 4 && word.chars().all(|c| c.is_ascii_digit()))
        };
        let release: Vec<&str> = name.split_whitespace().filter(is_release).collect();
        return match release.as_slice() {
            [] => name,
            release => format!("windows {}", release.join(" ")),
        };
    }
    // Ubuntu publishes for 22.04, and SUSE for each service pack, such as 15.4; the others publish
    // for 9 or 2023.
    let is_exact = ["ubuntu", "sles", "suse", "opensuse"].iter().any(|one| name.starts_with(one));
    let parts = if is_exact { 2 } else { 1 };
    let release: Vec<&str> = version.trim().split('.').take(parts).collect();
    let release = release.join(".");
    let ends_with_it = name.split_whitespace().next_back() == Some(release.as_str());
    if release.is_empty() || ends_with_it { name } else { format!("{name} {release}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_one_system_whatever_its_edition_and_point_release() {
        for (platform, name, version, expected) in [
            (Platform::Linux, "Amazon Linux", "2023", "amazon linux 2023"),
            (Platform::Linux, "Amazon Linux", "2023.5.20240805", "amazon linux 2023"),
            (Platform::Linux, "Amazon Linux 2023", "2023", "amazon linux 2023"),
            (Platform::Linux, "Amazon Linux", "2", "amazon linux 2"),
            (Platform::Linux, "Ubuntu", "22.04", "ubuntu 22.04"),
            (Platform::Linux, "Ubuntu", "24.04", "ubuntu 24.04"),
            (Platform::Linux, "Ubuntu", "22.04.5", "ubuntu 22.04"),
            (Platform::Linux, "Red Hat Enterprise Linux", "9.4", "red hat enterprise linux 9"),
            (Platform::Linux, "SLES", "15.5", "sles 15.5"),
            (Platform::Linux, "SLES", "15.4", "sles 15.4"),
            (Platform::Linux, "openSUSE Leap", "15.6", "opensuse leap 15.6"),
            (Platform::Linux, "Debian GNU/Linux", "12.7", "debian gnu/linux 12"),
            (Platform::Linux, "", "", ""),
            (Platform::Windows, "", "10.0.20348", ""),
            (
                Platform::Windows,
                "Microsoft Windows Server 2022 Datacenter",
                "10.0.20348",
                "windows 2022",
            ),
            (Platform::Windows, "Windows Server 2012 R2 Standard", "6.3", "windows 2012 r2"),
        ] {
            assert_eq!(system(platform, name, version), expected, "{name} {version}");
        }
    }
}
