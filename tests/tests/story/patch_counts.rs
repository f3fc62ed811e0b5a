//! What a node counts, what it lists, and which baseline has decided.

use anyhow::{Result, ensure};
use chrono::{TimeDelta, Utc};
use simulators::aws::{FalseReport, Os, Patch};
use simulators::seed::VERIFICATION;
use simulators::slack::plain_text;
use stories::{Bot, HANA, Settings, Stage, says};

use crate::promotion::{
    baseline, list, next_approved, next_planned, package, scanned, spec, untroubled, verified,
};
use crate::scene::{approved, node, planned};

/// How long a story waits for a list that lags behind its counts.
fn impatient() -> Settings {
    Settings { settle: "1s", ..Settings::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_counts_and_lists_disagree_is_unknown_everywhere() -> Result<()> {
    let count = |field: &str, count| FalseReport::Count { field: field.into(), count };
    let cases: [(&str, Vec<FalseReport>, &str); 4] = [
        (
            "five counted and none listed",
            vec![count("MissingCount", 5), FalseReport::Unlisted("Missing".into())],
            "its report lists a different number",
        ),
        (
            "three counted and two listed",
            vec![count("MissingCount", 3)],
            "its report lists a different number",
        ),
        (
            "none counted and two listed",
            vec![count("MissingCount", 0)],
            "its report contradicts itself",
        ),
        (
            "one failed and none listed",
            vec![count("FailedCount", 1), FalseReport::Unlisted("Missing".into())],
            "its report lists a different number",
        ),
    ];
    for (what, false_reports, why) in cases {
        let stage = Stage::set(&impatient()).await?;
        let liar = node(&stage, "ver-web-01")?;
        for false_report in false_reports {
            ensure!(stage.cloud.report_falsely(&liar, false_report), "there is no such node");
        }
        let _bot = Bot::start(&stage).await?;
        // Before anything is decided.
        let words = ["5 not, ", "1 unknown", "ver-web-01", "unknown: it"];
        let answer =
            stage.types_and_reads(HANA, "/patch compliance verification", &words[1..]).await?;
        ensure!(answer.contains("0 of 6") && answer.contains(why), "{what}: {answer}");
        let ts = planned(&stage).await?;
        let words = [
            "It is not known what 1 node misses",
            "ver-web-01",
            "its report lists a different number",
        ];
        stage.card_becomes(&ts, &words).await?;
        // Nobody can judge this canary, once the list had time to catch up.
        approved(&stage, &ts).await?;
        let lies_on = what != "none counted and two listed";
        if lies_on {
            stage
                .card_becomes(&ts, &["ver-web-01", "unknown: its report lists a different number"])
                .await?;
            stage.types_and_reads(HANA, "/patch compliance verification", &["1 unknown"]).await?;
        }
        stage.is_clean()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installed_list_that_contradicts_its_count_proves_nothing() -> Result<()> {
    let count = |field: &str, count| FalseReport::Count { field: field.into(), count };
    let cases: [(&str, FalseReport); 3] = [
        ("more is listed than counted", count("InstalledCount", 0)),
        ("more is counted than listed", count("InstalledOtherCount", 99)),
        ("what is installed is not listed", FalseReport::Unlisted("Installed".into())),
    ];
    for (what, false_report) in cases {
        let stage = Stage::set(&impatient()).await?;
        let liar = node(&stage, "ver-web-01")?;
        ensure!(stage.cloud.report_falsely(&liar, false_report), "there is no such node");
        let _bot = Bot::start(&stage).await?;
        let ts = planned(&stage).await?;
        approved(&stage, &ts).await?;
        let card = stage
            .card_becomes(&ts, &["ver-web-01", "unknown: its report lists a different number"])
            .await?;
        ensure!(!plain_text(&card).contains("proven,"), "{what}: it proves something");
        stage.is_clean()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_called_complete_without_reliable_counts() -> Result<()> {
    let stage = Stage::set(&impatient()).await?;
    for id in stage.nodes_of("web-verification") {
        for false_report in [
            FalseReport::Count { field: "MissingCount".into(), count: 5 },
            FalseReport::Unlisted("Missing".into()),
        ] {
            ensure!(stage.cloud.report_falsely(&id, false_report));
        }
    }
    let _bot = Bot::start(&stage).await?;
    let ts = planned(&stage).await?;
    let words = ["This run installs nothing. It is not known whether patches are missing"];
    let card = stage.card_becomes(&ts, &words).await?;
    ensure!(!says(&card, &["No patches are missing"]), "{}", plain_text(&card));
    approved(&stage, &ts).await?;
    let done = stage.card_becomes(&ts, &["None of the 6 nodes is compliant"]).await?;
    ensure!(!says(&done, &["proven ("]), "{}", plain_text(&done));
    stage.is_clean()
}

/// An update that was published a day ago, which the baseline for Windows approves after a week and
/// counts like this until then.
async fn with_available(says: Option<&'static str>) -> Result<Stage> {
    Stage::with(
        &impatient(),
        untroubled(|world| {
            if let Ok(baseline) = baseline(world, VERIFICATION, Os::WindowsServer2022) {
                baseline.approve_after_days = 7;
                baseline.available_security_updates = says;
            }
            let day = Utc::now() - TimeDelta::days(1);
            world.patches.push(Patch::windows("KB5050001", "2026-11 Security Update", day));
        }),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn available_security_updates_count_as_the_baseline_configures() -> Result<()> {
    for (says_it, run, report) in [
        (Some("COMPLIANT"), "verification is patched and proven", "6 of 6 compliant"),
        (Some("NON_COMPLIANT"), "patched as planned, but not compliant", "5 of 6 compliant, 1 not"),
        (None, "not every node is compliant", "5 of 6 compliant, 1 unknown"),
    ] {
        let stage = with_available(says_it).await?;
        let _bot = Bot::start(&stage).await?;
        let ts = planned(&stage).await?;
        approved(&stage, &ts).await?;
        let done = stage.card_becomes(&ts, &[run]).await?;
        let card = stage.card(&["Patch compliance after verification-1"]).await?;
        let text = plain_text(&card).replace(['\u{200b}', '*'], "");
        ensure!(text.contains(report), "{says_it:?}: {text}");
        let needle: &[&str] = match says_it {
            Some("COMPLIANT") => &["All 6 nodes"],
            Some(_) => &["5 of 6 nodes are compliant", "A published security update"],
            None => &["VER-DB-01", "does not say how they count"],
        };
        ensure!(says(&done, needle), "{says_it:?}: {}", plain_text(&done));
        stage.is_clean()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_under_another_baseline_is_unknown_and_names_that_baseline() -> Result<()> {
    let stage = Stage::set(&impatient()).await?;
    let other = "pb-0fedcba9876543210";
    ensure!(
        stage
            .cloud
            .report_falsely(&node(&stage, "ver-app-01")?, FalseReport::Baseline(other.into()))
    );
    let _bot = Bot::start(&stage).await?;
    stage
        .types_and_reads(
            HANA,
            "/patch compliance verification",
            &["another baseline was used", other],
        )
        .await?;
    let ts = planned(&stage).await?;
    let words = ["It is not known what 1 node misses", "another baseline was used", other];
    stage.card_becomes(&ts, &words).await?;
    approved(&stage, &ts).await?;
    let done =
        stage.card_becomes(&ts, &["5 of 6 nodes are compliant", "ver-app-01", other]).await?;
    ensure!(says(&done, &["another baseline was used"]), "{}", plain_text(&done));
    let card = stage.card(&["Patch compliance after verification-1", other]).await?;
    ensure!(says(&card, &["another baseline was used"]), "{}", plain_text(&card));
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_reported_as_installed_other_counts_as_installed() -> Result<()> {
    let day = TimeDelta::days(1);
    let stage = Stage::with(
        &impatient(),
        untroubled(|world| {
            // Verification's baseline never asks for it; one node after the other has it.
            world.patches.push(package("tmux", "0:3.2-1").severity("Low"));
            if let Ok(baseline) = baseline(world, VERIFICATION, Os::AmazonLinux2023) {
                baseline.severities = vec!["Important".into()];
            }
            for name in ["ver-web-01", "ver-web-02"] {
                if let Ok(spec) = spec(world, name) {
                    let both = ["curl.x86_64".to_owned(), "tmux.x86_64".to_owned()];
                    spec.installed = both.into();
                    spec.scanned_ago = Some(day / 24);
                }
            }
        }),
    )
    .await?;
    let _bot = Bot::start(&stage).await?;
    verified(&stage).await?;
    scanned(&stage, "web-production")?;
    let plan = next_planned(&stage).await?;
    ensure!(!says(&plan, &["left out"]), "{}", plain_text(&plan));
    next_approved(&stage, &plan.ts).await?;
    stage.card_becomes(&plan.ts, &["production is patched and proven"]).await?;
    let list = list(&stage, "production-1")?;
    ensure!(list.contains("tmux.x86_64:0:3.2-1"), "{list}");
    stage.is_clean()
}
