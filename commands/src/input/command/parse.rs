//! The parser of what people type after `/patch`. It does nothing else, and it never guesses.

use thiserror::Error;

use crate::id::RunId;
use crate::input::command::options::{PlanOption, half_width, overrides};
use crate::input::command::{Command, Verb};

/// The maximum length of a command, in characters. Every sensible command is far shorter.
pub const LIMIT: usize = 1_000;

/// Verbs that are planned but not implemented: they have an error of their own, so that nobody
/// searches for a typo.
const LATER: [&str; 9] =
    ["inventory", "defer", "windows", "skip", "cycle", "third-party", "evidence", "audit", "drill"];

/// Why the text is not a command. Quotes of the text are cut short.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ParseError {
    /// The text is far too long.
    #[error("the command has {length} characters and the limit is {LIMIT}")]
    TooLong {
        /// Its length in characters.
        length: usize,
    },
    /// There is no such verb.
    #[error("there is no command {given:?}")]
    UnknownVerb {
        /// The verb that was typed, cut to 40 characters.
        given: String,
        /// The verb that was probably meant.
        suggestion: Option<Verb>,
    },
    /// The verb is planned but not implemented yet.
    #[error("{verb} does not exist yet")]
    NotYet {
        /// The planned verb.
        verb: &'static str,
    },
    /// A required argument is missing.
    #[error("{} needs more", verb.word())]
    Missing {
        /// The command that requires it.
        verb: Verb,
    },
    /// An option has an invalid value.
    #[error("{} cannot be {given:?}", option.word())]
    BadOption {
        /// The option with the invalid value.
        option: PlanOption,
        /// The value that was typed, cut to 40 characters.
        given: String,
    },
    /// An option was given twice, so it is not clear which value counts.
    #[error("{} is there twice", option.word())]
    Twice {
        /// The option that was given twice.
        option: PlanOption,
    },
    /// The command has no use for the rest of the text.
    #[error("{} does not take {given:?}", verb.word())]
    Unusable {
        /// The command that was typed.
        verb: Verb,
        /// The rest of the text, cut to 40 characters.
        given: String,
    },
}

/// Parses what was typed after `/patch`. An empty text is the menu.
///
/// # Errors
/// If the text is not a command, or is not complete. The error says what is wrong with it.
///
/// ```
/// use commands::input::command::{Command, parse};
///
/// let Command::Reject { run, reason } = parse("reject production-7 quarter end")? else {
///     panic!("another command");
/// };
/// assert_eq!(run, Some("production-7".parse()?));
/// assert_eq!(reason, "quarter end");
/// assert!(parse("aprove production-7").is_err(), "nothing is guessed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse(input: &str) -> Result<Command, ParseError> {
    let length = input.chars().count();
    if length > LIMIT {
        return Err(ParseError::TooLong { length });
    }
    let input = input.trim();
    let input = input.strip_prefix("/patch").unwrap_or(input);
    let (word, rest) = next_word(input);
    if word.is_empty() {
        return Ok(Command::Menu);
    }
    let verb = verb(word)?;
    arguments(verb, rest)
}

fn verb(word: &str) -> Result<Verb, ParseError> {
    let lower = word.to_lowercase();
    if let Some(verb) = Verb::ALL.into_iter().find(|verb| verb.word() == lower) {
        return Ok(verb);
    }
    if let Some(verb) = LATER.into_iter().find(|later| *later == lower) {
        return Err(ParseError::NotYet { verb });
    }
    let suggestion = Verb::ALL
        .into_iter()
        .map(|verb| (strsim::damerau_levenshtein(verb.word(), &lower), verb))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, verb)| verb);
    Err(ParseError::UnknownVerb { given: quoted(word), suggestion })
}

fn arguments(verb: Verb, rest: &str) -> Result<Command, ParseError> {
    let missing = || ParseError::Missing { verb };
    let unusable = |given: &str| ParseError::Unusable { verb, given: quoted(given) };
    let (first, after_first) = next_word(rest);
    // A typed name is compared as a name: names never differ in case alone.
    let name = first.to_lowercase();
    let only = |command: Command| match after_first {
        "" => Ok(command),
        extra => Err(unusable(extra)),
    };
    let alone = |command: Command| if rest.is_empty() { Ok(command) } else { Err(unusable(rest)) };
    match verb {
        Verb::Help if name.is_empty() => Ok(Command::Help { topic: None }),
        Verb::Help => only(Command::Help { topic: Some(self::verb(first)?) }),
        Verb::Menu => alone(Command::Menu),
        Verb::Status => alone(Command::Status),
        Verb::Mine => alone(Command::Mine),
        Verb::Notify => match name.as_str() {
            "" => Ok(Command::Notify { on: None }),
            "on" => only(Command::Notify { on: Some(true) }),
            "off" => only(Command::Notify { on: Some(false) }),
            _ => Err(unusable(first)),
        },
        Verb::Runs => alone(Command::Runs),
        Verb::List if name.is_empty() => Ok(Command::List { level: None }),
        Verb::List => {
            only(Command::List { level: Some(name.parse().map_err(|_| unusable(first))?) })
        }
        Verb::Show if name.is_empty() => Err(missing()),
        // A driver has only its title as an id, and that has spaces.
        Verb::Show => Ok(Command::Show { subject: rest.to_owned() }),
        Verb::Plan if name.is_empty() => Ok(Command::PlanWith),
        Verb::Plan if half_width(first).contains('=') => Err(missing()),
        Verb::Plan => {
            let environment = name.parse().map_err(|_| unusable(first))?;
            let overrides = overrides(after_first, unusable)?;
            Ok(Command::Plan { environment, overrides })
        }
        Verb::Approve if name.is_empty() => Ok(Command::Approve { run: None }),
        Verb::Approve => {
            only(Command::Approve { run: Some(name.parse().map_err(|_| unusable(first))?) })
        }
        Verb::Reject => {
            // The first word is a run if it reads like one; otherwise it begins the reason.
            let run: Option<RunId> = name.parse().ok();
            let reason = if run.is_some() { after_first } else { rest };
            reason_given(reason).map(|reason| Command::Reject { run, reason }).ok_or_else(missing)
        }
        Verb::Compliance if name.is_empty() => Ok(Command::Compliance { environment: None }),
        Verb::Compliance => only(Command::Compliance {
            environment: Some(name.parse().map_err(|_| unusable(first))?),
        }),
        Verb::Stop => {
            let run: Option<RunId> = name.parse().ok();
            let reason = reason_given(if run.is_some() { after_first } else { rest });
            match (&run, reason) {
                (_, Some(reason)) => Ok(Command::Stop { run, reason }),
                (Some(_), None) => Ok(Command::Stop { run, reason: String::new() }),
                (None, None) => Err(missing()),
            }
        }
        Verb::Resume => {
            reason_given(rest).map(|reason| Command::Resume { reason }).ok_or_else(missing)
        }
    }
}

/// A reason, without the quotes that people put around it.
fn reason_given(text: &str) -> Option<String> {
    let quotes = ['"', '\'', '“', '”', '「', '」'];
    let reason = text.trim_matches(|c: char| quotes.contains(&c) || c.is_whitespace());
    (!reason.is_empty()).then(|| reason.to_owned())
}

/// The first word and the rest. Any white space separates them, including that of Japanese
/// keyboards.
fn next_word(text: &str) -> (&str, &str) {
    let text = text.trim();
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim()),
        None => (text, ""),
    }
}

pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::patch::level::Level;
    use crate::plan::Overrides;

    fn check(input: &str, expected: Result<Command, ParseError>) {
        assert_eq!(parse(input), expected, "{input:?}");
    }

    #[test]
    fn what_people_type_is_understood() {
        let run = |text: &str| text.parse::<RunId>().expect("a run");
        let environment = |text: &str| text.parse().expect("an environment");
        check("", Ok(Command::Menu));
        check(" /patch ", Ok(Command::Menu));
        check("Menu", Ok(Command::Menu));
        check("help", Ok(Command::Help { topic: None }));
        check("  /patch　STATUS ", Ok(Command::Status));
        check("notify", Ok(Command::Notify { on: None }));
        check("notify ON", Ok(Command::Notify { on: Some(true) }));
        check("notify off", Ok(Command::Notify { on: Some(false) }));
        check("help plan", Ok(Command::Help { topic: Some(Verb::Plan) }));
        check("list iii", Ok(Command::List { level: Some(Level::III) }));
        check("list Ⅲ", Ok(Command::List { level: Some(Level::III) }));
        let (environment, overrides) = (environment("verification"), Overrides::default());
        check("plan Verification", Ok(Command::Plan { environment, overrides }));
        check("plan", Ok(Command::PlanWith));
        check("approve", Ok(Command::Approve { run: None }));
        check("approve verification-3", Ok(Command::Approve { run: Some(run("verification-3")) }));
        check(
            "reject verification-3 “quarter end”",
            Ok(Command::Reject { run: Some(run("verification-3")), reason: "quarter end".into() }),
        );
        check(
            "reject quarter end",
            Ok(Command::Reject { run: None, reason: "quarter end".into() }),
        );
        check("show CVE-2024-6387", Ok(Command::Show { subject: "CVE-2024-6387".into() }));
        check(
            "stop disk alarms on web-3",
            Ok(Command::Stop { run: None, reason: "disk alarms on web-3".into() }),
        );
        check(
            "stop Verification-3 “disk alarms”",
            Ok(Command::Stop { run: Some(run("verification-3")), reason: "disk alarms".into() }),
        );
        check("stop web-3", Ok(Command::Stop { run: Some(run("web-3")), reason: String::new() }));
    }

    #[test]
    fn what_is_no_command_is_refused_with_what_helps() {
        check("x".repeat(5_000).as_str(), Err(ParseError::TooLong { length: 5_000 }));
        check(
            "aprove verification-1",
            Err(ParseError::UnknownVerb {
                given: "aprove".into(),
                suggestion: Some(Verb::Approve),
            }),
        );
        check("dance", Err(ParseError::UnknownVerb { given: "dance".into(), suggestion: None }));
        check("windows", Err(ParseError::NotYet { verb: "windows" }));
        check("plan reboot=no", Err(ParseError::Missing { verb: Verb::Plan }));
        check(
            "plan prod/../x",
            Err(ParseError::Unusable { verb: Verb::Plan, given: "prod/../x".into() }),
        );
        check("plan a b", Err(ParseError::Unusable { verb: Verb::Plan, given: "b".into() }));
        check("list IV", Err(ParseError::Unusable { verb: Verb::List, given: "IV".into() }));
        check("stop", Err(ParseError::Missing { verb: Verb::Stop }));
        check("reject verification-1", Err(ParseError::Missing { verb: Verb::Reject }));
        check(
            "menu please",
            Err(ParseError::Unusable { verb: Verb::Menu, given: "please".into() }),
        );
        check("notify me", Err(ParseError::Unusable { verb: Verb::Notify, given: "me".into() }));
        check("status now", Err(ParseError::Unusable { verb: Verb::Status, given: "now".into() }));
    }

    proptest! {
        #[test]
        fn nothing_that_can_be_typed_panics(input in ".*") {
            let _ = parse(&input);
        }
    }
}
