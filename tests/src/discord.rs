//! What people can read in Discord, and what they do there.

use anyhow::{Context, Result};
use simulators::discord::{Message, Receipt, plain_text};
use simulators::observe;

use super::people::{DISCORD_CHANNEL, in_discord};
use super::stage::Stage;

impl Stage {
    /// The newest card in the Discord channel that contains all of `words`.
    pub async fn card_in_discord(&self, words: &[&str]) -> Result<Message> {
        self.until(&format!("a card in Discord that says {words:?}"), |stage| {
            let cards = stage.discord.messages(DISCORD_CHANNEL);
            cards.into_iter().rev().find(|card| says_in_discord(card, words))
        })
        .await
    }

    /// The card with this id in Discord, once it contains all of `words`.
    pub async fn card_becomes_in_discord(&self, id: &str, words: &[&str]) -> Result<Message> {
        self.until(&format!("the card {id} in Discord saying {words:?}"), |stage| {
            stage.discord.message(DISCORD_CHANNEL, id).filter(|card| says_in_discord(card, words))
        })
        .await
    }

    /// How many lines of the thread below the card with this id contain all of `words`.
    pub fn thread_lines_in_discord(&self, id: &str, words: &[&str]) -> usize {
        self.discord.messages(id).iter().filter(|line| says_in_discord(line, words)).count()
    }

    /// A line in the thread below a card in Discord.
    pub async fn thread_line_in_discord(&self, id: &str, words: &[&str]) -> Result<()> {
        self.until(&format!("a line in Discord's thread that says {words:?}"), |stage| {
            (stage.thread_lines_in_discord(id, words) > 0).then_some(())
        })
        .await
    }

    /// What only this person reads in Discord. People are named by their ids in Slack.
    pub async fn private_answer_in_discord(&self, user: &str, words: &[&str]) -> Result<String> {
        self.private_answer_in_discord_after(user, 0, words).await
    }

    /// The same, after `before` private messages that they had already.
    pub async fn private_answer_in_discord_after(
        &self,
        user: &str,
        before: usize,
        words: &[&str],
    ) -> Result<String> {
        let id = in_discord(user);
        self.until(&format!("a private answer in Discord to {user} that says {words:?}"), |stage| {
            let answers = stage.discord.ephemerals(&id);
            answers
                .iter()
                .skip(before)
                .find(|answer| says_in_discord(answer, words))
                .map(plain_text)
        })
        .await
    }

    /// Types a command in Discord, and presses the button of the private card that answers it.
    pub async fn types_and_presses_in_discord(
        &self,
        user: &str,
        line: &str,
        button: &str,
    ) -> Result<()> {
        let id = in_discord(user);
        let before = self.discord.ephemerals(&id).len();
        self.types_in_discord(user, line).await?;
        let asked = self
            .until(&format!("a private card with {button} in Discord"), |stage| {
                let told = stage.discord.ephemerals(&id);
                told.into_iter()
                    .skip(before)
                    .find(|card| says_in_discord(card, &["yet", &format!("[{button}]")]))
            })
            .await?;
        self.presses_in_discord(user, &asked.id, button).await.map(drop)
    }

    /// Types `reject` in Discord, presses the button of the answer, and enters the reason in its
    /// dialog.
    pub async fn rejects_in_discord(&self, user: &str, run: &str, reason: &str) -> Result<()> {
        let line = format!("/patch reject run:{run} reason:{reason}");
        self.types_and_presses_in_discord(user, &line, "Reject…").await?;
        self.gives_reason_in_discord(user, reason).await
    }

    /// Enters the reason in the dialog that is open on this person's screen in Discord, and submits
    /// it.
    pub async fn gives_reason_in_discord(&self, user: &str, reason: &str) -> Result<()> {
        let id = in_discord(user);
        let modal =
            self.until("a dialog in Discord", |stage| stage.discord.open_modals(&id).pop()).await?;
        let sent = self.discord.submit(&id, &modal.id, &[("reason", reason)]).await;
        sent.map(drop).context("the dialog could not be sent")
    }

    /// Presses Approve for production in Discord, and confirms the question that follows. Returns
    /// the message of the question, which the answer replaces.
    pub async fn confirms_in_discord(&self, user: &str, id: &str) -> Result<Message> {
        let question = self.question_in_discord(user, id).await?;
        self.presses_in_discord(user, &question.id, "Yes, approve").await?;
        Ok(question)
    }

    /// Presses Approve for production in Discord, and returns the question that follows.
    pub async fn question_in_discord(&self, user: &str, id: &str) -> Result<Message> {
        let id_in_discord = in_discord(user);
        let known: Vec<String> =
            self.discord.ephemerals(&id_in_discord).into_iter().map(|one| one.id).collect();
        self.presses_in_discord(user, id, "Approve").await?;
        self.until(&format!("the question to {user} in Discord"), |stage| {
            let answers = stage.discord.ephemerals(&id_in_discord).into_iter();
            answers.filter(|one| !known.contains(&one.id)).find(|one| {
                says_in_discord(
                    one,
                    &["Your vote is not counted yet", "[Yes, approve]", "[No, cancel]"],
                )
            })
        })
        .await
    }

    /// Types a command in Discord.
    pub async fn types_in_discord(&self, user: &str, line: &str) -> Result<()> {
        let typed = self.discord.run_command(&in_discord(user), DISCORD_CHANNEL, line).await;
        typed.map(drop).with_context(|| format!("{user} could not type {line:.60} in Discord"))
    }

    /// Presses a button that the card in Discord has now.
    pub async fn presses_in_discord(&self, user: &str, id: &str, button: &str) -> Result<Receipt> {
        let pressed = self.discord.press(&in_discord(user), DISCORD_CHANNEL, id, button).await;
        pressed.with_context(|| format!("{user} could not press {button} in Discord"))
    }
}

/// Whether a message in Discord contains all of `words`.
pub fn says_in_discord(message: &Message, words: &[&str]) -> bool {
    observe::says(&plain_text(message), words)
}
