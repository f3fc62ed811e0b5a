//! The story that is played for every point: verification, then the same in production. People do
//! what people do when nothing answers: they wait, check, and press again if the button is still
//! there.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use simulators::aws::{Life, World};
use simulators::slack::{Message, UserActionError, plain_text};
use stories::{AIKO, BEN, CHANNEL, HANA, Stage, buttons, says};

/// A run of the story.
struct ExpectedRun {
    run: &'static str,
    /// How many nodes it patches.
    nodes: usize,
    voters: &'static [&'static str],
    /// The name of the node that it does not patch.
    without: &'static str,
}

/// The runs of a complete story. A node of verification is in two groups; one of production is
/// terminated between the preflight check and the send.
const RUNS: [ExpectedRun; 2] = [
    ExpectedRun { run: "verification-1", nodes: 5, voters: &[AIKO], without: IN_TWO_GROUPS },
    ExpectedRun { run: "production-1", nodes: 11, voters: &[AIKO, HANA], without: VANISHES },
];
const IN_TWO_GROUPS: &str = "ver-web-02";
const VANISHES: &str = "DB-02";

/// Prepares the world before the story.
pub(crate) fn prepare(world: &mut World) {
    for node in &mut world.nodes {
        node.fault = None;
        if node.name == IN_TWO_GROUPS {
            node.tags.insert("Patch Group".to_owned(), "databases".to_owned());
        }
    }
}

/// Schedules what happens during the story.
pub(crate) fn schedule(stage: &Stage) {
    let cloud = stage.cloud.clone();
    let nodes = cloud.nodes();
    let Some(id) = nodes.into_iter().find(|node| node.name == VANISHES).map(|node| node.id) else {
        return;
    };
    let words = id.clone();
    stage.aws_gate.just_before("SendCommand", &words, move |_| {
        cloud.set_life(&id, Life::Terminated);
    });
}

/// Before the first point: a plan of verification is posted. Returns the ts of its card.
pub(crate) async fn planned(stage: &Stage) -> Result<String> {
    stage.card(&["should not wait"]).await?;
    stage.types(HANA, "/patch plan verification").await?;
    Ok(stage.card(&["Approve patching verification?", "[Approve]"]).await?.ts)
}

/// From the click to the last verdict, however often the process is killed meanwhile.
pub(crate) async fn play(stage: &Stage, verification: &str) -> Result<()> {
    tokio::select! {
        told = people(stage, verification) => told,
        never = operator(stage) => never,
    }
}

async fn people(stage: &Stage, verification: &str) -> Result<()> {
    approves(stage, AIKO, verification).await?;
    stage.card_becomes(verification, &["verification is patched and proven"]).await?;
    let production = production(stage).await?;
    approves(stage, AIKO, &production).await?;
    renamed(stage, &production).await?;
    approves(stage, AIKO, &production).await?;
    approves(stage, HANA, &production).await?;
    stage.card_becomes(&production, &["production is patched and proven"]).await?;
    for (ts, ExpectedRun { run, nodes, .. }) in [verification, &production].into_iter().zip(RUNS) {
        stage.thread_line(ts, &["Done", &format!("{nodes} of {nodes} nodes compliant")]).await?;
        stage.card(&[&format!("Patch compliance after {run}")]).await?;
    }
    Ok(())
}

/// An operator renames Aiko in the configuration and restarts the bot with it.
async fn renamed(stage: &Stage, card: &str) -> Result<()> {
    stage.thread_line(card, &["approved plan"]).await?;
    stage.reconfigures(|toml| toml.replace("\"aiko\"", "\"aiko-too\""))?;
    stage.points.kill_by_story();
    // Otherwise she would press at the dead process.
    stage.until("nobody who listens", |stage| (stage.slack.sockets() == 0).then_some(())).await?;
    stage.until("a bot that listens", |stage| (stage.slack.sockets() > 0).then_some(())).await
}

/// Asks for the plan of production until it is posted: a bot that died before its acknowledgement
/// may have lost the request, and then there is nothing to wait for.
async fn production(stage: &Stage) -> Result<String> {
    loop {
        if heard(stage, stage.slack.run_command(BEN, CHANNEL, "/patch plan production").await)
            .await?
        {
            let words = ["Approve patching production?", "Exactly what verification-1 proved"];
            return Ok(stage.card(&words).await?.ts);
        }
    }
}

/// Presses Approve until it is acknowledged, or until it has counted without an acknowledgement.
async fn approves(stage: &Stage, user: &str, ts: &str) -> Result<()> {
    loop {
        match stage.slack.press(user, CHANNEL, ts, "Approve").await {
            // Nothing is left to approve: then the vote has counted, as `checked` will see.
            Err(UserActionError::NoButton { .. }) => return Ok(()),
            pressed => {
                if heard(stage, pressed).await? {
                    return Ok(());
                }
            }
        }
    }
}

/// Whether the bot has acknowledged. If no bot is running, waits until one is.
async fn heard<T>(stage: &Stage, done: Result<T, UserActionError>) -> Result<bool> {
    match done {
        Ok(_) => Ok(true),
        Err(UserActionError::DispatchFailed | UserActionError::OperationTimeout) => {
            stage
                .until("a bot that listens", |stage| (stage.slack.sockets() > 0).then_some(()))
                .await?;
            Ok(false)
        }
        Err(other) => Err(other).context("a person could not do what they wanted"),
    }
}

/// The operator, who answers when the bot asks about an Install that may or may not have reached
/// AWS. They check AWS, and state that it was not sent only if that is true. It is Aiko, because
/// nobody decides on what they asked for.
async fn operator(stage: &Stage) -> Result<()> {
    loop {
        let card = stage
            .until_within(Duration::MAX, "a question", |stage| {
                let cards = stage.slack.messages(CHANNEL);
                cards.into_iter().find(|card| question(card).is_some() && is_unsent(stage, card))
            })
            .await?;
        let Some(button) = question(&card) else { continue };
        match stage.slack.press(AIKO, CHANNEL, &card.ts, &button).await {
            Err(UserActionError::NoButton { .. }) => {}
            pressed => {
                if heard(stage, pressed).await? {
                    says_why(stage, &card.ts, &button).await?;
                }
            }
        }
    }
}

/// Fills in the dialog, unless the bot died before it opened one: then the button is still there.
async fn says_why(stage: &Stage, ts: &str, button: &str) -> Result<()> {
    let deaths = stage.points.deaths();
    let view = stage
        .until("a dialog, or nobody to open it", |stage| match stage.slack.open_views(AIKO).pop() {
            Some(view) => Some(Some(view)),
            None if stage.points.deaths() > deaths => Some(None),
            None => None,
        })
        .await?;
    let Some(view) = view else { return Ok(()) };
    let reason = [("reason", "it is not in the command history")];
    let sent = stage.slack.submit(AIKO, &view.id, &reason).await;
    if heard(stage, sent).await? {
        let gone = |card: &Message| !buttons(card).iter().any(|label| label == button);
        let what = "the end of a question that was answered";
        stage.until(what, |stage| stage.slack.message(CHANNEL, ts).filter(gone)).await?;
    }
    Ok(())
}

fn question(card: &Message) -> Option<String> {
    buttons(card).into_iter().find(|label| label.starts_with("Not sent"))
}

/// Whether AWS has no command with any of the snapshot ids on the card.
fn is_unsent(stage: &Stage, card: &Message) -> bool {
    let text = plain_text(card);
    let known = stage.cloud.commands();
    !known.iter().any(|command| {
        let snapshot = command.parameters.get("SnapshotId").and_then(|values| values.first());
        snapshot.is_some_and(|snapshot| text.contains(snapshot))
    })
}

/// What holds at the end, wherever the process was killed.
pub(crate) fn check(stage: &Stage) -> Result<()> {
    for ExpectedRun { run, nodes, voters, without } in RUNS {
        stage.each_installed_once(run, nodes)?;
        let mut comments: Vec<String> =
            stage.commands(run, "Install").into_iter().map(|command| command.comment).collect();
        let all = comments.len();
        comments.sort();
        comments.dedup();
        ensure!(comments.len() == all, "AWS received one Install of {run} twice: {comments:?}");
        let mark = format!("({run})");
        let cards = stage.slack.messages(CHANNEL);
        let ours: Vec<&Message> = cards.iter().filter(|card| says(card, &[&mark])).collect();
        let [card] = ours.as_slice() else { bail!("{} cards of {run}", ours.len()) };
        ensure!(
            says(card, &["is patched and proven", &format!("{nodes} nodes")]),
            "the card of {run} is wrong:\n{}",
            plain_text(card)
        );
        let left = buttons(card);
        ensure!(!left.iter().any(|label| label != "Plan verification"), "{run} has {left:?}");
        let (votes, lines) = (voters.len(), stage.thread_lines(&card.ts, &["approved plan"]));
        ensure!(lines == votes, "{votes} people approved {run}, {lines} lines say so");
        for voter in voters {
            let lines = stage.thread_lines(&card.ts, &[voter, "approved plan"]);
            ensure!(lines == 1, "{voter} approved {run} once, {lines} lines say so");
        }
        let named = says(card, &[without]) || stage.thread_lines(&card.ts, &[without]) > 0;
        ensure!(named, "{without} was not patched, and {run} does not say so");
    }
    stage.is_clean()
}
