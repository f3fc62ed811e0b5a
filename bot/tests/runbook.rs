//! Operators search deploy/when-something-is-wrong.md for what they read at two in the morning. So
//! a card, the log or the command line must say everything that it quotes, word for word.
//!
//! On that page "double quotes" and *italics* are what people read on a card, a button or in an
//! answer, and `code` with a space in it is a line of the log or of the command line, or a command
//! to type. An ellipsis replaces what differs each time.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

/// Replaces what differs each time: a value in a message, or what the page leaves out.
const GAP: &str = "…";

/// What others say: Discord's API, Windows, the AWS SDK, and the labels of Slack's and Discord's
/// own settings.
const NOT_OURS: [&str; 9] = [
    "0 401: Unauthorized",
    "Unable to connect to the remote server",
    "failed to load IMDS session token",
    "no source of credentials",
    "App Manifest",
    "Manage Threads",
    "Create Public Threads",
    "Send Messages in Threads",
    "Attach Files",
];

/// Emphasized words that quote nobody.
const EMPHASIS: [&str; 0] = [];

/// The beginnings of commands that a person types.
const COMMANDS: [&str; 10] = [
    "/",
    "aws ",
    "df ",
    "docker ",
    "fuser ",
    "journalctl ",
    "patchbot ",
    "reboot =",
    "systemctl ",
    "timedatectl",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
    {
        if entry.is_dir() {
            files(&entry, ending, found);
        } else if entry.extension().is_some_and(|extension| extension == ending) {
            found.push(entry);
        }
    }
}

/// Every form of a pattern, with a gap for each value.
fn ways(pattern: &Pattern<&str>) -> Vec<String> {
    pattern.elements.iter().fold(vec![String::new()], |before, element| {
        let next = match element {
            PatternElement::TextElement { value } => vec![(*value).to_owned()],
            PatternElement::Placeable { expression } => expressed(expression),
        };
        let both =
            before.iter().flat_map(|start| next.iter().map(move |end| format!("{start}{end}")));
        both.collect()
    })
}

fn expressed(expression: &Expression<&str>) -> Vec<String> {
    match expression {
        Expression::Select { variants, .. } => {
            variants.iter().flat_map(|variant| ways(&variant.value)).collect()
        }
        Expression::Inline(InlineExpression::StringLiteral { value }) => vec![(*value).to_owned()],
        Expression::Inline(InlineExpression::Placeable { expression }) => expressed(expression),
        Expression::Inline(_) => vec![GAP.to_owned()],
    }
}

/// What cards, answers and threads say.
fn messages() -> BTreeSet<String> {
    let mut sources = Vec::new();
    files(&root().join("commands/locales/en"), "ftl", &mut sources);
    let mut all = BTreeSet::new();
    for source in sources {
        let text = fs::read_to_string(source).expect("a file of messages");
        let resource = fluent_syntax::parser::parse(text.as_str()).expect("messages");
        for entry in &resource.body {
            if let Entry::Message(message) = entry {
                all.extend(message.value.iter().flat_map(ways).map(|said| bare(&said)));
            }
        }
    }
    assert!(all.len() > 300, "the messages were not found: {}", all.len());
    all
}

/// The texts in the sources, with a gap for each value in them.
fn literals() -> BTreeSet<String> {
    let mut sources = Vec::new();
    for room in ["bot/src", "commands/src", "storage/src"] {
        files(&root().join(room), "rs", &mut sources);
    }
    let mut all = BTreeSet::new();
    for source in sources.iter().filter(|path| !path.ends_with("tests.rs")) {
        let text = fs::read_to_string(source).expect("a source");
        let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for line in strings(code) {
            all.insert(bare(&line));
        }
    }
    assert!(all.len() > 1_000, "the texts were not found: {}", all.len());
    all
}

fn strings(code: &str) -> Vec<String> {
    let (mut found, mut current, mut depth) = (Vec::new(), None::<String>, 0_u32);
    let mut characters = code.chars().peekable();
    let mut last = ' ';
    while let Some(character) = characters.next() {
        match (&mut current, character) {
            (None, '/') if characters.peek() == Some(&'/') => {
                for _ in characters.by_ref().take_while(|next| *next != '\n') {}
            }
            (None, '"') if last != '\'' => current = Some(String::new()),
            (None, _) => {}
            (Some(text), '\\') => match characters.next() {
                Some('\n') => {
                    while characters.peek().is_some_and(|next| next.is_whitespace()) {
                        characters.next();
                    }
                }
                Some(escaped) if depth == 0 => text.push(escaped),
                Some(_) | None => {}
            },
            (Some(_), '"') => {
                found.extend(current.take());
                depth = 0;
            }
            (Some(text), '{') => {
                if depth == 0 {
                    text.push_str(GAP);
                }
                depth += 1;
            }
            (Some(_), '}') => depth = depth.saturating_sub(1),
            (Some(text), other) if depth == 0 => text.push(other),
            (Some(_), _) => {}
        }
        last = character;
    }
    found
}

/// The text without markup, and with single spaces.
fn bare(text: &str) -> String {
    let plain = text.replace("**", "").replace('`', "");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether `said` contains all that was quoted, in order.
fn says(said: &str, quoted: &str) -> bool {
    let mut rest = said;
    quoted.split(GAP).map(str::trim).filter(|piece| !piece.is_empty()).all(|piece| {
        match rest.split_once(piece) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        }
    })
}

/// The texts between two marks, outside blocks of code.
fn between(page: &str, mark: char) -> Vec<String> {
    let mut found = Vec::new();
    for paragraph in page.split("\n\n") {
        found.extend(paragraph.split(mark).skip(1).step_by(2).map(bare));
    }
    found
}

struct Page {
    prose: String,
    code: Vec<String>,
}

fn page() -> Page {
    let path = root().join("deploy/when-something-is-wrong.md");
    let text = fs::read_to_string(path).expect("the page");
    // Blocks of code are to be typed; so is the target of a link.
    let text: String = text.split("```").step_by(2).collect();
    let text = text.replace("](#", "](").replace('|', " | ");
    let code = between(&text, '`');
    let mut prose = String::new();
    for paragraph in text.split("\n\n") {
        // Code within a quoted sentence is part of it.
        let mut in_quotes = false;
        let mut in_code = false;
        for character in paragraph.chars() {
            match character {
                '`' => in_code = !in_code,
                '"' if !in_code => {
                    in_quotes = !in_quotes;
                    prose.push('"');
                }
                other if in_quotes || !in_code => prose.push(other),
                _ => {}
            }
        }
        assert!(!in_quotes && !in_code, "a quotation does not end: {paragraph}");
        prose.push_str("\n\n");
    }
    Page { prose, code }
}

/// An error is followed by its causes, each after a colon.
fn is_a_chain(quoted: &str, said: &BTreeSet<String>) -> bool {
    (0..quoted.len()).filter(|at| quoted.is_char_boundary(*at)).any(|at| {
        let (start, rest) = quoted.split_at(at);
        rest.strip_prefix(": ").is_some_and(|cause| {
            let said_by_one = |part: &str| said.iter().any(|line| says(line, part));
            !start.is_empty() && said_by_one(start) && said_by_one(cause)
        })
    })
}

fn unsaid(quoted: Vec<String>, said: &BTreeSet<String>) -> Vec<String> {
    let known = |quote: &String| {
        NOT_OURS.contains(&quote.as_str())
            || EMPHASIS.contains(&quote.as_str())
            || said.iter().any(|line| says(line, quote))
            || is_a_chain(quote, said)
    };
    quoted.into_iter().filter(|quote| !known(quote)).collect()
}

#[test]
fn every_sentence_that_the_page_quotes_is_said() {
    let Page { prose, code } = page();
    let (messages, literals) = (messages(), literals());
    let everything: BTreeSet<String> = messages.union(&literals).cloned().collect();

    let quoted = between(&prose, '"');
    assert!(quoted.len() > 40, "the quotations were not found: {quoted:?}");
    assert_eq!(unsaid(quoted, &everything), Vec::<String>::new(), "nothing says this");

    let emphasised = between(&prose.replace("**", ""), '*');
    assert_eq!(unsaid(emphasised, &messages), Vec::<String>::new(), "no button or card says this");

    let typed = |text: &String| COMMANDS.iter().any(|command| text.starts_with(command));
    let logged: Vec<String> =
        code.into_iter().filter(|text| text.contains(' ') && !typed(text)).collect();
    assert!(logged.len() > 15, "the lines of the log were not found: {logged:?}");
    assert_eq!(unsaid(logged, &everything), Vec::<String>::new(), "nothing logs this");
}

/// A message that operators look up in a table is quoted there as they read it, so that the test
/// above checks it.
#[test]
fn what_is_looked_up_is_quoted() {
    let text =
        fs::read_to_string(root().join("deploy/when-something-is-wrong.md")).expect("the page");
    let mut lookup = false;
    for line in text.lines() {
        let mut cells = line.split('|').skip(1).map(str::trim);
        match cells.next() {
            None => lookup = false,
            Some("the card says" | "it says" | "the line says" | "the private answer says") => {
                lookup = true;
            }
            Some(first) if lookup && !first.starts_with("---") => {
                assert!(first.starts_with(['"', '`']), "not quoted: {line}");
            }
            Some(_) => {}
        }
    }
}

#[test]
fn a_changed_word_is_noticed() {
    assert!(says(
        "patchbot does not know whether … reached AWS. ….",
        "patchbot does not know whether … reached AWS"
    ));
    assert!(!says(
        "Nobody knows whether … reached AWS (…).",
        "patchbot does not know whether … reached AWS"
    ));
    assert!(!says("…", "anything"), "a value says nothing by itself");
    assert_eq!(strings("f(\"a {b} \\\n   c\"); // \"no\"\n"), ["a … c"]);
}
