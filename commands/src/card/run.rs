//! The card of a run: what will be done, how bad what it mends is, where, by when, who decides;
//! later how far it is and what came of it.

use std::collections::BTreeSet;

use crate::brake::Brake;
use crate::card::words::{Words, join};
use crate::card::{Block, Button, ButtonStyle, Card, Confirm, Fact, Progress, Reader, Table, Tone};
use crate::environment::RebootOption;
use crate::environment_name::EnvironmentName;
use crate::level::Level;
use crate::node::Platform;
use crate::plan::{Pin, Unproven};
use crate::press::Press;
use crate::run::{
    Dispatch, DispatchStatus, HaltReason, Operation, PatchRun, Phase, Step, UnknownWhy, Verdict,
    VoidReason,
};
use crate::text::{Text, TimeStyle};
use crate::wording::Args;

/// How many patches a card names; the thread and `/patch show` have them all.
const PATCHES_SHOWN: usize = 5;
/// How many troubled nodes a card names.
const NODES_SHOWN: usize = 10;

/// What a run's card depends on beside the run.
#[derive(Clone, Debug)]
pub struct Surroundings<'a> {
    /// For whom it is written.
    pub reader: Reader,
    /// Whether everything stands still.
    pub brake: &'a Brake,
    /// Whether another environment must be proven before this one.
    pub is_production: bool,
    /// Whether a new plan for the same environment would be the next thing to do.
    pub plan_again: bool,
    /// The environment that would be planned next, now that this one is proven.
    pub plan_next: Option<EnvironmentName>,
}

/// The card of `run`.
pub fn card(run: &PatchRun, around: &Surroundings<'_>) -> Card {
    let words = Words(around.reader.locale);
    let mut blocks = Vec::new();
    if around.is_production && run.is_open() {
        blocks.push(Block::Text(words.say("run-production", &names(run))));
    }
    if let Some(pulled) = around.brake.pulled.as_ref().filter(|_| run.is_open()) {
        let args = Args::new().person("who", &pulled.by).text("reason", &pulled.reason);
        blocks.push(Block::Text(words.say("run-stopped", &args)));
    }
    blocks.extend(lead(run, words).map(Block::Text));
    blocks.extend(progress(run, words));
    blocks.push(Block::Facts(facts(run, words)));
    if waits(run) {
        blocks.extend(patches(run, words));
    }
    blocks.extend(trouble(run, words));
    for dispatch in run.dispatches.values() {
        blocks.extend(uncertain(dispatch, words).map(Block::Text));
    }
    let digest = Args::new().code("digest", run.digest.short()).person("who", &run.requester);
    blocks.push(Block::Note(words.say("run-note", &digest)));
    let title = title(run, words);
    Card {
        drill: around.reader.drill,
        tone: tone(run, around),
        fallback: match lead(run, words) {
            Some(lead) => format!("{title}. {}", lead.plain()),
            None => title.clone(),
        },
        title,
        blocks,
        buttons: buttons(run, around, words),
    }
}

fn waits(run: &PatchRun) -> bool {
    matches!(run.phase, Phase::Waiting | Phase::Approved { .. })
}

fn names(run: &PatchRun) -> Args {
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
        Phase::Finished { .. } if all_good(run) => "run-title-proven",
        Phase::Finished { .. } => "run-title-finished",
        Phase::Halted { .. } => "run-title-halted",
        Phase::Rejected { .. } => "run-title-rejected",
        Phase::Expired { .. } => "run-title-expired",
        Phase::Voided { .. } => "run-title-voided",
    };
    words.phrase(id, &names(run))
}

fn all_good(run: &PatchRun) -> bool {
    run.compliant() == run.plan.node_count()
}

fn tone(run: &PatchRun, around: &Surroundings<'_>) -> Tone {
    match &run.phase {
        Phase::Waiting | Phase::Approved { .. } | Phase::Running { .. } if around.is_production => {
            Tone::Production
        }
        Phase::Waiting => Tone::Attention,
        Phase::Approved { .. }
        | Phase::Running { .. }
        | Phase::Expired { .. }
        | Phase::Voided { .. } => Tone::Calm,
        Phase::Finished { .. } if all_good(run) => Tone::Good,
        Phase::Finished { .. } | Phase::Halted { .. } | Phase::Rejected { .. } => Tone::Bad,
    }
}

/// What has happened and what it means, in a sentence or two.
fn lead(run: &PatchRun, words: Words) -> Option<Text> {
    let names = names(run);
    let text = match &run.phase {
        Phase::Waiting => match &run.plan.pin {
            Pin::NotProven { needs, why } => {
                let args = names.text("needs", needs.as_str()).rich("why", unproven(why, words));
                words.say("run-lead-blocked", &args)
            }
            Pin::First | Pin::Proven { .. } if run.plan.only_scans() => {
                words.say("run-lead-only-scans", &names)
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
                .number("nodes", run.plan.node_count() as i64);
            words.say(if all_good(run) { "run-lead-proven" } else { "run-lead-finished" }, &counts)
        }
        Phase::Halted { why: HaltReason::OverBudget { wave, nodes }, .. } => {
            let counts = names
                .number("wave", i64::from(*wave) + 1)
                .number("bad", nodes.len() as i64)
                .number("budget", i64::from(run.plan.error_budget));
            words.say("run-lead-over-budget", &counts)
        }
        Phase::Halted { why: HaltReason::WindowClosed { wave }, .. } => {
            words.say("run-lead-window-closed", &names.number("wave", i64::from(*wave) + 1))
        }
        Phase::Rejected { by, reason, .. } => {
            words.say("run-lead-rejected", &names.person("who", by).text("reason", reason))
        }
        Phase::Expired { .. } => words.say("run-lead-expired", &names),
        Phase::Voided { why, .. } => void(why, words),
    };
    Some(text)
}

/// Why votes are void.
pub(crate) fn void(why: &VoidReason, words: Words) -> Text {
    match why {
        VoidReason::Drifted(drift) => {
            let mut text = words.say(
                "run-lead-drifted",
                &Args::new()
                    .number("nodes-gone", drift.nodes_gone.len() as i64)
                    .number("nodes-new", drift.nodes_new.len() as i64)
                    .number("patches-new", drift.patches_new.len() as i64)
                    .number("patches-gone", drift.patches_gone.len() as i64),
            );
            if drift.baselines_changed {
                text.append(Text::line_break());
                text.append(words.say("run-drifted-baselines", &Args::new()));
            }
            text
        }
        VoidReason::NowProven { by } => {
            words.say("run-lead-now-proven", &Args::new().text("by", by.to_string()))
        }
        VoidReason::ProofGone(why) => {
            words.say("run-lead-proof-gone", &Args::new().rich("why", unproven(why, words)))
        }
        VoidReason::WindowMissed => words.say("run-lead-window-missed", &Args::new()),
    }
}

/// Why an environment is not proven.
pub(crate) fn unproven(why: &Unproven, words: Words) -> Text {
    let none = Args::new();
    match why {
        Unproven::NeverRun => words.say("unproven-never-run", &none),
        Unproven::StillRunning { run } => {
            words.say("unproven-still-running", &none.text("run", run.to_string()))
        }
        Unproven::NotCompliant { run, compliant, nodes } => words.say(
            "unproven-not-compliant",
            &none
                .text("run", run.to_string())
                .number("bad", i64::from(nodes.saturating_sub(*compliant)))
                .number("nodes", i64::from(*nodes)),
        ),
        Unproven::Soaking { run, until } => words.say(
            "unproven-soaking",
            &none.text("run", run.to_string()).time("until", *until, TimeStyle::DateTime),
        ),
        Unproven::TooOld { run, ended_at } => words.say(
            "unproven-too-old",
            &none.text("run", run.to_string()).time("at", *ended_at, TimeStyle::Date),
        ),
        Unproven::NoOverrideLocation => words.say("unproven-no-location", &none),
    }
}

fn facts(run: &PatchRun, words: Words) -> Vec<Fact> {
    let plan = &run.plan;
    let windows = plan.nodes().filter(|node| node.platform == Platform::Windows).count();
    let counts = Args::new()
        .number("nodes", plan.node_count() as i64)
        .number("windows", windows as i64)
        .number("others", (plan.node_count() - windows) as i64)
        .number("offline", run.offline.len() as i64);
    let mut facts = vec![words.fact("nodes", &counts), words.fact("where", &place(run))];
    if !waits(run) {
        return facts;
    }
    let severe = plan.patches.iter().filter(|patch| patch.assessment.level == Level::III).count();
    let exploited = plan.patches.iter().filter(|patch| patch.assessment.kev.is_some()).count();
    facts.push(
        words.fact(
            "patches",
            &Args::new()
                .number("patches", plan.patches.len() as i64)
                .number("severe", severe as i64)
                .number("exploited", exploited as i64),
        ),
    );
    match &plan.pin {
        // Of a pinned plan the pin decides what is installed; the baseline only judges.
        Pin::Proven { by, .. } => {
            let left_out = plan.left_out.len() as i64;
            let args = Args::new().text("by", by.to_string()).number("left-out", left_out);
            facts.push(words.fact("pin", &args));
        }
        Pin::First => facts.extend(baseline(run, words)),
        Pin::NotProven { .. } => {}
    }
    let reboot = match plan.reboot {
        RebootOption::RebootIfNeeded => "fact-reboot-if-needed",
        RebootOption::NoReboot => "fact-no-reboot",
    };
    facts.push(Fact {
        label: words.phrase("fact-reboot-label", &Args::new()),
        value: words.say(reboot, &Args::new()),
    });
    let sizes: Vec<String> = plan.waves.iter().map(|wave| wave.len().to_string()).collect();
    let waves = Args::new()
        .text("sizes", sizes.join(" → "))
        .number("waves", sizes.len() as i64)
        .number("budget", i64::from(plan.error_budget));
    facts.push(words.fact("waves", &waves));
    facts.push(match &plan.window {
        None => words.fact("start-now", &Args::new()),
        Some(window) => words.fact(
            "start-window",
            &Args::new()
                .text("window", &window.name)
                .time("opens", window.opens_at, TimeStyle::DateTime)
                .time("closes", window.closes_at, TimeStyle::Clock),
        ),
    });
    if !matches!(plan.pin, Pin::NotProven { .. }) {
        facts.push(who_decides(run, words));
    }
    facts
}

/// The baseline of most nodes' system is not known here, so the first by system stands for all.
fn baseline(run: &PatchRun, words: Words) -> Option<Fact> {
    let names: BTreeSet<&str> =
        run.plan.baselines.iter().map(|baseline| baseline.name.as_str()).collect();
    let first = names.first()?;
    let args = Args::new().text("name", *first).number("more", names.len() as i64 - 1);
    Some(words.fact("baseline", &args))
}

fn place(run: &PatchRun) -> Args {
    Args::new()
        .text("account", &run.plan.account)
        .text("region", &run.plan.region)
        .text("group", &run.plan.patch_group)
}

fn who_decides(run: &PatchRun, words: Words) -> Fact {
    let voters = run.policy.voters(&run.requester);
    let approvers = words.approvers(&voters);
    let mut args = Args::new()
        .rich("approvers", approvers)
        .number("named", voters.len() as i64)
        .number("quorum", i64::from(run.policy.quorum.max(1)))
        .number("votes", run.votes.len() as i64)
        .rich("voters", join(run.votes.keys().map(Text::person), words.separator()));
    args = args.time("until", run.expires_at(), TimeStyle::DateTime);
    words.fact("decides", &args)
}

fn patches(run: &PatchRun, words: Words) -> Option<Block> {
    if run.plan.only_scans() {
        return None;
    }
    let mut lines: Vec<Text> = run
        .plan
        .patches
        .iter()
        .take(PATCHES_SHOWN)
        .map(|patch| words.patch_line(&patch.id, &patch.title, &patch.assessment, patch.nodes))
        .collect();
    let more = run.plan.patches.len().saturating_sub(PATCHES_SHOWN);
    if more > 0 {
        let args = names(run).number("more", more as i64);
        lines.push(words.say("run-more-patches", &args));
    }
    Some(Block::Text(join(lines, Text::line_break())))
}

fn progress(run: &PatchRun, words: Words) -> Option<Block> {
    let (wave, step) = run.step()?;
    let nodes = run.plan.waves.get(wave as usize)?;
    let id = match step {
        Step::ToInstall | Step::Installing => "run-step-installing",
        Step::ToScan | Step::Scanning => "run-step-scanning",
        Step::Judging | Step::Judged => "run-step-judging",
    };
    let installed: usize = run
        .latest(wave, Operation::Install)
        .iter()
        .flat_map(|dispatch| dispatch.invocations.values())
        .filter(|status| status.is_final())
        .count();
    let label = Args::new()
        .number("wave", i64::from(wave) + 1)
        .number("waves", run.plan.waves.len() as i64)
        .number("installed", installed as i64)
        .number("nodes", nodes.len() as i64);
    let bad = run.verdicts.values().filter(|verdict| !verdict.is_good()).count();
    Some(Block::Progress(Progress {
        label: words.say(id, &label),
        done: run.verdicts.len() as u32,
        bad: bad as u32,
        total: run.plan.node_count() as u32,
    }))
}

/// Nodes that did not end well, each with why.
fn trouble(run: &PatchRun, words: Words) -> Option<Block> {
    let none = Args::new();
    let bad: Vec<Vec<Text>> = run
        .plan
        .nodes()
        .filter_map(|node| Some((node, run.verdicts.get(&node.id)?)))
        .filter(|(_, verdict)| !verdict.is_good())
        .map(|(node, verdict)| {
            vec![Text::strong(&node.name), Text::from(node.id.to_string()), words.verdict(verdict)]
        })
        .collect();
    if bad.is_empty() {
        return None;
    }
    let more = bad.len().saturating_sub(NODES_SHOWN);
    let mut rows: Vec<Vec<Text>> = bad.into_iter().take(NODES_SHOWN).collect();
    if more > 0 {
        let text = words.say("run-more-nodes", &Args::new().number("more", more as i64));
        rows.push(vec![text, Text::default(), Text::default()]);
    }
    let columns = ["column-node", "column-id", "column-result"].map(|id| words.phrase(id, &none));
    Some(Block::Table(Table { columns: columns.into(), rows }))
}

/// What is said of a dispatch of which nobody knows whether it was sent.
fn uncertain(dispatch: &Dispatch, words: Words) -> Option<Text> {
    let DispatchStatus::Uncertain { why, person_asked, since } = &dispatch.status else {
        return None;
    };
    let args = Args::new()
        .rich("dispatch", words.dispatch(&dispatch.id))
        .text("why", why)
        .number("nodes", dispatch.nodes.len() as i64)
        .code("snapshot", dispatch.snapshot.to_string())
        .time("since", *since, TimeStyle::DateTime);
    Some(words.say(if *person_asked { "run-uncertain-asked" } else { "run-uncertain" }, &args))
}

fn buttons(run: &PatchRun, around: &Surroundings<'_>, words: Words) -> Vec<Button> {
    let none = Args::new();
    let plan = |environment: &EnvironmentName, style| Button {
        label: words.phrase("button-plan", &Args::new().text("environment", environment.as_str())),
        press: Press::Plan { environment: environment.clone() },
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
        // No Approve button before the environment that comes first is proven.
        (Phase::Waiting, Pin::NotProven { .. }) => {}
        (Phase::Waiting, Pin::First | Pin::Proven { .. }) => {
            let press = Press::Approve { run: id(), digest: digest() };
            let confirm = around.is_production.then(|| confirm(run, words));
            let label = words.phrase("button-approve", &none);
            buttons.push(Button { label, press, style: ButtonStyle::Primary, confirm });
            let press = Press::Reject { run: id(), digest: digest() };
            buttons.push(Button { style: ButtonStyle::Danger, ..plain("button-reject", press) });
            if !run.votes.is_empty() {
                buttons.push(plain("button-withdraw", Press::Withdraw { run: id() }));
            }
        }
        (Phase::Approved { .. }, _) => {
            buttons.push(plain("button-withdraw", Press::Withdraw { run: id() }));
            let press = Press::Reject { run: id(), digest: digest() };
            buttons.push(Button { style: ButtonStyle::Danger, ..plain("button-reject", press) });
        }
        (Phase::Running { .. }, _) => {
            let asked = run.dispatches.values().filter(|dispatch| {
                matches!(dispatch.status, DispatchStatus::Uncertain { person_asked: true, .. })
            });
            for dispatch in asked.take(5) {
                let press = Press::NotSent { run: id(), dispatch: dispatch.id.clone() };
                let args = Args::new().rich("dispatch", words.dispatch(&dispatch.id));
                let label = words.phrase("button-not-sent", &args);
                buttons.push(Button { label, ..plain("button-reject", press) });
            }
        }
        (
            Phase::Finished { .. }
            | Phase::Halted { .. }
            | Phase::Rejected { .. }
            | Phase::Expired { .. }
            | Phase::Voided { .. },
            _,
        ) => {}
    }
    if around.plan_again {
        buttons.push(plan(&run.plan.environment, ButtonStyle::Plain));
    }
    if let Some(next) = &around.plan_next {
        buttons.push(plan(next, ButtonStyle::Primary));
    }
    buttons
}

fn confirm(run: &PatchRun, words: Words) -> Confirm {
    let args = names(run)
        .number("nodes", run.plan.node_count() as i64)
        .number("patches", run.plan.patches.len() as i64);
    Confirm {
        title: words.phrase("confirm-approve-title", &args),
        text: words.phrase("confirm-approve-text", &args),
        yes: words.phrase("button-approve", &args),
        no: words.phrase("form-cancel", &args),
    }
}

impl Words {
    /// What became of a node, and what to do about it.
    pub(crate) fn verdict(self, verdict: &Verdict) -> Text {
        let none = Args::new();
        match verdict {
            Verdict::Compliant { installed } => {
                self.say("verdict-compliant", &none.number("installed", i64::from(*installed)))
            }
            Verdict::AsPlanned { installed, left_out } => self.say(
                "verdict-as-planned",
                &none
                    .number("installed", i64::from(*installed))
                    .number("left-out", i64::from(*left_out)),
            ),
            Verdict::NotCompliant(counts) => {
                let n = |count: Option<u32>| i64::from(count.unwrap_or(0));
                self.say(
                    "verdict-not-compliant",
                    &none
                        .number("missing", n(counts.missing))
                        .number("failed", n(counts.failed))
                        .number("reboot", n(counts.pending_reboot))
                        .number("rejected", n(counts.installed_rejected)),
                )
            }
            Verdict::Unknown(UnknownWhy::Refused { why }) => {
                self.say("verdict-refused", &none.text("why", why))
            }
            Verdict::Unknown(UnknownWhy::NoAnswer { status }) => {
                let status = status.map_or_else(|| "-".to_owned(), |status| format!("{status:?}"));
                self.say("verdict-no-answer", &none.text("status", status))
            }
            Verdict::Unknown(UnknownWhy::ScanFailed) => self.say("verdict-scan-failed", &none),
            Verdict::Unknown(UnknownWhy::ForeignScan { snapshot }) => {
                let snapshot = snapshot.map_or_else(|| "-".to_owned(), |id| id.to_string());
                self.say("verdict-foreign-scan", &none.code("snapshot", snapshot))
            }
            Verdict::Unknown(UnknownWhy::NoReport) => self.say("verdict-no-report", &none),
        }
    }
}
