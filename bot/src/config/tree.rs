//! Reads the file as a tree whose entries know their lines, and checks every value against the
//! description of its key in `keys.rs`.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::consistency;
use super::keys::{FILE, Key};
use super::mistake::{ConfigError, Mistakes, Name, Says};
use super::placeholder::Example;
use super::secret_detection::{looks_like_secret, looks_like_token, names_secret};
use super::value_type::{REGIONS, ValueType};

/// The message about a secret in the file, which is never shown.
const SECRET: &str = "holds what looks like a secret, or has the name of one, and no secret belongs in this file. Take \
    it out and put it into the process environment (SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_SIGNING_SECRET, \
    DISCORD_BOT_TOKEN, NVD_API_KEY; AWS credentials where the AWS SDK looks for them). Then have it renewed: \
    whoever could read the file has read it";

const UNKNOWN: &str = "is a key that patchbot does not know (an unknown field): take it away, or write it as in \
    patchbot.example.toml";
const UNKNOWN_IN: &str = "has here a key that patchbot does not know (an unknown field): take it away, or write it \
    as in patchbot.example.toml";

/// The levels that a policy can be for, in their only spelling.
const LEVELS: [&str; 4] = ["III", "II", "I", "unrated"];

/// A value of the file, or its absence.
#[derive(Clone, Debug)]
pub(super) struct Entry<'n> {
    value: Option<&'n DeValue<'n>>,
    /// The span of the value, or of the table around it if there is no value.
    pub(super) span: Range<usize>,
    /// Consists of known keys and ordinals, such as `environment[2].region`.
    pub(super) path: String,
}

impl<'n> Entry<'n> {
    fn new(value: &'n Spanned<DeValue<'n>>, path: String) -> Self {
        Self { value: Some(value.get_ref()), span: value.span(), path }
    }

    /// The entry at `name`, one of the known keys.
    pub(super) fn key(&self, name: &'static str) -> Self {
        let path = joined(&self.path, name);
        let table = self.value.and_then(DeValue::as_table);
        let found = table.and_then(|table| table.iter().find(|(key, _)| key.get_ref() == name));
        match found {
            Some((_, value)) => Self::new(value, path),
            None => Self { value: None, span: self.span.clone(), path },
        }
    }

    pub(super) fn is_there(&self) -> bool {
        self.value.is_some()
    }

    pub(super) fn text(&self) -> Option<&'n str> {
        self.value.and_then(DeValue::as_str)
    }

    pub(super) fn whole(&self) -> Option<i64> {
        self.value.and_then(super::value_type::whole)
    }

    pub(super) fn is_true(&self) -> bool {
        self.value.and_then(DeValue::as_bool) == Some(true)
    }

    /// The items of a list. The ordinals of the paths begin at 1.
    pub(super) fn list(&self) -> Vec<Self> {
        let list = self.value.and_then(DeValue::as_array);
        let nodes = list.into_iter().flat_map(|list| list.iter()).zip(1_usize..);
        nodes.map(|(value, at)| Self::new(value, format!("{}[{at}]", self.path))).collect()
    }

    pub(super) fn is_empty_list(&self) -> bool {
        self.value.and_then(DeValue::as_array).is_some_and(|list| list.is_empty())
    }

    pub(super) fn one_or_list(&self) -> Vec<Self> {
        if self.text().is_some() { vec![self.clone()] } else { self.list() }
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Checks all of `text`, and reports every mistake, not only the first.
pub(super) fn check(text: &str, example: Example) -> Result<(), ConfigError> {
    let (tree, broken) = DeTable::parse_recoverable(text);
    let mut mistakes = Mistakes::of(text);
    for error in &broken {
        // The parser's own message could quote the line.
        let twice = error.message().contains("duplicate");
        let says = if twice {
            "This key or table is written twice (a duplicate key): keep one"
        } else {
            "This is not TOML: look for a missing quote, bracket or equals sign here or just before. Text stands in \
             double quotes. What is in the line is not shown, it could be a secret"
        };
        mistakes.add_sentence(&error.span().unwrap_or(0..0), says);
    }
    let is_whole = broken.is_empty();
    let span = tree.span();
    let root = Spanned::new(span, DeValue::Table(tree.into_inner()));
    let root = Entry { value: Some(root.get_ref()), span: 0..0, path: String::new() };
    let mut reader = Reader { mistakes, is_whole, example: example.at(&root) };
    reader.table(&root, FILE);
    let mut mistakes = reader.mistakes;
    if is_whole {
        consistency::check(&root, &mut mistakes);
    }
    mistakes.end()
}

struct Reader<'a> {
    mistakes: Mistakes<'a>,
    /// If a part could not be read, missing keys are not reported: they may be in that part.
    is_whole: bool,
    example: super::placeholder::Left,
}

impl Reader<'_> {
    fn wrong(&mut self, entry: &Entry<'_>, says: impl Into<Says>, meant: Option<Name>) {
        if self.is_whole || !self.mistakes.has_line_of(&entry.span) {
            self.mistakes.add_meant(&entry.span, &entry.path, says, meant);
        }
    }

    fn table(&mut self, entry: &Entry<'_>, keys: &'static [Key]) {
        let Some(table) = entry.value.and_then(DeValue::as_table) else { return };
        for (name, value) in table {
            let known = keys.iter().find(|key| name.get_ref() == key.name);
            match known {
                Some(key) => {
                    self.value(&Entry::new(value, joined(&entry.path, key.name)), key.value_type)
                }
                None => self.unknown(entry, name, value.get_ref(), keys),
            }
        }
        for key in keys.iter().filter(|key| key.required && self.is_whole) {
            let missing = entry.key(key.name);
            if !missing.is_there() {
                self.mistakes.add(
                    &missing.span,
                    &missing.path,
                    "is missing (a missing field), and it is required: see patchbot.example.toml",
                );
            }
        }
    }

    /// Reports an unknown key. It shows the name only if that is close to a known one: it may be a
    /// token without its key.
    fn unknown(
        &mut self,
        entry: &Entry<'_>,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &DeValue<'_>,
        keys: &[Key],
    ) {
        let (span, name) = (name.span(), name.get_ref());
        let at = Entry { value: None, span, path: entry.path.clone() };
        if names_secret(name) || any_text(value, looks_like_secret) {
            return self.wrong(&at, SECRET, None);
        }
        let meant = Name::meant(name, keys.iter().map(|key| key.name));
        match (&meant, Name::plain(name)) {
            (Some(_), Some(_)) => {
                let path = joined(&at.path, name);
                self.wrong(&Entry { path, ..at }, UNKNOWN, meant);
            }
            (None, _) | (_, None) => self.wrong(&at, UNKNOWN_IN, meant),
        }
    }

    fn value(&mut self, entry: &Entry<'_>, value_type: ValueType) {
        let Some(value) = entry.value else { return };
        match value_type {
            ValueType::Table(keys) if value.is_table() => self.table(entry, keys),
            ValueType::Levels(keys) if value.is_table() => self.levels(entry, keys),
            ValueType::Tables(keys) if value.is_array() => {
                for one in entry.list() {
                    self.value(&one, ValueType::Table(keys));
                }
            }
            ValueType::List(one) | ValueType::OneOrList(one) if value.is_array() => {
                let (list, mut seen) = (entry.list(), Vec::new());
                for one_node in &list {
                    self.value(one_node, *one);
                    if one_node.text().is_some_and(|text| seen.contains(&text)) {
                        self.wrong(one_node, "stands twice in its list: take one away", None);
                    }
                    seen.extend(one_node.text());
                }
            }
            ValueType::Table(_)
            | ValueType::Tables(_)
            | ValueType::Levels(_)
            | ValueType::List(_) => {
                let secret = any_text(value, looks_like_secret);
                self.wrong(entry, if secret { SECRET.into() } else { value_type.expected() }, None);
            }
            single => self.single(entry, value, single),
        }
    }

    fn single(&mut self, entry: &Entry<'_>, value: &DeValue<'_>, value_type: ValueType) {
        // A random text of hexadecimal digits is a good external id.
        let secret = match value_type {
            ValueType::ExternalId => looks_like_token,
            _ => looks_like_secret,
        };
        if any_text(value, secret) {
            self.wrong(entry, SECRET, None);
        } else if !value_type.takes(value) {
            let text = value.as_str().unwrap_or_default();
            let meant = match value_type {
                ValueType::Region => Name::meant(text, REGIONS),
                ValueType::Choice(words) => Name::meant(text, words.iter().copied()),
                _ => None,
            };
            self.wrong(entry, value_type.expected(), meant);
        } else if let Some(says) =
            value.as_str().and_then(|text| self.example.says(text, value_type))
        {
            self.wrong(entry, says, None);
        }
    }

    fn levels(&mut self, entry: &Entry<'_>, keys: &'static [Key]) {
        let Some(table) = entry.value.and_then(DeValue::as_table) else { return };
        for (name, value) in table {
            match LEVELS.into_iter().find(|level| name.get_ref() == level) {
                Some(level) => self
                    .value(&Entry::new(value, joined(&entry.path, level)), ValueType::Table(keys)),
                None => {
                    let at = Entry { value: None, span: name.span(), path: entry.path.clone() };
                    let secret = names_secret(name.get_ref())
                        || any_text(value.get_ref(), looks_like_secret);
                    let says = "has here what is no level: a level is I, II, III or unrated";
                    self.wrong(&at, if secret { SECRET } else { says }, None);
                }
            }
        }
    }
}

/// Whether some text in `value`, at any depth, satisfies `which`.
fn any_text(value: &DeValue<'_>, which: fn(&str) -> bool) -> bool {
    match value {
        DeValue::String(text) => which(text),
        DeValue::Array(list) => list.iter().any(|one| any_text(one.get_ref(), which)),
        DeValue::Table(table) => {
            table.iter().any(|(key, one)| which(key.get_ref()) || any_text(one.get_ref(), which))
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            false
        }
    }
}
