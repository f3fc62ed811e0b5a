//! Interference: what other people do at the worst moment, by a seed. They move a maintenance
//! window, tag a node twice, terminate a node between the preflight check and the send, change who
//! is who in the configuration, and stop everything in the middle of a scheduled scan. Each kind
//! knows what was true when, and checks what AWS receives against that.

mod ambiguous_groups;
mod emergency_stop;
mod identity_changes;
mod lost_nodes;
mod scheduled_scans;
mod window_changes;

use chrono::TimeDelta;
use simulators::aws::World as Fleet;
use simulators::seed::{PRODUCTION, VERIFICATION};
use stories::{Environment, Settings};

pub(crate) use ambiguous_groups::AmbiguousGroups;
pub(crate) use emergency_stop::{KnownStop, stop_for_a_while};
pub(crate) use identity_changes::{IdentityChanges, between_votes};
pub(crate) use lost_nodes::LostNodes;
pub(crate) use scheduled_scans::{ScheduledScans, goes_on, stopper};
pub(crate) use window_changes::{Moment, WindowChanges};

use crate::world::World;

/// How long a preflight check is valid (README: two minutes), with the time of a request.
const LOOK: TimeDelta = TimeDelta::seconds(130);
/// The same, by a clock that was set meanwhile.
const LOOK_BY_A_WRONG_CLOCK: TimeDelta = TimeDelta::minutes(7);

/// All interference in one world.
#[derive(Debug)]
pub(crate) struct Interference {
    pub(crate) window_changes: WindowChanges,
    pub(crate) ambiguous_groups: AmbiguousGroups,
    pub(crate) lost_nodes: LostNodes,
    pub(crate) identity_changes: IdentityChanges,
    pub(crate) known_stop: KnownStop,
    pub(crate) scheduled_scans: ScheduledScans,
}

impl Interference {
    pub(crate) fn of(seed: u64) -> Self {
        let scheduled_scans = ScheduledScans::of(seed);
        Self {
            window_changes: WindowChanges::of(seed, !scheduled_scans.is_begun()),
            ambiguous_groups: AmbiguousGroups::of(seed),
            lost_nodes: LostNodes::of(seed),
            identity_changes: IdentityChanges::of(seed),
            known_stop: KnownStop::default(),
            scheduled_scans,
        }
    }

    /// The configuration that it needs.
    pub(crate) fn configure(&self, settings: Settings) -> Settings {
        let Settings { verification, production, .. } = settings;
        let drifts = |environment: Environment| Environment {
            on_drift: self.lost_nodes.on_drift(),
            ..environment
        };
        let settings = Settings {
            verification: drifts(self.window_changes.configure("verification", verification)),
            production: drifts(self.window_changes.configure("production", production)),
            ..settings
        };
        self.scheduled_scans.configure(settings)
    }

    /// The fleet that it needs.
    pub(crate) fn populate(&self, fleet: &mut Fleet) {
        self.window_changes.populate(fleet);
        self.scheduled_scans.populate(fleet);
        // Before any node is in two groups, so that each one carries its group.
        self.lost_nodes.populate(fleet);
        self.ambiguous_groups.populate(fleet);
    }

    /// Which kinds of interference this world has, for the reader of its timeline.
    pub(crate) fn summary(&self) -> String {
        let all = [
            ("windows", self.window_changes.is_begun()),
            ("two groups", self.ambiguous_groups.is_begun()),
            ("vanishing nodes", self.lost_nodes.is_begun()),
            ("other names", self.identity_changes.is_begun()),
            ("scans on schedule", self.scheduled_scans.is_begun()),
        ];
        let begun: Vec<&str> =
            all.into_iter().filter(|(_, begun)| *begun).map(|(name, _)| name).collect();
        format!("the interference in this world: {}", begun.join(", "))
    }

    /// How long the bot may still act on what was true before a change.
    pub(crate) fn grace(world: &World) -> TimeDelta {
        if world.was_set() { LOOK_BY_A_WRONG_CLOCK } else { LOOK }
    }
}

/// The environment in an account.
fn environment_of(account: &str) -> &'static str {
    if account == PRODUCTION { "production" } else { "verification" }
}

/// The account of an environment.
fn account_of(environment: &str) -> &'static str {
    if environment == "production" { PRODUCTION } else { VERIFICATION }
}
