//! A person votes on one platform, the configuration then changes which accounts belong to whom,
//! and the same person votes on the other platform: it stays one vote.

use anyhow::Result;
use fastrand::Rng;
use stories::Somebody;

use crate::people::{Cards, presses, presses_in_discord};
use crate::{VOTERS, World};

/// Lets `who` vote on both platforms, with a change of the configuration in between, before anybody
/// else votes.
pub(crate) async fn votes_twice(
    world: &World,
    rng: &mut Rng,
    who: &Somebody,
    cards: &Cards,
) -> Result<()> {
    let here_first = rng.bool();
    match here_first {
        true => presses(world, who, &cards.slack_ts).await?,
        false => presses_in_discord(world, who, &cards.discord_id).await?,
    }
    let kind = rng.u32(..3);
    world.note(format!("{} is heard, and the configuration changes them: kind {kind}", who.name));
    let mut right = String::new();
    world.stage.reconfigures(|toml| {
        toml.clone_into(&mut right);
        match kind {
            0 => split(toml, who),
            1 => toml.replace(&format!("\"{}\"", who.name), &format!("\"{}-too\"", who.name)),
            _ => in_anothers_place(toml, who),
        }
    })?;
    world.restarts().await;
    match here_first {
        true => presses_in_discord(world, who, &cards.discord_id).await?,
        false => presses(world, who, &cards.slack_ts).await?,
    }
    world.note(format!("{} is heard a second time", who.name));
    world.stage.reconfigures(|_| right)?;
    world.restarts().await;
    Ok(())
}

/// The two accounts become two people, who both may vote.
fn split(toml: &str, who: &Somebody) -> String {
    let Somebody { name, discord, .. } = who;
    let line = format!("discord = \"{discord}\"\n");
    let another = format!("[[person]]\nname = \"{name}-line\"\n{line}\n[[person]]");
    let apart = toml.replace(&line, "").replacen("[[person]]", &another, 1);
    let both = format!("\"{name}\", \"{name}-there\"");
    // In a list of approvers, and not where the person is described.
    let in_lists = apart.replace(&format!("\"{name}\", "), &format!("{both}, "));
    in_lists.replace(&format!("\"{name}\"]"), &format!("{both}]"))
}

/// Their account on the other platform becomes somebody else's, who may vote and never does.
fn in_anothers_place(toml: &str, who: &Somebody) -> String {
    let crowd = stories::crowd();
    let other = crowd.get(VOTERS);
    let Some(other) = other else { return toml.to_owned() };
    let id = |discord: &str| format!("discord = \"{discord}\"");
    let (mine, theirs) = (id(&who.discord), id(&other.discord));
    toml.replace(&mine, "discord = \"0\"")
        .replace(&theirs, &mine)
        .replace("discord = \"0\"", &theirs)
}
