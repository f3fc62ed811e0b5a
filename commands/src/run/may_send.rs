//! What a run may send at a moment, in so few words that it can be asked again just before each
//! command leaves.

use chrono::{DateTime, TimeDelta, Utc};

use crate::run::preflight::FRESH;
use crate::run::{Operation, PatchRun, Phase};

/// A scan takes less.
const SOON: TimeDelta = TimeDelta::hours(1);

/// What a run may send. By default nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MaySend {
    /// From when on it is under way or starts so soon that a scan sent then could still be going
    /// on; none where nothing is to come.
    pub near_from: Option<DateTime<Utc>>,
    /// Whether it may scan.
    pub scans: bool,
    /// The first moment at which it may install, as a clock can be set back: its window's opening, and
    /// a look of later than that is from a clock that was wrong.
    pub installs_from: Option<DateTime<Utc>>,
    /// The last moment at which it may install: its window's last, and the look before its wave
    /// must still be good. None: it may not.
    pub installs_until: Option<DateTime<Utc>>,
}

impl MaySend {
    /// Whether a command may leave now.
    pub fn allows(self, operation: Operation, now: DateTime<Utc>) -> bool {
        match operation {
            Operation::Install => {
                self.installs_from.is_none_or(|from| now >= from)
                    && self.installs_until.is_some_and(|until| now <= until)
            }
            Operation::Scan => self.scans,
        }
    }

    /// Whether nobody else should scan its nodes now.
    pub fn is_near(self, now: DateTime<Utc>) -> bool {
        self.near_from.is_some_and(|from| now >= from)
    }
}

impl PatchRun {
    /// What it may send from now on, until something happens to it.
    pub fn may_send(&self) -> MaySend {
        if self.closed.is_some() {
            // Whatever is to come of it is still to come.
            return MaySend {
                scans: false,
                installs_until: None,
                ..self.may_send_in_its_account()
            };
        }
        self.may_send_in_its_account()
    }

    fn may_send_in_its_account(&self) -> MaySend {
        match self.phase {
            Phase::Approved { .. } => {
                let near_from = self.starts_at().checked_sub_signed(SOON);
                MaySend { near_from, ..MaySend::default() }
            }
            Phase::Running { wave, since } => MaySend {
                near_from: Some(since),
                scans: true,
                installs_from: self.installs_from(wave),
                installs_until: self.installs_until(wave).filter(|_| !self.holds_back(wave)),
            },
            Phase::Stopping { since, .. } => {
                MaySend { near_from: Some(since), scans: true, ..MaySend::default() }
            }
            Phase::Waiting
            | Phase::Finished { .. }
            | Phase::Stopped { .. }
            | Phase::Rejected { .. }
            | Phase::Expired { .. }
            | Phase::Voided { .. } => MaySend::default(),
        }
    }

    fn installs_from(&self, wave: u32) -> Option<DateTime<Utc>> {
        let good_from = self.clearing(wave).map(|look| look.at - FRESH);
        good_from.max(self.plan.window.as_ref().map(|window| window.opens_at))
    }

    fn installs_until(&self, wave: u32) -> Option<DateTime<Utc>> {
        let look = self.clearing(wave)?;
        let good_until = look.at + FRESH;
        let window = self.plan.window.as_ref().map(|window| window.last_start);
        Some(window.map_or(good_until, |last_start| good_until.min(last_start)))
    }

    /// Whether it is under way, or starts so soon that a scan sent now could still be going on.
    pub fn is_near(&self, now: DateTime<Utc>) -> bool {
        self.may_send().is_near(now)
    }
}
