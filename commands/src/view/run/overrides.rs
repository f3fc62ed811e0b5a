//! The overrides of a plan, on its card: approvers read the configured value beside each one.

use crate::environment::{RebootOption, StartRule};
use crate::plan::PatchPlan;
use crate::text::Text;
use crate::text::wording::Args;
use crate::view::Fact;
use crate::view::words::Words;

/// The configured values of the options that the plan overrides.
#[derive(Default)]
pub(super) struct Departures {
    pub(super) start: Option<Text>,
    pub(super) reboot: Option<Text>,
    pub(super) waves: Option<Text>,
}

impl Departures {
    pub(super) fn of(plan: &PatchPlan, words: Words) -> Self {
        let Some(applied_overrides) = &plan.applied_overrides else { return Self::default() };
        let configured = &applied_overrides.configured;
        let chosen = configured.with(&applied_overrides.overrides);
        let split = (configured.canary, configured.percent);
        Self {
            start: (chosen.start != configured.start).then(|| start(&configured.start, words)),
            reboot: (chosen.reboot != configured.reboot).then(|| reboot(configured.reboot, words)),
            waves: ((chosen.canary, chosen.percent) != split).then(|| waves(split, words)),
        }
    }
}

/// The fact, with the configured value if that differs.
pub(super) fn beside(mut fact: Fact, configured: Option<Text>, words: Words) -> Fact {
    if let Some(configured) = configured {
        fact.value.append(words.say("departs", &Args::new().rich("configured", configured)));
    }
    fact
}

fn start(rule: &StartRule, words: Words) -> Text {
    match rule {
        StartRule::OnApproval => words.say("configured-start-now", &Args::new()),
        StartRule::InWindow(name) => {
            words.say("configured-start-window", &Args::new().text("window", name))
        }
    }
}

fn reboot(option: RebootOption, words: Words) -> Text {
    let id = match option {
        RebootOption::RebootIfNeeded => "configured-reboot-if-needed",
        RebootOption::NoReboot => "configured-no-reboot",
    };
    words.say(id, &Args::new())
}

fn waves((canary, percent): (u32, u32), words: Words) -> Text {
    let args =
        Args::new().number("canary", i64::from(canary)).number("percent", i64::from(percent));
    words.say("configured-waves", &args)
}
