//! Production installs what the proving run itself judged good, and nothing else.

use std::sync::Arc;

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use simulators::aws::{FalseReport, Os};
use simulators::seed::VERIFICATION;
use simulators::slack::plain_text;
use stories::{Bot, HANA, Settings, Stage, says};

use crate::promotion::{
    baseline, list, next_approved, next_planned, package, released, scanned, spec, untroubled,
    verified,
};
use crate::scene::node;

/// The version of the seeded world, and a later one.
const PROVEN: &str = "openssh.x86_64:0:8.7p1-8.amzn2023.0.11";
const NEWER: &str = "0:8.7p1-8.amzn2023.0.99";

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_join_or_are_changed_by_hand_add_nothing_to_the_proof() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    verified(&stage).await?;
    // A package and a version that no run has judged, on a new node and on an old one.
    stage.cloud.release(package("screen", "0:4.9-1"), stage.clock.now());
    released(&stage, package("openssh", NEWER), "web-production")?;
    let joined = stage.cloud.join_node(&node(&stage, "ver-web-01")?, |spec| {
        spec.id = "i-0aaaaaaaaaaaaaaaa".into();
        spec.name = "ver-web-09".into();
        spec.installed = Arc::new(["screen.x86_64".into(), format!("openssh.x86_64:{NEWER}")]);
        spec.scanned_ago = Some(TimeDelta::zero());
    });
    ensure!(joined && stage.cloud.patched_by_hand(&node(&stage, "ver-web-02")?));

    let plan = next_planned(&stage).await?;
    let words = [
        "Exactly what verification-1 proved; 1 not proven and left out",
        "screen.x86_64 0:4.9-1 (not proven)",
        "Newer versions exist that are not proven",
        "0:8.7p1-8.amzn2023.0.11, not 0:8.7p1-8.amzn2023.0.99",
    ];
    ensure!(says(&plan, &words), "{}", plain_text(&plan));
    next_approved(&stage, &plan.ts).await?;
    stage.card_becomes(&plan.ts, &["production is patched as planned, but not compliant"]).await?;
    let list = list(&stage, "production-1")?;
    ensure!(list.contains(PROVEN) && !list.contains(NEWER), "{list}");
    ensure!(!list.contains("screen"), "{list}");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_on_which_the_proving_nodes_disagree_is_left_out() -> Result<()> {
    // Verification's baseline waits a week, so two versions of a package are compliant there.
    let settings = Settings::default();
    let stage = Stage::with(
        &settings,
        untroubled(|world| {
            let (old, new) = (package("tmux", "0:3.2-1"), package("tmux", "0:3.3-1"));
            let titles = [old.title.clone(), new.title.clone()];
            let mut old = old;
            old.released -= TimeDelta::days(90);
            world.patches.extend([old, new]);
            if let Ok(baseline) = baseline(world, VERIFICATION, Os::AmazonLinux2023) {
                baseline.approve_after_days = 7;
            }
            for (name, title) in [("ver-web-01", &titles[0]), ("ver-web-02", &titles[1])] {
                if let Ok(spec) = spec(world, name) {
                    spec.installed = Arc::new(["curl.x86_64".into(), title.clone()]);
                }
            }
        }),
    )
    .await?;
    let _bot = Bot::start(&stage).await?;
    verified(&stage).await?;
    scanned(&stage, "web-production")?;
    let plan = next_planned(&stage).await?;
    let words = ["tmux.x86_64 0:3.3-1", "the nodes that should prove it have different versions"];
    ensure!(says(&plan, &words), "{}", plain_text(&plan));
    next_approved(&stage, &plan.ts).await?;
    let done = stage.card_becomes(&plan.ts, &["patched as planned, but not compliant"]).await?;
    ensure!(says(&done, &["tmux.x86_64"]), "{}", plain_text(&done));
    let list = list(&stage, "production-1")?;
    ensure!(list.contains(PROVEN) && !list.contains("tmux"), "{list}");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_that_would_match_more_than_was_proven_is_not_pinned() -> Result<()> {
    for title in ["*", "openssh.x86_64:*", "openssh.x86_64:0:8.7p1-[0-9]", "openssh.x86_64"] {
        let stage = Stage::set(&Settings::default()).await?;
        let false_report =
            FalseReport::Title { patch: "openssh.x86_64".into(), title: title.into() };
        for name in ["ver-web-01", "ver-web-02"] {
            ensure!(
                stage.cloud.report_falsely(&node(&stage, name)?, false_report.clone()),
                "there is no {name}"
            );
        }
        let _bot = Bot::start(&stage).await?;
        verified(&stage).await?;
        let plan = next_planned(&stage).await?;
        let words = ["openssh.x86_64 0:8.7p1-8.amzn2023.0.11 (cannot be pinned"];
        ensure!(says(&plan, &words), "{title}: {}", plain_text(&plan));
        next_approved(&stage, &plan.ts).await?;
        stage.card_becomes(&plan.ts, &["patched as planned, but not compliant"]).await?;
        let list = list(&stage, "production-1")?;
        ensure!(!list.contains('*') && !list.contains("amzn2023.0.11"), "{list}");
        // The version of another system is proven, and is on the list with its own title.
        ensure!(list.contains("openssh.x86_64:0:8.7p1-38.el9_4.1"), "{list}");
        for node in stage.nodes_of("web-production").iter().take(4) {
            let installed = stage.cloud.installs_of(node).concat();
            ensure!(!installed.contains(&"openssh.x86_64".to_owned()), "{node}: {installed:?}");
        }
        stage.is_clean()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_than_the_proven_one_is_reported_and_left_to_the_next_cycle() -> Result<()>
{
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    verified(&stage).await?;
    // On the card before people decide.
    released(&stage, package("openssh", NEWER), "web-production")?;
    let plan = next_planned(&stage).await?;
    let words = ["Newer versions exist", "0:8.7p1-8.amzn2023.0.11, not", NEWER];
    ensure!(says(&plan, &words), "{}", plain_text(&plan));
    next_approved(&stage, &plan.ts).await?;
    let words = ["patched as planned, but not compliant", "newer than what was proven", NEWER];
    let done = stage.card_becomes(&plan.ts, &words).await?;
    ensure!(says(&done, &["8 of 12 nodes are compliant"]), "{}", plain_text(&done));
    stage.each_installed_once("production-1", 12)?;
    let report = stage.card(&["Patch compliance after production-1", "8 of 12"]).await?;
    ensure!(says(&report, &["production still misses what production-1 left out", NEWER]));
    stage.types_and_reads(HANA, "/patch compliance production", &["8 of 12", NEWER]).await?;

    // The next cycle contains it.
    scanned(&stage, "web-verification")?;
    stage.types(HANA, "/patch plan verification").await?;
    let next = stage.card(&["Approve patching verification?", "verification-2", NEWER]).await?;
    crate::scene::approved(&stage, &next.ts).await?;
    stage.card_becomes(&next.ts, &["verification is patched and proven"]).await?;
    stage.types(HANA, "/patch plan production").await?;
    let next = stage.card(&["Approve patching production?", "production-2", NEWER]).await?;
    next_approved(&stage, &next.ts).await?;
    stage.card_becomes(&next.ts, &["production is patched and proven"]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_released_after_the_votes_stops_nothing() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    verified(&stage).await?;
    let plan = next_planned(&stage).await?;
    ensure!(!says(&plan, &["Newer versions exist"]), "{}", plain_text(&plan));
    let install = stage.aws_gate.hold("SendCommand", ":install-w0-", stories::Side::Before);
    next_approved(&stage, &plan.ts).await?;
    install.caught().await?;
    stage.cloud.release(package("openssh", NEWER), stage.clock.now());
    install.passes();
    let words = ["patched as planned, but not compliant", "newer than what was proven", NEWER];
    stage.card_becomes(&plan.ts, &words).await?;
    stage.each_installed_once("production-1", 12)?;
    stage.is_clean()
}
