//! What people and tests can see.

use std::time::Duration;

use serde_json::Value;

use super::message::{Message, View};
use super::record::Call;
use super::{Channel, Command, Person, UserGroup, Workspace};

/// How long [`Workspace::until`] waits in real time before it gives up.
const PATIENCE: Duration = Duration::from_secs(20);

impl Workspace {
    /// The people, including the app's bot user.
    pub fn people(&self) -> Vec<Person> {
        self.look().people.clone()
    }

    /// The channels, including direct messages.
    pub fn channels(&self) -> Vec<Channel> {
        self.look().channels.clone()
    }

    /// The user groups.
    pub fn groups(&self) -> Vec<UserGroup> {
        self.look().groups.clone()
    }

    /// The slash commands.
    pub fn commands(&self) -> Vec<Command> {
        self.look().commands.clone()
    }

    /// The messages of the channel itself, the oldest first.
    pub fn messages(&self, channel: &str) -> Vec<Message> {
        let world = self.look();
        let all = world.messages.iter();
        all.filter(|message| message.channel == channel && message.is_top_level())
            .cloned()
            .collect()
    }

    /// The replies to a message, the oldest first, without the message itself.
    pub fn thread(&self, channel: &str, ts: &str) -> Vec<Message> {
        let world = self.look();
        let all = world.messages.iter();
        all.filter(|message| message.channel == channel && message.is_reply_to(ts))
            .cloned()
            .collect()
    }

    /// The current content of a message.
    pub fn message(&self, channel: &str, ts: &str) -> Option<Message> {
        self.look().message(channel, ts).cloned()
    }

    /// The messages that only this person sees, the oldest first.
    pub fn ephemerals(&self, user: &str) -> Vec<Message> {
        let world = self.look();
        let all = world.ephemerals.iter();
        all.filter(|message| message.only_for.as_deref() == Some(user)).cloned().collect()
    }

    /// The direct messages between the app and this person.
    pub fn direct_messages(&self, user: &str) -> Vec<Message> {
        let found = {
            let world = self.look();
            let mut all = world.channels.iter();
            all.find(|channel| channel.is_im && channel.has(user)).map(|channel| channel.id.clone())
        };
        found.map(|channel| self.messages(&channel)).unwrap_or_default()
    }

    /// The modals on this person's screen, the topmost last.
    pub fn open_views(&self, user: &str) -> Vec<View> {
        let world = self.look();
        world.modals.iter().filter(|view| view.user == user).cloned().collect()
    }

    /// This person's App Home, if the app has published one.
    pub fn home(&self, user: &str) -> Option<View> {
        self.look().homes.get(user).cloned()
    }

    /// Every call of the Web API and of the hooks, the oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.look().calls.clone()
    }

    /// What the app did that no app should do. A test ends by checking that there is nothing.
    pub fn complaints(&self) -> Vec<String> {
        self.look().complaints.clone()
    }

    /// What this person waits for while a client shows a spinner: a command line, a view's id, or a
    /// message's ts with an action id.
    pub(crate) fn waits_of(&self, user: &str) -> Vec<String> {
        let world = self.look();
        let mine = world.busy.iter().filter(|(who, _)| who == user);
        mine.map(|(_, what)| what.clone()).collect()
    }

    /// Calls `look` at once and after every change, until it finds something. Returns `None` after
    /// 20 s of real time.
    pub async fn until<T>(&self, mut look: impl FnMut(&Self) -> Option<T>) -> Option<T> {
        self.changes().until(PATIENCE, || look(self)).await
    }
}

/// What a person would read: the text of the blocks, or the fallback text if there are none.
pub fn plain_text(message: &Message) -> String {
    if message.blocks.is_empty() {
        message.text.clone()
    } else {
        plain_text_of_blocks(&message.blocks)
    }
}

/// The text of the blocks, one line for each block or element. Labels of buttons are in brackets.
pub fn plain_text_of_blocks(blocks: &[Value]) -> String {
    let mut lines = Vec::new();
    for block in blocks {
        match block.get("type").and_then(Value::as_str) {
            Some("table") => table(block, &mut lines),
            Some("data_visualization") => chart(block, &mut lines),
            _ => walk(block, &mut lines),
        }
    }
    lines.join("\n")
}

fn table(block: &Value, lines: &mut Vec<String>) {
    for row in block.get("rows").and_then(Value::as_array).into_iter().flatten() {
        let cells = row.as_array().into_iter().flatten().map(|cell| {
            let mut words = Vec::new();
            walk(cell, &mut words);
            words.join(" ")
        });
        lines.push(cells.collect::<Vec<_>>().join(" | "));
    }
}

fn chart(block: &Value, lines: &mut Vec<String>) {
    lines.extend(block.get("title").and_then(Value::as_str).map(str::to_owned));
    let chart = block.get("chart").unwrap_or(&Value::Null);
    let list = |of: &Value, name: &str| of.get(name).and_then(Value::as_array).cloned();
    for segment in list(chart, "segments").unwrap_or_default() {
        lines.push(pair(&segment));
    }
    for series in list(chart, "series").unwrap_or_default() {
        let name = series.get("name").and_then(Value::as_str).unwrap_or_default();
        let data: Vec<String> =
            list(&series, "data").unwrap_or_default().iter().map(pair).collect();
        lines.push(format!("{name}: {}", data.join(", ")));
    }
}

fn pair(point: &Value) -> String {
    let label = point.get("label").and_then(Value::as_str).unwrap_or_default();
    format!("{label} {}", point.get("value").unwrap_or(&Value::Null))
}

/// In reading order.
const PARTS: [&str; 12] = [
    "title",
    "label",
    "text",
    "fields",
    "accessory",
    "element",
    "elements",
    "placeholder",
    "options",
    "hint",
    "description",
    "alt_text",
];

fn walk(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::String(text) => lines.push(text.clone()),
        Value::Array(items) => {
            for item in items {
                walk(item, lines);
            }
        }
        Value::Object(object) => {
            let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
            if kind == "button" {
                lines.push(format!("[{}]", super::user_actions::label_of(value)));
                return;
            }
            if kind.starts_with("rich_text_") && kind != "rich_text_list" {
                lines.push(rich(object.get("elements")));
                return;
            }
            for part in PARTS {
                if let Some(part) = object.get(part) {
                    walk(part, lines);
                }
            }
        }
        _ => {}
    }
}

/// The inline elements of rich text, on one line.
fn rich(elements: Option<&Value>) -> String {
    let word = |element: &Value| {
        let names = ["text", "user_id", "usergroup_id", "channel_id", "name", "url", "fallback"];
        let found = names.iter().find_map(|&name| element.get(name).and_then(Value::as_str));
        found.unwrap_or_default().to_owned()
    };
    elements.and_then(Value::as_array).into_iter().flatten().map(word).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn blocks_are_read_from_top_to_bottom() {
        let blocks = [
            json!({ "type": "header", "text": { "type": "plain_text", "text": "Plan" } }),
            json!({ "type": "section", "fields": [{ "type": "mrkdwn", "text": "*Nodes* 3" }] }),
            json!({ "type": "table", "rows": [
                [{ "type": "raw_text", "text": "a" }, { "type": "raw_text", "text": "b" }],
            ] }),
            json!({ "type": "actions", "elements": [
                { "type": "button", "text": { "type": "plain_text", "text": "Approve" } },
            ] }),
        ];
        assert_eq!(plain_text_of_blocks(&blocks), "Plan\n*Nodes* 3\na | b\n[Approve]");
    }
}
