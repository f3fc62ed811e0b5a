//! Observes what a person in the channel, and AWS, can see; waits until they do.

use std::time::Duration;

use anyhow::{Context, Result};
use commands::text::wording::Locale;
use simulators::aws::CommandView;
use simulators::slack::{Message, plain_text};
use simulators::{changes, observe};

use super::super::Stage;
use super::super::cast::{CHANNEL, DISCORD_CHANNEL};
use super::phrases;

/// How long to wait for something to appear, in real time.
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

    /// A phrase of the script in the language of the drill.
    pub(super) fn phrase<'a>(&self, phrase: &'a str) -> &'a str {
        phrases::phrase(phrase, self.locale)
    }

    /// Whether a text contains all of these phrases.
    pub(super) fn reads(&self, text: &str, phrases: &[&str]) -> bool {
        phrases.iter().all(|phrase| text.contains(self.phrase(phrase)))
    }

    fn says(&self, message: &Message, phrases: &[&str]) -> bool {
        self.reads(&plain_text(message), phrases)
    }

    /// Waits until `look` returns something. If it never does, the error contains `what`.
    pub(super) async fn until<T>(
        &self,
        what: &str,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T> {
        let Stage { slack, discord, cloud, .. } = &self.stage;
        let worlds = [slack.changes(), discord.changes(), cloud.changes()];
        let seen = changes::until(&worlds, TIMEOUT, || look(self)).await;
        seen.with_context(|| format!("never seen in {} s: {what}", TIMEOUT.as_secs()))
    }

    /// The card in the channel whose text contains all of `words`.
    pub(super) async fn card(&self, words: &[&str]) -> Result<Message> {
        self.until(&format!("a card in the channel that says {words:?}"), |scene| scene.find(words))
            .await
    }

    /// As above, if it is there now.
    pub(super) fn find(&self, words: &[&str]) -> Option<Message> {
        let messages = self.stage.slack.messages(CHANNEL);
        messages.into_iter().rev().find(|message| self.says(message, words))
    }

    /// The card at `ts`, once it contains all of `words`.
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

    /// A private message to `user`, after the `count` that they had before.
    pub(super) async fn private(&self, user: &str, count: usize, words: &[&str]) -> Result<String> {
        self.until(&format!("a private answer to {user} that says {words:?}"), |scene| {
            let answers = scene.stage.slack.ephemerals(user);
            answers.iter().skip(count).find(|message| scene.says(message, words)).map(plain_text)
        })
        .await
    }

    pub(super) async fn types(&self, user: &str, line: &str) -> Result<()> {
        let typed = self.stage.slack.run_command(user, CHANNEL, line).await;
        typed.map(drop).with_context(|| format!("{user} could not type {line}"))
    }

    /// Presses a button on the card at `ts`.
    pub(super) async fn presses(&self, user: &str, ts: &str, button: &str) -> Result<()> {
        let pressed = self.stage.slack.press(user, CHANNEL, ts, self.phrase(button)).await;
        pressed.map(drop).with_context(|| format!("{user} could not press {button}"))
    }

    /// Presses a button, and returns the private answer.
    pub(super) async fn is_reported(
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

    /// The commands of one operation and one run that AWS received.
    pub(super) fn commands(&self, operation: &str, run: &str) -> Vec<CommandView> {
        observe::commands(&self.stage.cloud, &format!("patchbot:{run}:"), operation)
    }

    /// What both channels show now, to help find out why a step was not seen.
    pub(super) fn transcript(&self) -> String {
        let Stage { slack, discord, cloud, .. } = &self.stage;
        observe::transcript((slack, CHANNEL), (discord, DISCORD_CHANNEL), cloud)
    }
}

/// Whether the card has a button with this label.
pub(super) fn has_button(message: &Message, label: &str) -> bool {
    observe::buttons(&plain_text(message)).iter().any(|button| button == label)
}
