//! What must hold in the end, whatever broke.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use simulators::discord::plain_text;
use stories::{ROOM, crowd};

use crate::people::Cards;
use crate::{VOTERS, World};

/// Every vote counts once, on both platforms; one run was sent, once; nothing hangs twice.
pub(crate) async fn holds(world: &World, cards: &Cards) -> Result<()> {
    let stage = &world.stage;
    stage.turns_there(&cards.there, &["is patched and proven"]).await?;
    stage.line(&cards.here, &["Done"]).await?;
    stage.line_there(&cards.there, &["Done"]).await?;
    for who in crowd().iter().take(VOTERS) {
        let votes = stage.lines(&cards.here, &[&format!("{} approved plan", who.slack)]);
        ensure!(votes == 1, "{} has {votes} votes in Slack", who.name);
        let line = format!("<@{}> approved plan", who.discord);
        let votes = stage.lines_there(&cards.there, &[&line]);
        ensure!(votes == 1, "{} has {votes} votes in Discord", who.name);
    }
    stage.each_installed_once("verification-1", 6)?;
    nothing_twice_in_discord(world)?;
    // On a machine with much to do a click may take longer to be durable than Slack waits: then it
    // was pressed again.
    stage.is_clean_but_for(&["too late"])
}

/// A card in Discord ends with the key that it was hung under; a line of a thread is unlike others.
fn nothing_twice_in_discord(world: &World) -> Result<()> {
    let discord = &world.stage.discord;
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for card in discord.messages(ROOM) {
        let text = plain_text(&card);
        let key = text.lines().rev().find(|line| !line.starts_with('['));
        *times.entry(format!("card {}", key.unwrap_or_default())).or_default() += 1;
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
