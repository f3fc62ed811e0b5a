//! Slack calls the bot over HTTP, instead of the bot holding connections open.

use anyhow::{Context, Result, ensure};
use simulators::slack::Signed;
use stories::{AIKO, Bot, CHANNEL, HANA, SIGNING_SECRET, Settings, Stage};

use crate::app_home::home;
use crate::scene::planned;

async fn set() -> Result<(Stage, Bot, String)> {
    set_with(Settings::default()).await
}

/// The same with other settings.
pub(crate) async fn set_with(settings: Settings) -> Result<(Stage, Bot, String)> {
    let slack = "mode = \"http\"\nlisten = \"127.0.0.1:0\"\n";
    let stage = Stage::set(&Settings { slack, ..settings }).await?;
    let bot = Bot::start(&stage).await?;
    let url = address(&stage)?;
    stage.slack.call_at(&url, SIGNING_SECRET);
    Ok((stage, bot, url))
}

/// The address on which the bot that was started last listens, according to its log.
fn address(stage: &Stage) -> Result<String> {
    let log = stage.logged();
    let said = log.lines().rev().find(|line| line.contains("listening to Slack over HTTP"));
    let said: serde_json::Value = serde_json::from_str(said.context("no word of an address")?)?;
    let field = |name: &str| said["fields"][name].as_str().map(str::to_owned);
    let (address, path) = (field("slack.address"), field("slack.path"));
    Ok(format!("http://{}{}", address.context("no address")?, path.context("no path")?))
}

/// Posts a request in Slack's name, and returns the answer.
async fn posts(url: &str, request: &Signed) -> Result<(u16, String)> {
    let answer = reqwest::Client::new()
        .post(url)
        .header("content-type", request.content_type)
        .header("x-slack-request-timestamp", request.timestamp.to_string())
        .header("x-slack-signature", &request.signature)
        .body(request.body.clone())
        .send()
        .await
        .context("the bot cannot be reached")?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cycle_runs_the_same_in_http_mode() -> Result<()> {
    let (stage, bot, _) = set().await?;
    stage.types(HANA, "/patch plan verification").await?;
    let plan = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    let told = stage
        .presses_and_reads(HANA, &plan.ts, "Approve", &["the requester may not decide"])
        .await?;
    ensure!(!told.is_empty(), "nothing was told");
    // What was acknowledged is durable.
    let ack = stage.presses(AIKO, &plan.ts, "Approve").await?;
    bot.kill().await?;
    let _bot = Bot::start(&stage).await?;
    stage.slack.call_at(&address(&stage)?, SIGNING_SECRET);
    stage.card_becomes(&plan.ts, &["verification is patched and proven"]).await?;
    // Slack delivers again what it believes to be lost: it had arrived, and counts once. The bot
    // refuses it as a copy, and Slack treats that as a failure without consequences.
    let again = stage.slack.redeliver(&ack.envelope_id).await;
    ensure!(again.is_err(), "a copy was taken for something new");
    stage.thread_line(&plan.ts, &["Done"]).await?;
    let votes = stage.thread_lines(&plan.ts, &["approved plan"]);
    ensure!(votes == 1, "one vote is {votes} lines");
    stage.each_installed_once("verification-1", 6)?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn app_home_and_dialogs_work_in_http_mode() -> Result<()> {
    let (stage, _bot, _) = set().await?;
    ensure!(stage.slack.verify_request_url().await, "the challenge did not come back");
    ensure!(stage.slack.open_home(AIKO).await, "nobody has heard that the page was opened");
    home(&stage, AIKO, &["For you", "No plans are waiting for your approval"], &[]).await?;
    let plan = planned(&stage).await?;
    home(&stage, AIKO, &["verification-1", "0 of 1 vote"], &[]).await?;
    stage.presses(AIKO, &plan, "Reject…").await?;
    stage.gives_reason(AIKO, "quarter end").await?;
    stage.card_becomes(&plan, &["Rejected", "quarter end"]).await?;
    home(&stage, AIKO, &["No plans are waiting for your approval"], &["0 of 1 vote"]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn unsigned_stale_or_replayed_requests_are_refused() -> Result<()> {
    let (stage, _bot, url) = set().await?;
    stage.types(HANA, "/patch plan verification").await?;
    let plan = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    // A click that the bot accepted: Hana may not decide, so that the plan stays as it is.
    stage.presses_and_reads(HANA, &plan.ts, "Approve", &["the requester may not decide"]).await?;
    let heard = stage.slack.requests().pop().context("nothing was posted")?;
    let now = stage.clock.now().timestamp();
    // The same click as if Aiko had made it.
    let hers = Signed { body: heard.body.replace(HANA, AIKO), ..heard.clone() };
    let (minutes, nobody) = (60, "not-the-secret");
    let false_reports = [
        ("a copy", heard.clone()),
        ("another body under a good signature", hers.clone()),
        ("another secret", hers.again(now, nobody)),
        ("six minutes old", hers.again(now - 6 * minutes, SIGNING_SECRET)),
        ("six minutes ahead", hers.again(now + 6 * minutes, SIGNING_SECRET)),
        (
            "a good signature under another time",
            Signed { timestamp: now - 1, ..hers.again(now, SIGNING_SECRET) },
        ),
        ("no signature", Signed { signature: String::new(), ..hers.clone() }),
        (
            "an older version of it",
            Signed {
                signature: hers.again(now, SIGNING_SECRET).signature.replace("v0=", "v1="),
                ..hers.clone()
            },
        ),
    ];
    for (what, false_report) in false_reports {
        let (status, why) = posts(&url, &false_report).await?;
        ensure!(status == 401, "{what} was answered with {status}: {why}");
        ensure!(!why.contains(SIGNING_SECRET), "the refusal tells the secret");
    }
    ensure!(stage.thread_lines(&plan.ts, &["approved plan"]) == 0, "a false_report was a vote");
    let card = stage.slack.message(CHANNEL, &plan.ts).context("the card is gone")?;
    ensure!(stories::says(&card, &["[Approve]"]), "a false_report changed the card");
    // The real one counts all the same.
    stage.presses(AIKO, &plan.ts, "Approve").await?;
    stage.card_becomes(&plan.ts, &["verification is patched and proven"]).await?;
    stage.is_clean()
}
