//! Somebody changes the maintenance window after people have voted for a plan that is bound to it.

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use simulators::aws::{Pace, Schedule};
use simulators::clock::Skewed;
use simulators::slack::plain_text;
use stories::{Environment, HANA, InProcessBot, Settings, Side, Stage, says};

use crate::scene::approved;

/// The window of verification: daily from 04:00 UTC, for four hours.
const WINDOW: &str = "mw-01111000000000001";

/// A change to the window.
struct Change {
    change: fn(&Stage) -> bool,
    /// What the card says about it.
    says: &'static [&'static str],
    then: Then,
}

/// What happens to the environment.
enum Then {
    /// A new plan is bound to the changed window, which opens this much later than 04:05.
    OpensAfter(TimeDelta),
    /// Nobody can plan for the window any longer, and these words say why.
    Unusable(&'static [&'static str]),
}

const MOVED: Change = Change {
    change: |stage| {
        stage.cloud.redefine_window(WINDOW, |window| window.schedule = Schedule::daily_at(10, 0))
    },
    says: &[
        "Schedule: was cron(0 4 * * ? *), is now cron(0 10 * * ? *)",
        "It should have opened",
        "now opens next",
    ],
    then: Then::OpensAfter(TimeDelta::hours(6)),
};

const DISABLED: Change = Change {
    change: |stage| stage.cloud.redefine_window(WINDOW, |window| window.enabled = false),
    says: &["It is disabled."],
    then: Then::Unusable(&["is disabled. Enable it", "No plan was created"]),
};

const DELETED: Change = Change {
    change: |stage| stage.cloud.delete_window(WINDOW),
    says: &["It was deleted."],
    then: Then::Unusable(&["no window with this name", "No plan was created"]),
};

/// It opens at the same time, but takes nothing new an hour earlier.
const CUT_OFF: Change = Change {
    change: |stage| stage.cloud.redefine_window(WINDOW, |window| window.cutoff_hours = 2),
    says: &["Cutoff in hours: was 1, is now 2"],
    then: Then::OpensAfter(TimeDelta::hours(24)),
};

/// It opens at the same time, by another rule.
const OF_ANOTHER_ZONE: Change = Change {
    change: |stage| {
        let one_in_tokyo = Schedule::daily_at(13, 0).in_zone("Asia/Tokyo");
        one_in_tokyo.is_ok_and(|schedule| {
            stage.cloud.redefine_window(WINDOW, |window| window.schedule = schedule)
        })
    },
    says: &["Time zone of the schedule: was UTC, is now Asia/Tokyo"],
    then: Then::OpensAfter(TimeDelta::hours(24)),
};

const FOR_OTHERS: Change = Change {
    change: |stage| stage.cloud.target_window(WINDOW, &[&[("tag:PatchGroup", &["db"])]]),
    says: &["no longer certainly reaches every node", "its targets are other nodes"],
    then: Then::Unusable(&["does not certainly reach every node", "No plan was created"]),
};

/// Verification is patched only in its window, and it is two in the morning: two hours before.
async fn at_two(concurrency: &'static str) -> Result<(Stage, InProcessBot, Skewed)> {
    let standard = Settings::default();
    let windows = r#"window = "verification-daily""#;
    let verification = Environment { windows, concurrency, ..standard.verification.clone() };
    let settings = Settings { verification, ..standard };
    let start = "2026-11-23T02:00:00Z".parse()?;
    let stage = Stage::starting_at(start, &settings, |world| {
        world.nodes.iter_mut().for_each(|node| node.fault = None);
    })
    .await?;
    let host = Skewed::of(&stage.clock);
    let bot = InProcessBot::start(&stage, &host)?;
    stage.until("it listens", |stage| (stage.slack.sockets() > 0).then_some(())).await?;
    Ok((stage, bot, host))
}

/// Hana has asked for a plan, and Aiko's vote is all that it needs. Returns the ts of its card.
async fn waits_for_its_time(stage: &Stage) -> Result<String> {
    stage.types(HANA, "/patch plan verification").await?;
    let card = stage.card(&["In the window verification-daily", "[Approve]"]).await?;
    approved(stage, &card.ts).await?;
    stage.card_becomes(&card.ts, &["waiting to start"]).await?;
    Ok(card.ts)
}

/// Checks that it is void, that the card gives the reason, and that its command was not sent.
async fn is_void(stage: &Stage, ts: &str, change: &Change) -> Result<()> {
    let card = stage.card_becomes(ts, &["The votes no longer count", "Nothing was sent"]).await?;
    ensure!(says(&card, change.says), "{:?} is not in\n{}", change.says, plain_text(&card));
    ensure!(!says(&card, &["[Approve]"]), "{}", plain_text(&card));
    ensure!(stage.cloud.commands().is_empty(), "something was sent\n{}", stage.transcript());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_changed_after_the_vote_voids_the_votes() -> Result<()> {
    for change in [MOVED, DISABLED, DELETED, CUT_OFF, OF_ANOTHER_ZONE, FOR_OTHERS] {
        let (stage, _bot, _) = at_two(r#""100%""#).await?;
        let ts = waits_for_its_time(&stage).await?;
        ensure!((change.change)(&stage), "there is no such window");
        stage.clock.advance(TimeDelta::minutes(125));
        is_void(&stage, &ts, &change).await?;
        match change.then {
            Then::OpensAfter(later) => {
                let words = ["verification-2", "In the window verification-daily", "[Approve]"];
                let second = stage.card(&words).await?;
                // It needs votes of its own: nobody has voted for it yet.
                stage.clock.advance(TimeDelta::minutes(30));
                stage.types_and_reads(HANA, "/patch status", &["waiting for approval"]).await?;
                approved(&stage, &second.ts).await?;
                stage.card_becomes(&second.ts, &["waiting to start"]).await?;
                ensure!(stage.cloud.commands().is_empty(), "it did not wait for its window");
                stage.clock.advance(later);
                stage.card_becomes(&second.ts, &["verification is patched and proven"]).await?;
                stage.each_installed_once("verification-2", 6)?;
            }
            Then::Unusable(why) => {
                stage.thread_line(&ts, &["No new plan could be created"]).await?;
                stage.types(HANA, "/patch plan verification").await?;
                stage.private_answer(HANA, 0, why).await?;
                stage.clock.advance(TimeDelta::hours(24));
                stage.types_and_reads(HANA, "/patch status", &["Environment status"]).await?;
                ensure!(stage.cloud.commands().is_empty(), "{}", stage.transcript());
            }
        }
        let sent = stage.commands("verification-1", "Install");
        ensure!(sent.is_empty(), "the void plan was sent: {sent:?}");
        stage.is_clean()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_changed_while_the_bot_is_down_is_noticed_at_its_start() -> Result<()> {
    for change in [MOVED, DISABLED] {
        let (stage, bot, host) = at_two(r#""100%""#).await?;
        let ts = waits_for_its_time(&stage).await?;
        bot.kill().await?;
        ensure!((change.change)(&stage), "there is no such window");
        stage.clock.advance(TimeDelta::minutes(125));
        let _bot = InProcessBot::start(&stage, &host)?;
        is_void(&stage, &ts, &change).await?;
        stage.is_clean()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_changed_between_two_waves_stops_the_run() -> Result<()> {
    for change in [MOVED, DISABLED, DELETED, CUT_OFF, OF_ANOTHER_ZONE, FOR_OTHERS] {
        let (stage, _bot, _) = at_two(r#""100%""#).await?;
        let ts = waits_for_its_time(&stage).await?;
        // The canary is installed, and the scan that judges it is under way.
        let scan = stage.aws_gate.hold("SendCommand", ":scan-w0-", Side::Before);
        stage.clock.advance(TimeDelta::minutes(125));
        scan.caught().await?;
        ensure!((change.change)(&stage), "there is no such window");
        scan.passes();
        let words = ["The maintenance window was changed during this run", "from wave 2 on"];
        let card = stage.card_becomes(&ts, &words).await?;
        ensure!(says(&card, change.says), "{:?} is not in\n{}", change.says, plain_text(&card));
        let line = stage.thread_line(&ts, &["Stopped before wave 2 could continue"]).await?;
        ensure!(change.says.iter().all(|said| line.contains(said)), "{line}");
        // What was sent before is judged, and nothing follows for as long as the window should have
        // been open.
        stage.thread_line(&ts, &["Wave 1 judged by its fresh scan: 1 of 1"]).await?;
        stage.clock.advance(TimeDelta::hours(3));
        stage.types_and_reads(HANA, "/patch status", &["Environment status"]).await?;
        let sent = stage.commands("verification-1", "Install");
        ensure!(sent.len() == 1, "{sent:?}");
        stage.is_clean()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_changed_in_the_middle_of_a_wave_holds_the_rest_back() -> Result<()> {
    let (stage, _bot, _) = at_two("2").await?;
    let ts = waits_for_its_time(&stage).await?;
    let second = stage.aws_gate.hold("SendCommand", ":install-w1-", Side::Before);
    stage.clock.advance(TimeDelta::minutes(125));
    second.caught().await?;
    // Nodes that take longer than a preflight check is valid.
    stage.cloud.set_pace(Pace { install: TimeDelta::minutes(20), ..Pace::quick() });
    second.passes();
    let sent = stage.installs("verification-1", 2).await?;
    let two = sent.get(1).map(|command| command.instance_ids.len());
    ensure!(two == Some(2), "{sent:?}");
    ensure!((MOVED.change)(&stage), "there is no such window");
    stage.clock.advance(TimeDelta::minutes(30));
    let words = ["The maintenance window was changed during this run", "from wave 2 on"];
    let card = stage.card_becomes(&ts, &words).await?;
    ensure!(says(&card, MOVED.says), "{}", plain_text(&card));
    let card = stage.card_becomes(&ts, &["Not touched: 3 nodes"]).await.context("the end")?;
    ensure!(says(&card, MOVED.says), "{}", plain_text(&card));
    ensure!(stage.commands("verification-1", "Install").len() == 2, "{}", stage.transcript());
    stage.is_clean()
}
