//! A card as embeds and rows of buttons, and a line of text as the content of a message.
//!
//! Everything is cut to Discord's limits, with a visible mark where something is missing, so that
//! Discord refuses nothing for its size. Colour is never the only sign: the title repeats in words,
//! and with a mark, what the colour says.

use commands::environment::policy::Approver;
use commands::id::PersonRef;
use commands::text::wording::Locale;
use commands::text::{Span, Text};
use commands::view::form::{CONFIGURED, Field, FieldKind, Form};
use commands::view::{Block, Button, ButtonStyle, Card, Chart, Table, Tone};
use serde_json::{Value, json};

use super::markdown::markup;
use crate::chat::Directory;
use crate::chat::clamp::{Budget, clamp, length};
use crate::chat::words::{self, drill_mark, marker};

/// The limit for all embeds of a message together, in characters.
const EMBEDS: usize = 6_000;
const EMBEDS_IN_MESSAGE: usize = 10;
const TITLE: usize = 256;
const DESCRIPTION: usize = 4_096;
const FOOTER: usize = 2_048;
const CONTENT: usize = 2_000;
const LABEL: usize = 80;
/// The limit for the description of an attachment, in characters.
const ALT: usize = 1_024;
/// No name that can be chosen is longer.
const CHOICE: usize = 128;
const BUTTONS_IN_ROW: usize = 5;
const ROWS: usize = 5;
/// Keeps Discord from previewing a page whose address a person typed.
const SUPPRESS_EMBEDS: u64 = 1 << 2;
/// The file name of a message's picture.
pub const PICTURE: &str = "chart.png";

/// The file name of a message's table.
pub const REPORT: &str = "nodes.csv";

/// The reader of a card, and the form in which to render it.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The language of the words around the card's own.
    pub locale: Locale,
    /// The people whom a mention can reach.
    pub people: &'a Directory,
    /// Whether the card's first chart is sent along as a picture. Otherwise it is put into words.
    pub pictured: bool,
}

/// The chart of a card that can be drawn, and sent with it as [`PICTURE`].
pub fn chart(card: &Card) -> Option<&Chart> {
    card.blocks.iter().find_map(|block| match block {
        Block::Chart(chart) => Some(chart),
        Block::Text(_)
        | Block::Facts(_)
        | Block::Table(_)
        | Block::Progress(_)
        | Block::Note(_)
        | Block::Report(_)
        | Block::Divider => None,
    })
}

/// The table of a card that is attached to it in full, as [`REPORT`].
pub fn report(card: &Card) -> Option<&Table> {
    card.blocks.iter().find_map(|block| match block {
        Block::Report(table) => Some(table),
        Block::Text(_)
        | Block::Facts(_)
        | Block::Table(_)
        | Block::Chart(_)
        | Block::Progress(_)
        | Block::Note(_)
        | Block::Divider => None,
    })
}

/// A card as a message. The small print contains `key`, by which the bot finds its message again. A
/// private answer has none.
pub fn render(card: &Card, key: Option<&str>, look: &Look<'_>) -> Value {
    let mut sheet = Sheet::new(card, key, look);
    for block in &card.blocks {
        sheet.block(block);
    }
    sheet.finish(card, key)
}

/// A line as a message that may mention the people whom it names.
pub fn render_text(text: &Text, look: &Look<'_>) -> Value {
    let (mut users, mut roles) = (Vec::new(), Vec::new());
    for span in &text.0 {
        match span {
            Span::Person(person) => users.extend(look.people.discord_id(person)),
            Span::Group(group) => roles.extend(look.people.discord_role(group)),
            Span::Plain(_)
            | Span::Strong(_)
            | Span::Code(_)
            | Span::Time { .. }
            | Span::Link { .. }
            | Span::Break => {}
        }
    }
    json!({
        "content": filled(markup(text, look.people, CONTENT)),
        "allowed_mentions": allowed(users, roles),
        "flags": SUPPRESS_EMBEDS,
    })
}

/// The content that mentions those who are asked to decide: Discord notifies them, and nobody else.
pub fn call(approvers: &[Approver], people: &Directory) -> Option<Value> {
    let (mut users, mut roles) = (Vec::new(), Vec::new());
    for approver in approvers {
        match approver {
            Approver::Person(person) => users.extend(id_of(person, people)),
            Approver::Group(group) => roles.extend(people.discord_role(group).map(str::to_owned)),
        }
    }
    // Discord accepts at most a hundred of each, and no more than fit into a message.
    users.truncate(50);
    roles.truncate(20);
    let named = users.iter().map(|id| format!("<@{id}>"));
    let named: Vec<String> = named.chain(roles.iter().map(|id| format!("<@&{id}>"))).collect();
    (!named.is_empty())
        .then(|| json!({ "content": named.join(" "), "allowed_mentions": allowed(users, roles) }))
}

/// A dialog. Discord returns its `custom_id` unchanged.
pub fn dialog(form: &Form) -> Value {
    json!({
        "custom_id": form.press.token(),
        "title": clamp(&filled(form.title.clone()), 45),
        "components": form.fields.iter().map(input).collect::<Vec<_>>(),
    })
}

/// A row with one field: of one line (1) or of several (2). Discord's dialogs can contain lists by
/// now, but the library cannot read what was chosen there. So a choice is typed, and the hint names
/// the options.
fn input(field: &Field) -> Value {
    let (style, least, most, value) = match &field.kind {
        FieldKind::Text { long, least, most } => (if *long { 2 } else { 1 }, *least, *most, None),
        // With room for a sign after the digits.
        FieldKind::Number { most, .. } => (1, 0, most.to_string().len() + 1, None),
        FieldKind::Choice { chosen, .. } => {
            // An empty field means the same as this value, so nobody needs to delete it first.
            let chosen = chosen.as_ref().filter(|chosen| chosen.as_str() != CONFIGURED);
            (1, 0, CHOICE, chosen)
        }
    };
    let mut input = json!({
        "type": 4,
        "custom_id": field.key,
        "style": style,
        "label": clamp(&filled(field.label.clone()), 45),
        "placeholder": clamp(&field.hint, 100),
        "min_length": least.max(field.required.into()),
        "max_length": most,
        "required": field.required,
    });
    if let Some(value) = value {
        input["value"] = clamp(value, most).into();
    }
    json!({ "type": 1, "components": [input] })
}

/// Permits mentions of only these. Discord refuses a list that contains an entry twice.
pub(super) fn allowed<T: Into<Value>>(users: Vec<T>, roles: Vec<T>) -> Value {
    json!({ "parse": [], "users": once(users), "roles": once(roles) })
}

fn once<T: Into<Value>>(all: Vec<T>) -> Vec<Value> {
    all.into_iter().map(Into::into).fold(Vec::new(), |mut known, one| {
        if !known.contains(&one) {
            known.push(one);
        }
        known
    })
}

fn id_of(person: &PersonRef, people: &Directory) -> Option<String> {
    people.discord_id(person).map(str::to_owned)
}

/// Colour comes in addition to the mark and the words of the title.
fn colour(tone: Tone) -> u32 {
    match tone {
        Tone::Calm => 0x60_6C_7A,
        Tone::Attention => 0xE3_B3_41,
        Tone::Production => 0xD7_1E_2B,
        Tone::Good => 0x2D_A4_4E,
        Tone::Bad => 0x8B_1E_1E,
    }
}

/// The embeds so far, and the remaining budget.
struct Sheet<'a> {
    look: &'a Look<'a>,
    colour: u32,
    budget: Budget,
    embeds: Vec<Embed>,
    /// What the picture shows, for a person who cannot see it.
    picture: Option<String>,
}

#[derive(Default)]
struct Embed {
    title: String,
    description: String,
}

impl<'a> Sheet<'a> {
    fn new(card: &Card, key: Option<&str>, look: &'a Look<'a>) -> Self {
        let mut budget = Budget::new(EMBEDS);
        // What must not be lost is reserved first.
        budget.spend(key.map_or(0, length));
        let title = budget.clamp(&format!("{}{}", marker(card.tone), card.title), TITLE);
        let mut first = Embed { title: filled(title), ..Embed::default() };
        if card.drill {
            first.description = budget.clamp(&format!("**{}**", drill_mark(look.locale)), 200);
        }
        Self { look, colour: colour(card.tone), budget, embeds: vec![first], picture: None }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Text(text) => self.paragraph(text),
            // Discord shows fields below all text and three in a row: too narrow for what a plan
            // says, and a long list on a telephone. Lines keep their position, and the card stays
            // one embed.
            Block::Facts(facts) => {
                self.paragraph(&words::in_lines(facts.iter().map(words::fact_in_line)));
            }
            Block::Table(table) => self.paragraph(&words::table(table, self.look.locale)),
            Block::Chart(chart) if self.look.pictured && self.picture.is_none() => {
                self.picture = Some(clamp(&words::chart(chart).plain(), ALT));
            }
            Block::Chart(chart) => self.paragraph(&words::chart(chart)),
            Block::Progress(progress) => self.paragraph(&words::progress(progress)),
            Block::Note(text) => self.note(text),
            Block::Report(_) | Block::Divider => {}
        }
    }

    fn paragraph(&mut self, text: &Text) {
        self.words(|people, limit| markup(text, people, limit));
    }

    fn note(&mut self, text: &Text) {
        self.words(|people, limit| {
            let note = markup(text, people, limit.saturating_sub(3));
            if note.trim().is_empty() {
                note
            } else {
                format!("-# {}", note.replace('\n', "\n-# "))
            }
        });
    }

    fn words(&mut self, write: impl Fn(&Directory, usize) -> String) {
        let (people, budget) = (self.look.people, self.budget);
        let said = write(people, budget.within(DESCRIPTION).saturating_sub(2));
        let is_full = self.embeds.last().is_none_or(|embed| {
            let used = length(&embed.description);
            used > 0 && used + length(&said) + 2 > DESCRIPTION
        });
        if is_full && self.embeds.len() < EMBEDS_IN_MESSAGE {
            self.embeds.push(Embed::default());
        }
        let Some(embed) = self.embeds.last_mut() else { return };
        let used = length(&embed.description);
        // The marks of small print may make it longer than it was.
        let room = budget.within(DESCRIPTION.saturating_sub(used)).saturating_sub(2);
        let said = clamp(&said, room);
        if said.trim().is_empty() {
            return;
        }
        if !embed.description.is_empty() {
            embed.description.push_str("\n\n");
        }
        embed.description.push_str(&said);
        self.budget.spend(length(&said) + 2);
    }

    fn finish(self, card: &Card, key: Option<&str>) -> Value {
        let last = self.embeds.len().saturating_sub(1);
        let embeds: Vec<Value> = self
            .embeds
            .into_iter()
            .enumerate()
            .map(|(at, embed)| {
                let mut whole = json!({ "color": self.colour });
                if !embed.title.is_empty() {
                    whole["title"] = embed.title.into();
                }
                if !embed.description.is_empty() {
                    whole["description"] = embed.description.into();
                }
                if at == last {
                    if let Some(key) = key {
                        whole["footer"] = json!({ "text": clamp(key, FOOTER) });
                    }
                    if self.picture.is_some() {
                        whole["image"] = json!({ "url": format!("attachment://{PICTURE}") });
                    }
                }
                whole
            })
            .collect();
        let rows: Vec<Value> = card
            .buttons
            .chunks(BUTTONS_IN_ROW)
            .take(ROWS)
            .map(|row| json!({ "type": 1, "components": row.iter().map(button).collect::<Vec<_>>() }))
            .collect();
        let nobody = allowed::<Value>(Vec::new(), Vec::new());
        // The number of the file in the form, as a string, as Discord's OpenAPI specifies.
        let picture = self
            .picture
            .map(|alt| json!({ "id": "0", "filename": PICTURE, "description": filled(alt) }));
        let files: Vec<Value> = picture.into_iter().collect();
        // An edit clears what it names: rows that no longer exist, and a picture that is out of
        // date.
        json!({
            "embeds": embeds, "components": rows, "allowed_mentions": nobody, "attachments": files,
        })
    }
}

fn button(button: &Button) -> Value {
    let style = match button.style {
        ButtonStyle::Primary => 1,
        ButtonStyle::Plain => 2,
        ButtonStyle::Danger => 4,
    };
    // Discord has no confirmation before a press counts: the bot asks in private if a button needs
    // one, and uses a dialog for what cannot be undone.
    let label = clamp(&filled(button.label.clone()), LABEL);
    json!({ "type": 2, "style": style, "label": label, "custom_id": button.press.token() })
}

/// Discord refuses empty texts.
fn filled(text: String) -> String {
    if text.trim().is_empty() { "–".to_owned() } else { text }
}

#[cfg(test)]
mod tests;
