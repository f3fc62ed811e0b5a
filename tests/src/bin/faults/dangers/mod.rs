//! What other people do at the worst moment, as a seed says: they move a maintenance window,
//! tag a node twice, terminate a node between the last look and the send, change who is who in the
//! configuration, and stop everything in the middle of a scheduled scan. Each knows what was true
//! when, and judges what AWS receives by that.

mod brake;
mod groups;
mod renamed;
mod sweep;
mod vanished;
mod windows;

use chrono::TimeDelta;
use simulators::aws::World as Fleet;
use simulators::seed::{PRODUCTION, VERIFICATION};
use stories::{Environment, Settings};

pub(crate) use brake::{Brake, stop_for_a_while};
pub(crate) use groups::Groups;
pub(crate) use renamed::{Names, between_votes};
pub(crate) use sweep::{Sweep, goes_on, stopper};
pub(crate) use vanished::Vanished;
pub(crate) use windows::{Moment, Windows};

use crate::world::World;

/// For so long a look before a wave is good (README: two minutes), with what a request needs.
const LOOK: TimeDelta = TimeDelta::seconds(130);
/// The same by a clock that was set meanwhile.
const LOOK_BY_A_WRONG_CLOCK: TimeDelta = TimeDelta::minutes(7);

/// All dangers of one world.
#[derive(Debug)]
pub(crate) struct Dangers {
    pub(crate) windows: Windows,
    pub(crate) groups: Groups,
    pub(crate) vanished: Vanished,
    pub(crate) names: Names,
    pub(crate) brake: Brake,
    pub(crate) sweep: Sweep,
}

impl Dangers {
    pub(crate) fn of(seed: u64) -> Self {
        let sweep = Sweep::of(seed);
        Self {
            windows: Windows::of(seed, !sweep.is_begun()),
            groups: Groups::of(seed),
            vanished: Vanished::of(seed),
            names: Names::of(seed),
            brake: Brake::default(),
            sweep,
        }
    }

    /// The configuration that they need.
    pub(crate) fn configure(&self, settings: Settings) -> Settings {
        let Settings { verification, production, .. } = settings;
        let drifts = |environment: Environment| Environment {
            on_drift: self.vanished.on_drift(),
            ..environment
        };
        let settings = Settings {
            verification: drifts(self.windows.configure("verification", verification)),
            production: drifts(self.windows.configure("production", production)),
            ..settings
        };
        self.sweep.configure(settings)
    }

    /// The fleet that they need.
    pub(crate) fn people(&self, fleet: &mut Fleet) {
        self.windows.people(fleet);
        self.sweep.people(fleet);
        // Before any node is in doubt: then each carries its group.
        self.vanished.people(fleet);
        self.groups.people(fleet);
    }

    /// Which of them this world has, for whoever reads its timeline.
    pub(crate) fn summary(&self) -> String {
        let all = [
            ("windows", self.windows.is_begun()),
            ("two groups", self.groups.is_begun()),
            ("vanishing nodes", self.vanished.is_begun()),
            ("other names", self.names.is_begun()),
            ("scans on schedule", self.sweep.is_begun()),
        ];
        let begun: Vec<&str> =
            all.into_iter().filter(|(_, begun)| *begun).map(|(name, _)| name).collect();
        format!("the dangers of this world: {}", begun.join(", "))
    }

    /// For how long what was true before a change may still be acted on.
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
