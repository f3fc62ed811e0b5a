//! The people of one world: they plan, approve, withdraw, reject, stop and resume by their dice,
//! and the operator answers the bot's questions truthfully.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use fastrand::Rng;
use simulators::slack::{Message, UserActionError, plain_text};
use stories::{AIKO, BEN, CHANNEL, HANA, OMAR, Stage, buttons, dice, says};

use crate::interference::{
    AmbiguousGroups, IdentityChanges, LostNodes, Moment, WindowChanges, between_votes,
    stop_for_a_while,
};
use crate::invariants::{EndedRun, PRODUCTION_QUORUM, ended, run_of, title_of, truth_of};
use crate::world::{PATIENCE, World};

/// The most cycles that are started in one environment.
const ROUNDS: usize = 9;

/// What people did that must not be lost, and what they saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Votes that the bot acknowledged, of people who may vote: for each card, the voters.
    pub(crate) votes: BTreeMap<String, Vec<&'static str>>,
    /// Everybody who pressed Approve on a card and may vote, with or without an acknowledgement.
    pub(crate) pressed: BTreeMap<String, BTreeSet<&'static str>>,
    /// Runs that ended, with the truth about their nodes at that time.
    pub(crate) ended: Vec<EndedRun>,
}

/// Plays a whole cycle, verification and then production.
pub(crate) async fn play(world: &World) -> Result<Seen> {
    let mut rng = dice(world.seed, "people", 0);
    let mut seen = Seen::default();
    if rng.u32(..100) < 30 {
        // Far too early: the answer can only be that verification comes first.
        types(world, BEN, "/patch plan production").await?;
    }
    for (environment, requester, voters) in
        [("verification", HANA, [AIKO, BEN]), ("production", BEN, [AIKO, HANA])]
    {
        let mut proven = false;
        for _ in 0..ROUNDS {
            let ts = plan(world, environment, requester).await?;
            let plan = Plan { environment, ts, requester, voters };
            let done = decide(world, &mut rng, &mut seen, &plan).await?;
            proven = says(&done, &["is patched and proven"]);
            world.note(format!("it ends: {}", title_of(&done)));
            seen.ended.push(truth_of(world, &done));
            // The next run patches what was lost or uncertain; on verification, so that its patches
            // are proven too.
            let interference = &world.interference;
            let is_without = interference.lost_nodes.is_lost_in(environment)
                || interference.ambiguous_groups.is_torn_in(environment);
            if proven && !is_without {
                break;
            }
            for node in world.stage.cloud.nodes() {
                world.stage.cloud.heal_node(&node.id);
            }
            LostNodes::mend(world, environment);
            AmbiguousGroups::mend(world, environment);
            WindowChanges::mend(world, environment);
        }
        ensure!(proven, "{environment} is not proven after {ROUNDS} rounds");
    }
    Ok(seen)
}

/// Asks for a plan until one waits for votes; returns the ts of its card.
async fn plan(world: &World, environment: &str, requester: &str) -> Result<String> {
    let title = format!("Approve patching {environment}?");
    let waiting = |world: &World| {
        let cards = world.stage.slack.messages(CHANNEL);
        cards.into_iter().find(|card| says(card, &[&title, "[Approve]"])).map(|card| card.ts)
    };
    let began = world.stage.clock.now();
    loop {
        // The bot replaces a void plan by itself.
        if let Some(ts) = waiting(world) {
            return Ok(ts);
        }
        let waited = world.stage.clock.now() - began;
        ensure!(waited < PATIENCE, "no plan of {environment} ever waits for votes");
        types(world, requester, &format!("/patch plan {environment}")).await?;
        let until = world.stage.clock.now() + TimeDelta::minutes(12);
        let looking = world.until("a plan", |_| waiting(world));
        tokio::select! {
            ts = looking => return ts,
            () = world.stage.clock.sleep_until(until) => {}
        }
    }
}

/// A plan that waits for votes.
struct Plan {
    environment: &'static str,
    ts: String,
    requester: &'static str,
    voters: [&'static str; 2],
}

/// Votes on a plan, with some back and forth, and waits for the end of its run; returns its card.
async fn decide(world: &World, rng: &mut Rng, seen: &mut Seen, plan: &Plan) -> Result<Message> {
    let Plan { environment, ts, requester, voters } = plan;
    if let Some(card) = world.stage.slack.message(CHANNEL, ts) {
        AmbiguousGroups::named(world, environment, &card);
    }
    WindowChanges::change(world, environment, Moment::BeforeTheVotes, ts);
    if rng.u32(..100) < 10 {
        presses(world, OMAR, ts, "Approve").await?;
    }
    if rng.u32(..100) < 8 && presses(world, voters[0], ts, "Reject…").await? {
        says_why(world, voters[0], "not this week").await?;
        // If the dialog was lost, the plan can still be approved.
    }
    if rng.u32(..100) < 20 && votes(world, seen, ts, voters[1]).await? {
        presses(world, voters[1], ts, "Withdraw my vote").await?;
    }
    let stops_here = rng.u32(..100) < 20 && !world.interference.scheduled_scans.is_begun();
    let stop_at = stops_here.then(|| rng.usize(..4));
    let needed = if *environment == "production" { PRODUCTION_QUORUM } else { world.quorum };
    for (nth, voter) in voters.iter().enumerate() {
        votes(world, seen, ts, voter).await?;
        if nth == 0 {
            AmbiguousGroups::change(world, environment);
            WindowChanges::change(world, environment, Moment::BetweenVotes, ts);
            // A person whose vote was withdrawn, or seemed to be, counts as a second one.
            if seen.pressed.get(ts).is_some_and(|pressed| pressed.len() == 1) {
                between_votes(world, ts, voter, requester, needed).await?;
            }
        }
    }
    vote_again(world, seen, plan).await?;
    WindowChanges::change(world, environment, Moment::Approved, ts);
    if let Some(commands) = stop_at {
        stops(world, rng, ts, commands).await?;
    }
    let run = world.stage.slack.message(CHANNEL, ts).map(|card| run_of(&card)).unwrap_or_default();
    let is_sent = |stage: &Stage| !stage.commands(&run, "Install").is_empty();
    let mut is_changed = false;
    let looking = world.until("the end of a run", |stage| {
        if is_sent(stage) && !is_changed {
            is_changed = true;
            WindowChanges::change(world, environment, Moment::Running, ts);
        }
        let card = stage.slack.message(CHANNEL, ts)?;
        ended(&card).then_some(card)
    });
    looking.await
}

/// People whom the bot did not recognize may vote once the file is right again.
async fn vote_again(world: &World, seen: &mut Seen, plan: &Plan) -> Result<()> {
    if IdentityChanges::mend(world).await? {
        for voter in plan.voters {
            votes(world, seen, &plan.ts, voter).await?;
        }
    }
    Ok(())
}

/// After this many more commands Ben stops everything, and resumes it some minutes later.
async fn stops(world: &World, rng: &mut Rng, ts: &str, commands: usize) -> Result<()> {
    let before = world.stage.cloud.commands().len();
    world
        .until("commands, or the end", |stage| {
            let enough = stage.cloud.commands().len() >= before + commands;
            (enough || stage.slack.message(CHANNEL, ts).is_none_or(|card| ended(&card)))
                .then_some(())
        })
        .await?;
    stop_for_a_while(world, rng).await
}

/// Presses Approve until it is acknowledged or gone; returns whether it was acknowledged.
async fn votes(world: &World, seen: &mut Seen, ts: &str, voter: &'static str) -> Result<bool> {
    let withdrawn = |world: &World| world.stage.thread_lines(ts, &["withdrew their vote"]);
    let before = (world.stage.slack.ephemerals(voter).len(), withdrawn(world));
    seen.pressed.entry(ts.to_owned()).or_default().insert(voter);
    let done = presses(world, voter, ts, "Approve").await?;
    if done {
        world.note(format!("{voter} approves, and is heard"));
        let refused = world.stage.slack.ephemerals(voter).len() > before.0;
        if !refused {
            seen.votes.entry(ts.to_owned()).or_default().push(voter);
        }
    }
    Ok(done)
}

/// Presses until the bot acknowledges; returns false if there is no such button.
pub(crate) async fn presses(world: &World, user: &str, ts: &str, button: &str) -> Result<bool> {
    loop {
        match world.under_way(world.stage.slack.press(user, CHANNEL, ts, button)).await {
            Ok(_) => return Ok(true),
            Err(UserActionError::NoButton { .. }) => return Ok(false),
            Err(UserActionError::DispatchFailed | UserActionError::OperationTimeout) => {
                hears(world).await?
            }
            Err(other) => return Err(other).context("a person could not press"),
        }
    }
}

pub(crate) async fn types(world: &World, user: &str, line: &str) -> Result<()> {
    loop {
        match world.under_way(world.stage.slack.run_command(user, CHANNEL, line)).await {
            Ok(_) => {
                world.note(format!("{user} types {line}"));
                return Ok(());
            }
            Err(UserActionError::DispatchFailed | UserActionError::OperationTimeout) => {
                hears(world).await?
            }
            Err(other) => return Err(other).context("a person could not type"),
        }
    }
}

async fn hears(world: &World) -> Result<()> {
    let listening = |stage: &stories::Stage| (stage.slack.sockets() > 0).then_some(());
    world.until("a bot that listens", listening).await
}

/// Fills in the dialog, if one opens within a minute: a dialog may be lost like any answer.
pub(crate) async fn says_why(world: &World, user: &str, reason: &str) -> Result<()> {
    let until = world.stage.clock.now() + TimeDelta::minutes(1);
    let opens =
        world.until("a dialog", |stage| stage.slack.open_views(user).pop().map(|view| view.id));
    let view = tokio::select! {
        view = opens => view?,
        () = world.stage.clock.sleep_until(until) => return Ok(()),
    };
    let reason = [("reason", reason)];
    match world.under_way(world.stage.slack.submit(user, &view, &reason)).await {
        Ok(_) | Err(UserActionError::DispatchFailed | UserActionError::OperationTimeout) => Ok(()),
        Err(other) => Err(other).context("a person could not send a dialog"),
    }
}

/// The operator: checks AWS whenever the bot asks, and states "not sent" only if that is true. It
/// is Aiko, because nobody decides on what they asked for. Never returns.
pub(crate) async fn operator(world: &World) -> Result<()> {
    loop {
        let (card, button) = world
            .stage
            .until_within(Duration::MAX, "a question", |stage| {
                let cards = stage.slack.messages(CHANNEL);
                cards.into_iter().find_map(|card| {
                    let button =
                        buttons(&card).into_iter().find(|label| label.starts_with("Not sent"))?;
                    (!is_at_aws(world, &card)).then_some((card, button))
                })
            })
            .await?;
        if presses(world, AIKO, &card.ts, &button).await? {
            world.note("the operator looks at AWS, and says that it was not sent");
            says_why(world, AIKO, "it is not in the command history").await?;
        }
        // Answered or lost: the card shows within a minute which of the two it was.
        let until = world.stage.clock.now() + TimeDelta::minutes(1);
        world.stage.clock.sleep_until(until).await;
    }
}

/// Whether AWS has a command with a snapshot id on the card.
fn is_at_aws(world: &World, card: &Message) -> bool {
    let text = plain_text(card);
    world.stage.cloud.commands().iter().any(|command| {
        let snapshot = command.parameters.get("SnapshotId").and_then(|values| values.first());
        snapshot.is_some_and(|snapshot| text.contains(snapshot))
    })
}
