//! The progress of a run: nodes by status, and when it may be done.

use std::collections::BTreeSet;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::fleet::node::{InvocationStatus, NodeId};
use crate::id::Operation;
use crate::plan::PlannedNode;
use crate::run::{Dispatch, DispatchStatus, PatchRun, RunEvent, Verdict};

/// The precision of an expected end: a finer one would edit cards for nothing.
const GRAIN: TimeDelta = TimeDelta::minutes(5);

/// The progress of a run that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunProgress {
    /// The nodes of the wave that is under way.
    pub wave: Tally,
    /// The nodes of all waves.
    pub all: Tally,
    /// When it is likely to be done, if every wave takes as long as the longest so far. `None`
    /// before a wave has ended.
    pub likely_done: Option<DateTime<Utc>>,
    /// When we stop waiting for what was sent.
    pub waits_until: Option<DateTime<Utc>>,
    /// The last time at which the window lets anything begin; `None` without a window.
    pub last_start: Option<DateTime<Utc>>,
}

/// The number of nodes by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Judged as good.
    pub done: u32,
    /// A command was sent to them, and they are not judged yet.
    pub running: u32,
    /// Judged as not good.
    pub failed: u32,
    /// Nothing was sent to them.
    pub not_started: u32,
}

impl PatchRun {
    /// The progress; `None` unless the run is under way.
    pub fn progress(&self) -> Option<RunProgress> {
        let (wave, _) = self.step()?;
        Some(RunProgress {
            wave: self.tally(self.plan.waves.get(wave as usize).into_iter().flatten()),
            all: self.tally(self.plan.nodes()),
            likely_done: self.likely_done(wave),
            waits_until: self.dispatches.values().filter_map(|open| self.deadline(open)).max(),
            last_start: self.plan.window.as_ref().map(|window| window.last_start),
        })
    }

    /// The last known status of the command that matters for `node`: its Install or, if there was
    /// nothing to install, its Scan.
    pub fn command_of(&self, node: &NodeId) -> Option<(Operation, InvocationStatus)> {
        let operation = if self.plan.only_scans() { Operation::Scan } else { Operation::Install };
        let heard = |dispatch: &Dispatch| dispatch.invocations.get(node).copied();
        let newest_first = self.dispatches.iter().rev();
        let status = newest_first
            .filter(|(id, _)| id.operation == operation)
            .find_map(|(_, dispatch)| heard(dispatch))?;
        Some((operation, status))
    }

    fn tally<'a>(&self, nodes: impl Iterator<Item = &'a PlannedNode>) -> Tally {
        let sent = self.sent_to();
        let mut tally = Tally::default();
        for node in nodes.filter(|node| !self.is_left_out(&node.id)) {
            let count = match self.verdicts.get(&node.id).map(Verdict::is_good) {
                Some(true) => &mut tally.done,
                Some(false) => &mut tally.failed,
                None if sent.contains(&node.id) => &mut tally.running,
                None => &mut tally.not_started,
            };
            *count += 1;
        }
        tally
    }

    fn sent_to(&self) -> BTreeSet<&NodeId> {
        let sent = self.dispatches.values().filter(|dispatch| match dispatch.status {
            DispatchStatus::Sent { .. }
            | DispatchStatus::Ran { .. }
            | DispatchStatus::Ended { .. } => true,
            DispatchStatus::Intended
            | DispatchStatus::Uncertain { .. }
            | DispatchStatus::Refused { .. }
            | DispatchStatus::Abandoned { .. }
            | DispatchStatus::GivenUp { .. } => false,
        });
        sent.flat_map(|dispatch| &dispatch.nodes).collect()
    }

    fn likely_done(&self, now_in: u32) -> Option<DateTime<Utc>> {
        let began = |wanted: u32| {
            self.history.iter().find_map(|recorded| {
                let RunEvent::WaveStarted { wave } = recorded.event else { return None };
                (wave == wanted).then_some(recorded.at)
            })
        };
        let judged = |wanted: u32| {
            self.history.iter().rev().find_map(|recorded| {
                let RunEvent::Judged { wave, .. } = recorded.event else { return None };
                (wave == wanted).then_some(recorded.at)
            })
        };
        let took = |wave: u32| Some(judged(wave)? - began(wave)?);
        let longest = (0..now_in).filter_map(took).max()?;
        let left = i32::try_from(self.plan.waves.len()).ok()? - i32::try_from(now_in).ok()?;
        let done = began(now_in)? + longest * left;
        // Rounded up, because an early end disappoints nobody.
        done.duration_round_up(GRAIN).ok()
    }
}
