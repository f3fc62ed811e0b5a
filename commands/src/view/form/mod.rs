//! Dialogs: what we ask a person after they pressed a button, or instead of arguments that they did
//! not type. A dialog is the same on every platform; if a platform cannot show a kind of field, it
//! asks for text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::environment::Promotion;
use crate::input::button::ButtonAction;
use crate::reason::Reason;
use crate::refusal::{Mistake, Refusal};
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

/// The length of a command id, in characters.
pub const COMMAND_LENGTH: usize = 36;

/// A dialog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The title; at most 24 characters, because Slack refuses longer ones.
    pub title: String,
    /// What will happen when it is submitted.
    pub text: Text,
    /// The fields from top to bottom: at most five, because Discord has room for no more.
    pub fields: Vec<Field>,
    /// The label of the submit button; at most 24 characters.
    pub submit: String,
    /// The label of the cancel button; at most 24 characters.
    pub cancel: String,
    /// The action of the submission.
    pub press: ButtonAction,
}

/// One field of a dialog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Identifies the field in the submission and in validation errors.
    pub key: String,
    /// The label; at most 45 characters, the limit of Discord.
    pub label: String,
    /// Possible values, for people who see a text field instead of choices: an example, or all of
    /// them.
    pub hint: String,
    /// The kind of value that it takes.
    pub kind: FieldKind,
    /// Whether it must be filled in.
    pub required: bool,
}

/// The kind of value that a field takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Free text of the person.
    Text {
        /// Whether it may have several lines.
        long: bool,
        /// The minimum length, in characters.
        least: usize,
        /// The maximum length, in characters.
        most: usize,
    },
    /// A whole number.
    Number {
        /// The smallest value.
        least: u32,
        /// The largest value.
        most: u32,
    },
    /// One of several choices.
    Choice {
        /// All choices, with distinct values.
        choices: Vec<Choice>,
        /// The value that is preselected.
        chosen: Option<String>,
        /// Whether to show all of them at once, because there are few.
        at_a_glance: bool,
    },
}

/// A choice of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The text that the person sees.
    pub label: String,
    /// The value in the submission; never empty.
    pub value: String,
}

/// A dialog that a person submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// The token that the dialog carries.
    pub token: String,
    /// The submitted values, by the keys of the fields.
    pub values: BTreeMap<String, String>,
}

impl Filled {
    /// The value of the field with this key; empty if there is none.
    pub fn written(&self, key: &str) -> &str {
        self.values.get(key).map_or("", String::as_str)
    }
}

/// Whether a press needs a dialog before it can be decided.
pub fn opens(press: &ButtonAction) -> bool {
    match press {
        ButtonAction::PlanWith { .. }
        | ButtonAction::Reject { .. }
        | ButtonAction::NotSent { .. }
        | ButtonAction::Adopt { .. }
        | ButtonAction::Stop { .. }
        | ButtonAction::Resume { .. } => true,
        ButtonAction::Plan { .. }
        | ButtonAction::Approve { .. }
        | ButtonAction::Sure { .. }
        | ButtonAction::Leave { .. }
        | ButtonAction::Choose { .. }
        | ButtonAction::Withdraw { .. } => false,
    }
}

/// The dialog that a press needs before it can be decided; `None` if it needs none.
pub fn form(press: &ButtonAction, promotion: &Promotion, locale: Locale) -> Option<Form> {
    let (kind, run) = match press {
        ButtonAction::PlanWith { environment } => {
            return Some(plan::form(environment.as_ref(), promotion, locale));
        }
        ButtonAction::Reject { run, .. } => ("reject", run.to_string()),
        ButtonAction::NotSent { run, .. } => ("not-sent", run.to_string()),
        ButtonAction::Adopt { run, .. } => ("adopt", run.to_string()),
        ButtonAction::Stop { run } => ("stop", run.to_string()),
        ButtonAction::Resume { .. } => ("resume", String::new()),
        ButtonAction::Plan { .. }
        | ButtonAction::Approve { .. }
        | ButtonAction::Sure { .. }
        | ButtonAction::Leave { .. }
        | ButtonAction::Choose { .. }
        | ButtonAction::Withdraw { .. } => return None,
    };
    let none = Args::new();
    let word = |name: &str| phrase(locale, &format!("form-{kind}-{name}"), &none);
    let command = matches!(press, ButtonAction::Adopt { .. }).then(|| Field {
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

/// The mistakes in a submitted dialog, by the keys of its fields, for platforms that can show them
/// there. Only the configuration and the values are checked here; everything else is decided later.
pub fn mistakes(
    promotion: &Promotion,
    filled: &Filled,
    locale: Locale,
) -> BTreeMap<String, String> {
    let words = Words(locale);
    let Ok(press) = ButtonAction::parse(&filled.token) else { return BTreeMap::new() };
    if let ButtonAction::PlanWith { .. } = press {
        let mistakes = read_plan(promotion, filled).err().unwrap_or_default();
        let said = |mistake: &Mistake| (mistake.key().to_owned(), mistake.say(words).plain());
        return mistakes.iter().map(said).collect();
    }
    let asked = form(&press, promotion, locale).map_or(Vec::new(), |form| form.fields);
    let wrong = asked.into_iter().filter_map(|Field { key, .. }| {
        let written = filled.written(&key);
        let refusal = match key.as_str() {
            REASON => Reason::parse(written).err().map(Refusal::from),
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
    use crate::id::{DispatchId, Operation, RunId};

    #[test]
    fn a_reason_and_a_command_id_are_asked_for_at_their_fields() {
        let promotion = filled_plan::tests::promotion();
        let run: RunId = "verification-1".parse().expect("a run");
        let dispatch = DispatchId { wave: 0, operation: Operation::Install, chunk: 0, attempt: 1 };
        let check = |press: &ButtonAction, reason: &str, command: &str, fields: &[&str]| {
            let values = [(REASON, reason), (COMMAND, command)];
            let values = values.map(|(key, value)| (key.to_owned(), value.to_owned()));
            let filled = Filled { token: press.token(), values: BTreeMap::from(values) };
            let found = mistakes(&promotion, &filled, Locale::En);
            assert_eq!(found.keys().collect::<Vec<_>>(), fields, "{press:?} {found:?}");
        };
        let id = "0b4f6c1e-9d3a-4f27-8c55-1f2e3d4c5b6a";
        let stop = ButtonAction::Stop { run: run.clone() };
        check(&stop, "the disks are full", "", &[]);
        check(&stop, " \n", "", &[REASON]);
        check(&stop, &"x".repeat(Reason::LIMIT + 1), "", &[REASON]);
        let adopt = ButtonAction::Adopt { run: run.clone(), dispatch: dispatch.clone() };
        check(&adopt, "it is there", id, &[]);
        check(&adopt, "", "0b4f", &[COMMAND, REASON]);
        check(&ButtonAction::NotSent { run: run.clone(), dispatch }, "", "", &[REASON]);
        check(&ButtonAction::Withdraw { run }, "", "", &[]);
    }
}
