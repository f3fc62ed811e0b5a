//! What is wrong with the file. Nothing here can hold a value of it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::secret_detection::looks_like_secret;

/// The file cannot be used: every mistake that was found, each with its place.
///
/// A token that was pasted into the file would stand in the journal if an error quoted it. So
/// a `Mistake` is made of the program's own words, of numbers, and of a `Name` at the most.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError(Vec<Mistake>);

/// One mistake: where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mistake {
    line: usize,
    column: usize,
    /// Of known keys and ordinals only; empty for the file as a whole. `None` if `says` is a sentence by itself.
    path: Option<String>,
    says: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(f, "{count} {}", if count == 1 { "mistake" } else { "mistakes" })?;
        for Mistake { line, column, path, says } in &self.0 {
            write!(f, "\n  line {line}, column {column}: ")?;
            match path.as_deref() {
                None => {}
                Some("") => f.write_str("the file ")?,
                Some(path) => write!(f, "`{path}` ")?,
            }
            f.write_str(says)?;
        }
        Ok(())
    }
}

impl ConfigError {
    /// Something at `span` that the checks let through and that could not be read all the same.
    pub(super) fn unread(text: &str, span: Option<Range<usize>>) -> Self {
        let mut mistakes = Mistakes::of(text);
        let says = "What stands here cannot be read, although every check took it: this is a fault of patchbot";
        mistakes.add_sentence(&span.unwrap_or(0..0), says);
        Self(mistakes.found)
    }
}

/// A name that may be shown although it stands in the file: short, plain, and like no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name(String);

impl Name {
    /// `text`, if it can be nothing but a name.
    pub(super) fn plain(text: &str) -> Option<Self> {
        let sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.@".contains(c);
        let plain = (1..=40).contains(&text.len()) && text.chars().all(sign);
        (plain && !looks_like_secret(text)).then(|| Self(text.to_owned()))
    }

    /// The one of `known` that `text` was probably meant to be.
    pub(super) fn meant<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let near = known.into_iter().map(|known| (strsim::jaro_winkler(text, known), known));
        let best = near.filter(|(near, _)| *near >= 0.84).max_by(|a, b| a.0.total_cmp(&b.0));
        best.and_then(|(_, known)| Self::plain(known))
    }
}

/// What is said of a value: the program's own words, and none of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Says(Cow<'static, str>);

impl From<&'static str> for Says {
    fn from(words: &'static str) -> Self {
        Self(Cow::Borrowed(words))
    }
}

impl Says {
    /// That it has to be one of `words`.
    pub(super) fn one_of(words: &'static [&'static str]) -> Self {
        let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        Self(Cow::Owned(format!("has to be {}", quoted.join(" or "))))
    }
}

/// Mistakes as they are found.
#[derive(Clone, Debug)]
pub(super) struct Mistakes<'a> {
    text: &'a str,
    found: Vec<Mistake>,
}

impl<'a> Mistakes<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// Says that what stands at `span` is wrong. `says` goes on where the key's path ends.
    pub(super) fn add(&mut self, span: &Range<usize>, path: &str, says: &'static str) {
        self.push(span, Some(path), says.to_owned());
    }

    /// Says what is wrong at `span` where no key can be named.
    pub(super) fn add_sentence(&mut self, span: &Range<usize>, says: &'static str) {
        self.push(span, None, says.to_owned());
    }

    /// The same, with what was probably meant.
    pub(super) fn add_meant(
        &mut self,
        span: &Range<usize>,
        path: &str,
        says: impl Into<Says>,
        meant: Option<Name>,
    ) {
        let meant = meant.map(|Name(name)| format!(". Did you mean \"{name}\"?"));
        self.push(span, Some(path), format!("{}{}", says.into().0, meant.unwrap_or_default()));
    }

    /// The same, with how many there are.
    pub(super) fn add_counted(
        &mut self,
        span: &Range<usize>,
        path: &str,
        says: &'static str,
        count: usize,
    ) {
        self.push(span, Some(path), format!("{says} {count}"));
    }

    /// Whether something is wrong in the line of `span` already.
    pub(super) fn has_line_of(&self, span: &Range<usize>) -> bool {
        let (line, _) = self.place(span);
        self.found.iter().any(|known| known.line == line)
    }

    /// All of them in the order of the file; nothing if there is none.
    pub(super) fn end(mut self) -> Result<(), ConfigError> {
        self.found.sort_by_key(|mistake| (mistake.line, mistake.column));
        self.found.dedup();
        if self.found.is_empty() { Ok(()) } else { Err(ConfigError(self.found)) }
    }

    fn push(&mut self, span: &Range<usize>, path: Option<&str>, says: String) {
        let (line, column) = self.place(span);
        self.found.push(Mistake { line, column, path: path.map(str::to_owned), says });
    }

    fn place(&self, span: &Range<usize>) -> (usize, usize) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(begin..).unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }
}
