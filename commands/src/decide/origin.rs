//! What may be asked from where: outsiders get no information, and decisions are made only in the
//! channels that the configuration names.

use crate::decide::Interaction;
use crate::id::{Actor, Origin};
use crate::input::button::ButtonAction;
use crate::input::command::{Command, parse};
use crate::refusal::Refusal;

/// Refuses what `actor` may not ask for from where they are.
pub(crate) fn admitted(actor: &Actor, ask: &Interaction) -> Result<(), Refusal> {
    match actor.origin {
        Origin::Channel => Ok(()),
        Origin::Elsewhere if decides(ask) => Err(Refusal::NotHere),
        Origin::Elsewhere => Ok(()),
        Origin::Outside => Err(Refusal::Outside),
    }
}

/// Whether the interaction decides something. Text that cannot be parsed decides nothing, and the
/// parse error answers it.
fn decides(ask: &Interaction) -> bool {
    match ask {
        Interaction::Command { text } => parse(text).is_ok_and(|command| commands(&command)),
        Interaction::Press { token, .. } => {
            ButtonAction::parse(token).is_ok_and(|press| presses(&press))
        }
        Interaction::Home => false,
        Interaction::Form(_) => true,
    }
}

fn commands(command: &Command) -> bool {
    match command {
        Command::Plan { .. }
        | Command::PlanWith
        | Command::Approve { .. }
        | Command::Reject { .. }
        | Command::Stop { .. }
        | Command::Resume { .. } => true,
        Command::Help { .. }
        | Command::Menu
        | Command::Status
        | Command::Mine
        | Command::Notify { .. }
        | Command::List { .. }
        | Command::Show { .. }
        | Command::Runs
        | Command::Compliance { .. } => false,
    }
}

fn presses(press: &ButtonAction) -> bool {
    match press {
        ButtonAction::Plan { .. }
        | ButtonAction::PlanWith { .. }
        | ButtonAction::Approve { .. }
        | ButtonAction::Sure { .. }
        | ButtonAction::Reject { .. }
        | ButtonAction::Withdraw { .. }
        | ButtonAction::NotSent { .. }
        | ButtonAction::Adopt { .. }
        | ButtonAction::Stop { .. }
        | ButtonAction::Resume { .. } => true,
        ButtonAction::Leave { .. } | ButtonAction::Choose { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::command::Choice;
    use crate::run::tests::person;
    use crate::view::form::Filled;

    fn asked(origin: Origin, ask: &Interaction) -> Result<(), Refusal> {
        let actor = Actor { person: person("aiko"), groups: [].into(), linked: true, origin };
        admitted(&actor, ask)
    }

    #[test]
    fn nothing_is_decided_elsewhere_and_nothing_is_said_outside() {
        let typed = |text: &str| Interaction::Command { text: text.to_owned() };
        let pressed = |token: &str| Interaction::Press { token: token.to_owned(), confirmed: true };
        let run = "verification-1|0123456789ab";
        let deciding = [
            typed("plan verification"),
            typed("plan"),
            typed("approve"),
            typed("reject no"),
            typed("stop verification-1 no"),
            typed("stop no"),
            typed("resume yes"),
            pressed("p1|plan|verification"),
            pressed("p1|plan-with"),
            pressed(&format!("p1|approve|{run}")),
            pressed(&format!("p1|sure|{run}")),
            pressed(&format!("p1|reject|{run}")),
            pressed("p1|withdraw|verification-1"),
            pressed("p1|stop|verification-1"),
            pressed("p1|resume|1"),
            pressed("p1|not-sent|verification-1|0|i|0|1"),
            pressed("p1|adopt|verification-1|0|i|0|1"),
            Interaction::Form(Filled { token: format!("p1|reject|{run}"), values: [].into() }),
        ];
        for ask in &deciding {
            assert_eq!(asked(Origin::Elsewhere, ask), Err(Refusal::NotHere), "{ask:?}");
        }
        let status = ButtonAction::Choose { choice: Choice::Status }.token();
        let reading = [
            typed("status"),
            typed("help"),
            typed("notify on"),
            pressed(&status),
            Interaction::Home,
        ];
        for ask in &reading {
            assert_eq!(asked(Origin::Elsewhere, ask), Ok(()), "{ask:?}");
        }
        for ask in deciding.iter().chain(&reading) {
            assert_eq!(asked(Origin::Outside, ask), Err(Refusal::Outside), "{ask:?}");
            assert_eq!(asked(Origin::Channel, ask), Ok(()), "{ask:?}");
        }
    }
}
