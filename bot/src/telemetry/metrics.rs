//! The metrics. Labels have few values, known in advance: environments, API operations, outcomes.
//! Never a node, a run or a person.

use std::time::Duration;

use commands::event::Event;
use commands::id::EnvironmentName;
use commands::recorded::Recorded;
use commands::run::{DispatchEvent, PatchRun, Phase, RunEvent, Tally};
use commands::state::State;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

const TURNS: &str = "patchbot_engine_turns_total";
const RUNS: &str = "patchbot_runs";
const NODES: &str = "patchbot_wave_nodes";
const DISPATCHES: &str = "patchbot_dispatches_total";
const AWS_CALLS: &str = "patchbot_aws_calls_total";
const AWS_DURATION: &str = "patchbot_aws_call_duration_seconds";
const AWS_THROTTLES: &str = "patchbot_aws_throttles_total";
const CARDS: &str = "patchbot_cards_total";
const INTERACTIONS: &str = "patchbot_interactions_total";
const OUTSIDERS: &str = "patchbot_outsiders_total";
const LEASE: &str = "patchbot_lease_held";
const COMMIT: &str = "patchbot_store_commit_duration_seconds";
const EVENTS: &str = "patchbot_event_messages_total";
const QUEUE_READ: &str = "patchbot_event_queue_read";
const SURVEYED: &str = "patchbot_last_survey_timestamp_seconds";

/// Describes each metric.
pub(super) fn describe() {
    describe_counter!(TURNS, "Turns of the engine's loop. A few a minute when nothing happens.");
    describe_gauge!(RUNS, "Runs by environment and phase.");
    describe_gauge!(NODES, "Nodes of the wave that is under way, by environment and state.");
    describe_counter!(DISPATCHES, "Commands by what became of sending them.");
    describe_counter!(AWS_CALLS, "Calls to AWS by operation and outcome.");
    describe_histogram!(AWS_DURATION, "How long calls to AWS took, retries of the SDK included.");
    describe_counter!(
        AWS_THROTTLES,
        "Calls that AWS throttled, including those that were retried."
    );
    describe_counter!(CARDS, "Cards and lines of threads by what became of them.");
    describe_counter!(
        INTERACTIONS,
        "Interactions by whether they were accepted, which means made durable."
    );
    describe_counter!(
        OUTSIDERS,
        "What people of another workspace or server asked for, by why they are outsiders. All of it is refused."
    );
    describe_gauge!(LEASE, "1 while this process may send.");
    describe_histogram!(COMMIT, "How long the store took to make a change durable.");
    describe_counter!(EVENTS, "Messages of the queues of events, by what they were.");
    describe_gauge!(
        QUEUE_READ,
        "1 while a queue of events can be read. Without, AWS is polled all the same."
    );
    describe_gauge!(SURVEYED, "When an environment was last looked at, in seconds since 1970.");
}

/// Counts a turn of the loop.
pub fn turned(may_send: bool) {
    counter!(TURNS).increment(1);
    gauge!(LEASE).set(f64::from(u8::from(may_send)));
}

/// Updates the gauges after a change of the state.
pub fn changed(state: &State) {
    for environment in &state.promotion.0 {
        of_environment(state, &environment.name);
    }
}

fn of_environment(state: &State, environment: &EnvironmentName) {
    let name = || environment.to_string();
    let mut by_phase = PHASES.map(|phase| (phase, 0_u32));
    let mut wave = Tally::default();
    for run in state.runs_of(environment) {
        let of_run = phase(run);
        by_phase.iter_mut().filter(|(phase, _)| *phase == of_run).for_each(|(_, n)| *n += 1);
        wave = run.progress().map_or(wave, |outlook| outlook.wave);
    }
    for (phase, runs) in by_phase {
        gauge!(RUNS, "environment" => name(), "phase" => phase).set(f64::from(runs));
    }
    let Tally { done, running, failed, not_started } = wave;
    let states =
        [("done", done), ("running", running), ("failed", failed), ("not_started", not_started)];
    for (state, nodes) in states {
        gauge!(NODES, "environment" => name(), "state" => state).set(f64::from(nodes));
    }
    if let Some(summary) = state.summaries.get(environment) {
        let at = summary.taken_at().timestamp_millis() as f64 / 1_000.0;
        gauge!(SURVEYED, "environment" => name()).set(at);
    }
}

const PHASES: [&str; 9] = [
    "waiting", "approved", "running", "ending", "finished", "halted", "rejected", "expired",
    "voided",
];

fn phase(run: &PatchRun) -> &'static str {
    match run.phase {
        Phase::Waiting => "waiting",
        Phase::Approved { .. } => "approved",
        Phase::Running { .. } => "running",
        Phase::Stopping { .. } => "ending",
        Phase::Finished { .. } => "finished",
        Phase::Stopped { .. } => "halted",
        Phase::Rejected { .. } => "rejected",
        Phase::Expired { .. } => "expired",
        Phase::Voided { .. } => "voided",
    }
}

/// Counts events that were decided and made durable.
pub fn decided(events: &[Recorded<Event>]) {
    for recorded in events {
        if let Some(outcome) = dispatched(&recorded.event) {
            counter!(DISPATCHES, "outcome" => outcome).increment(1);
        }
    }
}

fn dispatched(event: &Event) -> Option<&'static str> {
    let Event::Run(_, RunEvent::Dispatch(_, event)) = event else { return None };
    match event {
        DispatchEvent::Sent { adopted: false, .. } => Some("sent"),
        DispatchEvent::Sent { adopted: true, .. } | DispatchEvent::Adopted { .. } => {
            Some("adopted")
        }
        DispatchEvent::SendRefused { .. } => Some("refused"),
        DispatchEvent::BecameUncertain { .. } => Some("uncertain"),
        DispatchEvent::PersonAsked
        | DispatchEvent::Abandoned { .. }
        | DispatchEvent::Heard { .. }
        | DispatchEvent::CancelAsked
        | DispatchEvent::Ended
        | DispatchEvent::Doubled { .. }
        | DispatchEvent::Searched
        | DispatchEvent::Forgotten
        | DispatchEvent::Ran { .. }
        | DispatchEvent::Reported { .. }
        | DispatchEvent::OutputsRead { .. }
        | DispatchEvent::GivenUp => None,
    }
}

/// Counts an attempt that AWS throttled. Another attempt may follow within the same call.
pub(crate) fn throttled(operation: &str) {
    counter!(AWS_THROTTLES, "operation" => operation.to_owned()).increment(1);
}

/// Counts a call to AWS with all its attempts. There are few outcomes.
pub(crate) fn called(operation: &'static str, outcome: &'static str, took: Duration) {
    counter!(AWS_CALLS, "operation" => operation, "outcome" => outcome).increment(1);
    histogram!(AWS_DURATION, "operation" => operation).record(took);
}

/// Counts the outcome for a card or a line: `posted`, `edited`, `told` or `failed`; for a direct
/// message: `posted_direct`, `edited_direct` or `failed_direct`.
pub(crate) fn card(outcome: &'static str) {
    counter!(CARDS, "outcome" => outcome).increment(1);
}

/// Counts the outcome of an interaction on arrival: `accepted`, `duplicate`, `invalid` or `failed`.
pub(crate) fn interaction(outcome: &'static str) {
    counter!(INTERACTIONS, "outcome" => outcome).increment(1);
}

/// Counts a request from an outsider; `why` is one of a few words for each platform.
pub(crate) fn outsider(platform: &'static str, why: &'static str) {
    counter!(OUTSIDERS, "platform" => platform, "why" => why).increment(1);
}

/// Records how long the store took for a commit, successful or not.
pub(crate) fn committed(took: Duration) {
    histogram!(COMMIT).record(took);
}

/// Counts a message of an event queue: `hint`, `other` or `malformed`.
pub(crate) fn event(outcome: &'static str) {
    counter!(EVENTS, "outcome" => outcome).increment(1);
}

/// Sets whether an event queue can be read.
pub(super) fn queue_read(queue: &str, is_read: bool) {
    gauge!(QUEUE_READ, "queue" => queue.to_owned()).set(f64::from(u8::from(is_read)));
}
