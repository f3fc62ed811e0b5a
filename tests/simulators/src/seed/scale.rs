//! A large fleet: many accounts in several Regions, nodes of few images, and a few outdated nodes
//! of each image.

use chrono::{DateTime, Utc};

use super::builder::Fleet;
use super::patches::catalogue;
use super::sandbox::BASE_KEY;
use crate::aws::{Os, Patch, Powers, World};

/// The patch group of every node.
pub const GROUP: &str = "fleet";

/// The Regions of the accounts, in turn.
pub const REGIONS: [&str; 4] = ["ap-northeast-1", "ap-northeast-3", "eu-central-1", "us-east-1"];

/// One in this many nodes misses something.
const BEHIND: usize = 25;

/// The number of nodes in the account that nobody can read.
const HIDDEN: usize = 10;

/// The images, and how many of a hundred nodes have each.
const IMAGES: [(Os, &str, usize); 4] = [
    (Os::AmazonLinux2023, "web", 50),
    (Os::Rhel9, "app", 25),
    (Os::Ubuntu2204, "batch", 15),
    (Os::WindowsServer2022, "DB", 10),
];

/// The id of an account, counted from 0.
pub fn account(number: usize) -> String {
    format!("4{number:011}")
}

/// `nodes` nodes in all of the `accounts` accounts except the last, whose role can be assumed but
/// cannot read its ten nodes. Each account has the role `patchbot`, which requires no external id,
/// and which [`BASE_KEY`] may assume.
pub fn fleet(start: DateTime<Utc>, nodes: usize, accounts: usize) -> World {
    let patches = catalogue(start);
    let open = accounts.saturating_sub(1).max(1);
    let base = Fleet::new("333333333333", REGIONS[0], start).key(BASE_KEY);
    let mut numbered = 0;
    let all = (0..open).map(|number| {
        let count = nodes / open + usize::from(number < nodes % open);
        let fleet = of_account(number, start, count, &patches, &mut numbered);
        fleet.baselines()
    });
    let joined = all.fold(base, Fleet::join);
    let hidden = of_account(open, start, HIDDEN, &patches, &mut 0).baselines();
    joined.join(hidden.allowing(Powers::Nothing)).patches(patches).build()
}

fn of_account(
    number: usize,
    start: DateTime<Utc>,
    count: usize,
    patches: &[Patch],
    numbered: &mut usize,
) -> Fleet {
    let region = REGIONS[number % REGIONS.len()];
    let mut fleet = Fleet::new(&account(number), region, start).group(GROUP);
    let mut left = count;
    for (place, (os, prefix, share)) in IMAGES.into_iter().enumerate() {
        let mine = if place + 1 == IMAGES.len() { left } else { (count * share / 100).min(left) };
        left -= mine;
        let all: Vec<&str> =
            patches.iter().filter(|patch| patch.os == os).map(|patch| &*patch.title).collect();
        // One in this many nodes of the whole fleet, wherever they are.
        let behind = (*numbered + mine) / BEHIND - *numbered / BEHIND;
        *numbered += mine;
        fleet = fleet.having(&all).nodes(os, prefix, mine - behind);
        fleet = fleet.having(&all[1..]).nodes(os, &format!("{prefix}-left"), behind);
    }
    fleet
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::aws::Cloud;
    use crate::clock::Clock;

    #[test]
    fn a_few_percent_are_behind_and_every_id_is_its_own() {
        let start = "2026-11-23T00:00:00Z".parse().unwrap();
        let cloud = Cloud::new(Clock::new(start, 0.0), fleet(start, 1_000, 50));
        let nodes = cloud.nodes();
        let open: Vec<_> = nodes.iter().filter(|node| node.account != account(49)).collect();
        assert_eq!((open.len(), nodes.len()), (1_000, 1_010));
        assert_eq!(open.iter().filter(|node| node.missing > 0).count(), 40);
        let ids: BTreeSet<&str> = nodes.iter().map(|node| &*node.id).collect();
        assert_eq!(ids.len(), nodes.len());
        let regions: BTreeSet<&str> = nodes.iter().map(|node| &*node.region).collect();
        assert_eq!(regions.len(), REGIONS.len());
    }
}
