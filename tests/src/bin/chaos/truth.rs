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
    no_line_twice_in_discord(world)?;
    // On a machine with much to do a click may take longer to be durable than Slack waits: then it
    // was pressed again.
    stage.is_clean_but_for(&["too late"])
}

/// No line stands twice in a thread. That no card hangs twice every story looks at in the end; what
/// came too late for a private answer, and stands in the channel instead, may well say the same to
/// several people.
fn no_line_twice_in_discord(world: &World) -> Result<()> {
    let discord = &world.stage.discord;
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for card in discord.messages(ROOM) {
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
