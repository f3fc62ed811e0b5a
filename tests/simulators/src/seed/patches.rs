//! Real patches, with the identifiers of their vendors.
//!
//! If the number of an advisory was not certain, it is left out. Dates are the vendors' release
//! dates; the feeds have the scores.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use crate::aws::{Os, Patch};

fn day(year: i32, month: u32, day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, month, day, 17, 0, 0).single().unwrap_or_default()
}

/// ALAS2023-2024-649: regreSSHion, level III, not in the catalogue of exploited ones.
pub(super) fn amazon_linux_2023_openssh() -> Patch {
    let evr = "0:8.7p1-8.amzn2023.0.11";
    Patch::package(Os::AmazonLinux2023, "openssh", "x86_64", evr, day(2024, 7, 1))
        .fixes(["CVE-2024-6387"])
        .advisory("ALAS2023-2024-649")
}

/// The patches of a world that starts at `start`. The October update for Windows comes three days
/// later, so that there is something new when the clock is advanced.
pub(super) fn catalogue(start: DateTime<Utc>) -> Vec<Patch> {
    vec![
        amazon_linux_2023_openssh(),
        // Level III and exploited. Upstream fixed it in 6.1.76.
        Patch::package(
            Os::AmazonLinux2023,
            "kernel",
            "x86_64",
            "0:6.1.77-99.164.amzn2023",
            day(2024, 2, 19),
        )
        .fixes(["CVE-2024-1086"]),
        // What every node has had for long. Installed patches are listed without CVEs.
        Patch::package(
            Os::AmazonLinux2023,
            "curl",
            "x86_64",
            "0:8.3.0-1.amzn2023.0.2",
            day(2023, 10, 11),
        ),
        // Level III and exploited: sudo's "Baron Samedit".
        Patch::package(
            Os::AmazonLinux2,
            "sudo",
            "x86_64",
            "0:1.8.23-4.amzn2.2.1",
            day(2021, 1, 26),
        )
        .fixes(["CVE-2021-3156"])
        .advisory("ALAS2-2021-1590"),
        // RHSA-2024:4312: regreSSHion again.
        Patch::package(Os::Rhel9, "openssh", "x86_64", "0:8.7p1-38.el9_4.1", day(2024, 7, 3))
            .fixes(["CVE-2024-6387"])
            .advisory("RHSA-2024:4312"),
        // Level II: Terrapin.
        Patch::package(Os::Rhel9, "libssh", "x86_64", "0:0.10.4-13.el9", day(2024, 4, 30))
            .fixes(["CVE-2023-48795"])
            .severity("Moderate"),
        Patch::package(Os::Rhel9, "curl", "x86_64", "0:7.76.1-23.el9_2.4", day(2023, 10, 17))
            .advisory("RHSA-2023:5763"),
        // USN-6859-1. It fixes the same flaw, but Ubuntu's nodes do not report that.
        Patch::package(
            Os::Ubuntu2204,
            "openssh-server",
            "amd64",
            "1:8.9p1-3ubuntu0.10",
            day(2024, 7, 1),
        )
        .fixes(["CVE-2024-6387"])
        .advisory("USN-6859-1"),
        Patch::windows("KB5041160", &cumulative("2024-08", "KB5041160"), day(2024, 8, 13)).fixes([
            "CVE-2024-38063",
            "CVE-2024-38106",
            "CVE-2024-38107",
            "CVE-2024-38178",
            "CVE-2024-38193",
        ]),
        Patch::windows(
            "KB5044281",
            &cumulative("2024-10", "KB5044281"),
            start + TimeDelta::days(3),
        )
        .fixes(["CVE-2024-43572", "CVE-2024-43573"])
        .severity("Important")
        .replaces("KB5041160"),
        Patch::windows(
            "KB890830",
            "Windows Malicious Software Removal Tool x64 - v5.127 (KB890830)",
            day(2024, 8, 13),
        )
        .severity("Unspecified")
        .classification("UpdateRollups"),
    ]
}

fn cumulative(month: &str, kb: &str) -> String {
    format!(
        "{month} Cumulative Update for Microsoft server operating system version 21H2 for \
         x64-based Systems ({kb})"
    )
}
