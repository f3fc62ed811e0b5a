//! The card of a run: what will be done, the severity of what it fixes, the environment, the
//! deadline, the approvers; later its progress and its result.

use crate::emergency_stop::EmergencyStop;
use crate::environment::policy::CurrentPolicy;
use crate::fleet::node::NodeId;
use crate::id::{EnvironmentName, Principal};
use crate::input::button::ButtonAction;
use crate::plan::Pin;
use crate::run::{PatchRun, Phase, StopReason};
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::run::thread::called_off;
use crate::view::two_groups::were_unsettled;
use crate::view::words::Words;
use crate::view::{Block, Button, ButtonStyle, Card, Reader, Tone};

mod confirm;
mod facts;
mod nodes;
mod outcome;
mod overrides;
mod pins;
mod preflight;
mod progress;
mod record;
pub mod thread;
mod trouble;
mod typed;
mod unread;
mod why;

use confirm::confirm;
pub(crate) use confirm::question;
use facts::{facts, patches};
pub(crate) use nodes::{name, names};
pub(crate) use outcome::{doubtful, foreign_scan, outcome};
pub(crate) use pins::left_out;
pub(crate) use preflight::overlaps;
use preflight::{left_out_before, preflight};
use progress::progress;
pub(crate) use trouble::why_uncertain;
use trouble::{trouble, uncertain, untouched, ways_out};
pub(crate) use typed::{typed_approve, typed_reject};
pub(crate) use unread::unread;
use unread::unread_so_far;
pub(crate) use why::{unproven, void};

/// What the card of a run depends on beside the run.
#[derive(Clone, Debug)]
pub struct CardContext<'a> {
    /// The reader for whom it is worded.
    pub reader: Reader,
    /// Whether everything is stopped.
    pub emergency_stop: &'a EmergencyStop,
    /// Who decides now, and who is who, according to the configuration.
    pub policy: CurrentPolicy<'a>,
    /// The run that proves what its plan installs.
    pub proven_by: Option<&'a PatchRun>,
    /// Whether it is for an environment that another one must prove first.
    pub is_production: bool,
    /// Whether to show everything, as in `/patch show`, instead of the short form.
    pub whole: bool,
    /// Whether a new plan for the same environment would be the next step.
    pub plan_again: bool,
    /// The environments that would be planned next, now that this one is proven.
    pub plan_next: Vec<EnvironmentName>,
}

/// The card of `run`.
pub fn card(run: &PatchRun, context: &CardContext<'_>) -> Card {
    let words = Words(context.reader.locale);
    let mut blocks = Vec::new();
    if context.is_production && run.is_open() {
        blocks.push(Block::Text(words.say("run-production", &named(run))));
    }
    if let Some(stop) = context.emergency_stop.stop.as_ref().filter(|_| run.is_open()) {
        let args = Args::new().person("who", &stop.by).text("reason", &stop.reason);
        blocks.push(Block::Text(words.say("run-stopped", &args)));
    }
    if let Some(wrong) = run.closed.as_ref().filter(|_| run.is_open()) {
        let args = Args::new().rich("wrong", words.wrong_account(wrong));
        blocks.push(Block::Text(words.say("run-closed", &args)));
    }
    blocks.extend(lead(run, words).map(Block::Text));
    blocks.extend(progress(run, words));
    blocks.extend(preflight(run, words));
    if run.is_open() {
        let before = context.proven_by.and_then(|before| left_out_before(before, words));
        blocks.extend(before.map(Block::Text));
    }
    let told_whole = context.whole || !run.is_open();
    let mut known = facts(run, context.policy, words);
    if told_whole {
        known.extend(record::facts(run, words));
    }
    blocks.push(Block::Facts(known));
    if waits(run) {
        blocks.extend(patches(run, context.whole, words));
        blocks.extend(pins::blocks(run, words));
    } else {
        let plan = &run.plan;
        let without = were_unsettled(&plan.environment, &plan.in_two_groups, words);
        blocks.extend(without.map(Block::Text));
    }
    blocks.extend(trouble(run, words));
    blocks.extend(unread_so_far(run, words).map(Block::Text));
    if run.outputs_denied() {
        blocks.push(Block::Text(words.say("outputs-denied", &Args::new())));
    }
    blocks.extend(untouched(run, words).map(Block::Text));
    if told_whole {
        blocks.extend(record::waves(run, context.whole, words));
    }
    if told_whole && !waits(run) {
        blocks.extend(patches(run, context.whole, words));
    }
    for dispatch in run.dispatches.values() {
        blocks.extend(uncertain(dispatch, words).map(Block::Text));
    }
    let digest = asked_for(run);
    blocks.push(Block::Note(words.say("run-note", &digest)));
    let title = title(run, words);
    Card {
        drill: context.reader.drill,
        tone: tone(run, context),
        fallback: match lead(run, words) {
            Some(lead) => format!("{title}. {}", lead.plain()),
            None => title.clone(),
        },
        title,
        blocks,
        buttons: buttons(run, context, words),
    }
}

/// Who asked for it and when, and the digest that votes name.
fn asked_for(run: &PatchRun) -> Args {
    Args::new().code("digest", run.digest.short()).person("who", &run.requester).time(
        "at",
        run.proposed_at,
        TimeStyle::DateTime,
    )
}

fn waits(run: &PatchRun) -> bool {
    matches!(run.phase, Phase::Waiting | Phase::Approved { .. })
}

fn named(run: &PatchRun) -> Args {
    Args::new().text("environment", run.plan.environment.as_str()).text("run", run.id.to_string())
}

fn title(run: &PatchRun, words: Words) -> String {
    let id = match &run.phase {
        Phase::Waiting => match run.plan.pin {
            Pin::NotProven { .. } => "run-title-blocked",
            Pin::First | Pin::Proven { .. } => "run-title-waiting",
        },
        Phase::Approved { .. } => "run-title-approved",
        Phase::Running { .. } => "run-title-running",
        Phase::Stopping { .. } => "run-title-stopping",
        Phase::Finished { .. } if all_good(run) => "run-title-proven",
        Phase::Finished { .. } if run.is_as_planned() => "run-title-as-planned",
        Phase::Finished { .. } => "run-title-finished",
        Phase::Stopped { .. } => "run-title-stopped",
        Phase::Rejected { .. } => "run-title-rejected",
        Phase::Expired { .. } => "run-title-expired",
        Phase::Voided { .. } => "run-title-voided",
    };
    words.phrase(id, &named(run))
}

fn all_good(run: &PatchRun) -> bool {
    run.is_proven()
}

fn tone(run: &PatchRun, context: &CardContext<'_>) -> Tone {
    match &run.phase {
        Phase::Waiting
        | Phase::Approved { .. }
        | Phase::Running { .. }
        | Phase::Stopping { .. }
            if context.is_production =>
        {
            Tone::Production
        }
        Phase::Waiting | Phase::Stopping { .. } => Tone::Attention,
        Phase::Approved { .. }
        | Phase::Running { .. }
        | Phase::Expired { .. }
        | Phase::Voided { .. } => Tone::Calm,
        Phase::Finished { .. } if all_good(run) => Tone::Good,
        Phase::Finished { .. } if run.is_as_planned() => Tone::Attention,
        Phase::Finished { .. } | Phase::Stopped { .. } | Phase::Rejected { .. } => Tone::Bad,
    }
}

/// What has happened and what it means, in a sentence or two.
fn lead(run: &PatchRun, words: Words) -> Option<Text> {
    let names = named(run);
    let text = match &run.phase {
        Phase::Waiting => match &run.plan.pin {
            Pin::NotProven { needs, why } => {
                let args = names.text("needs", needs.as_str()).rich("why", unproven(why, words));
                words.say("run-lead-blocked", &args)
            }
            Pin::First | Pin::Proven { .. } if run.plan.only_scans() => {
                pins::only_scans(run, words)
            }
            Pin::First | Pin::Proven { .. } => return None,
        },
        Phase::Approved { .. } => {
            words.say("run-lead-approved", &names.time("at", run.starts_at(), TimeStyle::DateTime))
        }
        Phase::Running { .. } => return None,
        Phase::Finished { .. } => {
            let counts = names
                .number("compliant", run.compliant() as i64)
                .number("nodes", run.node_count() as i64)
                .number("left", run.nodes_left_out().count() as i64);
            match (all_good(run), run.is_as_planned()) {
                (false, true) => pins::as_planned(run, counts, words),
                (false, false) => words.say("run-lead-finished", &counts),
                (true, _) => pins::proven(run, &counts, words),
            }
        }
        Phase::Stopping { why, by, .. } => words
            .say("run-lead-stopping", &names.rich("why", called_off(run, why, by.as_ref(), words))),
        Phase::Stopped { why, by, .. } => halted(run, why, by.as_ref(), words),
        Phase::Rejected { by, reason, .. } => {
            words.say("run-lead-rejected", &names.person("who", by).text("reason", reason))
        }
        Phase::Expired { .. } => words.say("run-lead-expired", &names),
        Phase::Voided { why, .. } => void(run, why, words),
    };
    Some(text)
}

/// Why it was stopped, and what to do.
fn halted(run: &PatchRun, why: &StopReason, by: Option<&Principal>, words: Words) -> Text {
    let names = named(run);
    let counts = |wave: u32, bad: &[NodeId]| {
        Args::new()
            .number("wave", i64::from(wave) + 1)
            .number("bad", bad.len() as i64)
            .number("budget", i64::from(run.plan.error_budget))
    };
    match why {
        StopReason::OverBudget { wave, nodes } => {
            words.say("run-lead-over-budget", &counts(*wave, nodes))
        }
        StopReason::InstallsFailed { wave, nodes } => {
            words.say("run-lead-installs-failed", &counts(*wave, nodes))
        }
        StopReason::WindowClosed { wave } => {
            words.say("run-lead-window-closed", &names.number("wave", i64::from(*wave) + 1))
        }
        StopReason::WindowChanged { wave, changes } => {
            let wave = i64::from(*wave) + 1;
            let args = words.window_changes(changes).number("wave", wave);
            words.say("run-lead-halted-window-changed", &args)
        }
        StopReason::NodesGone { wave, nodes } => {
            let gone = nodes.iter().map(|(node, why)| (node, *why));
            let args = names
                .number("wave", i64::from(*wave) + 1)
                .number("nodes", nodes.len() as i64)
                .rich("names", words.gone(run, gone));
            words.say("run-lead-nodes-gone", &args)
        }
        StopReason::Person { reason } => {
            let args = names.rich("who", words.author(by)).text("reason", reason);
            words.say("run-lead-stopped", &args)
        }
    }
}

fn buttons(run: &PatchRun, context: &CardContext<'_>, words: Words) -> Vec<Button> {
    let none = Args::new();
    let plan = |environment: &EnvironmentName, style| Button {
        label: words.phrase("button-plan", &Args::new().text("environment", environment.as_str())),
        press: ButtonAction::Plan { environment: environment.clone() },
        style,
        confirm: None,
    };
    let plain = |id: &str, press| Button {
        label: words.phrase(id, &none),
        press,
        style: ButtonStyle::Plain,
        confirm: None,
    };
    let id = || run.id.clone();
    let digest = || run.digest.short().to_owned();
    let mut buttons = Vec::new();
    match (&run.phase, &run.plan.pin) {
        // There is no Approve button before the preceding environment is proven.
        (Phase::Waiting, Pin::NotProven { .. }) => {}
        (Phase::Waiting, Pin::First | Pin::Proven { .. }) => {
            let press = ButtonAction::Approve { run: id(), digest: digest() };
            let confirm = context.is_production.then(|| confirm(run, words));
            let label = words.phrase("button-approve", &none);
            buttons.push(Button { label, press, style: ButtonStyle::Primary, confirm });
            let press = ButtonAction::Reject { run: id(), digest: digest() };
            buttons.push(Button { style: ButtonStyle::Danger, ..plain("button-reject", press) });
            if !run.votes.is_empty() {
                buttons.push(plain("button-withdraw", ButtonAction::Withdraw { run: id() }));
            }
        }
        (Phase::Approved { .. }, _) => {
            buttons.push(plain("button-withdraw", ButtonAction::Withdraw { run: id() }));
            let press = ButtonAction::Reject { run: id(), digest: digest() };
            buttons.push(Button { style: ButtonStyle::Danger, ..plain("button-reject", press) });
        }
        (Phase::Running { .. }, _) => {
            buttons.extend(ways_out(run, words));
            let press = ButtonAction::Stop { run: id() };
            buttons.push(Button { style: ButtonStyle::Danger, ..plain("button-stop", press) });
        }
        (Phase::Stopping { .. }, _) => buttons.extend(ways_out(run, words)),
        (
            Phase::Finished { .. }
            | Phase::Stopped { .. }
            | Phase::Rejected { .. }
            | Phase::Expired { .. }
            | Phase::Voided { .. },
            _,
        ) => {}
    }
    if context.plan_again {
        buttons.push(plan(&run.plan.environment, ButtonStyle::Plain));
    }
    for next in &context.plan_next {
        buttons.push(plan(next, ButtonStyle::Primary));
    }
    buttons
}
