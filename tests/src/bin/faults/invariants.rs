//! Invariants that must hold whatever went wrong, checked against what AWS received and against the
//! truth there.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use simulators::slack::{Message, plain_text};
use stories::{CHANNEL, buttons};

use crate::interference::{AmbiguousGroups, LostNodes};
use crate::people::Seen;
use crate::world::World;

/// The quorum in the configuration of the stories.
pub(crate) const PRODUCTION_QUORUM: u32 = 2;

/// A run that ended, and the truth about the nodes at that moment.
#[derive(Debug)]
pub(crate) struct EndedRun {
    pub(crate) run: String,
    pub(crate) ts: String,
    /// How many patches each node really misses.
    pub(crate) missing: BTreeMap<String, usize>,
}

/// The id of the run that a card is about: in brackets at the end of its title.
pub(crate) fn run_of(card: &Message) -> String {
    let title = title_of(card);
    let name = title.trim_end_matches(')').rsplit_once('(');
    name.map(|(_, name)| name.to_owned()).unwrap_or_default()
}

/// The first line that names a run.
pub(crate) fn title_of(card: &Message) -> String {
    let text = plain_text(card);
    let title = text.lines().find(|line| line.ends_with(')'));
    title.unwrap_or_default().to_owned()
}

/// Whether the card's run is over.
pub(crate) fn ended(card: &Message) -> bool {
    let text = plain_text(card);
    let ends = [
        "is patched and proven",
        "not every node is compliant",
        "is patched as planned, but not compliant",
        "Stopped:",
        "No longer valid:",
        "Rejected:",
        "Expired:",
    ];
    ends.iter().any(|end| text.contains(end))
}

pub(crate) fn truth_of(world: &World, card: &Message) -> EndedRun {
    let nodes = world.stage.cloud.nodes();
    EndedRun {
        run: run_of(card),
        ts: card.ts.clone(),
        missing: nodes.into_iter().map(|node| (node.id, node.missing)).collect(),
    }
}

/// Checks everything against the truth, once all is quiet.
pub(crate) fn checked(world: &World, seen: &Seen) -> Result<()> {
    sent_once(world);
    AmbiguousGroups::judge(world);
    each_has_its_quorum(world, seen);
    votes_count(world, seen);
    for run in &seen.ended {
        judged_rightly(world, run);
    }
    buttons_are_right(world);
    if let Err(error) = world.stage.is_clean() {
        world.violated(format!("{error:#}"));
    }
    world.verdict()
}

/// Each Install is sent once, and each node is in one Install of a run: an operator states "not
/// sent" only if that is true, so not even that excuses a second one.
fn sent_once(world: &World) {
    let mut comments: BTreeMap<String, usize> = BTreeMap::new();
    let mut nodes: BTreeMap<(String, String), usize> = BTreeMap::new();
    for command in world.stage.cloud.commands() {
        if !command.comment.contains(":install-") {
            continue;
        }
        let run = command.comment.split(':').nth(1).unwrap_or_default().to_owned();
        *comments.entry(command.comment.clone()).or_default() += 1;
        for node in command.instance_ids {
            *nodes.entry((run.clone(), node)).or_default() += 1;
        }
    }
    for (comment, times) in comments.into_iter().filter(|(_, times)| *times > 1) {
        world.violated(format!("AWS received {comment} {times} times"));
    }
    for ((run, node), times) in nodes.into_iter().filter(|(_, times)| *times > 1) {
        world.violated(format!("{run} installed on {node} {times} times"));
    }
}

/// An acknowledged vote is in the thread, up to the number that was needed: later voters get a
/// private answer, which may be lost.
fn votes_count(world: &World, seen: &Seen) {
    for (ts, voters) in &seen.votes {
        let voters: BTreeSet<&str> = voters.iter().copied().collect();
        let lines = world.stage.thread_lines(ts, &["approved plan"]);
        let of_verification =
            seen.ended.iter().any(|run| run.ts == *ts && run.run.starts_with("verification"));
        let needed = if of_verification { world.quorum } else { PRODUCTION_QUORUM };
        let due = voters.len().min(needed as usize);
        if lines < due && !is_void(world, ts) {
            world.violated(format!(
                "{} people approved and were heard, {needed} are needed, {lines} count ({ts})",
                voters.len()
            ));
        }
    }
}

/// As many different people approved as were needed, whatever the configuration called them. The
/// approvers are those who pressed Approve, with or without an acknowledgement, except the person
/// who asked.
fn each_has_its_quorum(world: &World, seen: &Seen) {
    for run in &seen.ended {
        if world.stage.commands(&run.run, "Install").is_empty() {
            continue;
        }
        let needed = needed(world, &run.run) as usize;
        let pressed = seen.pressed.get(&run.ts).map_or(0, BTreeSet::len);
        if pressed < needed {
            world.violated(format!(
                "{pressed} people approved {}, and it was sent; {needed} are needed",
                run.run
            ));
        }
    }
}

/// How many votes a run needs.
fn needed(world: &World, run: &str) -> u32 {
    if run.starts_with("verification") { world.quorum } else { PRODUCTION_QUORUM }
}

/// Whether the plan became void or was rejected before it had its votes.
fn is_void(world: &World, ts: &str) -> bool {
    let card = world.stage.slack.message(CHANNEL, ts).map(|card| plain_text(&card));
    card.is_some_and(|text| ["No longer valid:", "Rejected:"].iter().any(|end| text.contains(end)))
}

/// The card reports success only if it is true and a fresh scan of this run shows it; "missing"
/// only if something is missing; "unknown" only if something went wrong on the node.
fn judged_rightly(world: &World, run: &EndedRun) {
    let Some(card) = world.stage.slack.message(CHANNEL, &run.ts) else {
        return world.violated(format!("the card of {} is gone", run.run));
    };
    let text = plain_text(&card);
    if !["is patched and proven", "not every node", "Stopped:"].iter().any(|end| text.contains(end))
    {
        return;
    }
    LostNodes::judge(world, run, &text);
    let scans = world.stage.commands(&run.run, "Scan");
    let installs = world.stage.commands(&run.run, "Install");
    let nodes = installs.iter().flat_map(|install| &install.instance_ids);
    for node in nodes {
        let scanned = scans.iter().any(|scan| {
            scan.invocations.iter().any(|(id, status)| id == node && status == "Success")
        });
        let missing = run.missing.get(node).copied().unwrap_or_default();
        let said = text.lines().find(|line| line.contains(node.as_str()));
        match said {
            None if missing > 0 => world
                .violated(format!("{}: {node} counts as compliant and misses {missing}", run.run)),
            None if !scanned => {
                world.violated(format!(
                    "{}: {node} counts as compliant and was not scanned",
                    run.run
                ));
            }
            None => {}
            Some(line) if line.contains("missing") && missing == 0 => {
                world.violated(format!("{}: nothing is missing: {line}", run.run));
            }
            Some(line) if line.contains("missing") => {}
            // Named because its command reported otherwise; the scan is what counts.
            Some(line) if line.contains("| compliant") && missing == 0 && scanned => {}
            Some(line) => {
                let excused = world.is_excused() || !scanned || missing > 0;
                if !excused && !line.contains("scan failed") {
                    world
                        .violated(format!("{}: is known, and said to be unknown: {line}", run.run));
                }
            }
        }
    }
}

/// A card that leads nowhere has no buttons.
fn buttons_are_right(world: &World) {
    for card in world.stage.slack.messages(CHANNEL) {
        let stale = |label: &String| label != "Plan verification" && label != "Plan production";
        if ended(&card)
            && let Some(button) = buttons(&card).into_iter().find(stale)
        {
            world.violated(format!("{} has ended and has a button {button}", run_of(&card)));
        }
    }
}
