//! A builder for worlds of any size.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::aws::{
    Account, Baseline, Life, NodeFault, NodeSpec, Os, Pace, Patch, Powers, Queue, Role, Schedule,
    SendsTo, Window, World,
};

/// Builds the fleet of one account, and joins several into a world.
#[derive(Clone, Debug)]
pub struct Fleet {
    start: DateTime<Utc>,
    account: String,
    region: String,
    group: Option<String>,
    applications: Vec<crate::aws::Application>,
    installed: Arc<[String]>,
    scanned_ago: Option<TimeDelta>,
    fault: Option<NodeFault>,
    world: World,
}

impl Fleet {
    /// An account with one access key, `AKIASIM` and its number, and the role `patchbot`, which
    /// requires no external id. `start` is the first moment of the clock.
    pub fn new(account: &str, region: &str, start: DateTime<Utc>) -> Self {
        let role = format!("arn:aws:iam::{account}:role/patchbot");
        let world = World {
            accounts: vec![Account {
                id: account.into(),
                name: account.into(),
                keys: vec![format!("AKIASIM{account}")],
                roles: vec![Role {
                    arn: role,
                    external_id: None,
                    powers: Powers::Everything,
                    sends_only_to: Vec::new(),
                }],
            }],
            pace: Pace::default(),
            ..World::default()
        };
        Self {
            start,
            account: account.into(),
            region: region.into(),
            group: None,
            applications: Vec::new(),
            installed: Arc::new([]),
            scanned_ago: Some(TimeDelta::hours(6)),
            fault: None,
            world,
        }
    }

    /// Names the account, and requires this external id for its role.
    #[must_use]
    pub fn named(mut self, name: &str, external_id: Option<&str>) -> Self {
        for account in &mut self.world.accounts {
            account.name = name.into();
            for role in &mut account.roles {
                role.external_id = external_id.map(str::to_owned);
            }
        }
        self
    }

    /// Adds two roles, `patchbot-read` and `patchbot-execute`, which may do no more than their
    /// names say and require this external id. The latter sends to the nodes of the patch group
    /// named before, and to no others.
    #[must_use]
    pub fn roles_apart(mut self, external_id: &str) -> Self {
        for account in &mut self.world.accounts {
            for (name, powers) in [("read", Powers::Read), ("execute", Powers::Execute)] {
                let arn = format!("arn:aws:iam::{}:role/patchbot-{name}", account.id);
                // Like execute.json of the deployment.
                let group = self.group.iter().filter(|_| powers == Powers::Execute);
                let sends_only_to = group.flat_map(|group| SendsTo::group(group)).collect();
                let external_id = Some(external_id.to_owned());
                account.roles.push(Role { arn, external_id, powers, sends_only_to });
            }
        }
        self
    }

    /// Limits the policies of the account's roles to `powers`.
    #[must_use]
    pub fn allowing(mut self, powers: Powers) -> Self {
        let roles = self.world.accounts.iter_mut().flat_map(|account| &mut account.roles);
        roles.for_each(|role| role.powers = powers);
        self
    }

    /// Adds an access key of this account.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.world.accounts.iter_mut().for_each(|account| account.keys.push(key.into()));
        self
    }

    /// Sets the patch group of the following nodes.
    #[must_use]
    pub fn group(mut self, group: &str) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Sets the installed patches of the following nodes, by title or id.
    #[must_use]
    pub fn having(mut self, patches: &[&str]) -> Self {
        self.installed = patches.iter().map(|patch| (*patch).to_owned()).collect();
        self
    }

    /// Sets the software of the following nodes: name, version, publisher.
    #[must_use]
    pub fn running(mut self, applications: &[(&str, &str, &str)]) -> Self {
        self.applications = applications
            .iter()
            .map(|(name, version, publisher)| crate::aws::Application {
                name: (*name).to_owned(),
                version: (*version).to_owned(),
                publisher: (*publisher).to_owned(),
                architecture: "x86_64".into(),
            })
            .collect();
        self
    }

    /// Makes the following nodes never scanned.
    #[must_use]
    pub fn never_scanned(mut self) -> Self {
        self.scanned_ago = None;
        self
    }

    /// Gives the next nodes, up to the end of their call, this fault.
    #[must_use]
    pub fn troubled(mut self, fault: NodeFault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Adds nodes of a system, named `prefix-01` and so on.
    #[must_use]
    pub fn nodes(mut self, os: Os, prefix: &str, count: usize) -> Self {
        let fault = self.fault.take();
        for number in 1..=count {
            let serial = self.world.nodes.len() + 1;
            let mut tags = BTreeMap::from([("Name".to_owned(), format!("{prefix}-{number:02}"))]);
            tags.extend(self.group.iter().map(|group| ("PatchGroup".to_owned(), group.clone())));
            self.world.nodes.push(NodeSpec {
                // The last digits of the account keep the ids of joined fleets apart.
                id: format!("i-0{}{serial:012x}", &self.account[self.account.len() - 4..]),
                name: format!("{prefix}-{number:02}"),
                account: self.account.clone(),
                region: self.region.clone(),
                os,
                tags,
                installed: self.installed.clone(),
                scanned_ago: self.scanned_ago,
                life: Life::Running,
                applications: self.applications.clone(),
                not_applicable: 240,
                fault: fault.clone(),
            });
        }
        self
    }

    /// Adds a baseline for each system in use that approves all security patches at once,
    /// registered for the group. Without baselines nothing is approved, and nothing missing.
    #[must_use]
    pub fn baselines(mut self) -> Self {
        for (number, os) in Os::ALL.into_iter().enumerate() {
            let name = os.baseline_name().to_lowercase().replace('_', "-");
            self.world.baselines.push(Baseline {
                id: format!("pb-0{}{:012x}", &self.account[self.account.len() - 4..], number + 1),
                name: format!("{name}-security"),
                description: "Security patches, approved when they are released".into(),
                account: self.account.clone(),
                region: self.region.clone(),
                os,
                is_default: true,
                approve_after_days: 0,
                available_security_updates: Some("COMPLIANT"),
                severities: Vec::new(),
                approved: Vec::new(),
                rejected: Vec::new(),
                groups: self.group.iter().cloned().collect(),
                created: self.start - TimeDelta::days(400),
            });
        }
        self
    }

    /// Adds a maintenance window for the group.
    #[must_use]
    pub fn window(mut self, name: &str, schedule: Schedule, hours: u8) -> Self {
        let serial = self.world.windows.len() + 1;
        self.world.windows.push(Window {
            id: format!("mw-0{}{serial:012x}", &self.account[self.account.len() - 4..]),
            account: self.account.clone(),
            region: self.region.clone(),
            name: name.into(),
            description: "When patches may be installed".into(),
            schedule,
            duration_hours: hours,
            cutoff_hours: 1,
            enabled: true,
            patch_groups: self.group.iter().cloned().collect(),
            created: self.start - TimeDelta::days(300),
        });
        self
    }

    /// Adds patches to this world.
    #[must_use]
    pub fn patches(mut self, patches: impl IntoIterator<Item = Patch>) -> Self {
        self.world.patches.extend(patches);
        self
    }

    /// Adds a bucket.
    #[must_use]
    pub fn bucket(mut self, name: &str) -> Self {
        self.world.buckets.push(name.into());
        self
    }

    /// Adds a queue for the events of this account.
    #[must_use]
    pub fn queue(mut self, name: &str) -> Self {
        let (account, region) = (self.account.clone(), self.region.clone());
        self.world.queues.push(Queue { account, region, name: name.into() });
        self
    }

    /// Sets how long things take.
    #[must_use]
    pub fn pace(mut self, pace: Pace) -> Self {
        self.world.pace = pace;
        self
    }

    /// Joins another account's fleet, and keeps the pace of this one.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        let mine = &mut self.world;
        mine.accounts.extend(other.world.accounts);
        mine.nodes.extend(other.world.nodes);
        mine.patches.extend(other.world.patches);
        mine.baselines.extend(other.world.baselines);
        mine.windows.extend(other.world.windows);
        mine.buckets.extend(other.world.buckets);
        mine.queues.extend(other.world.queues);
        self
    }

    /// Builds the world.
    pub fn build(self) -> World {
        self.world
    }
}

/// One account, `111111111111` in `us-east-1`, with `nodes` Amazon Linux 2023 nodes in the patch
/// group `web`, each lacking one patch. Its key is `AKIASIM111111111111`, its bucket `overrides`.
pub fn small(start: DateTime<Utc>, nodes: usize) -> World {
    Fleet::new("111111111111", "us-east-1", start)
        .group("web")
        .patches([super::patches::amazon_linux_2023_openssh()])
        .baselines()
        .bucket("overrides")
        .nodes(Os::AmazonLinux2023, "web", nodes)
        .build()
}
