//! The dialog for a plan on other terms than the configuration's, and what was filled in there.
//!
//! Every field but the environment begins as configured and need not be touched. What is left so
//! is no wish, whatever environment is chosen in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use crate::card::form::{Choice, Field, FieldKind, Filled, Form};
use crate::card::words::Words;
use crate::command::{NOW, PlanOption, canary, percent, reboot, start};
use crate::environment::{Environment, Promotion, RebootOption, StartRule};
use crate::environment_name::EnvironmentName;
use crate::plan::{CANARY, NotAllowed, PERCENT, Wishes};
use crate::press::Press;
use crate::text::Text;
use crate::wording::{Args, Locale};

/// What a choice gives back that is left as the configuration says.
pub const CONFIGURED: &str = "configured";

const ENVIRONMENT: &str = "environment";
const WINDOW: &str = PlanOption::Window.word();
const REBOOT: &str = PlanOption::Reboot.word();
const CANARY_KEY: &str = "canary";
const PERCENT_KEY: &str = "percent";

/// A field that was filled in so that nothing can be made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// No such environment.
    Environment {
        /// What was written, cut to 40 characters.
        given: String,
        /// Those there are.
        known: Vec<EnvironmentName>,
    },
    /// The environment may not start like this.
    Start(NotAllowed),
    /// Neither yes nor no.
    Reboot {
        /// What was written, cut to 40 characters.
        given: String,
    },
    /// No number of nodes that could be a canary.
    Canary {
        /// As above.
        given: String,
    },
    /// No percentage.
    Percent {
        /// As above.
        given: String,
    },
}

/// The dialog, with this environment chosen already, or the only one there is.
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
        press: Press::PlanWith { environment: environment.cloned() },
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

/// The windows of every environment: another one may still be chosen above. Which one it may have is
/// said when it is sent.
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
    // Where every environment needs a window nothing else is offered.
    let free = promotion.0.iter().any(|known| known.start == StartRule::OnApproval);
    let at_once = free.then(|| words.phrase("form-plan-at-once", &Args::new()));
    let mut choices = vec![configured.choice(words)];
    choices.extend(at_once.map(|label| Choice { label, value: NOW.to_owned() }));
    choices.extend(names.iter().map(|name| window(name, known, promotion)));
    let all = names.iter().copied().chain(free.then_some(NOW)).collect::<Vec<_>>().join(", ");
    choice_field(WINDOW, (choices, false), configured.hint(&all, words), words)
}

/// A window that belongs to another environment than the one that is chosen says to which.
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

/// What the configuration says, and of which environment: another one may be chosen in the end.
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

    /// To keep it.
    fn choice(&self, words: Words) -> Choice {
        let label = words.phrase("form-plan-configured", &self.args());
        Choice { label, value: CONFIGURED.to_owned() }
    }

    /// What nothing means, and what could be written.
    fn hint(&self, all: &str, words: Words) -> String {
        words.phrase("form-plan-empty", &self.args().text("all", all))
    }
}

/// What was asked for, or everything that is wrong with it.
pub(crate) fn read(
    promotion: &Promotion,
    filled: &Filled,
) -> Result<(EnvironmentName, Wishes), Vec<Mistake>> {
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
    let mut wishes = Wishes { start, ..Wishes::default() };
    if let Some(Err(why)) = environment.map(|environment| environment.allows(&wishes)) {
        mistakes.push(Mistake::Start(why));
    }
    if let Some(text) = given(REBOOT) {
        wishes.reboot = reboot(&text);
        if wishes.reboot.is_none() {
            mistakes.push(Mistake::Reboot { given: quoted(&text) });
        }
    }
    if let Some(text) = given(CANARY_KEY) {
        wishes.canary = canary(&text);
        if wishes.canary.is_none() {
            mistakes.push(Mistake::Canary { given: quoted(&text) });
        }
    }
    if let Some(text) = given(PERCENT_KEY) {
        wishes.percent = percent(&text);
        if wishes.percent.is_none() {
            mistakes.push(Mistake::Percent { given: quoted(&text) });
        }
    }
    match environment {
        Some(environment) if mistakes.is_empty() => Ok((environment.name.clone(), wishes)),
        Some(_) | None => Err(mistakes),
    }
}

/// What is wrong with a dialog that was sent, by the keys of its fields, for platforms that can show
/// it there. A dialog of another kind is decided on elsewhere.
pub fn mistakes(
    promotion: &Promotion,
    filled: &Filled,
    locale: Locale,
) -> BTreeMap<String, String> {
    if !matches!(Press::parse(&filled.token), Ok(Press::PlanWith { .. })) {
        return BTreeMap::new();
    }
    let words = Words(locale);
    let mistakes = read(promotion, filled).err().unwrap_or_default();
    let said = |mistake: &Mistake| (mistake.key().to_owned(), mistake.say(words).plain());
    mistakes.iter().map(said).collect()
}

impl Mistake {
    fn key(&self) -> &'static str {
        match self {
            Self::Environment { .. } => ENVIRONMENT,
            Self::Start(_) => WINDOW,
            Self::Reboot { .. } => REBOOT,
            Self::Canary { .. } => CANARY_KEY,
            Self::Percent { .. } => PERCENT_KEY,
        }
    }

    /// The label of its field.
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
mod tests {
    use super::*;
    use crate::plan::tests::environment;

    /// Verification may choose a window, and production has to have one.
    fn promotion() -> Promotion {
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
        let token = Press::PlanWith { environment: None }.token();
        Filled { token, values: values.collect() }
    }

    #[test]
    fn what_is_left_as_configured_is_no_wish() {
        let check = |values: &[(&str, &str)], name: &str, wishes: Wishes| {
            let expected = Ok((name.parse().expect("a name"), wishes));
            assert_eq!(read(&promotion(), &filled(values)), expected, "{values:?}");
        };
        let untouched = [("window", CONFIGURED), ("reboot", CONFIGURED), ("canary", "")];
        check(
            &[&[("environment", "production")], &untouched[..]].concat(),
            "production",
            Wishes::default(),
        );
        check(&[("environment", " Verification ")], "verification", Wishes::default());
        let all = Wishes {
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
        let at_once = Wishes { start: Some(StartRule::OnApproval), ..Wishes::default() };
        check(&[("environment", "verification"), ("window", "now")], "verification", at_once);
    }

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
        // A dialog of another kind is not for this.
        let other = Filled { token: "p1|stop|verification-1".into(), ..filled(&[]) };
        assert!(mistakes(&promotion(), &other, Locale::En).is_empty());
    }
}
