//! The outcome on a node, and what to do about it. It distinguishes what the command reported,
//! whether the node waits for a reboot, and what its fresh scan shows.

use crate::environment::RebootOption;
use crate::fleet::agent::ForeignScan;
use crate::fleet::node::{InvocationStatus, NodeId, PatchCounts};
use crate::fleet::node_status::Doubt;
use crate::id::Operation;
use crate::run::{PatchRun, UnknownWhy, Verdict};
use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::run::pins::left_out;
use crate::view::words::Words;

/// The outcome on `node`, in words.
pub(crate) fn outcome(run: &PatchRun, node: &NodeId, verdict: &Verdict, words: Words) -> Text {
    let mut text = match verdict {
        Verdict::Compliant { installed } => {
            words.say("verdict-compliant", &number("installed", Some(*installed)))
        }
        Verdict::AsPlanned { installed, still, available } => {
            let id = if verdict.proves() { "verdict-definitions" } else { "verdict-still-missing" };
            let args = number("installed", Some(*installed))
                .number("patches", still.len() as i64)
                .number("available", i64::from(*available))
                .rich("names", left_out(still, words));
            words.say(id, &args)
        }
        Verdict::PendingReboot(counts) => {
            let id = match run.plan.reboot {
                RebootOption::NoReboot => "verdict-pending-no-reboot",
                RebootOption::RebootIfNeeded => "verdict-pending-reboot",
            };
            let args = number("reboot", counts.pending_reboot);
            words.say(id, &args.text("environment", run.plan.environment.as_str()))
        }
        Verdict::NotCompliant(counts) => words.say("verdict-not-compliant", &counted(counts)),
        Verdict::Unknown(why) => unknown(run, why, words),
        Verdict::LeftOut(why) => {
            words.say("verdict-left-out", &Args::new().rich("why", words.why_gone(*why)))
        }
    };
    if verdict.is_good() && reported_otherwise(run, node) {
        text.append(said_otherwise(run, node, words));
    }
    text
}

/// Whether the command of a node reported anything other than success.
pub(super) fn reported_otherwise(run: &PatchRun, node: &NodeId) -> bool {
    run.command_of(node).is_some_and(|(_, status)| status != InvocationStatus::Success)
}

fn said_otherwise(run: &PatchRun, node: &NodeId, words: Words) -> Text {
    let Some((operation, status)) = run.command_of(node) else { return Text::default() };
    let args = Args::new()
        .number("scan", i64::from(operation == Operation::Scan))
        .text("status", words.phrase(command_status(status), &Args::new()));
    words.say("verdict-but-command", &args)
}

fn unknown(run: &PatchRun, why: &UnknownWhy, words: Words) -> Text {
    let none = Args::new();
    let status = |status: Option<InvocationStatus>| {
        words.phrase(status.map_or("command-no-report", command_status), &Args::new())
    };
    match why {
        UnknownWhy::Refused { why } => {
            let environment = run.plan.environment.as_str();
            let args = none.rich("why", why.text(words.0)).text("environment", environment);
            words.say("verdict-refused", &args)
        }
        UnknownWhy::NotSent => {
            words.say("verdict-not-sent", &none.text("environment", run.plan.environment.as_str()))
        }
        UnknownWhy::NoAnswer { status: last } => {
            words.say("verdict-no-answer", &none.text("status", status(*last)))
        }
        UnknownWhy::Silent { status: last, since } => {
            let args = none
                .text("status", status(*last))
                .text("environment", run.plan.environment.as_str());
            match since {
                Some(since) => {
                    words.say("verdict-silent", &args.time("since", *since, TimeStyle::DateTime))
                }
                None => words.say("verdict-silent-unlisted", &args),
            }
        }
        UnknownWhy::ScanFailed => words.say("verdict-scan-failed", &none),
        UnknownWhy::NeverEnded => words.say("verdict-never-ended", &none),
        UnknownWhy::NotAScan { operation } => {
            words.say("verdict-not-a-scan", &none.text("operation", operation))
        }
        UnknownWhy::OldReport { ended_at } => {
            words.say("verdict-old-report", &none.time("at", *ended_at, TimeStyle::DateTime))
        }
        UnknownWhy::ForeignScan { snapshot, by } => {
            let snapshot = snapshot.map_or_else(|| "-".to_owned(), |id| id.to_string());
            let args =
                none.code("snapshot", snapshot).rich("who", foreign_scan(by.as_ref(), words));
            words.say("verdict-foreign-scan", &args)
        }
        UnknownWhy::Doubtful(doubt) => doubtful(doubt, words),
        UnknownWhy::NoReport => words.say("verdict-no-report", &none),
    }
}

/// Why a report cannot be trusted: in the same words for a run and for compliance.
pub(crate) fn doubtful(doubt: &Doubt, words: Words) -> Text {
    let args = Args::new();
    match doubt {
        Doubt::NoCounts => words.say("doubt-no-counts", &args),
        Doubt::ListDisagrees => words.say("doubt-list", &args),
        Doubt::CountsDisagree => words.say("doubt-counts", &args),
        Doubt::OtherBaseline { baseline } => {
            words.say("doubt-baseline", &args.code("baseline", baseline))
        }
        Doubt::SecurityUpdatesUncounted => words.say("doubt-security", &args),
    }
}

/// Who made the foreign scan, as far as we could find out.
pub(crate) fn foreign_scan(by: Option<&ForeignScan>, words: Words) -> Text {
    let args = Args::new();
    match by {
        Some(ForeignScan::Command { id, comment, document, requested_at, certain }) => {
            let args = args
                .code("id", id)
                .text("comment", comment)
                .number("commented", i64::from(!comment.is_empty()))
                .text("document", document)
                .number("certain", i64::from(*certain));
            match requested_at {
                Some(at) => {
                    words.say("foreign-scan-command", &args.time("at", *at, TimeStyle::DateTime))
                }
                None => words.say("foreign-scan-command-undated", &args),
            }
        }
        Some(ForeignScan::NoCommand) => words.say("foreign-scan-no-command", &args),
        None => words.say("foreign-scan-unknown", &args),
    }
}

/// The key of the message that names a status in plain words.
pub(super) fn command_status(status: InvocationStatus) -> &'static str {
    match status {
        InvocationStatus::Pending => "command-pending",
        InvocationStatus::InProgress => "command-in-progress",
        InvocationStatus::Delayed => "command-delayed",
        InvocationStatus::Success => "command-success",
        InvocationStatus::Failed => "command-failed",
        InvocationStatus::DeliveryTimedOut => "command-delivery-timed-out",
        InvocationStatus::ExecutionTimedOut => "command-execution-timed-out",
        InvocationStatus::Cancelling => "command-cancelling",
        InvocationStatus::Cancelled => "command-cancelled",
        InvocationStatus::Undeliverable => "command-undeliverable",
        InvocationStatus::Terminated => "command-terminated",
        InvocationStatus::InvalidPlatform => "command-invalid-platform",
        InvocationStatus::AccessDenied => "command-access-denied",
    }
}

fn number(name: &str, count: Option<u32>) -> Args {
    Args::new().number(name, i64::from(count.unwrap_or(0)))
}

fn counted(counts: &PatchCounts) -> Args {
    let n = |count: Option<u32>| i64::from(count.unwrap_or(0));
    Args::new()
        .number("missing", n(counts.missing))
        .number("failed", n(counts.failed))
        .number("reboot", n(counts.pending_reboot))
        .number("rejected", n(counts.installed_rejected))
        .number("available", n(counts.available_security_updates))
}
