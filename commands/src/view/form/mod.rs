//! What is asked of a person in a dialog: after they pressed something, or in place of what they did
//! not type. A dialog knows no platform; what one cannot show it asks for as text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::environment::Promotion;
use crate::input::button::Press;
use crate::reason::Reason;
use crate::refusal::Mistake;
use crate::run::command_id;
use crate::text::Text;
use crate::text::wording::{Args, Locale, phrase, say};
use crate::view::words::Words;

mod filled_plan;
mod plan;

pub(crate) use filled_plan::read as read_plan;
pub use plan::CONFIGURED;

/// The key of the field for a reason.
pub const REASON: &str = "reason";

/// The key of the field for a command id.
pub const COMMAND: &str = "command";

/// The characters of a command id.
pub const COMMAND_LENGTH: usize = 36;

/// A dialog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// At most 24 characters: Slack refuses longer ones.
    pub title: String,
    /// What will happen.
    pub text: Text,
    /// What is asked, from top to bottom: at most five, Discord has room for no more.
    pub fields: Vec<Field>,
    /// To send it; at most 24 characters.
    pub submit: String,
    /// To leave it; at most 24 characters.
    pub cancel: String,
    /// What submitting asks for.
    pub press: Press,
}

/// One field of a dialog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// By which what was filled in comes back, and where a mistake is shown.
    pub key: String,
    /// What it is; at most 45 characters, for Discord.
    pub label: String,
    /// What could be written, for who sees no choices: an example, or all there is.
    pub hint: String,
    /// What is asked for.
    pub kind: FieldKind,
    /// Whether it has to be filled in.
    pub required: bool,
}

/// What a field asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A person's own words.
    Text {
        /// Whether there is room for several lines.
        long: bool,
        /// The fewest characters.
        least: usize,
        /// The most characters.
        most: usize,
    },
    /// A whole number.
    Number {
        /// The smallest.
        least: u32,
        /// The largest.
        most: u32,
    },
    /// One of several.
    Choice {
        /// All there are; no two have the same value.
        choices: Vec<Choice>,
        /// The value of the one that is chosen already.
        chosen: Option<String>,
        /// Whether all of them should be seen at once: there are few.
        at_a_glance: bool,
    },
}

/// One of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is read.
    pub label: String,
    /// What comes back; never empty.
    pub value: String,
}

/// A dialog that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// What the dialog carries.
    pub token: String,
    /// What was filled in, by the keys of the fields.
    pub values: BTreeMap<String, String>,
}

impl Filled {
    /// What was written into the field with this key; empty if nothing.
    pub fn written(&self, key: &str) -> &str {
        self.values.get(key).map_or("", String::as_str)
    }
}

/// Whether a press needs a dialog before it can be decided.
pub fn opens(press: &Press) -> bool {
    match press {
        Press::PlanWith { .. }
        | Press::Reject { .. }
        | Press::NotSent { .. }
        | Press::Adopt { .. }
        | Press::Stop { .. }
        | Press::Resume { .. } => true,
        Press::Plan { .. }
        | Press::Approve { .. }
        | Press::Sure { .. }
        | Press::Leave { .. }
        | Press::Choose { .. }
        | Press::Withdraw { .. } => false,
    }
}

/// The dialog that a press needs before it can be decided; none where the press says it all.
pub fn form(press: &Press, promotion: &Promotion, locale: Locale) -> Option<Form> {
    let (kind, run) = match press {
        Press::PlanWith { environment } => {
            return Some(plan::form(environment.as_ref(), promotion, locale));
        }
        Press::Reject { run, .. } => ("reject", run.to_string()),
        Press::NotSent { run, .. } => ("not-sent", run.to_string()),
        Press::Adopt { run, .. } => ("adopt", run.to_string()),
        Press::Stop { run } => ("stop", run.to_string()),
        Press::Resume { .. } => ("resume", String::new()),
        Press::Plan { .. }
        | Press::Approve { .. }
        | Press::Sure { .. }
        | Press::Leave { .. }
        | Press::Choose { .. }
        | Press::Withdraw { .. } => return None,
    };
    let none = Args::new();
    let word = |name: &str| phrase(locale, &format!("form-{kind}-{name}"), &none);
    let command = matches!(press, Press::Adopt { .. }).then(|| Field {
        key: COMMAND.to_owned(),
        label: word("command-label"),
        hint: word("command-hint"),
        kind: FieldKind::Text { long: false, least: COMMAND_LENGTH, most: COMMAND_LENGTH },
        required: true,
    });
    let reason = Field {
        key: REASON.to_owned(),
        label: word("label"),
        hint: word("hint"),
        kind: FieldKind::Text { long: true, least: 1, most: Reason::LIMIT },
        required: true,
    };
    Some(Form {
        title: word("title"),
        text: say(locale, &format!("form-{kind}-text"), &Args::new().text("run", run)),
        fields: command.into_iter().chain([reason]).collect(),
        submit: word("submit"),
        cancel: phrase(locale, "form-cancel", &none),
        press: press.clone(),
    })
}

/// What is wrong with a dialog that was sent, by the keys of its fields, for platforms that can show
/// it there. What the configuration and the words alone do not tell is decided on elsewhere.
pub fn mistakes(
    promotion: &Promotion,
    filled: &Filled,
    locale: Locale,
) -> BTreeMap<String, String> {
    let words = Words(locale);
    let Ok(press) = Press::parse(&filled.token) else { return BTreeMap::new() };
    if let Press::PlanWith { .. } = press {
        let mistakes = read_plan(promotion, filled).err().unwrap_or_default();
        let said = |mistake: &Mistake| (mistake.key().to_owned(), mistake.say(words).plain());
        return mistakes.iter().map(said).collect();
    }
    let asked = form(&press, promotion, locale).map_or(Vec::new(), |form| form.fields);
    let wrong = asked.into_iter().filter_map(|Field { key, .. }| {
        let written = filled.written(&key);
        let refusal = match key.as_str() {
            REASON => Reason::parse(written).err(),
            COMMAND => command_id(written).err(),
            _ => None,
        };
        refusal.map(|refusal| (key, refusal.say(words).plain()))
    });
    wrong.collect()
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::id::RunId;
    use crate::run::{DispatchId, Operation};

    #[test]
    fn a_reason_and_a_command_id_are_asked_for_at_their_fields() {
        let promotion = filled_plan::tests::promotion();
        let run: RunId = "verification-1".parse().expect("a run");
        let dispatch = DispatchId { wave: 0, operation: Operation::Install, chunk: 0, attempt: 1 };
        let check = |press: &Press, reason: &str, command: &str, fields: &[&str]| {
            let values = [(REASON, reason), (COMMAND, command)];
            let values = values.map(|(key, value)| (key.to_owned(), value.to_owned()));
            let filled = Filled { token: press.token(), values: BTreeMap::from(values) };
            let found = mistakes(&promotion, &filled, Locale::En);
            assert_eq!(found.keys().collect::<Vec<_>>(), fields, "{press:?} {found:?}");
        };
        let id = "0b4f6c1e-9d3a-4f27-8c55-1f2e3d4c5b6a";
        let stop = Press::Stop { run: run.clone() };
        check(&stop, "the disks are full", "", &[]);
        check(&stop, " \n", "", &[REASON]);
        check(&stop, &"x".repeat(Reason::LIMIT + 1), "", &[REASON]);
        let adopt = Press::Adopt { run: run.clone(), dispatch: dispatch.clone() };
        check(&adopt, "it is there", id, &[]);
        check(&adopt, "", "0b4f", &[COMMAND, REASON]);
        check(&Press::NotSent { run: run.clone(), dispatch }, "", "", &[REASON]);
        check(&Press::Withdraw { run }, "", "", &[]);
    }
}
