//! Events from a queue make the bot survey earlier, and do no harm.

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use simulators::aws::{EventDisturbances, Queue};
use stories::{Bot, Settings, Stage};

use crate::scene::{approved, planned, proven};

const NAME: &str = "patchbot-events";

/// A bot that listens to a queue, and polls AWS this often.
fn settings(poll: &'static str) -> Settings {
    let url = format!("https://sqs.ap-northeast-1.amazonaws.com/111111111111/{NAME}");
    let more = format!("[aws.events]\nqueue_url = {url:?}\n");
    Settings { poll, more, ..Settings::default() }
}

/// A stage with the queue, where this happens to the events.
async fn stage(settings: &Settings, troubles: EventDisturbances) -> Result<Stage> {
    let stage = Stage::with(settings, |world| {
        world.nodes.iter_mut().for_each(|node| node.fault = None);
        world.queues.push(Queue {
            account: "111111111111".into(),
            region: "ap-northeast-1".into(),
            name: NAME.into(),
        });
    })
    .await?;
    stage.cloud.disturb_events(troubles);
    Ok(stage)
}

async fn a_run_is_proven(stage: &Stage) -> Result<()> {
    let ts = planned(stage).await?;
    approved(stage, &ts).await?;
    proven(stage, &ts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn events_make_a_slowly_polling_bot_quick() -> Result<()> {
    // No story waits for ten minutes: only events can make it end.
    let stage = stage(&settings("10m"), EventDisturbances::default()).await?;
    let _bot = Bot::start(&stage).await?;
    a_run_is_proven(&stage).await?;
    let hints = stage.sample("patchbot_event_messages_total{outcome=\"hint\"}").await?;
    ensure!(hints >= 4.0, "{hints} hints");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_alone_completes_a_run() -> Result<()> {
    let lost = EventDisturbances { lost: 100, ..EventDisturbances::default() };
    let stage = stage(&settings("20ms"), lost).await?;
    let _bot = Bot::start(&stage).await?;
    a_run_is_proven(&stage).await?;
    ensure!(stage.cloud.queued() == 0, "an event was not lost");
    ensure!(
        stage.reads_health_port("/healthz").await? == (200, "well\n".into()),
        "a silent queue is no illness"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_late_reordered_or_forged_events_do_no_harm() -> Result<()> {
    let troubles = EventDisturbances {
        twice: 50,
        late: 50,
        late_by: TimeDelta::milliseconds(500),
        reordered: true,
        seed: 7,
        lost: 0,
    };
    let stage = stage(&settings("10m"), troubles).await?;
    let _bot = Bot::start(&stage).await?;
    let forged = |detail: &str| {
        format!(
            r#"{{"source": "aws.ssm", "detail-type": "EC2 Command Status-change Notification",
                 "account": "222222222222", "region": "x", "detail": {detail}}}"#
        )
    };
    for body in [
        "{".to_owned(),
        forged("{}"),
        forged(r#"{"command-id": "e8d3c0e4-71f7-4491-898f-c9b35bee5f3b", "status": "Success"}"#),
        r#"{"source": "somebody", "detail-type": "Something"}"#.to_owned(),
    ] {
        stage.cloud.forge_event(&body);
    }
    a_run_is_proven(&stage).await?;
    let malformed = "patchbot_event_messages_total{outcome=\"malformed\"}";
    ensure!(stage.sample(malformed).await? == 2.0, "two are broken");
    stage.until("the queue is empty", |stage| (stage.cloud.queued() == 0).then_some(())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_queue_is_reported_and_polling_continues() -> Result<()> {
    let stage = Stage::set(&settings("20ms")).await?;
    let _bot = Bot::start(&stage).await?;
    a_run_is_proven(&stage).await?;
    let (status, text) = stage.reads_health_port("/healthz").await?;
    ensure!(status == 200 && text.contains("cannot be read; polling goes on"), "{status}: {text}");
    ensure!(stage.logged().contains("NonExistentQueue"), "nobody is told why");
    Ok(())
}
