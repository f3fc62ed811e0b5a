//! The script of the drill, step by step.

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Timelike};
use futures_util::future::BoxFuture;
use simulators::discord;
use simulators::slack::plain_text;

use super::super::cast::{
    AIKO, AIKO_IN_DISCORD, BEN, BEN_IN_DISCORD, CHANNEL, HANA, OMAR, OMAR_IN_DISCORD, PEOPLE,
};
use super::Progress;
use super::observe::{Scene, has_button};

type Played<'a> = BoxFuture<'a, Result<Vec<String>>>;

pub(super) struct Step {
    pub(super) title: &'static str,
    pub(super) play: for<'a> fn(&'a Scene, &'a mut Progress) -> Played<'a>,
}

/// All steps in order.
pub(super) fn steps() -> Vec<Step> {
    vec![
        Step {
            title: "A scan finds patches that should not wait, and both platforms announce them",
            play: |s, m| Box::pin(announced(s, m)),
        },
        Step {
            title: "Hana requests a plan for verification; its card says on both platforms what will happen",
            play: |s, m| Box::pin(planned(s, m)),
        },
        Step {
            title: "Only a named approver other than the requester may approve, and only once",
            play: |s, m| Box::pin(voted(s, m)),
        },
        Step {
            title: "The canary goes first, then the others; progress is edited in place",
            play: |s, m| Box::pin(ran(s, m)),
        },
        Step {
            title: "One node did not install its patch, and its fresh scan shows it",
            play: |s, m| Box::pin(told_apart(s, m)),
        },
        Step {
            title: "Production has no Approve button: verification is not proven",
            play: |s, m| Box::pin(blocked(s, m)),
        },
        Step {
            title: "Verification is planned again, and this time it is proven",
            play: |s, m| Box::pin(proven(s, m)),
        },
        Step {
            title: "The production plan is pinned to what verification proved",
            play: |s, m| Box::pin(pinned(s, m)),
        },
        Step {
            title: "Production needs two approvers: one votes in Slack, the other in Discord",
            play: |s, m| Box::pin(approved(s, m)),
        },
        Step {
            title: "It waits for its maintenance window, then goes wave by wave",
            play: |s, m| Box::pin(produced(s, m)),
        },
        Step {
            title: "Compliance is posted as it really is",
            play: |s, m| Box::pin(reported(s, m)),
        },
        Step {
            title: "AWS was asked for each thing once, and neither platform has a complaint",
            play: |s, m| Box::pin(clean(s, m)),
        },
    ]
}

async fn announced(scene: &Scene, _: &mut Progress) -> Result<Vec<String>> {
    scene.discord_is_connected().await?;
    scene.discord_card(&["should not wait", "EXPLOITED", "[Plan verification]"]).await?;
    let card = scene.card(&["should not wait", "CVE-", "EXPLOITED", "[Plan verification]"]).await?;
    let scans = scene.stage.cloud.commands();
    ensure!(
        scans.iter().any(|command| command
            .parameters
            .get("Operation")
            .is_some_and(|values| values == &["Scan"])),
        "the channel shows patches, and AWS never received a Scan"
    );
    Ok(quote(&plain_text(&card), 4))
}

async fn planned(scene: &Scene, progress: &mut Progress) -> Result<Vec<String>> {
    let before = scene.stage.slack.ephemerals(HANA).len();
    scene.types(HANA, "/patch plan verification").await?;
    scene.private(HANA, before, &["verification"]).await?;
    let card = scene.card(&["Approve patching verification?", "reboots", "[Approve]"]).await?;
    let in_discord = scene.discord_card(&["Approve patching verification?", "[Approve]"]).await?;
    progress.cards.insert("verification-1".into(), card.ts.clone());
    progress.discord_cards.insert("verification-1".into(), in_discord.id);
    Ok(quote(&plain_text(&card), 8))
}

async fn voted(scene: &Scene, progress: &mut Progress) -> Result<Vec<String>> {
    let ts = progress.card("verification-1")?;
    let own = scene.is_reported(HANA, &ts, "Approve", &["the requester may not decide"]).await?;
    let outsider = scene.is_reported(OMAR, &ts, "Approve", &["You may not decide"]).await?;
    scene.presses(AIKO, &ts, "Approve").await?;
    scene.line(&ts, &["approved plan"]).await?;
    let before = scene.stage.slack.ephemerals(AIKO).len();
    let stale = scene.stage.slack.press_stale(AIKO, CHANNEL, &ts, scene.phrase("Approve")).await;
    stale.context("a click on the old card was not acknowledged")?;
    let again = scene.private(AIKO, before, &["verification-1 "]).await?;
    let in_discord = progress.discord_card("verification-1")?;
    scene.discord_line(&in_discord, &["approved plan"]).await?;
    let votes = scene
        .stage
        .slack
        .thread(CHANNEL, &ts)
        .iter()
        .filter(|line| scene.reads(&plain_text(line), &["approved plan"]))
        .count();
    ensure!(votes == 1, "one approver's clicks count as {votes} votes");
    Ok(vec![
        format!("Hana in private: {}", said(&own)),
        format!("Omar in private: {}", said(&outsider)),
        format!("Aiko's second click: {}", said(&again)),
    ])
}

async fn ran(scene: &Scene, progress: &mut Progress) -> Result<Vec<String>> {
    let ts = progress.card("verification-1")?;
    scene.turns_into(&ts, &["Patching verification", "Wave 1 of 2"]).await?;
    let first = scene
        .until("an Install of one node at AWS", |scene| {
            scene.commands("Install", "verification-1").into_iter().next()
        })
        .await?;
    ensure!(first.instance_ids.len() == 1, "the canary has {} nodes", first.instance_ids.len());
    scene.turns_into(&ts, &["Wave 2 of 2"]).await?;
    let second = scene
        .until("an Install of the other nodes at AWS", |scene| {
            scene.commands("Install", "verification-1").into_iter().nth(1)
        })
        .await?;
    ensure!(
        second.instance_ids.len() == 5,
        "the second wave has {} nodes",
        second.instance_ids.len()
    );
    let card = scene.turns_into(&ts, &["5 of 6 nodes are compliant"]).await?;
    let in_discord = progress.discord_card("verification-1")?;
    let twin = scene.discord_card_becomes(&in_discord, &["5 of 6 nodes are compliant"]).await?;
    ensure!(card.past.len() > 3, "the card was edited only {} times", card.past.len());
    Ok(vec![
        format!(
            "AWS: {} to {} node, then to {} nodes",
            first.comment,
            first.instance_ids.len(),
            second.instance_ids.len()
        ),
        format!(
            "The card was edited in its place, {} times in Slack and {} times in Discord",
            card.past.len(),
            twin.past.len()
        ),
    ])
}

async fn told_apart(scene: &Scene, progress: &mut Progress) -> Result<Vec<String>> {
    let ts = progress.card("verification-1")?;
    let line = scene.line(&ts, &["judged by its fresh scan", "4 of 5", "missing"]).await?;
    let card = scene.turns_into(&ts, &["not every node is compliant", "ver-app"]).await?;
    let command =
        scene.commands("Install", "verification-1").pop().context("the second wave's Install")?;
    let scans = scene.commands("Scan", "verification-1");
    ensure!(
        scans.len() == 2,
        "each wave is judged by one fresh scan, and AWS received {}",
        scans.len()
    );
    let words = plain_text(&card);
    ensure!(!scene.reads(&words, &["[Approve]"]), "a finished run still has an Approve button");
    Ok(vec![format!(
        "AWS calls the command {}; the node's own scan says: {}",
        command.status,
        said(&line)
    )])
}

async fn blocked(scene: &Scene, progress: &mut Progress) -> Result<Vec<String>> {
    scene.types(HANA, "/patch plan production").await?;
    let card = scene
        .card(&["production cannot be approved yet", "verification must be proven first"])
        .await?;
    ensure!(
        !has_button(&card, scene.phrase("Approve")),
        "production can be approved before verification is proven"
    );
    progress.cards.insert("production-1".into(), card.ts.clone());
    let before = scene.stage.slack.ephemerals(AIKO).len();
    scene.types(AIKO, "/patch approve production-1").await?;
    let refused = scene.private(AIKO, before, &["cannot be approved", "verification"]).await?;
    Ok(vec![format!("Aiko types /patch approve production-1: {}", said(&refused))])
}

async fn proven(scene: &Scene, progress: &mut Progress) -> Result<Vec<String>> {
    let old = progress.card("verification-1")?;
    scene.turns_into(&old, &["[Plan verification]"]).await?;
    scene.presses(HANA, &old, "Plan verification").await?;
    let card = scene.card(&["Approve patching verification?", "verification-2"]).await?;
    progress.cards.insert("verification-2".into(), card.ts.clone());
    scene.presses(BEN, &card.ts, "Approve").await?;
    scene.turns_into(&card.ts, &["verification is patched and proven"]).await?;
    let line = scene.line(&card.ts, &["Done", "6 of 6"]).await?;
    Ok(vec![said(&line)])
}

async fn pinned(scene: &Scene, progress: &mut Progress) -> Result<Vec<String>> {
    let old = progress.card("production-1")?;
    scene.turns_into(&old, &["No longer valid"]).await?;
    let card = scene
        .card(&["Approve patching production?", "Exactly what verification-2 proved", "PRODUCTION"])
        .await?;
    let in_discord = scene.discord_card(&["Approve patching production?", "[Approve]"]).await?;
    progress.cards.insert("production-2".into(), card.ts.clone());
    progress.discord_cards.insert("production-2".into(), in_discord.id);
    Ok(quote(&plain_text(&card), 10))
}

async fn approved(scene: &Scene, progress: &mut Progress) -> Result<Vec<String>> {
    let ts = progress.card("production-2")?;
    let one = scene.is_reported(AIKO, &ts, "Approve", &["1 of 2"]).await?;
    ensure!(
        scene.commands("Install", "production-2").is_empty(),
        "one vote of two has started production"
    );
    scene.turns_into(&ts, &["[Approve]", "So far 1"]).await?;
    let in_discord = progress.discord_card("production-2")?;
    scene.discord_card_becomes(&in_discord, &["[Approve]", "So far 1"]).await?;
    let before = scene.stage.slack.message(CHANNEL, &ts).map_or(0, |card| card.past.len());
    let outsider = scene
        .answer_in_discord(OMAR_IN_DISCORD, &in_discord, "Approve", &["You may not decide"])
        .await?;
    // Aiko is one person on both platforms, so her second vote does not count.
    let again =
        scene.answer_in_discord(AIKO_IN_DISCORD, &in_discord, "Approve", &["production-2"]).await?;
    scene.discord_card_becomes(&in_discord, &["[Approve]", "So far 1"]).await?;
    // Discord has no confirmation before a press counts, so the bot asks.
    let two = scene.confirms_in_discord(BEN_IN_DISCORD, &in_discord, &["is now approved"]).await?;
    let card = scene.turns_into(&ts, &["waiting to start"]).await?;
    ensure!(card.past.len() > before, "a vote in Discord did not change the card in Slack");
    let twin = scene.discord_card_becomes(&in_discord, &["waiting to start"]).await?;
    let left = discord::plain_text(&twin);
    ensure!(!scene.reads(&left, &["[Approve]"]), "the card in Discord can still be approved");
    Ok(vec![
        format!("Aiko in Slack: {}", said(&one)),
        format!("Omar in Discord: {}", said(&outsider)),
        format!("Aiko once more, in Discord: {}", said(&again)),
        format!("Ben in Discord: {}", said(&two)),
        "Both cards changed with each vote".to_owned(),
    ])
}

async fn produced(scene: &Scene, progress: &mut Progress) -> Result<Vec<String>> {
    let ts = progress.card("production-2")?;
    ensure!(
        scene.commands("Install", "production-2").is_empty(),
        "production started outside of its window"
    );
    let clock = &scene.stage.clock;
    let now = clock.now();
    let to_window = (22 * 60 - i64::from(now.hour() * 60 + now.minute())).rem_euclid(24 * 60);
    clock.advance(TimeDelta::minutes(to_window + 1));
    scene.turns_into(&ts, &["Patching production"]).await?;
    scene.turns_into(&ts, &["production is patched and proven"]).await?;
    let installs = scene.commands("Install", "production-2");
    let sizes: Vec<usize> = installs.iter().map(|command| command.instance_ids.len()).collect();
    ensure!(sizes.first() == Some(&2), "the canary of production has {:?} nodes", sizes.first());
    ensure!(sizes.iter().sum::<usize>() == 12, "production was installed in waves of {sizes:?}");
    for command in &installs {
        let list = command.parameters.get("InstallOverrideList").and_then(|values| values.first());
        let list = list.context("an Install in production is not pinned")?;
        let (bucket, key) = list
            .strip_prefix("s3://")
            .and_then(|rest| rest.split_once('/'))
            .context("no s3 address")?;
        let object =
            scene.stage.cloud.object(bucket, key).context("the list is not in the bucket")?;
        ensure!(
            String::from_utf8_lossy(&object).contains("patches:"),
            "the list is no list of patches"
        );
    }
    Ok(vec![
        format!("Time was pushed ahead by {to_window} minutes, to 22:00 UTC"),
        format!("AWS: Installs of {sizes:?} nodes, each with InstallOverrideList"),
    ])
}

async fn reported(scene: &Scene, _: &mut Progress) -> Result<Vec<String>> {
    let card = scene.card(&["Patch compliance after production-2", "100%"]).await?;
    let kinds: Vec<&str> =
        card.blocks.iter().filter_map(|block| block.get("type")?.as_str()).collect();
    ensure!(kinds.contains(&"data_visualization"), "compliance has no chart: {kinds:?}");
    ensure!(card.text.contains('%'), "compliance has no text for those who see no chart");
    let in_discord = scene.discord_card(&["Patch compliance after production-2", "100%"]).await?;
    ensure!(!in_discord.attachments.is_empty(), "compliance has no picture in Discord");
    Ok(quote(&card.text, 2))
}

async fn clean(scene: &Scene, _: &mut Progress) -> Result<Vec<String>> {
    let commands = scene.stage.cloud.commands();
    let mut marks: Vec<&String> = commands
        .iter()
        .filter_map(|command| command.parameters.get("SnapshotId")?.first())
        .collect();
    let all = marks.len();
    marks.sort();
    marks.dedup();
    ensure!(marks.len() == all, "AWS received a command twice");
    let complaints = scene.stage.slack.complaints();
    ensure!(complaints.is_empty(), "Slack complains: {}", complaints.join("; "));
    let complaints = scene.stage.discord.complaints();
    ensure!(complaints.is_empty(), "Discord complains: {}", complaints.join("; "));
    Ok(vec![format!("{all} commands, each with a snapshot id of its own")])
}

impl Progress {
    fn card(&self, run: &str) -> Result<String> {
        self.cards.get(run).cloned().with_context(|| format!("no card of {run} was seen"))
    }

    fn discord_card(&self, run: &str) -> Result<String> {
        let known = self.discord_cards.get(run).cloned();
        known.with_context(|| format!("no card of {run} was seen in Discord"))
    }
}

fn quote(text: &str, lines: usize) -> Vec<String> {
    words(text).take(lines).map(|line| format!("| {line}")).collect()
}

/// The sentences of an answer, below its title.
fn said(text: &str) -> String {
    words(text).last().unwrap_or_default()
}

/// What a person reads, line by line: without Slack's markup, and without the mark on every card of
/// a drill.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .map(|line| {
            PEOPLE.iter().fold(line.to_owned(), |line, one| {
                line.replace(one.id, one.name).replace(one.discord, one.name)
            })
        })
        .map(|line| with_times(&line))
        .map(|line| line.replace(['\u{200b}', '*', '`', '<', '>'], "").trim().to_owned())
        .filter(|line| !line.is_empty() && !line.contains("DRILL") && !line.contains("訓練"))
}

/// Replaces Discord's `<t:1700000000:f>` by the time in UTC.
fn with_times(line: &str) -> String {
    let mut parts = line.split("<t:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |line, part| {
        let (mark, rest) = part.split_once('>').unwrap_or((part, ""));
        let at = mark.split(':').next().and_then(|seconds| seconds.parse().ok());
        let at = at.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        line + &at.map_or_else(String::new, |at| at.format("%H:%M UTC").to_string()) + rest
    })
}
