//! What somebody in the Discord channel can see and do.

use anyhow::{Context, Result};
use simulators::discord::{Message, plain_text};

use super::super::cast::{GUILD, ROOM};
use super::eyes::Scene;

impl Scene {
    /// Waits until the bot hears people in Discord, and has said what they can type there.
    pub(super) async fn discord_is_heard(&self) -> Result<()> {
        self.until("the bot listening in Discord", |scene| {
            let discord = &scene.stage.discord;
            (discord.sessions() > 0 && !discord.commands(Some(GUILD)).is_empty()).then_some(())
        })
        .await
    }

    /// The newest card in the Discord channel whose words hold all of `words`.
    pub(super) async fn card_there(&self, words: &[&str]) -> Result<Message> {
        self.until(&format!("a card in Discord that says {words:?}"), |scene| {
            let messages = scene.stage.discord.messages(ROOM);
            messages.into_iter().rev().find(|message| scene.says_there(message, words))
        })
        .await
    }

    /// The card `id`, once it says all of `words`.
    pub(super) async fn turns_into_there(&self, id: &str, words: &[&str]) -> Result<Message> {
        self.until(&format!("the card {id} in Discord saying {words:?}"), |scene| {
            let message = scene.stage.discord.message(ROOM, id);
            message.filter(|message| scene.says_there(message, words))
        })
        .await
    }

    /// A line in the thread under the card `id`.
    pub(super) async fn line_there(&self, id: &str, words: &[&str]) -> Result<String> {
        self.until(&format!("a line in the Discord thread that says {words:?}"), |scene| {
            let lines = scene.stage.discord.messages(id);
            lines.iter().find(|message| scene.says_there(message, words)).map(plain_text)
        })
        .await
    }

    /// Presses a button in Discord, and gives the private answer.
    pub(super) async fn is_told_there(
        &self,
        user: &str,
        id: &str,
        button: &str,
        words: &[&str],
    ) -> Result<String> {
        let before = self.stage.discord.ephemerals(user).len();
        let pressed = self.stage.discord.press(user, ROOM, id, self.phrase(button)).await;
        pressed.with_context(|| format!("{user} could not press {button} in Discord"))?;
        self.until(&format!("a private answer in Discord to {user} that says {words:?}"), |scene| {
            let answers = scene.stage.discord.ephemerals(user);
            let mut new = answers.iter().skip(before);
            new.find(|message| scene.says_there(message, words)).map(plain_text)
        })
        .await
    }
}

impl Scene {
    fn says_there(&self, message: &Message, words: &[&str]) -> bool {
        self.reads(&plain_text(message), words)
    }

    /// Presses Approve in production, reads the question, says yes, and gives what stands in its
    /// place then.
    pub(super) async fn is_sure_there(
        &self,
        user: &str,
        id: &str,
        words: &[&str],
    ) -> Result<String> {
        self.is_told_there(user, id, "Approve", &["Nothing is counted yet", "[Yes, approve]"])
            .await?;
        let discord = &self.stage.discord;
        let question = discord.ephemerals(user).pop().context("the question is gone")?.id;
        let pressed = discord.press(user, ROOM, &question, self.phrase("Yes, approve")).await;
        pressed.with_context(|| format!("{user} could not say yes in Discord"))?;
        self.until(&format!("{words:?} in place of the question to {user}"), |scene| {
            let stands = scene.stage.discord.message(ROOM, &question);
            stands
                .filter(|message| scene.says_there(message, words))
                .map(|message| plain_text(&message))
        })
        .await
    }
}
