//! Observation of several worlds at once.

use std::fmt::Write;

use crate::aws::{Cloud, CommandView};
use crate::discord::{self, Discord};
use crate::slack::{self, Workspace};

/// How many lines of a message [`quote`] shows.
const LINES: usize = 14;

/// Whether `text` contains all of `words`.
pub fn says(text: &str, words: &[&str]) -> bool {
    words.iter().all(|word| text.contains(word))
}

/// The labels of the buttons in the plain text of a message, from top to bottom.
pub fn buttons(text: &str) -> Vec<String> {
    let label = |line: &str| Some(line.strip_prefix('[')?.strip_suffix(']')?.to_owned());
    text.lines().filter_map(label).collect()
}

/// The commands that AWS received whose comment begins with `mark` and whose `Operation` is
/// `operation`.
pub fn commands(cloud: &Cloud, mark: &str, operation: &str) -> Vec<CommandView> {
    let is_meant = |command: &CommandView| {
        let given = command.parameters.get("Operation").and_then(|values| values.first());
        command.comment.starts_with(mark) && given.is_some_and(|given| given == operation)
    };
    cloud.commands().into_iter().filter(is_meant).collect()
}

/// One channel of each platform with its threads, what AWS received, and the complaints of the
/// platforms: for the person who has to find out why something did not appear.
pub fn transcript(
    (slack, slack_channel): (&Workspace, &str),
    (discord, discord_channel): (&Discord, &str),
    cloud: &Cloud,
) -> String {
    let mut text = String::from("In Slack:\n");
    for card in slack.messages(slack_channel) {
        quote(&mut text, "  ", &slack::plain_text(&card));
        for line in slack.thread(slack_channel, &card.ts) {
            quote(&mut text, "      > ", &slack::plain_text(&line));
        }
    }
    text.push_str("In Discord:\n");
    for card in discord.messages(discord_channel) {
        quote(&mut text, "  ", &discord::plain_text(&card));
        for line in discord.messages(&card.id) {
            quote(&mut text, "      > ", &discord::plain_text(&line));
        }
    }
    for command in cloud.commands() {
        append(&mut text, format_args!("AWS: {} {}", command.comment, command.status));
    }
    for complaint in slack.complaints() {
        append(&mut text, format_args!("Slack complains: {complaint}"));
    }
    for complaint in discord.complaints() {
        append(&mut text, format_args!("Discord complains: {complaint}"));
    }
    text
}

/// Appends the first lines of a message, each after `indent`.
pub fn quote(text: &mut String, indent: &str, message: &str) {
    for line in message.lines().take(LINES) {
        append(text, format_args!("{indent}{line}"));
    }
    append(text, format_args!("{indent}--"));
}

fn append(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{line}");
}
