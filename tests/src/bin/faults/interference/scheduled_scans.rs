//! Scheduled scans of more environments than are surveyed at once, with a stop in the middle of
//! them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use simulators::aws::{OpFault, World as Fleet};
use simulators::seed::PRODUCTION;
use stories::{Settings, dice};
use tokio::sync::Notify;

use super::emergency_stop::stop_for_a_while;
use crate::world::World;

/// Environments beside verification and production, with one node each.
const MORE: usize = 7;
/// In how many scheduled scans somebody stops everything.
const STOPS: u64 = 2;
/// How long after the last stop each environment must have been scanned: the schedule has one scan
/// every twenty minutes, a scan takes one minute, and a clock that was an hour ahead is corrected.
const AGAIN: TimeDelta = TimeDelta::minutes(110);

/// The scheduled scans of one world.
#[derive(Debug)]
pub(crate) struct ScheduledScans {
    seed: u64,
    begun: bool,
    scans: AtomicU64,
    met: Notify,
    resumed: Mutex<Option<DateTime<Utc>>>,
}

impl ScheduledScans {
    pub(super) fn of(seed: u64) -> Self {
        let begun = dice(seed, "sweep", 0).u32(..100) < 20;
        let scans = AtomicU64::new(0);
        Self { seed, begun, scans, met: Notify::new(), resumed: Mutex::default() }
    }

    /// Whether people stop everything during a scan, and at no other time.
    pub(crate) fn is_begun(&self) -> bool {
        self.begun
    }

    pub(super) fn configure(&self, settings: Settings) -> Settings {
        if !self.begun {
            return settings;
        }
        let small = (0..MORE).map(|number| {
            format!(
                r#"
[[environment]]
name = "small-{number}"
first = true
account = "{PRODUCTION}"
region = "ap-northeast-1"
patch_group = "small-{number}"
role_arn = "arn:aws:iam::{PRODUCTION}:role/patchbot"
external_id = "production"
approvers = ["hana", "aiko", "ben"]
"#
            )
        });
        let more = small.collect::<String>() + &settings.more;
        Settings { schedule: "0 */20 * * * *", scan: true, more, ..settings }
    }

    pub(super) fn populate(&self, fleet: &mut Fleet) {
        let model = fleet.nodes.iter().find(|node| node.name == "web-01").cloned();
        let Some(model) = model.filter(|_| self.begun) else { return };
        fleet.nodes.extend((0..MORE).map(|number| {
            let mut node = model.clone();
            node.id = format!("i-0{}5{number:011x}", &PRODUCTION[..4]);
            node.name = format!("small-{number}");
            node.tags.insert("PatchGroup".to_owned(), format!("small-{number}"));
            node
        }));
    }

    /// A scheduled scan arrives at AWS. In the middle of one, AWS throttles it and somebody stops
    /// everything.
    pub(crate) fn meet(world: &World) {
        let scheduled_scans = &world.interference.scheduled_scans;
        let nth = scheduled_scans.scans.fetch_add(1, Ordering::SeqCst);
        if !scheduled_scans.begun {
            return;
        }
        for stop in 0..STOPS {
            let mut rng = dice(scheduled_scans.seed, "middle", stop);
            let at = stop * 30 + rng.u64(0..10);
            if nth == at {
                if rng.bool() {
                    world.stage.cloud.fail_operation("SendCommand", OpFault::Throttle(1));
                }
                world.note("somebody stops everything in the middle of a scan on schedule");
                scheduled_scans.met.notify_one();
            }
        }
    }
}

/// Stops everything whenever a scan has come that far. Never returns.
pub(crate) async fn stopper(world: &World) -> Result<()> {
    let mut rng = dice(world.seed, "stopper", 0);
    loop {
        world.interference.scheduled_scans.met.notified().await;
        stop_for_a_while(world, &mut rng).await?;
        let resumed = &world.interference.scheduled_scans.resumed;
        *resumed.lock().unwrap_or_else(PoisonError::into_inner) = Some(world.stage.clock.now());
    }
}

/// Checks that each environment is scanned again after the last stop.
pub(crate) async fn goes_on(world: &World) -> Result<()> {
    let resumed = world
        .interference
        .scheduled_scans
        .resumed
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .to_owned();
    let Some(resumed) = resumed else { return Ok(()) };
    let until = world.stage.clock.now() + AGAIN;
    let small = (0..MORE).map(|number| format!("small-{number}"));
    let all: Vec<String> =
        small.chain(["verification".to_owned(), "production".to_owned()]).collect();
    let scanned = |environment: &String| {
        let comment = format!("patchbot:scan:{environment}");
        let mut commands = world.stage.cloud.commands().into_iter();
        commands.any(|command| command.comment == comment && command.requested_at > resumed)
    };
    let looking = world.until("scans", |_| all.iter().all(scanned).then_some(()));
    tokio::select! {
        seen = looking => seen,
        () = world.stage.clock.sleep_until(until) => {
            let behind: Vec<&String> = all.iter().filter(|one| !scanned(one)).collect();
            world.violated(format!("after the stop was over, {behind:?} were not scanned again"));
            Ok(())
        }
    }
}
