//! The mistakes in the file. Nothing here can hold a value of the file.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::secret_detection::looks_like_secret;

/// The file cannot be used: every mistake that was found, each with its position.
///
/// If an error quoted a token that was pasted into the file, the token would end up in the system
/// journal. So a `Mistake` consists of the program's own words, of numbers, and of at most one
/// `Name`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError(Vec<Mistake>);

/// One mistake: its position, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mistake {
    line: usize,
    column: usize,
    /// Consists of known keys and ordinals only; empty for the file as a whole. `None` if `says` is
    /// a complete sentence.
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
    /// A mistake at `span` that the checks missed, found when the file could not be read after all.
    pub(super) fn unread(text: &str, span: Option<Range<usize>>) -> Self {
        let mut mistakes = Mistakes::of(text);
        let says = "What stands here cannot be read, although every check took it: this is a fault of patchbot";
        mistakes.add_sentence(&span.unwrap_or(0..0), says);
        Self(mistakes.found)
    }
}

/// A name from the file that is safe to show: short, plain, and unlike a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name(String);

impl Name {
    /// `text`, if it can only be a name.
    pub(super) fn plain(text: &str) -> Option<Self> {
        let sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.@".contains(c);
        let plain = (1..=40).contains(&text.len()) && text.chars().all(sign);
        (plain && !looks_like_secret(text)).then(|| Self(text.to_owned()))
    }

    /// The one of `known` that the author of `text` probably meant.
    pub(super) fn meant<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let near = known.into_iter().map(|known| (strsim::jaro_winkler(text, known), known));
        let best = near.filter(|(near, _)| *near >= 0.84).max_by(|a, b| a.0.total_cmp(&b.0));
        best.and_then(|(_, known)| Self::plain(known))
    }
}

/// A message about a value: the program's own words, and none from the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Says(Cow<'static, str>);

impl From<&'static str> for Says {
    fn from(words: &'static str) -> Self {
        Self(Cow::Borrowed(words))
    }
}

impl Says {
    /// The message that the value must be one of `words`.
    pub(super) fn one_of(words: &'static [&'static str]) -> Self {
        let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        Self(Cow::Owned(format!("has to be {}", quoted.join(" or "))))
    }
}

/// Collects the mistakes.
#[derive(Clone, Debug)]
pub(super) struct Mistakes<'a> {
    text: &'a str,
    found: Vec<Mistake>,
}

impl<'a> Mistakes<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// Adds a mistake at `span`. `says` continues after the path of the key.
    pub(super) fn add(&mut self, span: &Range<usize>, path: &str, says: &'static str) {
        self.push(span, Some(path), says.to_owned());
    }

    /// Adds a mistake at `span` for which no key can be named.
    pub(super) fn add_sentence(&mut self, span: &Range<usize>, says: &'static str) {
        self.push(span, None, says.to_owned());
    }

    /// As [`Self::add`], with the name that the author probably meant.
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

    /// As [`Self::add`], with the number of items.
    pub(super) fn add_counted(
        &mut self,
        span: &Range<usize>,
        path: &str,
        says: &'static str,
        count: usize,
    ) {
        self.push(span, Some(path), format!("{says} {count}"));
    }

    /// Whether the line of `span` already has a mistake.
    pub(super) fn has_line_of(&self, span: &Range<usize>) -> bool {
        let (line, _) = self.place(span);
        self.found.iter().any(|known| known.line == line)
    }

    /// All mistakes in the order of the file; `Ok` if there are none.
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
