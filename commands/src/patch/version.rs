//! Comparison of package versions, in the order of the package manager of a system.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::patch::PatchId;
use crate::patch::installed::Installed;

/// How the package manager of `system` (see [`crate::fleet::operating_system::system`]) orders two
/// titles of `id`. `None` if one of them is not a version: such titles, and those of articles, have
/// no order.
pub(crate) fn order(system: &str, id: &PatchId, one: &str, other: &str) -> Option<Ordering> {
    let version = |title: &str| {
        let installed = Installed { id: id.clone(), title: title.to_owned() };
        let is_version = !id.is_article() && installed.is_pinnable();
        let version = title.strip_prefix(id.as_str())?.strip_prefix(':')?.to_owned();
        is_version.then_some(version)
    };
    let (one, other) = (version(one)?, version(other)?);
    let is_debian = ["ubuntu", "debian", "raspbian"].iter().any(|name| system.starts_with(name));
    Some(match is_debian {
        true => deb_version::compare_versions(&one, &other),
        false => rpm_version::rpm_evr_compare(&one, &other),
    })
}

/// Whether `title` is newer than `than`, for certain.
pub(crate) fn is_newer(system: &str, id: &PatchId, title: &str, than: &str) -> bool {
    order(system, id, title, than) == Some(Ordering::Greater)
}

/// The newest of the versions that a node has side by side, as with kernels. All of them if they
/// have no order.
pub(crate) fn newest(system: &str, id: &PatchId, titles: &BTreeSet<String>) -> BTreeSet<String> {
    let is_outdone = |title: &&String| titles.iter().any(|one| is_newer(system, id, one, title));
    titles.iter().filter(|title| !is_outdone(title)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_their_package_manager_does() {
        use Ordering::{Equal, Greater, Less};
        let check = |system: &str, one: &str, other: &str, expected| {
            let id = PatchId("curl.x86_64".into());
            let title = |version: &str| format!("curl.x86_64:{version}");
            let found = order(system, &id, &title(one), &title(other));
            assert_eq!(found, expected, "{system}: {one} and {other}");
            let found = order(system, &id, &title(other), &title(one));
            assert_eq!(found, expected.map(Ordering::reverse), "{system}: {other} and {one}");
        };
        let rpm = "amazon linux 2023";
        check(rpm, "0:8.9-1.amzn2023", "0:8.10-1.amzn2023", Some(Less));
        check(rpm, "0:6.1.9-9.amzn2023", "0:6.1.10-1.amzn2023", Some(Less));
        check(rpm, "1:1.0-1", "0:9.9-9", Some(Greater));
        check(rpm, "0:1.0~rc1-1", "0:1.0-1", Some(Less));
        check(rpm, "0:1.0^git1-1", "0:1.0-1", Some(Greater));
        check(rpm, "0:1.0-1", "0:1.0-1", Some(Equal));
        let apt = "ubuntu 22.04";
        check(apt, "7.81.0-1ubuntu1.9", "7.81.0-1ubuntu1.16", Some(Less));
        check(apt, "1:1.0-1", "9.9-9", Some(Greater));
        check(apt, "1.0~beta1-1", "1.0-1", Some(Less));
        check(apt, "1.0-1build1", "1.0-1", Some(Greater));
        check(rpm, "*", "0:1.0-1", None);
        check(rpm, "", "0:1.0-1", None);
    }

    #[test]
    fn of_versions_side_by_side_the_newest_counts() {
        let check = |id: &str, titles: &[&str], expected: &[&str]| {
            let set = |titles: &[&str]| titles.iter().map(|one| (*one).to_owned()).collect();
            let found = newest("amazon linux 2023", &PatchId(id.into()), &set(titles));
            assert_eq!(found, set(expected), "{titles:?}");
        };
        check("k.x86_64", &["k.x86_64:0:6.1.9-1", "k.x86_64:0:6.1.10-1"], &["k.x86_64:0:6.1.10-1"]);
        // A title without an order stays, and is refused by name.
        check("k.x86_64", &["*", "k.x86_64:0:6.1.9-1"], &["*", "k.x86_64:0:6.1.9-1"]);
        check("KB1", &["a", "b"], &["a", "b"]);
        check("k.x86_64", &[], &[]);
    }
}
