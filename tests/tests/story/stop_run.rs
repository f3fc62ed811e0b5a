//! A run that is stopped in the middle of a wave does not stop dead: what is under way is cancelled
//! if possible, watched to its end, and judged.

use anyhow::{Result, bail, ensure};
use chrono::TimeDelta;
use simulators::aws::{NodeFault, Pace};
use simulators::slack::plain_text;
use stories::{AIKO, BEN, Bot, Environment, OMAR, Settings, Side, Stage, buttons, says};

use crate::scene::{approved, planned};

/// Verification with two nodes at work at once, and no failed node allowed.
fn two_at_once() -> Settings {
    let standard = Settings::default();
    let verification =
        Environment { concurrency: "2", error_budget: 0, ..standard.verification.clone() };
    Settings { verification, ..standard }
}

/// The run's second wave is at AWS, as far as `pace` lets it get.
async fn in_the_middle_of_wave_two(stage: &Stage, pace: Pace) -> Result<String> {
    let ts = planned(stage).await?;
    let second = stage.aws_gate.hold("SendCommand", ":install-w1-", Side::Before);
    approved(stage, &ts).await?;
    second.caught().await?;
    stage.cloud.set_pace(pace);
    second.passes();
    let installs = stage.installs("verification-1", 2).await?;
    ensure!(installs[1].instance_ids.len() == 2, "{:?}", installs[1].instance_ids);
    Ok(ts)
}

/// What AWS received in total: the canary, the part that was under way, and scans of this many
/// nodes each.
fn nothing_more_was_sent(stage: &Stage, scans: &[usize]) -> Result<()> {
    let sizes = |operation| -> Vec<usize> {
        let commands = stage.commands("verification-1", operation);
        commands.iter().map(|command| command.instance_ids.len()).collect()
    };
    ensure!(sizes("Install") == [1, 2], "Installs of {:?}", sizes("Install"));
    ensure!(sizes("Scan") == scans, "Scans of {:?}", sizes("Scan"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_stopped_in_the_middle_of_a_wave_is_followed_to_its_end() -> Result<()> {
    let stage = Stage::set(&two_at_once()).await?;
    let bot = Bot::start(&stage).await?;
    let slow = Pace { install: TimeDelta::hours(1), ..Pace::quick() };
    let ts = in_the_middle_of_wave_two(&stage, slow).await?;
    let card = stage.card_becomes(&ts, &["Wave 2 of 2: installing, 0 of 5"]).await?;
    ensure!(buttons(&card) == ["Stop this run…"], "{:?}", buttons(&card));

    stage.presses_and_reads(OMAR, &ts, "Stop this run…", &["You may not decide"]).await?;
    stage.presses(BEN, &ts, "Stop this run…").await?;
    stage.gives_reason(BEN, "disk alarms on ver-app-02").await?;
    stage.thread_line(&ts, &["stopped the run", "disk alarms", "sends no further install"]).await?;
    stage.thread_line(&ts, &["asked AWS to cancel"]).await?;
    let words = ["Stopping:", "cancelling", "not answered yet: 2 of 5"];
    let ending = stage.card_becomes(&ts, &words).await?;
    ensure!(buttons(&ending).is_empty(), "{:?}", buttons(&ending));
    // It reaches its end even with another process.
    bot.kill().await?;
    let _bot = Bot::start(&stage).await?;
    stage
        .types_and_reads(AIKO, "/patch stop verification-1 as well", &["already stopping"])
        .await?;

    stage.clock.advance(TimeDelta::hours(2));
    let done = stage.card_becomes(&ts, &["Stopped", "disk alarms", "Not touched: 3 nodes"]).await?;
    ensure!(!buttons(&done).iter().any(|label| label.starts_with("Stop")), "{:?}", buttons(&done));
    stage
        .thread_line(&ts, &["nothing is in progress now", "3 of 3", "3 nodes were not touched"])
        .await?;
    stage.card(&["Patch compliance after verification-1"]).await?;
    nothing_more_was_sent(&stage, &[1, 2])?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_over_its_error_budget_sends_no_more_of_the_wave() -> Result<()> {
    let stage = Stage::set(&two_at_once()).await?;
    let _bot = Bot::start(&stage).await?;
    let nodes = stage.nodes_of("web-verification");
    let [_canary, fails, works, ..] = nodes.as_slice() else { bail!("{nodes:?}") };
    let stderr = "no space left on device".into();
    stage.cloud.fail_node(fails, NodeFault::InstallFails { patch: None, once: false, stderr });
    // The second node takes an hour longer than the first.
    let apart = Pace { stagger: TimeDelta::hours(1), ..Pace::quick() };
    let ts = in_the_middle_of_wave_two(&stage, apart).await?;
    stage.card_becomes(&ts, &["Wave 2 of 2", "1 of 5 nodes answered"]).await?;
    stage.cloud.set_pace(Pace::quick());
    stage.clock.advance(TimeDelta::hours(2));
    // The unsent rest waits for a fresh scan, which decides.
    stage.thread_line(&ts, &["On hold", "nothing more of wave 2"]).await?;
    stage.thread_line(&ts, &["Stopped in the middle of wave 2", "also by a fresh scan"]).await?;
    let words = ["Stopped", "1 install failed in the middle of wave 2", "Not touched: 3"];
    stage.card_becomes(&ts, &words).await?;
    ensure!(stage.cloud.installs_of(works).len() == 1, "what had begun did not come to its end");
    // The node whose install failed is scanned first, and that decides.
    nothing_more_was_sent(&stage, &[1, 1, 1])?;
    let cancelled =
        stage.cloud.calls().into_iter().filter(|call| call.operation == "CancelCommand").count();
    ensure!(cancelled == 0, "AWS was asked {cancelled} times to cancel");
    // AWS never decides instead of us which node begins.
    let limits: Vec<(String, String)> = stage
        .cloud
        .calls()
        .into_iter()
        .filter(|call| {
            call.input["Comment"].as_str().is_some_and(|mark| mark.contains(":install-"))
        })
        .map(|call| (call.input["MaxConcurrency"].to_string(), call.input["MaxErrors"].to_string()))
        .collect();
    let expected = [("\"1\"", "\"100%\""), ("\"2\"", "\"100%\"")];
    ensure!(limits == expected.map(|(most, errors)| (most.into(), errors.into())), "{limits:?}");
    stage.is_clean()
}

/// A node that reports Failed after its reboot although it is patched, and, if `also` is set,
/// another one of the same part that really failed.
async fn suspected(error_budget: u32, also: bool) -> Result<(Stage, Bot, String)> {
    let standard = two_at_once();
    let verification = Environment { error_budget, ..standard.verification.clone() };
    let stage = Stage::set(&Settings { verification, ..standard }).await?;
    let nodes = stage.nodes_of("web-verification");
    let [_canary, suspect, fails, ..] = nodes.as_slice() else { bail!("{nodes:?}") };
    stage.cloud.fail_node(suspect, NodeFault::FailsAfterReboot);
    if also {
        let stderr = "no space left on device".into();
        let fault = NodeFault::InstallFails { patch: None, once: false, stderr };
        stage.cloud.fail_node(fails, fault);
    }
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    approved(&stage, &ts).await?;
    stage.thread_line(&ts, &["On hold", "nothing more of wave 2"]).await?;
    Ok((stage, bot, ts))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patched_node_that_reports_failed_after_its_reboot_is_judged_by_its_scan() -> Result<()> {
    let (stage, _bot, ts) = suspected(0, false).await?;
    let done = stage.card_becomes(&ts, &["verification is patched and proven"]).await?;
    let name = &stage.cloud.nodes()[1].name;
    let words = [name.as_str(), "failed", "compliant", "its install reported: failed"];
    ensure!(says(&done, &words), "{}", plain_text(&done));
    ensure!(stage.thread_lines(&ts, &["Stopped"]) == 0, "it was called off");
    // Only the suspect is scanned, and the rest goes on after that.
    let sizes = |operation| -> Vec<usize> {
        let commands = stage.commands("verification-1", operation);
        commands.iter().map(|command| command.instance_ids.len()).collect()
    };
    ensure!(sizes("Install") == [1, 2, 2, 1], "Installs of {:?}", sizes("Install"));
    ensure!(sizes("Scan").starts_with(&[1, 1]), "Scans of {:?}", sizes("Scan"));
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_node_that_really_failed_counts_against_the_budget() -> Result<()> {
    let (stage, _bot, ts) = suspected(1, true).await?;
    // Two commands failed, but only one node: as many as the plan allows.
    let done = stage.card_becomes(&ts, &["5 of 6 nodes are compliant"]).await?;
    ensure!(stage.thread_lines(&ts, &["Stopped"]) == 0, "it was called off");
    ensure!(says(&done, &["its install reported: failed", "missing"]), "{}", plain_text(&done));
    for node in stage.nodes_of("web-verification") {
        ensure!(stage.cloud.installs_of(&node).len() == 1, "{node}");
    }
    stage.is_clean()?;

    let (stage, _bot, ts) = suspected(0, true).await?;
    stage.thread_line(&ts, &["Stopped in the middle of wave 2", "also by a fresh scan"]).await?;
    let words = ["Stopped", "1 install failed in the middle of wave 2", "Not touched: 3"];
    stage.card_becomes(&ts, &words).await?;
    stage.is_clean()
}
