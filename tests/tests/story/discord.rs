//! Discord beside Slack: one plan, one vote, the same cards in both.

use std::fs;

use anyhow::{Context, Result, ensure};
use simulators::discord::{
    App, Channel, Discord, Fault, Guild, Member, Message, Press, RateLimits, plain_text,
};
use stories::{Bot, CHANNEL, DISCORD_TOKEN, Settings, Stage, buttons};
use tokio::net::TcpListener;

const GUILD: &str = "1100";
const ROOM: &str = "1200";
const HANA_THERE: &str = "1301";
const AIKO_THERE: &str = "1302";
const OMAR_THERE: &str = "1304";

/// The stage, with a Discord beside its Slack that the bot is told of.
async fn set() -> Result<(Stage, Discord)> {
    let stage = Stage::set(&Settings::default()).await?;
    let guild = [(HANA_THERE, "hana"), (AIKO_THERE, "aiko"), (OMAR_THERE, "omar")]
        .into_iter()
        .fold(Guild::new(GUILD, "Operations"), |guild, (id, name)| {
            guild.with_member(Member::new(id, name, name))
        })
        .with_channel(Channel::new(ROOM, "patching"));
    let app = App::new("1900", "patchbot", DISCORD_TOKEN);
    let discord = Discord::new(stage.clock.clone(), app, vec![guild]);
    discord.set_rate_limits(RateLimits::Off);
    let listener = TcpListener::bind("127.0.0.1:0").await.context("failed to open a port")?;
    let (url, _serving) = discord.serve(listener).context("failed to serve Discord")?;

    let path = stage.config();
    let linked = [("U0HANA", HANA_THERE), ("U0AIKO", AIKO_THERE)];
    let text = linked.iter().fold(fs::read_to_string(&path)?, |text, (slack, id)| {
        text.replace(
            &format!("slack = \"{slack}\""),
            &format!("slack = \"{slack}\"\ndiscord = \"{id}\""),
        )
    });
    let tables = format!(
        "\n[discord]\napplication_id = \"1900\"\nguild = \"{GUILD}\"\napi_url = \"{url}\"\n\n\
         [[channel]]\nname = \"discord\"\ndiscord = \"{ROOM}\"\n"
    );
    fs::write(&path, text + &tables).context("failed to write the configuration")?;
    Ok((stage, discord))
}

async fn until<T>(
    discord: &Discord,
    what: &str,
    look: impl FnMut(&Discord) -> Option<T>,
    stage: &Stage,
) -> Result<T> {
    discord.until(look).await.with_context(|| {
        let words: Vec<String> = discord.messages(ROOM).iter().map(plain_text).collect();
        let calls: Vec<String> =
            discord.calls().iter().rev().take(12).map(|call| format!("{call:?}")).collect();
        format!(
            "{what} was not seen in Discord:\n{}\n{}\n{}\n{}",
            words.join("\n---\n"),
            calls.join("\n"),
            discord.complaints().join("\n"),
            stage.logged()
        )
    })
}

fn says(message: &Message, words: &[&str]) -> bool {
    let text = plain_text(message);
    words.iter().all(|word| text.contains(word))
}

/// Waits until the bot hears people and has told Discord what they can type.
async fn listens(stage: &Stage, discord: &Discord) -> Result<()> {
    let ready = |discord: &Discord| {
        (discord.sessions() > 0 && !discord.commands(Some(GUILD)).is_empty()).then_some(())
    };
    until(discord, "a bot that listens", ready, stage).await
}

async fn card(stage: &Stage, discord: &Discord, words: &[&str]) -> Result<Message> {
    let find =
        |discord: &Discord| discord.messages(ROOM).into_iter().find(|card| says(card, words));
    until(discord, &format!("a card with {words:?}"), find, stage).await
}

async fn told(stage: &Stage, discord: &Discord, user: &str, words: &[&str]) -> Result<()> {
    let find =
        |discord: &Discord| discord.ephemerals(user).iter().any(|it| says(it, words)).then_some(());
    until(discord, &format!("{user} being told {words:?}"), find, stage).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_vote_counts_on_both_platforms() -> Result<()> {
    let (stage, discord) = set().await?;
    let bot = Bot::start(&stage).await?;
    listens(&stage, &discord).await?;

    // What exists is offered while somebody types.
    let offered = until_offered(&discord).await?;
    ensure!(offered == ["production"], "{offered:?}");
    discord.run_command(HANA_THERE, ROOM, "/patch plan environment:verification").await?;
    let there = card(&stage, &discord, &["Approve patching verification?", "[Approve]"]).await?;
    ensure!(there.content.contains(&format!("<@{AIKO_THERE}>")), "{}", there.content);
    let here = stage.card(&["Approve patching verification?", "[Approve]"]).await?;

    // Who asks does not decide, and who is not named does not either.
    discord.press(HANA_THERE, ROOM, &there.id, "Approve").await?;
    told(&stage, &discord, HANA_THERE, &["who asks does not decide"]).await?;
    discord.press(OMAR_THERE, ROOM, &there.id, "Approve").await?;
    told(&stage, &discord, OMAR_THERE, &["You may not decide"]).await?;

    let vote = discord.press(AIKO_THERE, ROOM, &there.id, "Approve").await?;
    told(&stage, &discord, AIKO_THERE, &["all it needs"]).await?;
    discord.redeliver(&vote.interaction)?;
    stage.turns_into(&here.ts, &["verification is patched and proven"]).await?;
    card(&stage, &discord, &["verification is patched and proven"]).await?;
    let lines = |discord: &Discord| {
        let lines = discord.messages(&there.id);
        lines.iter().any(|line| line.content.contains("Done")).then_some(lines)
    };
    let lines = until(&discord, "the story in the thread", lines, &stage).await?;
    let votes = lines.iter().filter(|line| line.content.contains("approved plan")).count();
    ensure!(votes == 1, "one vote is {votes} lines");
    stage.each_installed_once("verification-1", 6)?;

    // Compliance has its picture, and a restart repeats nothing.
    let report = card(&stage, &discord, &["Patch compliance after verification-1"]).await?;
    ensure!(report.attachments.len() == 1, "the chart is no picture: {:?}", report.attachments);
    let before = discord.messages(ROOM).len();
    bot.kill().await?;
    let gone = |discord: &Discord| (discord.sessions() == 0).then_some(());
    until(&discord, "the end of the connection", gone, &stage).await?;
    let puts =
        |discord: &Discord| discord.calls().iter().filter(|call| call.method == "PUT").count();
    let registered = puts(&discord);
    let _bot = Bot::start(&stage).await?;
    listens(&stage, &discord).await?;
    discord.run_command(HANA_THERE, ROOM, "/patch status").await?;
    told(&stage, &discord, HANA_THERE, &["Where everything stands"]).await?;
    ensure!(discord.messages(ROOM).len() == before, "the restart has posted something again");
    ensure!(puts(&discord) == registered, "/patch was registered again");
    ensure!(discord.complaints().is_empty(), "{}", discord.complaints().join("\n"));
    stage.is_clean()
}

async fn until_offered(discord: &Discord) -> Result<Vec<String>> {
    let line = "/patch plan environment:prod";
    let choices = discord.autocomplete(HANA_THERE, ROOM, line, "environment").await?;
    Ok(choices.into_iter().map(|choice| choice.name).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_takes_a_dialog_and_a_silent_platform_catches_up() -> Result<()> {
    let (stage, discord) = set().await?;
    let _bot = Bot::start(&stage).await?;
    listens(&stage, &discord).await?;
    discord.run_command(HANA_THERE, ROOM, "/patch plan environment:verification").await?;
    let there = card(&stage, &discord, &["Approve patching verification?", "[Reject"]).await?;
    let here = stage.card(&["Approve patching verification?", "[Approve]"]).await?;
    let reject = Press::starting("p1|reject|");
    discord.press(AIKO_THERE, ROOM, &there.id, reject).await?;
    let modal = discord.open_modals(AIKO_THERE).pop().context("no dialog opened")?;
    // Discord fails for a while: Slack is told all the same, and Discord afterwards.
    for _ in 0..3 {
        discord.fail_next("PATCH /channels/{}/messages/{}", Fault::ServerError);
    }
    discord.submit(AIKO_THERE, &modal.id, &[("reason", "quarter end")]).await?;
    stage.turns_into(&here.ts, &["Rejected", "quarter end"]).await?;
    card(&stage, &discord, &["Rejected", "quarter end"]).await?;
    let left =
        stage.slack.message(CHANNEL, &here.ts).map(|card| buttons(&card)).unwrap_or_default();
    ensure!(!left.iter().any(|label| label == "Approve"), "a rejected plan has {left:?}");
    ensure!(discord.complaints().is_empty(), "{}", discord.complaints().join("\n"));
    stage.is_clean()
}
