//! The credentials turn out to belong to another account than the one on the cards.

use anyhow::{Result, ensure};
use simulators::aws::{OpFault, Outcome};
use simulators::seed::{PRODUCTION, VERIFICATION};
use stories::{Bot, HANA, Settings, Stage};

use crate::scene::{approved, planned, proven};

/// An account that nobody here knows.
const ELSEWHERE: &str = "999999999999";

/// The calls that were made with credentials of that account, except those that ask for the
/// identity.
fn asked_elsewhere(stage: &Stage) -> Vec<String> {
    let calls = stage.cloud.calls().into_iter();
    let asked = calls.filter(|call| call.account == ELSEWHERE);
    asked.map(|call| call.operation).filter(|operation| operation != "GetCallerIdentity").collect()
}

fn identified(stage: &Stage) -> usize {
    let calls = stage.cloud.calls().into_iter();
    calls.filter(|call| call.operation == "GetCallerIdentity").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_account_at_the_start_closes_the_environment_and_is_reported() -> Result<()> {
    let stage = Stage::set(&Settings { scan: true, ..Settings::default() }).await?;
    stage.cloud.swap_credentials(VERIFICATION, ELSEWHERE);
    let _bot = Bot::start(&stage).await?;
    stage
        .until("a scan of production", |stage| {
            let mut commands = stage.cloud.commands().into_iter();
            commands.find(|command| command.comment.starts_with("patchbot:scan:production"))
        })
        .await?;
    let why = ["suspended", VERIFICATION, ELSEWHERE, "reads use", "commands use", "role_arn"];
    stage
        .until("the environment is closed", |stage| {
            stage.logged().contains("of another account than the configuration says").then_some(())
        })
        .await?;
    stage.types_and_reads(HANA, "/patch status", &why).await?;
    let refused = ["Nothing was done in verification", VERIFICATION, ELSEWHERE];
    stage.types_and_reads(HANA, "/patch plan verification", &refused).await?;
    stage
        .types_and_reads(HANA, "/patch compliance verification", &["suspended", ELSEWHERE])
        .await?;
    ensure!(asked_elsewhere(&stage).is_empty(), "asked there: {:?}", asked_elsewhere(&stage));

    // Nobody has to press anything: the next check finds the right ones, and the scan is made up
    // for.
    stage.cloud.restore_credentials(VERIFICATION);
    planned(&stage).await?;
    stage
        .until("the scan of verification", |stage| {
            let mut commands = stage.cloud.commands().into_iter();
            commands.find(|command| command.comment.starts_with("patchbot:scan:verification"))
        })
        .await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_run_waits_while_the_account_is_wrong_and_then_continues() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    stage.cloud.swap_credentials(VERIFICATION, ELSEWHERE);
    approved(&stage, &ts).await?;
    let why = ["patchbot sends nothing now", VERIFICATION, ELSEWHERE];
    stage.thread_line(&ts, &why).await?;
    stage.card_becomes(&ts, &why).await?;
    // Another process finds the same, and posts nothing twice.
    bot.kill().await?;
    // A survey that was under way when they were exchanged may have continued there.
    let asked = asked_elsewhere(&stage).len();
    let before = identified(&stage);
    let _bot = Bot::start(&stage).await?;
    stage
        .until("it is asked again", |stage| (identified(stage) > before + 3).then_some(()))
        .await?;
    ensure!(stage.thread_lines(&ts, &why) == 1, "the same is told again and again");
    ensure!(stage.commands("verification-1", "Install").is_empty(), "it was sent all the same");
    let elsewhere = asked_elsewhere(&stage);
    ensure!(elsewhere.len() == asked, "asked there: {elsewhere:?}");

    stage.cloud.restore_credentials(VERIFICATION);
    stage.thread_line(&ts, &["belong to account", VERIFICATION, "The run continues"]).await?;
    proven(&stage, &ts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_account_between_two_waves_holds_the_second_back() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let cloud = stage.cloud.clone();
    // When the canary is judged.
    stage.aws_gate.just_before("DescribeInstancePatchStates", "", move |_| {
        cloud.swap_credentials(VERIFICATION, ELSEWHERE);
    });
    approved(&stage, &ts).await?;
    stage.thread_line(&ts, &["patchbot sends nothing now", ELSEWHERE]).await?;
    ensure!(stage.commands("verification-1", "Install").len() == 1, "wave 2 was sent");
    stage.cloud.restore_credentials(VERIFICATION);
    stage.card_becomes(&ts, &["verification"]).await?;
    stage.thread_line(&ts, &["The run continues"]).await?;
    stage.installs("verification-1", 2).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_planned_while_the_account_cannot_be_looked_up() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage
        .types_and_reads(HANA, "/patch compliance production", &["Not compliant: production 12"])
        .await?;
    // Each environment has one role for both: two calls at the start.
    let of = |account: &str| {
        let calls = stage.cloud.calls().into_iter();
        let asked = calls.filter(|call| call.operation == "GetCallerIdentity");
        asked.filter(|call| call.account == account && call.outcome == Outcome::Ok).count()
    };
    ensure!(of(VERIFICATION) == 1, "{} questions of verification", of(VERIFICATION));
    ensure!(of(PRODUCTION) <= 2, "{} questions of production", of(PRODUCTION));
    stage.cloud.fail_operation("GetCallerIdentity", OpFault::ServerErrorBefore(3));
    let why = ["could not be done now", "GetCallerIdentity failed in verification"];
    stage.types_and_reads(HANA, "/patch plan verification", &why).await?;
    planned(&stage).await?;
    stage.is_clean()
}
