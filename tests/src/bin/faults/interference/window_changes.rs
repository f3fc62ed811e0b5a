//! Maintenance windows that are moved, disabled, redefined, deleted and created again between the
//! plan and the last wave.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use simulators::aws::{Schedule, Window, World as Fleet};
use simulators::seed::REGION;
use stories::{Environment, dice};

use super::{Interference, account_of};
use crate::world::World;

/// How long before its card was posted a plan may have been drafted.
const DRAFTED: TimeDelta = TimeDelta::minutes(15);
/// The most definitions of a window of an environment, including the first one and the one that is
/// restored.
const DEFINITIONS: usize = 4;

/// The windows of one world, as they were defined at each time.
#[derive(Debug)]
pub(crate) struct WindowChanges {
    seed: u64,
    begun: bool,
    history: Mutex<BTreeMap<String, Vec<Since>>>,
}

/// The definition of a window from some time on.
#[derive(Clone, Debug)]
struct Since {
    at: DateTime<Utc>,
    window: Option<Window>,
}

/// When in the life of a plan a window changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    BeforeTheVotes,
    BetweenVotes,
    Approved,
    Running,
}

impl WindowChanges {
    pub(super) fn is_begun(&self) -> bool {
        self.begun
    }

    /// The window changes of a world, by its seed. There are none unless there `may` be: nobody waits for
    /// hours while the nodes are scanned all the time.
    pub(super) fn of(seed: u64, may: bool) -> Self {
        let begun = may && dice(seed, "windows", 0).u32(..100) < 40;
        Self { seed, begun, history: Mutex::default() }
    }

    pub(super) fn configure(&self, environment: &str, settings: Environment) -> Environment {
        let windows = match environment {
            _ if !self.begun => settings.windows,
            "production" => "window = \"production-often\"",
            _ => "window = \"verification-often\"",
        };
        Environment { windows, ..settings }
    }

    pub(super) fn populate(&self, fleet: &mut Fleet) {
        if self.begun {
            fleet.windows.extend([often("verification", 1), often("production", 1)]);
        }
    }

    /// Changes the window of `environment`, if the seed says so for this moment of this plan.
    pub(crate) fn change(world: &World, environment: &str, moment: Moment, ts: &str) {
        let windows = &world.interference.window_changes;
        let nth = windows.locked().get(environment).map_or(0, Vec::len);
        let mut rng = dice(windows.seed, &format!("{environment} {moment:?}"), nth as u64);
        if !windows.begun || nth >= DEFINITIONS || rng.u32(..100) >= 22 {
            return;
        }
        let cloud = &world.stage.cloud;
        let Some(now) = defined(world, environment) else { return };
        let kind = rng.u32(..8);
        let redefined = |change: fn(&mut Window)| cloud.redefine_window(&now.id, change);
        match kind {
            0 => redefined(|window| {
                window.schedule = schedule("0", "1,3,5,7,9,11,13,15,17,19,21,23")
            }),
            1 => redefined(|window| window.schedule = schedule("20", "*")),
            2 => redefined(|window| window.enabled = false),
            3 => redefined(|window| window.duration_hours = 2),
            // Waves may start for as long as before.
            4 => redefined(|window| (window.duration_hours, window.cutoff_hours) = (2, 1)),
            // It opens at the same time, by another rule.
            5 => redefined(|window| {
                if let Ok(schedule) = window.schedule.clone().in_zone("Asia/Tokyo") {
                    window.schedule = schedule;
                }
            }),
            6 => cloud.delete_window(&now.id),
            _ => {
                let other = often(environment, 2 + nth);
                cloud.add_window(Window { schedule: schedule("40", "*"), ..other });
                cloud.delete_window(&now.id)
            }
        };
        windows.remember(world, environment, now);
        let after = defined(world, environment).map(|window| rule(&window));
        world.note(format!(
            "{moment:?} of {ts}, somebody changes the window of {environment}: {after:?}"
        ));
    }

    /// Restores a window that would never open, also by the host's clock.
    pub(crate) fn mend(world: &World, environment: &str) {
        let windows = &world.interference.window_changes;
        // By a clock that is an hour behind, each window is over before it opens, and its plan is
        // void.
        if windows.begun && world.host.wrong_by() != TimeDelta::zero() {
            world.set_wrong_by(TimeDelta::zero());
            world.note("somebody puts the host's clock right");
        }
        if !windows.begun || defined(world, environment).is_some_and(|window| window.enabled) {
            return;
        }
        let nth = windows.locked().get(environment).map_or(0, Vec::len);
        match defined(world, environment) {
            Some(window) => {
                world.stage.cloud.redefine_window(&window.id, |window| window.enabled = true);
                windows.remember(world, environment, window);
            }
            None => {
                world.stage.cloud.add_window(often(environment, 8 + nth));
                let at = world.stage.clock.now();
                let window = defined(world, environment);
                windows
                    .locked()
                    .entry(environment.to_owned())
                    .or_default()
                    .push(Since { at, window });
            }
        }
        world.note(format!("somebody lets the window of {environment} open again"));
    }

    /// Checks an Install that arrives: it must be inside the window as it was when people voted,
    /// and that window must still exist.
    pub(crate) fn judge(world: &World, run: &str, card_at: DateTime<Utc>, what: &str) {
        let windows = &world.interference.window_changes;
        let environment = run.rsplit_once('-').map_or(run, |(environment, _)| environment);
        if !windows.begun {
            return;
        }
        let now = world.stage.clock.now();
        let voted = windows.between(world, environment, card_at - DRAFTED, card_at);
        let known: Vec<String> = windows
            .between(world, environment, now - Interference::grace(world), now)
            .iter()
            .map(rule)
            .collect();
        let stands: Vec<&Window> =
            voted.iter().filter(|window| known.contains(&rule(window))).collect();
        if stands.is_empty() {
            let voted: Vec<String> = voted.iter().map(rule).collect();
            return world.violated(format!(
                "{what} was sent for the window {voted:?}, and it is {known:?} by now"
            ));
        }
        let inside = stands.iter().any(|window| {
            let opens =
                [card_at - DRAFTED, card_at].map(|at| window.schedule.next(window.created, at));
            let hours = i64::from(window.duration_hours) - i64::from(window.cutoff_hours);
            world.host_times().iter().any(|shown| {
                opens.iter().flatten().any(|opens| {
                    *opens <= *shown
                        && *shown <= *opens + TimeDelta::hours(hours) + Interference::grace(world)
                })
            })
        });
        if !inside {
            world.violated(format!("{what} was sent outside of its window {stands:?}"));
        }
    }

    /// Remembers the definition that a window had until now.
    fn remember(&self, world: &World, environment: &str, before: Window) {
        let mut history = self.locked();
        let all = history.entry(environment.to_owned()).or_default();
        if all.is_empty() {
            all.push(Since { at: DateTime::UNIX_EPOCH, window: Some(before) });
        }
        all.push(Since { at: world.stage.clock.now(), window: defined(world, environment) });
    }

    /// All definitions that the window had at any time from `from` to `to`.
    fn between(
        &self,
        world: &World,
        environment: &str,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Vec<Window> {
        let history = self.locked();
        let Some(all) = history.get(environment) else {
            return defined(world, environment).into_iter().collect();
        };
        let ends = all.iter().skip(1).map(|next| next.at).chain([DateTime::<Utc>::MAX_UTC]);
        all.iter()
            .zip(ends)
            .filter(|(since, end)| since.at <= to && from <= *end)
            .filter_map(|(since, _)| since.window.clone())
            .filter(|window| window.enabled)
            .collect()
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Since>>> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A schedule at this minute of these hours, every day.
fn schedule(minute: &str, hours: &str) -> Schedule {
    // The simulator understands its own format; otherwise the world would be a different one.
    Schedule::parse(&format!("cron({minute} {hours} ? * * *)"))
        .unwrap_or_else(|_| Schedule::daily_at(0, 0))
}

/// When the windows were created: 2026-01-05 00:00 UTC.
const CREATED: DateTime<Utc> = match DateTime::from_timestamp(1_767_571_200, 0) {
    Some(at) => at,
    None => DateTime::UNIX_EPOCH,
};

/// A window that opens every hour, so that nobody waits for long.
fn often(environment: &str, serial: usize) -> Window {
    let account = account_of(environment);
    Window {
        id: format!("mw-0{}f{serial:011x}", &account[..4]),
        account: account.to_owned(),
        region: REGION.to_owned(),
        name: format!("{environment}-often"),
        description: "When patches may be installed".into(),
        schedule: schedule("0", "*"),
        duration_hours: 1,
        cutoff_hours: 0,
        enabled: true,
        patch_groups: vec![format!("web-{environment}")],
        created: CREATED,
    }
}

/// The window of an environment, as it is now.
fn defined(world: &World, environment: &str) -> Option<Window> {
    let name = format!("{environment}-often");
    world.stage.cloud.windows().into_iter().find(|window| window.name == name)
}

/// Everything in a window that decides when it is open.
fn rule(window: &Window) -> String {
    let Window { id, schedule, duration_hours, cutoff_hours, enabled, .. } = window;
    let (text, zone) = (schedule.text(), schedule.zone());
    format!("{id} {text} {zone} {duration_hours} h, {cutoff_hours} h, enabled {enabled}")
}
