//! Text as `rich_text`, in which styles are fields, so that what a person wrote cannot become
//! markup.

use chrono::{DateTime, Utc};
use commands::text::{Span, Text, TimeStyle};
use slack_morphism::prelude::*;

use crate::chat::Directory;
use crate::chat::clamp::{Budget, ELLIPSIS, length, split};
use crate::slack::mrkdwn::time_format;

type Inline = SlackRichTextInlineElement;

/// Paragraphs of at most `limit` characters each, as many as fit into the budget.
pub(super) fn paragraphs(
    text: &Text,
    people: &Directory,
    limit: usize,
    budget: &mut Budget,
) -> Vec<SlackRichTextElement> {
    let mut pages = Pages { done: Vec::new(), page: Vec::new(), room: limit, limit };
    // A single ellipsis marks that there was more.
    for piece in pieces(text, people) {
        let room = budget.within(usize::MAX);
        if piece.length() > room {
            if let Piece::Words(words, style) = piece {
                let words = format!("{}{ELLIPSIS}", split(&words, room.saturating_sub(1)).0);
                budget.spend(room);
                if room > 0 {
                    pages.add(Piece::Words(words, style));
                }
            }
            break;
        }
        budget.spend(piece.length());
        pages.add(piece);
    }
    pages.finish()
}

/// A text as one sequence of elements, such as in a cell.
pub(super) fn inline(text: &Text, people: &Directory, budget: &mut Budget) -> SlackRichTextElement {
    let first = paragraphs(text, people, usize::MAX, budget).into_iter().next();
    first.unwrap_or_else(|| section(vec![words("–".to_owned(), Style::Plain)]))
}

/// Whether a text consists of words without any style.
pub(super) fn is_plain(text: &Text) -> bool {
    text.0.iter().all(|span| matches!(span, Span::Plain(_) | Span::Break))
}

#[derive(Clone, Copy)]
enum Style {
    Plain,
    Strong,
    Code,
}

enum Piece {
    /// Text that can be split.
    Words(String, Style),
    /// An element that cannot be split, with its length in characters.
    Whole(Inline, usize),
}

impl Piece {
    fn length(&self) -> usize {
        match self {
            Self::Words(words, _) => length(words),
            Self::Whole(_, length) => *length,
        }
    }
}

fn pieces(text: &Text, people: &Directory) -> Vec<Piece> {
    let piece = |span: &Span| match span {
        Span::Plain(words) => Piece::Words(words.clone(), Style::Plain),
        Span::Strong(words) => Piece::Words(words.clone(), Style::Strong),
        Span::Code(words) => Piece::Words(words.clone(), Style::Code),
        Span::Break => Piece::Words("\n".to_owned(), Style::Plain),
        Span::Person(person) => match people.slack_id(person) {
            Some(id) => {
                let mention = SlackRichTextUser::new(SlackUserId(id.to_owned()));
                Piece::Whole(Inline::User(mention), length(id) + 3)
            }
            None => Piece::Words(people.name(person).to_owned(), Style::Plain),
        },
        Span::Group(group) => match people.slack_group(group) {
            Some(id) => {
                let mention = SlackRichTextUserGroup::new(SlackUserGroupId(id.to_owned()));
                Piece::Whole(Inline::UserGroup(mention), length(id) + 11)
            }
            None => Piece::Words(format!("@{}", group.0), Style::Strong),
        },
        Span::Time { at, style } => time(*at, *style),
        Span::Link { label, address } => {
            let link = SlackRichTextLink::new(SlackRelaxedUrl(address.clone()));
            let length = length(label) + length(address);
            Piece::Whole(Inline::Link(link.with_text(label.clone())), length)
        }
    };
    text.0.iter().map(piece).filter(|piece| piece.length() > 0).collect()
}

fn time(at: DateTime<Utc>, style: TimeStyle) -> Piece {
    let fallback = style.in_utc(at);
    match SlackUtcDateTime::from_second(at.timestamp()) {
        Ok(moment) => {
            let length = length(&fallback) + length(time_format(style));
            let date = SlackRichTextDate::new(SlackDateTime(moment), time_format(style).to_owned())
                .with_fallback(fallback);
            Piece::Whole(Inline::Date(date), length)
        }
        // The time is outside the range of dates.
        Err(_) => Piece::Words(fallback, Style::Plain),
    }
}

fn words(text: String, style: Style) -> Inline {
    let text = SlackRichTextText::new(text);
    Inline::Text(match style {
        Style::Plain => text,
        Style::Strong => text.bold(),
        Style::Code => text.code(),
    })
}

fn section(elements: Vec<Inline>) -> SlackRichTextElement {
    SlackRichTextElement::Section(SlackRichTextSection::new(elements))
}

/// Elements, distributed over paragraphs.
struct Pages {
    done: Vec<SlackRichTextElement>,
    page: Vec<Inline>,
    room: usize,
    limit: usize,
}

impl Pages {
    fn add(&mut self, piece: Piece) {
        match piece {
            Piece::Words(mut text, style) => {
                while length(&text) > self.room {
                    let (fits, rest) = split(&text, self.room);
                    let (fits, rest) = (fits.to_owned(), rest.to_owned());
                    if !fits.is_empty() {
                        self.page.push(words(fits, style));
                    }
                    self.turn();
                    text = rest;
                }
                self.room -= length(&text);
                self.page.push(words(text, style));
            }
            Piece::Whole(element, length) => {
                if length > self.room {
                    self.turn();
                }
                self.room = self.room.saturating_sub(length);
                self.page.push(element);
            }
        }
    }

    fn turn(&mut self) {
        if !self.page.is_empty() {
            self.done.push(section(std::mem::take(&mut self.page)));
        }
        self.room = self.limit;
    }

    fn finish(mut self) -> Vec<SlackRichTextElement> {
        self.turn();
        self.done
    }
}
