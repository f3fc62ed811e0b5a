//! Invariants that must hold in the end, whatever broke.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use simulators::discord::plain_text;
use simulators::slack::plain_text as slack_text;
use stories::{DISCORD_CHANNEL, crowd};

use crate::people::Cards;
use crate::{VOTERS, World};

/// Every vote counts once, on both platforms; one run was sent, once; no message is posted twice.
pub(crate) async fn holds(world: &World, cards: &Cards) -> Result<()> {
    let stage = &world.stage;
    stage.card_becomes_in_discord(&cards.discord_id, &["is patched and proven"]).await?;
    stage.thread_line(&cards.slack_ts, &["Done"]).await?;
    stage.thread_line_in_discord(&cards.discord_id, &["Done"]).await?;
    let in_slack = stage.thread_lines(&cards.slack_ts, &["approved plan"]);
    ensure!(in_slack == VOTERS, "{in_slack} votes in Slack");
    let in_discord = stage.thread_lines_in_discord(&cards.discord_id, &["approved plan"]);
    ensure!(in_discord == VOTERS, "{in_discord} votes in Discord");
    let [record, discord_record] = [
        stage
            .card_becomes(&cards.slack_ts, &["Approved by"])
            .await
            .map(|card| slack_text(&card))?,
        stage
            .card_becomes_in_discord(&cards.discord_id, &["Approved by"])
            .await
            .map(|card| plain_text(&card))?,
    ];
    for who in crowd().iter().take(VOTERS) {
        let id = format!("<@{}>", who.discord);
        ensure!(record.contains(&who.slack), "the card in Slack misses {}: {record}", who.name);
        ensure!(discord_record.contains(&id), "the one in Discord misses {}", who.name);
        // Its line uses the name that the configuration gave the voter when it was drawn.
        if cards.called_something_else.as_ref() == Some(who) {
            continue;
        }
        let votes = stage.thread_lines(&cards.slack_ts, &[&format!("{} approved plan", who.slack)]);
        ensure!(votes == 1, "{} has {votes} votes in Slack", who.name);
        let line = format!("{id} approved plan");
        let votes = stage.thread_lines_in_discord(&cards.discord_id, &[&line]);
        ensure!(votes == 1, "{} has {votes} votes in Discord", who.name);
    }
    stage.each_installed_once("verification-1", 6)?;
    no_line_twice_in_discord(world)?;
    // On a busy machine a click may take longer to be durable than Slack waits: then it was pressed
    // again.
    stage.is_clean_but_for(&["too late"])
}

/// No line occurs twice in a thread. Every story checks at its end that no card is posted twice. An
/// answer that was too late to be private is posted in the channel instead, and may say the same to
/// several people.
fn no_line_twice_in_discord(world: &World) -> Result<()> {
    let discord = &world.stage.discord;
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for card in discord.messages(DISCORD_CHANNEL) {
        for line in
            discord.messages(&card.id).iter().map(plain_text).filter(|line| !line.is_empty())
        {
            *times.entry(format!("{}: {line}", card.id)).or_default() += 1;
        }
    }
    let twice: Vec<_> = times.into_iter().filter(|(_, count)| *count > 1).collect();
    ensure!(twice.is_empty(), "in Discord more than once: {twice:#?}");
    Ok(())
}
