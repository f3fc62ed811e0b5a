//! What people can read on the stage, and what AWS received.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use simulators::aws::CommandView;
use simulators::slack::{Message, plain_text};
use simulators::{changes, observe};

use super::bot::{ADDRESSES, SECRETS};
use super::people::{AIKO, BEN, CHANNEL, DISCORD_CHANNEL, HANA, OMAR};
use super::stage::Stage;

/// How long something may take to appear, in real time.
const PATIENCE: Duration = Duration::from_secs(60);

impl Stage {
    /// Calls `look` at once and after every change of the world until it finds something. If it
    /// never does, the error says what there was instead.
    pub async fn until<T>(&self, what: &str, look: impl FnMut(&Self) -> Option<T>) -> Result<T> {
        self.until_within(PATIENCE, what, look).await
    }

    /// As [`Stage::until`], for what takes longer.
    pub async fn until_within<T>(
        &self,
        patience: Duration,
        what: &str,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T> {
        let worlds = [
            self.slack.changes(),
            self.discord.changes(),
            self.cloud.changes(),
            self.log.changes(),
        ];
        let seen = changes::until(&worlds, patience, || look(self)).await;
        seen.with_context(|| {
            format!("{what}: not seen in {} s\n{}", patience.as_secs(), self.transcript())
        })
    }

    /// The newest card in the channel that contains all of `words`.
    pub async fn card(&self, words: &[&str]) -> Result<Message> {
        self.until(&format!("a card that says {words:?}"), |stage| {
            stage.slack.messages(CHANNEL).into_iter().rev().find(|card| says(card, words))
        })
        .await
    }

    /// The card at `ts`, once it contains all of `words`.
    pub async fn card_becomes(&self, ts: &str, words: &[&str]) -> Result<Message> {
        self.until(&format!("the card {ts} saying {words:?}"), |stage| {
            stage.slack.message(CHANNEL, ts).filter(|card| says(card, words))
        })
        .await
    }

    /// A line in the thread below `ts`.
    pub async fn thread_line(&self, ts: &str, words: &[&str]) -> Result<String> {
        self.until(&format!("a line in the thread that says {words:?}"), |stage| {
            let thread = stage.slack.thread(CHANNEL, ts);
            thread.iter().find(|line| says(line, words)).map(plain_text)
        })
        .await
    }

    /// How many lines of the thread below `ts` contain all of `words`.
    pub fn thread_lines(&self, ts: &str, words: &[&str]) -> usize {
        self.slack.thread(CHANNEL, ts).iter().filter(|line| says(line, words)).count()
    }

    /// What only `user` reads, after `before` private messages that they had already.
    pub async fn private_answer(
        &self,
        user: &str,
        before: usize,
        words: &[&str],
    ) -> Result<String> {
        self.until(&format!("a private answer to {user} that says {words:?}"), |stage| {
            let answers = stage.slack.ephemerals(user);
            answers.iter().skip(before).find(|answer| says(answer, words)).map(plain_text)
        })
        .await
    }

    /// The commands of one operation that AWS received for a run.
    pub fn commands(&self, run: &str, operation: &str) -> Vec<CommandView> {
        observe::commands(&self.cloud, &format!("patchbot:{run}:"), operation)
    }

    /// The nodes of a patch group, in the order in which waves take them.
    pub fn nodes_of(&self, group: &str) -> Vec<String> {
        let nodes = self.cloud.nodes().into_iter();
        let ours = nodes.filter(|node| node.patch_group.as_deref() == Some(group));
        let mut ids: Vec<String> = ours.map(|node| node.id).collect();
        ids.sort();
        ids
    }

    /// Waits until AWS has received this many Installs for a run.
    pub async fn installs(&self, run: &str, count: usize) -> Result<Vec<CommandView>> {
        self.until(&format!("{count} Installs of {run} at AWS"), |stage| {
            let installs = stage.commands(run, "Install");
            (installs.len() >= count).then_some(installs)
        })
        .await
    }

    /// Checks that every node of the run got exactly one Install.
    pub fn each_installed_once(&self, run: &str, nodes: usize) -> Result<()> {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for command in self.commands(run, "Install") {
            for node in command.instance_ids {
                *times.entry(node).or_default() += 1;
            }
        }
        ensure!(times.len() == nodes, "{run} installed on {} of {nodes} nodes", times.len());
        for (node, sent) in times {
            ensure!(sent == 1, "{node} was sent {sent} Installs by {run}");
            let done = self.cloud.installs_of(&node).len();
            ensure!(done == 1, "{node} went through {done} Installs");
        }
        Ok(())
    }

    /// What holds at the end of every story: no message is posted twice, AWS received nothing
    /// twice, Slack had nothing to refuse, and no log and no store contains a secret.
    pub fn is_clean(&self) -> Result<()> {
        self.is_clean_but_for(&[])
    }

    /// As [`Stage::is_clean`], except for expected complaints of Slack: those that contain any of
    /// the words.
    pub fn is_clean_but_for(&self, excused: &[&str]) -> Result<()> {
        let mut keys: BTreeMap<String, usize> = BTreeMap::new();
        for card in self.slack.messages(CHANNEL) {
            let lines = self.slack.thread(CHANNEL, &card.ts);
            for key in [card].iter().chain(&lines).filter_map(key) {
                *keys.entry(key).or_default() += 1;
            }
        }
        for card in self.discord.messages(DISCORD_CHANNEL) {
            for key in card.embeds.iter().filter_map(|embed| embed["footer"]["text"].as_str()) {
                *keys.entry(format!("{key} in Discord")).or_default() += 1;
            }
        }
        for (key, count) in keys {
            ensure!(count == 1, "{key} hangs {count} times in the channel\n{}", self.transcript());
        }
        let mut snapshots: BTreeMap<String, String> = BTreeMap::new();
        for command in self.cloud.commands() {
            let id = command.parameters.get("SnapshotId").and_then(|values| values.first());
            let id = id.with_context(|| format!("{} has no snapshot id", command.comment))?;
            let other = snapshots.insert(id.clone(), command.comment.clone());
            // A scheduled scan changes nothing, so it is sent again if it is uncertain whether it
            // arrived.
            let may_repeat = command.comment.starts_with("patchbot:scan:");
            ensure!(may_repeat || other.is_none(), "AWS received {} twice", command.comment);
        }
        // If the test moves time by hand, half an hour may pass while a client waits for a second
        // of real time: an answer that is late by that clock says nothing about the bot.
        let by_hand = self.clock.speed() == 0.0;
        let mut complaints = self.slack.complaints();
        complaints.retain(|complaint| !(by_hand && complaint.contains("expired_url")));
        complaints.retain(|complaint| !excused.iter().any(|words| complaint.contains(words)));
        ensure!(complaints.is_empty(), "Slack complains: {}", complaints.join("; "));
        let complaints = self.discord.complaints();
        ensure!(complaints.is_empty(), "Discord complains: {}", complaints.join("; "));
        self.holds_no_secret()
    }

    fn holds_no_secret(&self) -> Result<()> {
        let log = self.logged();
        for secret in SECRETS.into_iter().chain(ADDRESSES) {
            let line = log.lines().find(|line| line.contains(secret));
            ensure!(line.is_none(), "a log line holds {secret}: {line:?}");
        }
        for file in files(&self.store())? {
            // The socket for exports.
            if !file.is_file() {
                continue;
            }
            let bytes = std::fs::read(&file).context("failed to read the store")?;
            let text = String::from_utf8_lossy(&bytes);
            for secret in SECRETS {
                ensure!(!text.contains(secret), "{} holds {secret}", file.display());
            }
        }
        Ok(())
    }

    /// Everything that is visible now, for the person who has to find out why something did not
    /// appear.
    pub fn transcript(&self) -> String {
        let (slack, discord) = (&self.slack, &self.discord);
        let mut text =
            observe::transcript((slack, CHANNEL), (discord, DISCORD_CHANNEL), &self.cloud);
        for user in [HANA, AIKO, BEN, OMAR] {
            for answer in slack.ephemerals(user).iter().rev().take(4).rev() {
                observe::quote(&mut text, &format!("  {user} "), &plain_text(answer));
            }
        }
        let log = self.logged();
        let lines: Vec<&str> = log.lines().collect();
        let newest = lines.get(lines.len().saturating_sub(30)..).unwrap_or_default();
        text.push_str(&format!("The end of the log:\n{}\n", newest.join("\n")));
        text
    }
}

/// Whether a message contains all of `words`.
pub fn says(message: &Message, words: &[&str]) -> bool {
    observe::says(&plain_text(message), words)
}

/// The key under which the bot posted a message.
pub fn key(message: &Message) -> Option<String> {
    let payload = message.metadata.as_ref()?.get("event_payload")?;
    payload.get("key")?.as_str().map(str::to_owned)
}

/// The labels of a message's buttons.
pub fn buttons(message: &Message) -> Vec<String> {
    observe::buttons(&plain_text(message))
}

fn files(folder: &std::path::Path) -> Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).context("failed to list the store")? {
            let path = entry.context("failed to list the store")?.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    Ok(found)
}
