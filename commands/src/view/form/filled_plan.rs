//! The submitted plan dialog: either overrides, or the mistakes in it.

use crate::environment::Promotion;
use crate::id::EnvironmentName;
use crate::input::command::{canary, percent, reboot, start};
use crate::plan::{CANARY, NotAllowed, Overrides};
use crate::refusal::Mistake;
use crate::text::Text;
use crate::text::wording::Args;
use crate::view::form::Filled;
use crate::view::form::plan::{CANARY_KEY, CONFIGURED, ENVIRONMENT, PERCENT_KEY, REBOOT, WINDOW};
use crate::view::words::Words;

/// The environment and overrides that were asked for, or all mistakes.
pub(crate) fn read(
    promotion: &Promotion,
    filled: &Filled,
) -> Result<(EnvironmentName, Overrides), Vec<Mistake>> {
    let given = |key: &str| {
        let text = filled.written(key).trim();
        (!text.is_empty() && !text.eq_ignore_ascii_case(CONFIGURED)).then(|| text.to_owned())
    };
    let quoted = |text: &str| text.chars().take(40).collect::<String>();
    let mut mistakes = Vec::new();
    let name = filled.written(ENVIRONMENT).trim().to_lowercase();
    let environment = promotion.0.iter().find(|known| known.name.as_str() == name);
    if environment.is_none() {
        let known = promotion.0.iter().map(|known| known.name.clone()).collect();
        mistakes.push(Mistake::Environment { given: quoted(filled.written(ENVIRONMENT)), known });
    }
    let start = given(WINDOW).and_then(|text| start(&text));
    let mut overrides = Overrides { start, ..Overrides::default() };
    if let Some(Err(why)) = environment.map(|environment| environment.allows(&overrides)) {
        mistakes.push(Mistake::Start(why));
    }
    if let Some(text) = given(REBOOT) {
        overrides.reboot = reboot(&text);
        if overrides.reboot.is_none() {
            mistakes.push(Mistake::Reboot { given: quoted(&text) });
        }
    }
    if let Some(text) = given(CANARY_KEY) {
        overrides.canary = canary(&text);
        if overrides.canary.is_none() {
            mistakes.push(Mistake::Canary { given: quoted(&text) });
        }
    }
    if let Some(text) = given(PERCENT_KEY) {
        overrides.percent = percent(&text);
        if overrides.percent.is_none() {
            mistakes.push(Mistake::Percent { given: quoted(&text) });
        }
    }
    match environment {
        Some(environment) if mistakes.is_empty() => Ok((environment.name.clone(), overrides)),
        Some(_) | None => Err(mistakes),
    }
}

impl Mistake {
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Environment { .. } => ENVIRONMENT,
            Self::Start(_) => WINDOW,
            Self::Reboot { .. } => REBOOT,
            Self::Canary { .. } => CANARY_KEY,
            Self::Percent { .. } => PERCENT_KEY,
        }
    }

    /// The label of the mistaken field.
    pub(crate) fn field(&self, words: Words) -> Text {
        Text::strong(&words.phrase(&format!("form-plan-{}", self.key()), &Args::new()))
    }

    /// What is wrong, and what would be right.
    pub(crate) fn say(&self, words: Words) -> Text {
        let given = |given: &str| Args::new().text("given", given);
        match self {
            Self::Environment { given: name, known } => {
                let known: Vec<&str> = known.iter().map(EnvironmentName::as_str).collect();
                let args = given(name).number("named", i64::from(!name.trim().is_empty()));
                words.say("mistake-environment", &args.text("known", known.join(", ")))
            }
            Self::Start(NotAllowed::NeedsWindow { environment, windows }) => {
                let args = Args::new().text("environment", environment.as_str());
                words.say("mistake-needs-window", &args.text("windows", windows.join(", ")))
            }
            Self::Start(NotAllowed::UnknownWindow { environment, given: name, windows }) => {
                let args = given(name)
                    .text("environment", environment.as_str())
                    .number("count", windows.len() as i64)
                    .text("windows", windows.join(", "));
                words.say("mistake-unknown-window", &args)
            }
            Self::Reboot { given: text } => words.say("mistake-reboot", &given(text)),
            Self::Canary { given: text } => {
                words.say("mistake-canary", &given(text).number("most", i64::from(*CANARY.end())))
            }
            Self::Percent { given: text } => words.say("mistake-percent", &given(text)),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::environment::{Environment, RebootOption, StartRule};
    use crate::input::button::ButtonAction;
    use crate::plan::tests::environment;
    use crate::text::wording::Locale;
    use crate::view::form::mistakes;

    /// Verification may choose a window, and production must have one.
    pub(crate) fn promotion() -> Promotion {
        let first = Environment { other_windows: vec!["sunday".into()], ..environment() };
        let second = Environment {
            name: "production".parse().expect("a name"),
            start: StartRule::InWindow("nightly".into()),
            ..environment()
        };
        Promotion(vec![first, second])
    }

    fn filled(values: &[(&str, &str)]) -> Filled {
        let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let token = ButtonAction::PlanWith { environment: None }.token();
        Filled { token, values: values.collect() }
    }

    #[test]
    fn what_is_left_as_configured_is_no_wish() {
        let check = |values: &[(&str, &str)], name: &str, overrides: Overrides| {
            let expected = Ok((name.parse().expect("a name"), overrides));
            assert_eq!(read(&promotion(), &filled(values)), expected, "{values:?}");
        };
        let untouched = [("window", CONFIGURED), ("reboot", CONFIGURED), ("canary", "")];
        check(
            &[&[("environment", "production")], &untouched[..]].concat(),
            "production",
            Overrides::default(),
        );
        check(&[("environment", " Verification ")], "verification", Overrides::default());
        let all = Overrides {
            start: Some(StartRule::InWindow("sunday".into())),
            reboot: Some(RebootOption::NoReboot),
            canary: Some(2),
            percent: Some(25),
        };
        let values = [
            ("environment", "verification"),
            ("window", "sunday"),
            ("reboot", "no"),
            ("canary", "2"),
            ("percent", "25 %"),
        ];
        check(&values, "verification", all);
        let at_once = Overrides { start: Some(StartRule::OnApproval), ..Overrides::default() };
        check(&[("environment", "verification"), ("window", "now")], "verification", at_once);
    }

    #[test]
    fn every_mistake_is_told_at_its_field() {
        let check = |values: &[(&str, &str)], fields: &[&str]| {
            let found = mistakes(&promotion(), &filled(values), Locale::En);
            let keys: Vec<&str> = found.keys().map(String::as_str).collect();
            assert_eq!(keys, fields, "{values:?} {found:?}");
        };
        check(&[], &["environment"]);
        check(&[("environment", "staging")], &["environment"]);
        check(&[("environment", "production"), ("window", "now")], &["window"]);
        check(&[("environment", "production"), ("window", "sunday")], &["window"]);
        check(&[("environment", "verification"), ("window", "nightly")], &["window"]);
        let values = [
            ("environment", "production"),
            ("window", "monday"),
            ("reboot", "maybe"),
            ("canary", "0"),
            ("percent", "101"),
        ];
        check(&values, &["canary", "percent", "reboot", "window"]);
        check(&[("environment", "production"), ("canary", "1.5")], &["canary"]);
    }
}
