//! The dialog for a plan with overrides.
//!
//! Every field except the environment starts at "as configured" and need not be touched. A field
//! that stays there is no override, whatever environment the person chooses in the end.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::environment::{Environment, Promotion, RebootOption, StartRule};
use crate::id::EnvironmentName;
use crate::input::button::ButtonAction;
use crate::input::command::{NOW, PlanOption};
use crate::plan::{CANARY, PERCENT};
use crate::text::wording::{Args, Locale};
use crate::view::form::{Choice, Field, FieldKind, Form};
use crate::view::words::Words;

/// The value of a choice that keeps the configuration.
pub const CONFIGURED: &str = "configured";

pub(super) const ENVIRONMENT: &str = "environment";
pub(super) const WINDOW: &str = PlanOption::Window.word();
pub(super) const REBOOT: &str = PlanOption::Reboot.word();
pub(super) const CANARY_KEY: &str = "canary";
pub(super) const PERCENT_KEY: &str = "percent";

/// The dialog, with this environment, or the only one, preselected.
pub(super) fn form(
    environment: Option<&EnvironmentName>,
    promotion: &Promotion,
    locale: Locale,
) -> Form {
    let words = Words(locale);
    let known = match (environment, promotion.0.as_slice()) {
        (Some(name), _) => promotion.environment(name),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let word = |id: &str| words.phrase(id, &Args::new());
    Form {
        title: word("form-plan-title"),
        text: words.say("form-plan-text", &Args::new()),
        fields: vec![
            environments(known, promotion, words),
            windows(known, promotion, words),
            reboots(known, words),
            number(CANARY_KEY, known, known.map(|known| known.waves.canary), CANARY, words),
            number(PERCENT_KEY, known, known.map(|known| known.waves.percent), PERCENT, words),
        ],
        submit: word("form-plan-submit"),
        cancel: word("form-cancel"),
        press: ButtonAction::PlanWith { environment: environment.cloned() },
    }
}

fn environments(known: Option<&Environment>, promotion: &Promotion, words: Words) -> Field {
    let names: Vec<&str> = promotion.0.iter().map(|known| known.name.as_str()).collect();
    let choice = |name: &&str| Choice { label: (*name).to_owned(), value: (*name).to_owned() };
    Field {
        key: ENVIRONMENT.to_owned(),
        label: words.phrase("form-plan-environment", &Args::new()),
        hint: names.join(", "),
        kind: FieldKind::Choice {
            choices: names.iter().map(choice).collect(),
            chosen: known.map(|known| known.name.to_string()),
            at_a_glance: false,
        },
        required: true,
    }
}

/// The windows of every environment, because the person may still choose another environment. The
/// submission is checked for a window that the environment may use.
fn windows(known: Option<&Environment>, promotion: &Promotion, words: Words) -> Field {
    let own: Vec<&str> = known.map(Environment::windows).unwrap_or_default();
    let others = promotion.0.iter().flat_map(Environment::windows);
    let mut seen = BTreeSet::new();
    let names: Vec<&str> =
        own.into_iter().chain(others).filter(|name| seen.insert(*name)).collect();
    let configured = known.map(|known| match &known.start {
        StartRule::OnApproval => words.phrase("configured-start-now", &Args::new()),
        StartRule::InWindow(name) => name.clone(),
    });
    let configured = Configured::of(known, configured);
    // If every environment needs a window, nothing else is offered.
    let free = promotion.0.iter().any(|known| known.start == StartRule::OnApproval);
    let at_once = free.then(|| words.phrase("form-plan-at-once", &Args::new()));
    let mut choices = vec![configured.choice(words)];
    choices.extend(at_once.map(|label| Choice { label, value: NOW.to_owned() }));
    choices.extend(names.iter().map(|name| window(name, known, promotion)));
    let all = names.iter().copied().chain(free.then_some(NOW)).collect::<Vec<_>>().join(", ");
    choice_field(WINDOW, (choices, false), configured.hint(&all, words), words)
}

/// A window; if it belongs to another environment than the preselected one, the label says which.
fn window(name: &str, known: Option<&Environment>, promotion: &Promotion) -> Choice {
    let has = |environment: &&Environment| environment.windows().contains(&name);
    let label = if known.is_some_and(|known| has(&known)) {
        name.to_owned()
    } else {
        let owners = promotion.0.iter().filter(has).map(|owner| owner.name.as_str());
        format!("{name} ({})", owners.collect::<Vec<_>>().join(", "))
    };
    Choice { label, value: name.to_owned() }
}

fn reboots(known: Option<&Environment>, words: Words) -> Field {
    let yes = words.phrase("form-plan-reboot-yes", &Args::new());
    let no = words.phrase("form-plan-reboot-no", &Args::new());
    let configured = |yes: &str, no: &str| {
        let said = known.map(|known| match known.reboot {
            RebootOption::RebootIfNeeded => yes.to_owned(),
            RebootOption::NoReboot => no.to_owned(),
        });
        Configured::of(known, said)
    };
    let choices = vec![
        configured(&yes, &no).choice(words),
        Choice { label: yes, value: "yes".to_owned() },
        Choice { label: no, value: "no".to_owned() },
    ];
    let hint = configured("yes", "no").hint("yes, no", words);
    choice_field(REBOOT, (choices, true), hint, words)
}

fn choice_field(
    key: &str,
    (choices, at_a_glance): (Vec<Choice>, bool),
    hint: String,
    words: Words,
) -> Field {
    Field {
        key: key.to_owned(),
        label: words.phrase(&format!("form-plan-{key}"), &Args::new()),
        hint,
        kind: FieldKind::Choice { choices, chosen: Some(CONFIGURED.to_owned()), at_a_glance },
        required: false,
    }
}

fn number(
    key: &str,
    known: Option<&Environment>,
    configured: Option<u32>,
    range: RangeInclusive<u32>,
    words: Words,
) -> Field {
    let (least, most) = range.into_inner();
    let configured = Configured::of(known, configured.map(|number| number.to_string()));
    Field {
        key: key.to_owned(),
        label: words.phrase(&format!("form-plan-{key}"), &Args::new()),
        hint: configured.hint(&format!("{least}–{most}"), words),
        kind: FieldKind::Number { least, most },
        required: false,
    }
}

/// The configured value, and of which environment: the person may choose another one in the end.
struct Configured<'a>(Option<(&'a EnvironmentName, String)>);

impl<'a> Configured<'a> {
    fn of(known: Option<&'a Environment>, said: Option<String>) -> Self {
        Self(known.map(|known| &known.name).zip(said))
    }

    fn args(&self) -> Args {
        let (environment, said) = match &self.0 {
            Some((environment, said)) => (environment.as_str(), said.as_str()),
            None => Default::default(),
        };
        let known = i64::from(self.0.is_some());
        Args::new().number("known", known).text("environment", environment).text("configured", said)
    }

    /// The choice that keeps the configuration.
    fn choice(&self, words: Words) -> Choice {
        let label = words.phrase("form-plan-configured", &self.args());
        Choice { label, value: CONFIGURED.to_owned() }
    }

    /// What an empty field means, and what can be entered.
    fn hint(&self, all: &str, words: Words) -> String {
        words.phrase("form-plan-empty", &self.args().text("all", all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::form::filled_plan::tests::promotion;

    #[test]
    fn a_start_without_a_window_is_offered_where_some_environment_may_have_it() {
        let offers = |promotion: &Promotion| {
            let form = form(None, promotion, Locale::En);
            let FieldKind::Choice { choices, .. } = &form.fields[1].kind else {
                panic!("{form:?}")
            };
            choices.iter().map(|choice| choice.value.clone()).collect::<Vec<_>>()
        };
        let both = promotion();
        assert_eq!(offers(&both), [CONFIGURED, NOW, "sunday", "nightly"]);
        let windowed = Promotion(both.0.into_iter().skip(1).collect());
        assert_eq!(offers(&windowed), [CONFIGURED, "nightly"]);
    }
}
