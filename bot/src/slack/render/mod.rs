//! A card as Slack blocks, and as the text beside them.
//!
//! Paragraphs and table cells are `rich_text`, in which a style is a field and not a character. So
//! nothing that a person wrote can become markup, and bold words need no spaces around them, which
//! Japanese does not have. Fields and small print accept only markup: [`super::mrkdwn`].
//!
//! Everything is cut to Slack's limits, so Slack refuses nothing for its size.

mod chart;
mod rich;
mod table;

use commands::text::wording::Locale;
use commands::text::{Span, Text};
use commands::view::{Block, Button, ButtonStyle, Card, Chart, Fact};
use slack_morphism::prelude::*;

use super::mrkdwn;
use crate::chat::Directory;
use crate::chat::clamp::{Budget, clamp, length};
use crate::chat::words::{self, and_more, drill_mark, fact_in_line, in_lines, marker};

/// The maximum size of a message in characters; Slack refuses somewhere above 13,000.
const MESSAGE: usize = 12_500;
const BLOCKS: usize = 50;
/// The maximum length of `text`; a longer one makes `chat.update` fail.
const TEXT: usize = 4_000;
const HEADER: usize = 150;
const PARAGRAPH: usize = 3_000;
const FIELD: usize = 2_000;
const FIELDS: usize = 10;
const NOTE: usize = 2_000;
const ALT_TEXT: usize = 2_000;
const BUTTONS_IN_ROW: usize = 25;
const ROWS_OF_BUTTONS: usize = 2;

/// How much of what Slack can show is used; less of it after Slack refused a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Slack's own charts and tables.
    Full,
    /// Charts as uploaded pictures, tables as paragraphs.
    Pictures,
    /// Charts and tables as paragraphs; the buttons stay.
    Simple,
    /// No blocks at all, and therefore no buttons.
    TextOnly,
}

/// The reader of a card, and the form in which to render it.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The language of the words around the card's own.
    pub locale: Locale,
    /// The people whom a mention can reach.
    pub people: &'a Directory,
    /// Begins every block id: Slack requires new ones with every edit.
    pub nonce: &'a str,
    /// How much of what Slack can show is used.
    pub detail: Detail,
    /// The charts of the card as files, in order, for [`Detail::Pictures`].
    pub pictures: &'a [SlackFileId],
}

/// The parts of a message.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// What is visible; `None` with [`Detail::TextOnly`].
    pub blocks: Option<Vec<SlackBlock>>,
    /// What notifications show and screen readers read.
    pub text: String,
}

/// A card as a message.
pub fn render(card: &Card, look: &Look<'_>) -> Rendered {
    if look.detail == Detail::TextOnly {
        return Rendered { blocks: None, text: whole_text(card, look) };
    }
    let mut canvas = Canvas::new(look, card);
    if card.drill {
        canvas.paragraph(&Text(vec![Span::Strong(drill_mark(look.locale))]));
    }
    canvas.header(&format!("{}{}", marker(card.tone), card.title));
    for block in &card.blocks {
        canvas.block(block);
    }
    canvas.buttons(&card.buttons);
    Rendered { blocks: Some(canvas.blocks), text: short_text(card, look.locale) }
}

/// A line of text as a message.
pub fn render_text(text: &Text, look: &Look<'_>) -> Rendered {
    let plain = mrkdwn::markup(text, look.people, TEXT);
    if look.detail == Detail::TextOnly {
        return Rendered { blocks: None, text: plain };
    }
    let mut canvas = Canvas::empty(look);
    canvas.paragraph(text);
    Rendered { blocks: (!canvas.blocks.is_empty()).then_some(canvas.blocks), text: plain }
}

/// The mark of a drill is here, too, for a person who reads only this.
fn short_text(card: &Card, locale: Locale) -> String {
    let drill = if card.drill { format!("{}\n", drill_mark(locale)) } else { String::new() };
    let said = if card.fallback.is_empty() { &card.title } else { &card.fallback };
    mrkdwn::words(&format!("{drill}{said}"), TEXT)
}

/// The whole card as one text, for when Slack refuses every block.
fn whole_text(card: &Card, look: &Look<'_>) -> String {
    let mut text = Text::default();
    if card.drill {
        text.push(Span::Strong(drill_mark(look.locale)));
        text.push(Span::Break);
    }
    text.push(Span::Strong(format!("{}{}", marker(card.tone), card.title)));
    for block in &card.blocks {
        text.push(Span::Break);
        match block {
            Block::Text(words) | Block::Note(words) => text.append(words.clone()),
            Block::Facts(facts) => text.append(in_lines(facts.iter().map(fact_in_line))),
            Block::Table(table) => text.append(words::table(table, look.locale)),
            Block::Chart(chart) => text.append(words::chart(chart)),
            Block::Progress(progress) => text.append(words::progress(progress)),
            Block::Report(_) | Block::Divider => {}
        }
    }
    mrkdwn::markup(&text, look.people, TEXT)
}

/// The blocks so far, and the remaining budget.
struct Canvas<'a> {
    look: &'a Look<'a>,
    blocks: Vec<SlackBlock>,
    budget: Budget,
    /// The number of blocks reserved for the buttons, which a card must not lose.
    reserved: usize,
    tables: usize,
    charts: usize,
}

impl<'a> Canvas<'a> {
    fn new(look: &'a Look<'a>, card: &Card) -> Self {
        let mut canvas = Self::empty(look);
        canvas.reserved = card.buttons.len().div_ceil(BUTTONS_IN_ROW).min(ROWS_OF_BUTTONS);
        canvas.budget.spend(card.buttons.iter().map(said_on_button).sum());
        canvas
    }

    fn empty(look: &'a Look<'a>) -> Self {
        let budget = Budget::new(MESSAGE);
        Self { look, blocks: Vec::new(), budget, reserved: 0, tables: 0, charts: 0 }
    }

    /// Adds a block with an id of its own, if there is room.
    fn push(&mut self, block: impl FnOnce(SlackBlockId) -> SlackBlock) {
        if self.blocks.len() + self.reserved < BLOCKS {
            let id = format!("{}-{}", self.look.nonce, self.blocks.len());
            self.blocks.push(block(SlackBlockId(id)));
        } else {
            tracing::warn!(
                slack.blocks = BLOCKS,
                "a card has more blocks than Slack shows; the last ones are left out"
            );
        }
    }

    fn header(&mut self, title: &str) {
        let title = self.budget.clamp(&mrkdwn::bare(title), HEADER);
        if !title.trim().is_empty() {
            self.push(|id| SlackHeaderBlock::new(plain(title)).with_block_id(id).into());
        }
    }

    fn block(&mut self, block: &Block) {
        let full = self.look.detail == Detail::Full;
        match block {
            Block::Text(text) => self.paragraph(text),
            Block::Facts(facts) => self.facts(facts),
            Block::Table(table) if full && self.tables == 0 && !table.columns.is_empty() => {
                self.tables += 1;
                let (rows, left_out) = table::rows(table, self.look, &mut self.budget);
                self.push(|id| SlackTableBlock::new(rows).with_block_id(id).into());
                if left_out > 0 {
                    self.note(&Text::from(and_more(self.look.locale, left_out)));
                }
            }
            Block::Table(table) => self.paragraph(&words::table(table, self.look.locale)),
            Block::Chart(chart) => match chart::native(chart) {
                Some(native) if full && self.has_room_for_chart(native.length) => {
                    self.charts += 1;
                    self.budget.spend(native.length);
                    self.push(|id| {
                        SlackDataVisualizationBlock::new(native.title, native.chart)
                            .with_block_id(id)
                            .into()
                    });
                }
                Some(_) | None => self.picture(chart),
            },
            Block::Progress(progress) => self.paragraph(&words::progress(progress)),
            Block::Note(text) => self.note(text),
            // A message in Slack cannot carry a CSV file.
            Block::Report(_) => {}
            Block::Divider => self.push(|id| SlackDividerBlock::new().with_block_id(id).into()),
        }
    }

    /// The chart as its uploaded picture, or as lines if there is none.
    fn picture(&mut self, chart: &Chart) {
        let lines = words::chart(chart);
        let Some(file) = self.look.pictures.get(self.charts) else {
            return self.paragraph(&lines);
        };
        self.charts += 1;
        // A person who cannot see it has the figures read out.
        let alt_text = clamp(&lines.plain(), self.budget.within(ALT_TEXT));
        self.budget.spend(length(&alt_text));
        let file = SlackFileIdOrUrl::Id { id: file.clone() };
        let image = SlackImageUrlOrFile::SlackFile { slack_file: file };
        self.push(|id| SlackImageBlock::new(image, alt_text).with_block_id(id).into());
    }

    fn has_room_for_chart(&self, length: usize) -> bool {
        self.charts < chart::IN_A_MESSAGE && self.budget.within(length) == length
    }

    fn paragraph(&mut self, text: &Text) {
        for part in rich::paragraphs(text, self.look.people, PARAGRAPH, &mut self.budget) {
            self.push(|id| SlackRichTextBlock::new(vec![part]).with_block_id(id).into());
        }
    }

    fn facts(&mut self, facts: &[Fact]) {
        for group in facts.chunks(FIELDS) {
            let fields: Vec<SlackBlockText> =
                group.iter().filter_map(|fact| self.field(fact)).collect();
            if !fields.is_empty() {
                self.push(|id| {
                    SlackSectionBlock::new().with_fields(fields).with_block_id(id).into()
                });
            }
        }
    }

    fn field(&mut self, fact: &Fact) -> Option<SlackBlockText> {
        let limit = self.budget.within(FIELD);
        let label = mrkdwn::strong(&fact.label, limit.min(200));
        let value =
            mrkdwn::markup(&fact.value, self.look.people, limit.saturating_sub(length(&label) + 1));
        let field = format!("{label}\n{value}");
        self.budget.spend(length(&field));
        (!label.is_empty() || !value.is_empty()).then(|| marked_up(field))
    }

    fn note(&mut self, text: &Text) {
        let note = mrkdwn::markup(text, self.look.people, self.budget.within(NOTE));
        self.budget.spend(length(&note));
        if !note.trim().is_empty() {
            let element = SlackContextBlockElement::MarkDown(verbatim(note));
            self.push(|id| SlackContextBlock::new(vec![element]).with_block_id(id).into());
        }
    }

    fn buttons(&mut self, buttons: &[Button]) {
        self.reserved = 0;
        let shown = buttons.iter().take(BUTTONS_IN_ROW * ROWS_OF_BUTTONS).enumerate();
        let elements: Vec<SlackActionBlockElement> =
            shown.map(|(at, shown)| SlackActionBlockElement::Button(button(shown, at))).collect();
        for row in elements.chunks(BUTTONS_IN_ROW) {
            let row = row.to_vec();
            self.push(|id| SlackActionsBlock::new(row).with_block_id(id).into());
        }
    }
}

fn button(button: &Button, at: usize) -> SlackBlockButtonElement {
    let label = clamp(&mrkdwn::bare(&button.label), 75);
    let element = SlackBlockButtonElement::new(plain(filled(label)))
        .with_action_id(SlackActionId(format!("press-{at}")))
        .with_value(button.press.token());
    let element = match button.style {
        ButtonStyle::Plain => element,
        ButtonStyle::Primary => element.with_style(SlackBlockButtonStyle::Primary),
        ButtonStyle::Danger => element.with_style(SlackBlockButtonStyle::Danger),
    };
    let Some(confirm) = &button.confirm else { return element };
    let said = |text: &str, limit| plain(filled(clamp(&mrkdwn::bare(text), limit)));
    let question = SlackBlockConfirmItem::new(
        said(&confirm.title, 100),
        SlackBlockText::Plain(SlackBlockPlainText::new(filled(clamp(&confirm.text, 300)))),
        said(&confirm.yes, 30),
        said(&confirm.no, 30),
    );
    element.with_confirm(match button.style {
        ButtonStyle::Danger => question.with_style("danger".to_owned()),
        ButtonStyle::Plain | ButtonStyle::Primary => question,
    })
}

/// The maximum number of characters that a button and its confirmation take.
fn said_on_button(button: &Button) -> usize {
    let confirm = button
        .confirm
        .as_ref()
        .map_or(0, |confirm| length(&confirm.title).min(100) + length(&confirm.text).min(300) + 60);
    length(&button.label).min(75) + confirm + 10
}

/// Slack refuses empty texts.
fn filled(text: String) -> String {
    if text.trim().is_empty() { "–".to_owned() } else { text }
}

pub(super) fn plain(text: String) -> SlackBlockPlainTextOnly {
    SlackBlockPlainText::new(text).into()
}

/// Keeps Slack from parsing links and names in the text again.
fn verbatim(text: String) -> SlackBlockMarkDownText {
    SlackBlockMarkDownText::new(text).with_verbatim(true)
}

fn marked_up(text: String) -> SlackBlockText {
    SlackBlockText::MarkDown(verbatim(text))
}

/// A text as one block of a dialog.
pub(super) fn paragraph_of_form(text: &Text, people: &Directory) -> Option<SlackBlock> {
    let mut budget = Budget::new(PARAGRAPH);
    let part = rich::paragraphs(text, people, PARAGRAPH, &mut budget).into_iter().next()?;
    Some(SlackRichTextBlock::new(vec![part]).into())
}

#[cfg(test)]
mod tests;
