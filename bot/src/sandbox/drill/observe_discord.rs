//! What a person in the Discord channel can see and do.

use anyhow::{Context, Result};
use simulators::discord::{Message, plain_text};

use super::super::cast::{DISCORD_CHANNEL, GUILD};
use super::observe::Scene;

impl Scene {
    /// Waits until the bot is connected to Discord and has registered its command.
    pub(super) async fn discord_is_connected(&self) -> Result<()> {
        self.until("the bot listening in Discord", |scene| {
            let discord = &scene.stage.discord;
            (discord.sessions() > 0 && !discord.commands(Some(GUILD)).is_empty()).then_some(())
        })
        .await
    }

    /// The newest card in the Discord channel whose text contains all of `words`.
    pub(super) async fn discord_card(&self, words: &[&str]) -> Result<Message> {
        self.until(&format!("a card in Discord that says {words:?}"), |scene| {
            let messages = scene.stage.discord.messages(DISCORD_CHANNEL);
            messages.into_iter().rev().find(|message| scene.discord_says(message, words))
        })
        .await
    }

    /// The card `id`, once it contains all of `words`.
    pub(super) async fn discord_card_becomes(&self, id: &str, words: &[&str]) -> Result<Message> {
        self.until(&format!("the card {id} in Discord saying {words:?}"), |scene| {
            let message = scene.stage.discord.message(DISCORD_CHANNEL, id);
            message.filter(|message| scene.discord_says(message, words))
        })
        .await
    }

    /// A line in the thread under the card `id`.
    pub(super) async fn discord_line(&self, id: &str, words: &[&str]) -> Result<String> {
        self.until(&format!("a line in the Discord thread that says {words:?}"), |scene| {
            let lines = scene.stage.discord.messages(id);
            lines.iter().find(|message| scene.discord_says(message, words)).map(plain_text)
        })
        .await
    }

    /// Presses a button in Discord, and returns the private answer.
    pub(super) async fn answer_in_discord(
        &self,
        user: &str,
        id: &str,
        button: &str,
        words: &[&str],
    ) -> Result<String> {
        let before = self.stage.discord.ephemerals(user).len();
        let pressed =
            self.stage.discord.press(user, DISCORD_CHANNEL, id, self.phrase(button)).await;
        pressed.with_context(|| format!("{user} could not press {button} in Discord"))?;
        self.until(&format!("a private answer in Discord to {user} that says {words:?}"), |scene| {
            let answers = scene.stage.discord.ephemerals(user);
            let mut new = answers.iter().skip(before);
            new.find(|message| scene.discord_says(message, words)).map(plain_text)
        })
        .await
    }
}

impl Scene {
    fn discord_says(&self, message: &Message, words: &[&str]) -> bool {
        self.reads(&plain_text(message), words)
    }

    /// Presses Approve for production, reads the question, confirms, and returns what replaces the
    /// question.
    pub(super) async fn confirms_in_discord(
        &self,
        user: &str,
        id: &str,
        words: &[&str],
    ) -> Result<String> {
        self.answer_in_discord(
            user,
            id,
            "Approve",
            &["Your vote is not counted yet", "[Yes, approve]"],
        )
        .await?;
        let discord = &self.stage.discord;
        let question = discord.ephemerals(user).pop().context("the question is gone")?.id;
        let pressed =
            discord.press(user, DISCORD_CHANNEL, &question, self.phrase("Yes, approve")).await;
        pressed.with_context(|| format!("{user} could not say yes in Discord"))?;
        self.until(&format!("{words:?} in place of the question to {user}"), |scene| {
            let stands = scene.stage.discord.message(DISCORD_CHANNEL, &question);
            stands
                .filter(|message| scene.discord_says(message, words))
                .map(|message| plain_text(&message))
        })
        .await
    }
}
