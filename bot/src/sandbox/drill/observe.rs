//! What somebody in the channel, and somebody at AWS, can see; and waiting until they do.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use commands::text::wording::Locale;
use simulators::aws::CommandView;
use simulators::discord;
use simulators::slack::{Message, plain_text};

use super::super::Stage;
use super::super::cast::{CHANNEL, DISCORD_CHANNEL};
use super::phrases;

/// How long something may take to be seen, in real time.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The stage, and how it is observed.
pub(super) struct Scene {
    pub(super) stage: Stage,
    locale: Locale,
}

impl Scene {
    pub(super) fn new(stage: Stage, locale: Locale) -> Self {
        Self { stage, locale }
    }

    /// How a phrase of the script reads here.
    pub(super) fn phrase<'a>(&self, phrase: &'a str) -> &'a str {
        phrases::phrase(phrase, self.locale)
    }

    /// Whether a text holds all of these phrases.
    pub(super) fn reads(&self, text: &str, phrases: &[&str]) -> bool {
        phrases.iter().all(|phrase| text.contains(self.phrase(phrase)))
    }

    fn says(&self, message: &Message, phrases: &[&str]) -> bool {
        self.reads(&plain_text(message), phrases)
    }

    /// Waits until `look` sees something; `what` says what was waited for if it never comes.
    pub(super) async fn until<T>(
        &self,
        what: &str,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T> {
        let mut slack = self.stage.slack.changes().subscribe();
        let mut discord = self.stage.discord.changes().subscribe();
        let mut cloud = self.stage.cloud.changes().subscribe();
        let watching = async {
            loop {
                slack.borrow_and_update();
                discord.borrow_and_update();
                cloud.borrow_and_update();
                if let Some(seen) = look(self) {
                    return Ok(seen);
                }
                let changed = tokio::select! {
                    changed = slack.changed() => changed,
                    changed = discord.changed() => changed,
                    changed = cloud.changed() => changed,
                };
                changed.context("the simulators are gone")?;
            }
        };
        match tokio::time::timeout(TIMEOUT, watching).await {
            Ok(seen) => seen,
            Err(_) => bail!("never seen in {} s: {what}", TIMEOUT.as_secs()),
        }
    }

    /// The card in the channel whose words hold all of `words`.
    pub(super) async fn card(&self, words: &[&str]) -> Result<Message> {
        self.until(&format!("a card in the channel that says {words:?}"), |scene| scene.find(words))
            .await
    }

    /// The same, if it is there now.
    pub(super) fn find(&self, words: &[&str]) -> Option<Message> {
        let messages = self.stage.slack.messages(CHANNEL);
        messages.into_iter().rev().find(|message| self.says(message, words))
    }

    /// The card at `ts`, once it says all of `words`.
    pub(super) async fn turns_into(&self, ts: &str, words: &[&str]) -> Result<Message> {
        self.until(&format!("the card {ts} saying {words:?}"), |scene| {
            scene.stage.slack.message(CHANNEL, ts).filter(|message| scene.says(message, words))
        })
        .await
    }

    /// A line in the thread under `ts`.
    pub(super) async fn line(&self, ts: &str, words: &[&str]) -> Result<String> {
        self.until(&format!("a line in the thread that says {words:?}"), |scene| {
            let thread = scene.stage.slack.thread(CHANNEL, ts);
            thread
                .iter()
                .find(|message| message.ts != ts && scene.says(message, words))
                .map(plain_text)
        })
        .await
    }

    /// What only `user` reads, after `count` private messages that they had before.
    pub(super) async fn private(&self, user: &str, count: usize, words: &[&str]) -> Result<String> {
        self.until(&format!("a private answer to {user} that says {words:?}"), |scene| {
            let answers = scene.stage.slack.ephemerals(user);
            answers.iter().skip(count).find(|message| scene.says(message, words)).map(plain_text)
        })
        .await
    }

    /// Types a command.
    pub(super) async fn types(&self, user: &str, line: &str) -> Result<()> {
        let typed = self.stage.slack.run_command(user, CHANNEL, line).await;
        typed.map(drop).with_context(|| format!("{user} could not type {line}"))
    }

    /// Presses a button on the card at `ts`.
    pub(super) async fn presses(&self, user: &str, ts: &str, button: &str) -> Result<()> {
        let pressed = self.stage.slack.press(user, CHANNEL, ts, self.phrase(button)).await;
        pressed.map(drop).with_context(|| format!("{user} could not press {button}"))
    }

    /// Presses a button, and gives the private answer.
    pub(super) async fn is_told(
        &self,
        user: &str,
        ts: &str,
        button: &str,
        words: &[&str],
    ) -> Result<String> {
        let before = self.stage.slack.ephemerals(user).len();
        self.presses(user, ts, button).await?;
        self.private(user, before, words).await
    }

    /// Commands that AWS received, of one operation and one run.
    pub(super) fn commands(&self, operation: &str, run: &str) -> Vec<CommandView> {
        let mark = format!("patchbot:{run}:");
        let of = |command: &CommandView| {
            command.comment.starts_with(&mark)
                && command.parameters.get("Operation").is_some_and(|values| values == &[operation])
        };
        self.stage.cloud.commands().into_iter().filter(of).collect()
    }

    /// What stands in the channel now, for whoever has to find out why a step was not seen.
    pub(super) fn what_there_is(&self) -> String {
        let mut text = String::from("In Slack:\n");
        let mut say = |words: String| {
            let words: Vec<&str> = words.lines().take(12).collect();
            text.push_str(&format!("  {}\n", words.join("\n    ")));
        };
        self.stage.slack.messages(CHANNEL).iter().map(plain_text).for_each(&mut say);
        say("In Discord:".to_owned());
        self.stage
            .discord
            .messages(DISCORD_CHANNEL)
            .iter()
            .map(discord::plain_text)
            .for_each(&mut say);
        for complaint in self.stage.slack.complaints() {
            text.push_str(&format!("Slack complains: {complaint}\n"));
        }
        for complaint in self.stage.discord.complaints() {
            text.push_str(&format!("Discord complains: {complaint}\n"));
        }
        text
    }
}

/// Whether the card has such a button.
pub(super) fn has_button(message: &Message, label: &str) -> bool {
    let texts =
        message.blocks.iter().filter_map(|block| block.get("elements")?.as_array()).flatten();
    texts.filter_map(|element| element.get("text")?.get("text")?.as_str()).any(|text| text == label)
}
