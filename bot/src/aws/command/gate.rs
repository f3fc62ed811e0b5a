//! The gate that every SendCommand passes as late as possible: after the rate limit and the
//! credentials, just before its first byte leaves.
//!
//! What was decided a second ago may be wrong by now: a person stopped everything, another process
//! took over the lease, the run was stopped, its window closed. A command that the gate holds was
//! certainly not sent. An emergency stop closes the gate before the person who asked for it reads
//! the confirmation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use aws_sdk_ssm::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_ssm::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ssm::error::BoxError;
use chrono::{DateTime, Utc};
use commands::failure::HeldBecause;
use commands::id::{EnvironmentName, Operation, RunId};
use commands::run::{MaySend, PatchRun};
use thiserror::Error;

use crate::clock::Clock;

tokio::task_local! {
    /// The right under which this task sends its command.
    static RIGHT: Right;
}

/// Why the gate holds a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Held {
    /// An emergency stop is in force.
    #[error("everything is stopped: the command was not sent")]
    Stopped,
    /// This process no longer holds the lease, or never held it.
    #[error("this process does not hold the lease: it was not sent")]
    NoLease,
    /// The run was stopped, its window is closed, or the preflight check of its wave is too old.
    #[error("the run may no longer send this: the command was not sent")]
    Run,
    /// The last identity check found credentials of another account.
    #[error("the credentials are of another account: it was not sent")]
    WrongAccount,
    /// A run is at work on the nodes of the environment, or is about to be.
    #[error("a run is under way or near: it was not sent")]
    RunNear,
    /// No right to send was in scope, which is a fault of this program.
    #[error("no right to send was given (a fault of patchbot): the command was not sent")]
    NoRight,
}

impl Held {
    /// Why a scan outside a run was held back, as the domain names it.
    pub fn because(self) -> HeldBecause {
        match self {
            Self::Stopped => HeldBecause::Stopped,
            Self::NoLease => HeldBecause::NoLease,
            Self::WrongAccount => HeldBecause::WrongAccount,
            Self::RunNear => HeldBecause::RunNear,
            // A scan outside a run has no run that could hold it.
            Self::Run | Self::NoRight => HeldBecause::NoRight,
        }
    }
}

/// What may be sent at this moment. Clones share the state.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Mutex<GateState>>);

#[derive(Debug)]
struct GateState {
    clock: Clock,
    stopped: bool,
    /// By the host's own clock, as the lease is.
    leased_until: DateTime<Utc>,
    /// The same deadline by a monotonic clock, which nobody can set back.
    leased_until_monotonic: Option<Instant>,
    runs: BTreeMap<RunId, MaySend>,
    /// Environments whose credentials belong to another account.
    closed: BTreeSet<EnvironmentName>,
}

/// The right to send one kind of command. The gate checks it at each use.
#[derive(Clone, Debug)]
pub(in crate::aws) struct Right {
    gate: Gate,
    purpose: Purpose,
}

#[derive(Clone, Debug)]
enum Purpose {
    Run(RunId, Operation),
    /// A Scan outside a run.
    Scan(EnvironmentName),
}

impl Purpose {
    fn environment(&self) -> &EnvironmentName {
        match self {
            Self::Run(run, _) => run.environment(),
            Self::Scan(environment) => environment,
        }
    }
}

impl Gate {
    /// A gate that lets nothing pass: no lease is held yet, and no run is known.
    pub fn closed(clock: Clock) -> Self {
        let leased_until = DateTime::<Utc>::MIN_UTC;
        let (leased_until_monotonic, runs, closed) = (None, BTreeMap::new(), BTreeSet::new());
        let state =
            GateState { clock, stopped: false, leased_until, leased_until_monotonic, runs, closed };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Lets the holder of the lease send until `until`, by the host's own clock.
    pub fn lease_lasts(&self, until: DateTime<Utc>) {
        let left = (until - Utc::now()).to_std().ok();
        let mut state = self.state();
        state.leased_until = until;
        state.leased_until_monotonic = left.and_then(|left| Instant::now().checked_add(left));
    }

    /// Closes the gate because the lease is lost.
    pub fn lease_is_lost(&self) {
        self.lease_lasts(DateTime::<Utc>::MIN_UTC);
    }

    /// Closes the gate for an emergency stop, or opens it again.
    pub fn stopped(&self, stopped: bool) {
        self.state().stopped = stopped;
    }

    /// Closes `environment` because its credentials belong to another account, or opens it again.
    pub fn closes(&self, environment: &EnvironmentName, closed: bool) {
        let all = &mut self.state().closed;
        if closed {
            all.insert(environment.clone());
        } else {
            all.remove(environment);
        }
    }

    /// Updates what `run` may send from now on.
    pub fn knows(&self, run: &PatchRun) {
        self.allows(&run.id, run.may_send());
    }

    /// As [`Gate::knows`], for a caller that knows what the run may send.
    pub fn allows(&self, run: &RunId, may_send: MaySend) {
        let runs = &mut self.state().runs;
        if may_send == MaySend::default() {
            runs.remove(run);
        } else {
            runs.insert(run.clone(), may_send);
        }
    }

    /// Checks whether `environment` may be scanned outside a run now.
    ///
    /// # Errors
    /// Why it may not.
    pub fn lets_scan(&self, environment: &EnvironmentName) -> Result<(), Held> {
        self.for_scan(environment).check()
    }

    /// The right to send a command of `run`.
    pub(in crate::aws) fn for_run(&self, run: &RunId, operation: Operation) -> Right {
        Right { gate: self.clone(), purpose: Purpose::Run(run.clone(), operation) }
    }

    /// The right to scan `environment` outside a run.
    pub(in crate::aws) fn for_scan(&self, environment: &EnvironmentName) -> Right {
        Right { gate: self.clone(), purpose: Purpose::Scan(environment.clone()) }
    }

    fn state(&self) -> MutexGuard<'_, GateState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Right {
    /// Checks whether the right holds at this moment, and returns why it does not.
    pub(in crate::aws) fn check(&self) -> Result<(), Held> {
        let state = self.gate.state();
        if state.stopped {
            return Err(Held::Stopped);
        }
        let by_monotonic_clock =
            state.leased_until_monotonic.is_some_and(|until| Instant::now() < until);
        if Utc::now() >= state.leased_until || !by_monotonic_clock {
            return Err(Held::NoLease);
        }
        if state.closed.contains(self.purpose.environment()) {
            return Err(Held::WrongAccount);
        }
        let now = state.clock.now();
        match &self.purpose {
            Purpose::Run(run, operation) => {
                let allowed = state.runs.get(run).is_some_and(|run| run.allows(*operation, now));
                if allowed { Ok(()) } else { Err(Held::Run) }
            }
            Purpose::Scan(environment) => {
                let is_near = |(run, may_send): (&RunId, &MaySend)| {
                    run.environment() == environment && may_send.is_near(now)
                };
                if state.runs.iter().any(is_near) { Err(Held::RunNear) } else { Ok(()) }
            }
        }
    }

    /// Runs `work`, whose SendCommand passes the gate by this right.
    pub(in crate::aws) async fn exercise<T>(&self, work: impl Future<Output = T>) -> T {
        RIGHT.scope(self.clone(), work).await
    }
}

/// The gate as an interceptor, which every client has.
#[derive(Debug)]
pub(in crate::aws) struct Gated;

impl Intercept for Gated {
    fn name(&self) -> &'static str {
        "Gated"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        if !target.ends_with(".SendCommand") {
            return Ok(());
        }
        RIGHT.try_with(Right::check).unwrap_or(Err(Held::NoRight)).map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn each_right_is_held_against_the_gate_when_it_is_used() {
        let gate = Gate::closed(Clock::System);
        let name: EnvironmentName = "web".parse().expect("a name");
        let run = RunId::new(name.clone(), 1);
        let (install, scan) = (Operation::Install, Operation::Scan);
        let look = gate.for_scan(&name);
        assert_eq!(look.check(), Err(Held::NoLease));
        let now = Utc::now();
        gate.lease_lasts(now + TimeDelta::minutes(1));
        assert_eq!(look.check(), Ok(()));
        assert_eq!(gate.for_run(&run, scan).check(), Err(Held::Run), "nobody knows this run");
        let soon = Some(now + TimeDelta::minutes(1));
        gate.allows(
            &run,
            MaySend {
                near_from: Some(now),
                scans: true,
                installs_from: None,
                installs_until: soon,
            },
        );
        assert_eq!(gate.for_run(&run, install).check(), Ok(()));
        assert_eq!(look.check(), Err(Held::RunNear));
        let other = gate.for_scan(&"db".parse().expect("a name"));
        assert_eq!(other.check(), Ok(()));
        gate.allows(
            &run,
            MaySend {
                near_from: Some(now),
                scans: true,
                installs_from: None,
                installs_until: Some(now),
            },
        );
        assert_eq!(gate.for_run(&run, install).check(), Err(Held::Run), "the window is closed");
        assert_eq!(gate.for_run(&run, scan).check(), Ok(()));
        gate.closes(&name, true);
        assert_eq!(gate.for_run(&run, scan).check(), Err(Held::WrongAccount));
        assert_eq!(look.check(), Err(Held::WrongAccount));
        assert_eq!(other.check(), Ok(()), "it is closed for itself");
        gate.closes(&name, false);
        gate.stopped(true);
        for right in [gate.for_run(&run, scan), look, other] {
            assert_eq!(right.check(), Err(Held::Stopped));
        }
        gate.stopped(false);
        gate.lease_is_lost();
        assert_eq!(gate.for_run(&run, scan).check(), Err(Held::NoLease));
    }
}
