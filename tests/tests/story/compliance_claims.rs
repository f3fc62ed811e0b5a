//! "As planned" is about the plan and "compliant" about the baseline: no card confuses them.

use anyhow::{Result, ensure};
use simulators::slack::plain_text;
use stories::{Bot, HANA, Settings, Stage, buttons, says};

use crate::promotion::{next_approved, next_planned, package, released, untroubled, verified};

/// A third environment, after production, with one of its nodes.
fn three() -> Settings {
    let more = r#"
[[environment]]
name = "edge"
account = "222222222222"
region = "ap-northeast-1"
patch_group = "edge"
role_arn = "arn:aws:iam::222222222222:role/patchbot"
external_id = "production"
approvers = ["hana", "aiko", "ben"]
override_location = "s3://patchbot-overrides/edge"
"#;
    Settings { more: more.into(), ..Settings::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unproven_patch_keeps_production_from_being_called_compliant() -> Result<()> {
    let stage = Stage::with(
        &three(),
        untroubled(|world| {
            for node in world.nodes.iter_mut().filter(|node| node.name == "DB-03") {
                node.tags.insert("PatchGroup".into(), "edge".into());
            }
        }),
    )
    .await?;
    let _bot = Bot::start(&stage).await?;
    verified(&stage).await?;
    released(&stage, package("nginx", "1:1.26-1"), "web-production")?;
    let plan = next_planned(&stage).await?;
    let words = ["1 not proven and left out", "nginx.x86_64", "(not proven)"];
    ensure!(says(&plan, &words), "{}", plain_text(&plan));
    next_approved(&stage, &plan.ts).await?;

    let head = "production is patched as planned, but not compliant (production-1)";
    let done = stage.card_becomes(&plan.ts, &[head, "7 of 11 nodes are compliant"]).await?;
    let words = ["proves nothing for the next environment", "Still missing", "nginx.x86_64"];
    ensure!(says(&done, &words), "{}", plain_text(&done));
    ensure!(!says(&done, &["patched and proven"]), "{}", plain_text(&done));
    ensure!(!says(&done, &["nothing missing"]), "{}", plain_text(&done));
    ensure!(!buttons(&done).contains(&"Plan edge".to_owned()), "{:?}", buttons(&done));
    stage
        .thread_line(&plan.ts, &["Wave 1 judged by its fresh scan: 0 of 2 nodes compliant"])
        .await?;
    // The other card has the same counts, and so has the answer to a question.
    let report = stage.card(&["Patch compliance after production-1"]).await?;
    ensure!(
        says(&report, &["7 of 11 compliant, 4 not", "nginx.x86_64"]),
        "{}",
        plain_text(&report)
    );
    stage
        .types_and_reads(HANA, "/patch compliance production", &["7 of 11 compliant, 4 not"])
        .await?;
    // It is not a proof.
    stage.types(HANA, "/patch plan edge").await?;
    let words = [
        "edge cannot be approved yet",
        "production-1 ended, and 4 of 11 nodes could not be proven",
    ];
    let edge = stage.card(&words).await?;
    ensure!(!buttons(&edge).contains(&"Approve".to_owned()), "{:?}", buttons(&edge));
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_nothing_to_install_says_why() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    // If nothing is missing, the card says so.
    for node in stage.nodes_of("web-production") {
        ensure!(stage.cloud.patched_by_hand(&node));
    }
    verified(&stage).await?;
    let plan = next_planned(&stage).await?;
    let nothing = "No patches are missing. This run installs nothing";
    ensure!(says(&plan, &[nothing]), "{}", plain_text(&plan));
    stage.presses(HANA, &plan.ts, "Reject…").await?;
    stage.gives_reason(HANA, "not today").await?;
    stage.card_becomes(&plan.ts, &["not today"]).await?;
    // And if something is missing that may not be installed, the card says that.
    released(&stage, package("nginx", "1:1.26-1"), "web-production")?;
    stage.types(HANA, "/patch plan production").await?;
    let plan = stage.card(&["production-2", "This run installs nothing", "[Approve]"]).await?;
    let words = ["although 1 patch is missing", "nginx.x86_64", "1:1.26-1", "(not proven)"];
    ensure!(says(&plan, &words), "{}", plain_text(&plan));
    ensure!(!says(&plan, &["No patches are missing"]), "{}", plain_text(&plan));
    next_approved(&stage, &plan.ts).await?;
    let done = stage.card_becomes(&plan.ts, &["patched as planned, but not compliant"]).await?;
    ensure!(says(&done, &["8 of 12 nodes are compliant", "nginx.x86_64"]), "{}", plain_text(&done));
    ensure!(stage.commands("production-2", "Install").is_empty(), "it has installed something");
    stage.is_clean()
}
