//! Actions of people on the stage.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use simulators::seed::{REGION, VERIFICATION};
use simulators::slack::Receipt;

use super::bot::BOT_TOKEN;
use super::people::CHANNEL;
use super::says;
use super::stage::Stage;

impl Stage {
    /// Types a command.
    pub async fn types(&self, user: &str, line: &str) -> Result<Receipt> {
        let typed = self.slack.run_command(user, CHANNEL, line).await;
        typed.with_context(|| format!("{user} could not type {line:.60}"))
    }

    /// Types a command and returns the private answer that contains all of `words`.
    pub async fn types_and_reads(&self, user: &str, line: &str, words: &[&str]) -> Result<String> {
        let before = self.slack.ephemerals(user).len();
        self.types(user, line).await?;
        self.private_answer(user, before, words).await
    }

    /// Types a command, and presses the button of the private card that answers it.
    pub async fn types_and_presses(
        &self,
        user: &str,
        line: &str,
        words: &[&str],
        button: &str,
    ) -> Result<()> {
        let before = self.slack.ephemerals(user).len();
        self.types(user, line).await?;
        let asked = self
            .until(&format!("a private card to {user} that says {words:?}"), |stage| {
                let told = stage.slack.ephemerals(user);
                told.into_iter().skip(before).find(|card| says(card, words))
            })
            .await?;
        self.presses(user, &asked.ts, button).await.map(drop)
    }

    /// Types `resume`, presses the button of the answer, and enters the reason in its dialog.
    pub async fn resumes(&self, user: &str, reason: &str) -> Result<()> {
        let words = ["Nothing is resumed yet", reason];
        self.types_and_presses(user, &format!("/patch resume {reason}"), &words, "Resume…").await?;
        self.gives_reason(user, reason).await
    }

    /// Presses a button that the card has now.
    pub async fn presses(&self, user: &str, ts: &str, button: &str) -> Result<Receipt> {
        let pressed = self.slack.press(user, CHANNEL, ts, button).await;
        pressed.with_context(|| format!("{user} could not press {button}"))
    }

    /// Presses a button and returns the private answer that contains all of `words`.
    pub async fn presses_and_reads(
        &self,
        user: &str,
        ts: &str,
        button: &str,
        words: &[&str],
    ) -> Result<String> {
        let before = self.slack.ephemerals(user).len();
        self.presses(user, ts, button).await?;
        self.private_answer(user, before, words).await
    }

    /// Presses a button that the card no longer has, and returns the private answer.
    pub async fn presses_stale_and_reads(
        &self,
        user: &str,
        ts: &str,
        button: &str,
        words: &[&str],
    ) -> Result<String> {
        let before = self.slack.ephemerals(user).len();
        let pressed = self.slack.press_stale(user, CHANNEL, ts, button).await;
        pressed.with_context(|| format!("{user} could not press the old {button}"))?;
        self.private_answer(user, before, words).await
    }

    /// Enters the reason in the dialog that is open on this person's screen, and submits it.
    pub async fn gives_reason(&self, user: &str, reason: &str) -> Result<()> {
        self.fills_in(user, &[("reason", reason)]).await
    }

    /// Fills in the dialog that is open on this person's screen, and submits it.
    pub async fn fills_in(&self, user: &str, values: &[(&str, &str)]) -> Result<()> {
        let view = self
            .until(&format!("a dialog on {user}'s screen"), |stage| {
                stage.slack.open_views(user).pop()
            })
            .await?;
        let sent = self.slack.submit(user, &view.id, values).await;
        sent.map(drop).with_context(|| format!("{user} could not send the dialog"))
    }

    /// Sends a command as a person with a console would, without any mark of ours. Returns its id.
    pub async fn sends_by_hand(&self, operation: &str, nodes: &[String]) -> Result<String> {
        let snapshot = format!("0b4f6c1e-9d3a-4f27-8c55-{:012}", self.cloud.commands().len());
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIASIM{VERIFICATION}/20261123/{REGION}/ssm/aws4_request, \
             SignedHeaders=host, Signature=0"
        );
        let input = json!({
            "DocumentName": "AWS-RunPatchBaseline", "InstanceIds": nodes, "Comment": "by hand",
            "Parameters": {
                "Operation": [operation], "SnapshotId": [snapshot],
            },
        });
        let answer = reqwest::Client::new()
            .post(&self.aws_url)
            .header("x-amz-target", "AmazonSSM.SendCommand")
            .header("content-type", "application/x-amz-json-1.1")
            .header("authorization", authorization)
            .body(input.to_string())
            .send()
            .await
            .context("failed to reach AWS")?;
        let answer: Value = answer.json().await.context("AWS gave no JSON")?;
        let id = answer["Command"]["CommandId"].as_str();
        id.map(str::to_owned).with_context(|| format!("AWS refused the command: {answer}"))
    }

    /// Posts a card that looks like one of ours, with a button of this value, and returns its ts.
    /// Anybody with the bot's token could do that, and older versions did.
    pub async fn forges_card(&self, value: &str) -> Result<String> {
        let body = json!({
            "channel": CHANNEL, "text": "An old card",
            "blocks": [{ "type": "actions", "elements": [{
                "type": "button", "action_id": "press-0", "value": value,
                "text": { "type": "plain_text", "text": "Approve" },
            }] }],
        });
        let answer = reqwest::Client::new()
            .post(format!("{}/api/chat.postMessage", self.slack_url))
            .bearer_auth(BOT_TOKEN)
            .json(&body)
            .send()
            .await
            .context("failed to reach Slack")?;
        let answer: Value = answer.json().await.context("Slack gave no JSON")?;
        ensure!(answer["ok"] == true, "Slack refused the card: {answer}");
        answer["ts"].as_str().map(str::to_owned).context("a message without a ts")
    }
}
