//! The wording: all text that people read, as Fluent messages, in one file for each card and
//! language.
//!
//! In messages, `**strong**`, `` `code` `` and line breaks are markup. In arguments nothing is: a
//! character of Unicode's private use area represents each argument in the message, and we replace
//! it only after the markup was parsed.

use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use unic_langid::{LanguageIdentifier, langid};

use crate::id::PersonRef;
use crate::text::{Span, Text, TimeStyle};

/// A language of the cards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

/// An error for a language without messages.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there are no words in this language; choose en or ja")]
pub struct UnknownLocale;

impl std::str::FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(text: &str) -> Result<Self, UnknownLocale> {
        match text {
            "en" => Ok(Self::En),
            "ja" => Ok(Self::Ja),
            _ => Err(UnknownLocale),
        }
    }
}

/// The message files of both languages. A new card needs one more line here.
macro_rules! locales {
    ($($file:literal),* $(,)?) => {
        const EN: &[(&str, &str)] = &[$(($file, include_str!(concat!("../../locales/en/", $file)))),*];
        const JA: &[(&str, &str)] = &[$(($file, include_str!(concat!("../../locales/ja/", $file)))),*];
    };
}

locales![
    "account.ftl",
    "announcement.ftl",
    "answer.ftl",
    "compliance.ftl",
    "failure.ftl",
    "help.ftl",
    "list.ftl",
    "notify.ftl",
    "outcome.ftl",
    "plan.ftl",
    "preflight.ftl",
    "proof.ftl",
    "refusal.ftl",
    "run.ftl",
    "story.ftl",
    "window.ftl"
];

impl Locale {
    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::En => EN,
            Self::Ja => JA,
        }
    }

    fn language(self) -> LanguageIdentifier {
        match self {
            Self::En => langid!("en"),
            Self::Ja => langid!("ja"),
        }
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        static BUNDLES: [OnceLock<FluentBundle<FluentResource>>; 2] =
            [OnceLock::new(), OnceLock::new()];
        let [en, ja] = &BUNDLES;
        let slot = match self {
            Self::En => en,
            Self::Ja => ja,
        };
        slot.get_or_init(|| {
            let mut bundle = FluentBundle::new_concurrent(vec![self.language()]);
            bundle.set_use_isolating(false);
            for (_, source) in self.files() {
                // A file with a syntax error yields the messages that can be parsed; a test allows
                // none.
                let resource = FluentResource::try_new((*source).to_owned())
                    .unwrap_or_else(|(resource, _faults)| resource);
                bundle.add_resource_overriding(resource);
            }
            bundle
        })
    }
}

/// The arguments of a message.
#[derive(Clone, Debug, Default)]
pub struct Args {
    numbers: Vec<(String, i64)>,
    texts: Vec<(String, Text)>,
}

impl Args {
    /// No arguments yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a name, or text that a person typed.
    pub fn text(self, name: &str, value: impl Into<String>) -> Self {
        self.rich(name, Text::from(value.into()))
    }

    /// Adds text to copy.
    pub fn code(self, name: &str, value: impl Into<String>) -> Self {
        self.rich(name, Text::code(&value.into()))
    }

    /// Adds a mention.
    pub fn person(self, name: &str, person: &PersonRef) -> Self {
        self.rich(name, Text::person(person))
    }

    /// Adds a time.
    pub fn time(self, name: &str, at: DateTime<Utc>, style: TimeStyle) -> Self {
        self.rich(name, Text(vec![Span::Time { at, style }]))
    }

    /// Adds a number, by which a message can also select its form.
    pub fn number(mut self, name: &str, value: i64) -> Self {
        self.numbers.push((name.to_owned(), value));
        self
    }

    /// Adds text that was already worded.
    pub fn rich(mut self, name: &str, value: Text) -> Self {
        self.texts.push((name.to_owned(), value));
        self
    }
}

/// The message `id` in `locale`. Falls back to English; if neither language has it, shows its id.
pub fn say(locale: Locale, id: &str, args: &Args) -> Text {
    let formatted = [locale, Locale::En].into_iter().find_map(|locale| format(locale, id, args));
    match formatted {
        Some(formatted) => parse(&formatted, args),
        None => {
            debug_assert!(false, "there is no message {id}");
            Text::from(format!("[{id}]"))
        }
    }
}

/// The message `id` in `locale`, without structure.
pub fn phrase(locale: Locale, id: &str, args: &Args) -> String {
    say(locale, id, args).plain()
}

/// The character that represents the `index`-th text argument.
fn mark(index: usize) -> char {
    u32::try_from(index).ok().and_then(|index| char::from_u32(0xE000 + index)).unwrap_or('\u{F8FF}')
}

fn format(locale: Locale, id: &str, args: &Args) -> Option<String> {
    let bundle = locale.bundle();
    let pattern = bundle.get_message(id)?.value()?;
    let mut values = FluentArgs::new();
    for (name, number) in &args.numbers {
        values.set(name.as_str(), FluentValue::from(*number));
    }
    for (index, (name, _)) in args.texts.iter().enumerate() {
        values.set(name.as_str(), FluentValue::from(mark(index).to_string()));
    }
    let mut faults = Vec::new();
    let formatted = bundle.format_pattern(pattern, Some(&values), &mut faults).into_owned();
    // The tests report wrong arguments; a reader gets the message as far as possible.
    debug_assert!(faults.is_empty(), "{id}: {faults:?}");
    Some(formatted)
}

/// Parses the markup of our own messages, then inserts the arguments.
fn parse(formatted: &str, args: &Args) -> Text {
    let mut text = Text::default();
    let mut plain = String::new();
    let mut rest = formatted;
    let mut strong = false;
    let flush = |text: &mut Text, plain: &mut String, strong: bool| {
        if !plain.is_empty() {
            let piece = std::mem::take(plain);
            text.push(if strong { Span::Strong(piece) } else { Span::Plain(piece) });
        }
    };
    while let Some(next) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**") {
            flush(&mut text, &mut plain, strong);
            strong = !strong;
            rest = after;
        } else if let Some((code, after)) =
            rest.strip_prefix('`').and_then(|rest| rest.split_once('`'))
        {
            flush(&mut text, &mut plain, strong);
            text.push(Span::Code(with_plain_args(code, args)));
            rest = after;
        } else {
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
            match argument(next, args) {
                Some(value) if strong => {
                    flush(&mut text, &mut plain, strong);
                    text.append(strengthen(value));
                }
                Some(value) => {
                    flush(&mut text, &mut plain, strong);
                    text.append(value.clone());
                }
                None if next == '\n' => {
                    flush(&mut text, &mut plain, strong);
                    text.push(Span::Break);
                }
                None => plain.push(next),
            }
        }
    }
    flush(&mut text, &mut plain, strong);
    merge(text)
}

fn argument(mark: char, args: &Args) -> Option<&Text> {
    let index = u32::from(mark).checked_sub(0xE000)?;
    args.texts.get(index as usize).map(|(_, text)| text)
}

fn with_plain_args(code: &str, args: &Args) -> String {
    code.chars().map(|c| argument(c, args).map_or_else(|| c.to_string(), Text::plain)).collect()
}

fn strengthen(text: &Text) -> Text {
    let strong = |span: &Span| match span {
        Span::Plain(text) => Span::Strong(text.clone()),
        Span::Strong(_)
        | Span::Code(_)
        | Span::Person(_)
        | Span::Group(_)
        | Span::Time { .. }
        | Span::Link { .. }
        | Span::Break => span.clone(),
    };
    Text(text.0.iter().map(strong).collect())
}

/// Merges neighbouring spans of the same kind.
fn merge(text: Text) -> Text {
    let mut merged: Vec<Span> = Vec::with_capacity(text.0.len());
    for span in text.0 {
        match (merged.last_mut(), span) {
            (Some(Span::Plain(before)), Span::Plain(after))
            | (Some(Span::Strong(before)), Span::Strong(after)) => before.push_str(&after),
            (_, span) => merged.push(span),
        }
    }
    Text(merged)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// The messages of a language, each with its variables.
    fn messages(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
        let mut all = BTreeMap::new();
        for (file, source) in locale.files() {
            let resource = FluentResource::try_new((*source).to_owned())
                .unwrap_or_else(|(_, faults)| panic!("{locale:?}/{file}: {faults:?}"));
            for entry in resource.entries() {
                let fluent_bundle_syntax = format!("{entry:?}");
                let Some(id) =
                    between(&fluent_bundle_syntax, "Message(Message { id: Identifier { name: \"")
                else {
                    continue;
                };
                let variables = fluent_bundle_syntax
                    .split("VariableReference { id: Identifier { name: \"")
                    .skip(1)
                    .filter_map(|rest| rest.split('"').next())
                    .map(str::to_owned)
                    .collect();
                assert!(
                    all.insert(id.clone(), variables).is_none(),
                    "{locale:?}/{file}: {id} is there twice"
                );
            }
        }
        all
    }

    fn between(text: &str, start: &str) -> Option<String> {
        text.strip_prefix(start)?.split('"').next().map(str::to_owned)
    }

    #[test]
    fn both_languages_say_the_same_things_of_the_same_values() {
        let (en, ja) = (messages(Locale::En), messages(Locale::Ja));
        assert!(en.len() > 100, "the messages were not found: {}", en.len());
        for (id, variables) in &en {
            assert_eq!(ja.get(id), Some(variables), "{id}");
        }
        assert_eq!(en.len(), ja.len());
    }

    /// The message with a number for every variable, in all combinations of 0, 1 and 2.
    fn counted(id: &str, variables: &BTreeSet<String>) -> Vec<String> {
        let ways = 3_usize.pow(variables.len().min(6) as u32);
        (0..ways)
            .map(|way| {
                let numbers = variables.iter().enumerate();
                let args = numbers.fold(Args::new(), |args, (at, name)| {
                    args.number(name, (way / 3_usize.pow(at.min(5) as u32) % 3) as i64)
                });
                format(Locale::En, id, &args).unwrap_or_default()
            })
            .collect()
    }

    #[test]
    fn one_is_never_counted_as_many() {
        const MANY: [&str; 14] = [
            "nodes",
            "patches",
            "votes",
            "commands",
            "installs",
            "environments",
            "runs",
            "plans",
            "are",
            "have",
            "report",
            "were",
            "wait",
            "fix",
        ];
        for (id, variables) in messages(Locale::En) {
            for said in counted(&id, &variables) {
                let words: Vec<&str> = std::iter::once("").chain(said.split_whitespace()).collect();
                for three in words.windows(3) {
                    let next = three[2].trim_matches(|c: char| !c.is_alphanumeric());
                    // A wave with number 1 is not a count, and neither are sizes in a sequence.
                    let counts = three[1] == "1" && !["wave", "first:"].contains(&three[0]);
                    assert!(!counts || !MANY.contains(&next), "{id}: {said}");
                }
                assert!(!said.starts_with("1, 1 "), "{id}: {said}");
            }
        }
    }

    #[test]
    fn no_day_stands_after_at() {
        const MOMENTS: [&str; 9] =
            ["at", "since", "until", "oldest", "last", "starts", "opens", "closes", "added"];
        for (file, source) in Locale::En.files() {
            for line in source.lines() {
                let found =
                    MOMENTS.iter().find(|name| line.contains(&format!(" at {{ ${name} }}")));
                assert_eq!(found, None, "{file}: a day takes “on”: {line}");
            }
        }
    }

    #[test]
    fn what_somebody_typed_is_never_markup() {
        let args = Args::new()
            .person("who", &crate::run::tests::person("aiko"))
            .text("reason", "**now** `rm` \u{E000}\nx");
        let text = say(Locale::En, "run-lead-rejected", &args);
        assert!(text.0.contains(&Span::Person(crate::run::tests::person("aiko"))));
        assert!(text.plain().contains("**now** `rm` \u{E000} x"), "{text:?}");
        assert!(
            !text.0.iter().any(|span| matches!(span, Span::Strong(_) | Span::Code(_))),
            "{text:?}"
        );
    }

    #[test]
    fn markup_of_our_own_words_is_read() {
        let args = Args::new()
            .person("who", &crate::run::tests::person("aiko"))
            .text("reason", "quarter end");
        let text = say(Locale::En, "run-stopped", &args);
        assert_eq!(text.0.first(), Some(&Span::Strong("Emergency stop".into())));
        assert!(text.0.contains(&Span::Code("/patch resume".into())));
    }
}
