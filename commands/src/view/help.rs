//! The answer to `/patch help`.

use crate::input::command::{ParseError, PlanOption, Verb};
use crate::plan::CANARY;
use crate::text::Text;
use crate::text::wording::Args;
use crate::view::{Block, Card, Fact, Reader, Tone, Words};

/// The help on all commands, or on one of them.
pub fn help(topic: Option<Verb>, reader: Reader) -> Card {
    let words = Words(reader.locale);
    let none = Args::new();
    let title = words.phrase("help-title", &none);
    let fact = |verb: Verb| Fact {
        label: usage(verb, words),
        value: words.say(&format!("help-{}", verb.word()), &none),
    };
    let verbs = topic.map_or_else(|| Verb::ALL.to_vec(), |verb| vec![verb]);
    let mut blocks = vec![Block::Facts(verbs.into_iter().map(fact).collect())];
    if topic.is_none() {
        blocks.push(Block::Note(words.say("help-note", &none)));
    }
    let fallback = words.phrase("help-fallback", &none);
    Card { drill: reader.drill, tone: Tone::Calm, title, blocks, buttons: Vec::new(), fallback }
}

/// The syntax of a command, such as `/patch plan <environment>`.
fn usage(verb: Verb, words: Words) -> String {
    let arguments = words.phrase(&format!("usage-{}", verb.word()), &Args::new());
    format!("/patch {} {arguments}", verb.word()).trim_end().to_owned()
}

impl ParseError {
    /// What went wrong, what it means, and what to do.
    pub(crate) fn say(&self, words: Words) -> Text {
        let with_usage = |id: &str, verb: Verb, given: &str| {
            let args = Args::new()
                .text("verb", verb.word())
                .text("given", given)
                .code("usage", usage(verb, words));
            words.say(id, &args)
        };
        match self {
            Self::TooLong { length } => words.say(
                "parse-too-long",
                &Args::new()
                    .number("length", *length as i64)
                    .number("limit", crate::input::command::LIMIT as i64),
            ),
            Self::UnknownVerb { given, suggestion: Some(verb) } => {
                with_usage("parse-unknown-suggest", *verb, given)
            }
            Self::UnknownVerb { given, suggestion: None } => {
                words.say("parse-unknown", &Args::new().text("given", given))
            }
            Self::NotYet { verb } => words.say("parse-not-yet", &Args::new().text("verb", *verb)),
            Self::Missing { verb } => {
                let why = words.say(&format!("missing-{}", verb.word()), &Args::new());
                let args = Args::new()
                    .text("verb", verb.word())
                    .rich("why", why)
                    .code("usage", usage(*verb, words));
                words.say("parse-missing", &args)
            }
            Self::BadOption { option, given } => {
                let id = match option {
                    PlanOption::Window => "parse-option-window",
                    PlanOption::Reboot => "parse-option-reboot",
                    PlanOption::Waves => "parse-option-waves",
                };
                let args = Args::new()
                    .text("given", given)
                    .number("most", i64::from(*CANARY.end()))
                    .code("usage", usage(Verb::Plan, words));
                words.say(id, &args)
            }
            Self::Twice { option } => words.say(
                "parse-twice",
                &Args::new().code("option", option.word()).code("usage", usage(Verb::Plan, words)),
            ),
            Self::Unusable { verb, given } => with_usage("parse-unusable", *verb, given),
        }
    }
}
