//! What monitoring sees of a working bot and of an idle one.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use stories::{Bot, HANA, Platforms, Settings, Stage};

use crate::scene::{approved, planned, proven};

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_show_what_the_bot_has_done() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let (status, text) = stage.reads_health_port("/healthz").await?;
    ensure!((status, text.as_str()) == (200, "well\n"), "{status}: {text}");
    let waiting = "patchbot_runs{environment=\"verification\",phase=\"waiting\"}";
    ensure!(stage.sample(waiting).await? == 1.0, "one plan waits");
    approved(&stage, &ts).await?;
    proven(&stage, &ts).await?;
    for (sample, least) in [
        ("patchbot_dispatches_total{outcome=\"sent\"}", 4.0),
        ("patchbot_aws_calls_total{operation=\"SendCommand\",outcome=\"ok\"}", 4.0),
        ("patchbot_aws_call_duration_seconds_count{operation=\"SendCommand\"}", 4.0),
        ("patchbot_cards_total{outcome=\"posted\"}", 3.0),
        ("patchbot_cards_total{outcome=\"edited\"}", 2.0),
        ("patchbot_interactions_total{outcome=\"accepted\"}", 2.0),
        ("patchbot_store_commit_duration_seconds_count", 10.0),
        ("patchbot_lease_held", 1.0),
        ("patchbot_last_survey_timestamp_seconds{environment=\"verification\"}", 1.7e9),
        ("patchbot_runs{environment=\"verification\",phase=\"finished\"}", 1.0),
    ] {
        let value = stage.sample(sample).await?;
        ensure!(value >= least, "{sample} is {value}");
    }
    let (_, text) = stage.reads_health_port("/metrics").await?;
    for node in stage.cloud.nodes() {
        ensure!(!text.contains(&node.id), "{} is a label", node.id);
    }
    ensure!(!text.contains(HANA) && !text.contains("verification-1"), "too much in labels\n{text}");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_bot_does_not_wake_up() -> Result<()> {
    // What monitoring can read while the loop stands still, and for how long at least.
    const STILL: Duration = Duration::from_secs(2);
    const PATIENCE: Duration = Duration::from_secs(60);
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.card(&["should not wait"]).await?;
    let began = Instant::now();
    let turns = "patchbot_engine_turns_total";
    let mut since = (Instant::now(), stage.sample(turns).await?);
    // Once all startup work is done, the loop turns only for its lease, every twenty seconds: so
    // there are two seconds without a single turn. A bot that wakes for nothing has none.
    while since.0.elapsed() < STILL {
        let now = stage.sample(turns).await?;
        if now > since.1 {
            since = (Instant::now(), now);
        }
        ensure!(began.elapsed() < PATIENCE, "the loop never rests: it has turned {now} times");
    }
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_on_discord_alone_is_healthy() -> Result<()> {
    // The client reports that it is connected at its first heartbeat at the latest.
    const PATIENCE: Duration = Duration::from_secs(90);
    let stage =
        Stage::set(&Settings { platforms: Platforms::Discord, ..Settings::default() }).await?;
    let _bot = Bot::start(&stage).await?;
    let began = Instant::now();
    loop {
        let (status, text) = stage.reads_health_port("/healthz").await?;
        if status == 200 {
            break;
        }
        ensure!(text.contains("Discord"), "it is ill of something else: {text}");
        ensure!(began.elapsed() < PATIENCE, "it never hears Discord: {text}");
    }
    stage.is_clean()
}
