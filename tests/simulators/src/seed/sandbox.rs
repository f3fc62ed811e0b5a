//! The world of the sandbox: two accounts, verification and production, a mixed fleet, real
//! patches.

use chrono::{DateTime, Utc};

use super::builder::Fleet;
use super::patches::catalogue;
use crate::aws::{NodeFault, Os, Schedule, World};

/// The Region of both environments.
pub const REGION: &str = "ap-northeast-1";
/// The verification account. Its role is `arn:aws:iam::111111111111:role/patchbot`, with the
/// external id `verification`; its patch group `web-verification`.
pub const VERIFICATION: &str = "111111111111";
/// The production account. Its role is `arn:aws:iam::222222222222:role/patchbot`, with the
/// external id `production`; its patch group `web-production`.
pub const PRODUCTION: &str = "222222222222";
/// An access key of the account where a bot would run, 333333333333: it may assume both roles,
/// and sees no node itself.
pub const BASE_KEY: &str = "AKIASIMBASE1";
/// A bucket for override lists, which every node can read.
pub const OVERRIDE_BUCKET: &str = "patchbot-overrides";

/// The world of the sandbox. One verification node fails its first install, and succeeds on the
/// next.
pub fn sandbox(start: DateTime<Utc>) -> World {
    let once = NodeFault::InstallFails {
        patch: Some("openssh.x86_64".into()),
        once: true,
        stderr: "Error: Failed to download metadata for repo 'rhel-9-baseos-rhui-rpms'".into(),
    };
    let nginx: &[_] = &[("nginx", "1.24.0", "Nginx Packaging"), ("openssl", "3.0.8", "OpenSSL")];
    let tomcat: &[_] = &[("tomcat", "9.0.65", "Apache Software Foundation")];
    let sql: &[_] = &[("Microsoft SQL Server 2019 (64-bit)", "15.0.4280.7", "Microsoft")];
    let linux = &["curl.x86_64"];
    let base = Fleet::new("333333333333", REGION, start).named("operations", None).key(BASE_KEY);
    let verification = Fleet::new(VERIFICATION, REGION, start)
        .named("verification", Some("verification"))
        .key("AKIASIMVERIFICATION1")
        .group("web-verification")
        .baselines()
        .having(linux)
        .running(nginx)
        .nodes(Os::AmazonLinux2023, "ver-web", 2)
        .troubled(once)
        .nodes(Os::Rhel9, "ver-app", 1)
        .running(tomcat)
        .nodes(Os::AmazonLinux2, "ver-old", 1)
        .nodes(Os::Ubuntu2204, "ver-batch", 1)
        .having(&["KB890830"])
        .running(sql)
        .nodes(Os::WindowsServer2022, "VER-DB", 1);
    let production = Fleet::new(PRODUCTION, REGION, start)
        .named("production", Some("production"))
        .key("AKIASIMPRODUCTION1")
        .group("web-production")
        .baselines()
        .having(linux)
        .running(nginx)
        .nodes(Os::AmazonLinux2023, "web", 4)
        .nodes(Os::Rhel9, "app", 2)
        .running(tomcat)
        .nodes(Os::AmazonLinux2, "old", 2)
        .nodes(Os::Ubuntu2204, "batch", 1)
        .having(&["KB890830"])
        .running(sql)
        .nodes(Os::WindowsServer2022, "DB", 3)
        // Nightly from 22:00 UTC, seven in the morning in Tokyo.
        .window("production-nightly", Schedule::daily_at(22, 0), 3);
    let verification = verification.window("verification-daily", Schedule::daily_at(4, 0), 4);
    base.join(verification)
        .join(production)
        .patches(catalogue(start))
        .bucket(OVERRIDE_BUCKET)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Cloud;
    use crate::clock::Clock;
    use crate::feeds::Data;

    #[test]
    fn the_sandbox_has_both_environments_with_something_to_do() {
        let start = "2026-11-23T00:00:00Z".parse().unwrap();
        let cloud = Cloud::new(Clock::new(start, 0.0), sandbox(start));
        let nodes = cloud.nodes();
        let of = |account| nodes.iter().filter(move |node| node.account == account);
        assert_eq!((of(VERIFICATION).count(), of(PRODUCTION).count()), (6, 12));
        for node in &nodes {
            assert!(node.missing > 0, "{} has nothing to do", node.name);
            assert!(node.id.len() == 19, "{}", node.id);
        }
    }

    #[test]
    fn the_feeds_know_every_cve_of_the_sandbox() {
        let start = "2026-11-23T00:00:00Z".parse().unwrap();
        let data = Data::seeded().unwrap();
        for cve in sandbox(start).patches.iter().flat_map(|patch| &patch.cves) {
            assert!(data.cves.iter().any(|known| known.id == *cve), "{cve}");
        }
    }
}
