//! What is asked of a person in a dialog after they pressed something.

use serde::{Deserialize, Serialize};

use crate::press::Press;
use crate::text::Text;
use crate::wording::{Args, Locale, phrase, say};

/// The key of the field that all forms have.
pub const REASON: &str = "reason";

/// The key of the field for a command id.
pub const COMMAND: &str = "command";

/// The characters of a command id.
pub const COMMAND_LENGTH: usize = 36;

/// The most characters of a reason: it is quoted in cards, which have limits of their own.
pub const REASON_LIMIT: usize = 500;

/// A dialog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// At most 24 characters: Slack refuses longer ones.
    pub title: String,
    /// What will happen.
    pub text: Text,
    /// A field for a command id, where one is asked for. It stands before the other.
    pub command: Option<Field>,
    /// The label of the field.
    pub label: String,
    /// An example of what to write.
    pub hint: String,
    /// To send it; at most 24 characters.
    pub submit: String,
    /// To leave it; at most 24 characters.
    pub cancel: String,
    /// What submitting asks for.
    pub press: Press,
}

/// One more field of a dialog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// What it is.
    pub label: String,
    /// An example of what to write.
    pub hint: String,
}

/// The dialog that a press needs before it can be decided; none where the press says it all.
pub fn form(press: &Press, locale: Locale) -> Option<Form> {
    let (kind, run) = match press {
        Press::Reject { run, .. } => ("reject", run.to_string()),
        Press::NotSent { run, .. } => ("not-sent", run.to_string()),
        Press::Adopt { run, .. } => ("adopt", run.to_string()),
        Press::Stop { run } => ("stop", run.to_string()),
        Press::Plan { .. }
        | Press::Approve { .. }
        | Press::Sure { .. }
        | Press::Leave { .. }
        | Press::Choose { .. }
        | Press::Withdraw { .. } => return None,
    };
    let none = Args::new();
    Some(Form {
        title: phrase(locale, &format!("form-{kind}-title"), &none),
        text: say(locale, &format!("form-{kind}-text"), &Args::new().text("run", run)),
        command: matches!(press, Press::Adopt { .. }).then(|| Field {
            label: phrase(locale, "form-adopt-command-label", &none),
            hint: phrase(locale, "form-adopt-command-hint", &none),
        }),
        label: phrase(locale, &format!("form-{kind}-label"), &none),
        hint: phrase(locale, &format!("form-{kind}-hint"), &none),
        submit: phrase(locale, &format!("form-{kind}-submit"), &none),
        cancel: phrase(locale, "form-cancel", &none),
        press: press.clone(),
    })
}
