//! The terms on which a plan is carried out, as far as whoever asks for it may choose: when it
//! starts, whether nodes reboot, and how they are divided into waves.
//!
//! What nobody chooses is as the configuration says. What somebody chooses is frozen in the plan
//! like everything else, beside what the configuration said then: approvers see the difference.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::environment::{Environment, RebootOption, StartRule};
use crate::id::EnvironmentName;
use crate::plan::PatchPlan;

/// How many nodes somebody may ask to have in the first wave. More is no canary.
pub const CANARY: RangeInclusive<u32> = 1..=1_000;

/// How many percent of all nodes somebody may ask to have in each further wave.
pub const PERCENT: RangeInclusive<u32> = 1..=100;

/// The terms of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOptions {
    /// When it starts.
    pub start: StartRule,
    /// What happens after installing.
    pub reboot: RebootOption,
    /// Nodes in the first wave.
    pub canary: u32,
    /// Nodes in each further wave, in percent of all.
    pub percent: u32,
}

/// Why an environment does not allow what somebody chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAllowed {
    /// A start outside of any window, where the environment needs one.
    NeedsWindow {
        /// Which environment.
        environment: EnvironmentName,
        /// Those it may have.
        windows: Vec<String>,
    },
    /// A window that the environment may not have.
    UnknownWindow {
        /// Which environment.
        environment: EnvironmentName,
        /// What was asked for, cut to 40 characters.
        given: String,
        /// Those it may have.
        windows: Vec<String>,
    },
}

/// What somebody chooses; what is none is as the configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of PlanOptions")]
pub struct Overrides {
    pub start: Option<StartRule>,
    pub reboot: Option<RebootOption>,
    pub canary: Option<u32>,
    pub percent: Option<u32>,
}

/// That somebody has chosen terms, and what the configuration said when they did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedOverrides {
    /// What they chose.
    pub overrides: Overrides,
    /// What would have been.
    pub configured: PlanOptions,
}

impl Overrides {
    /// Whether nothing was chosen.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl PlanOptions {
    /// These terms, but for what somebody chose.
    pub fn with(&self, overrides: &Overrides) -> Self {
        Self {
            start: overrides.start.clone().unwrap_or_else(|| self.start.clone()),
            reboot: overrides.reboot.unwrap_or(self.reboot),
            canary: overrides.canary.unwrap_or(self.canary),
            percent: overrides.percent.unwrap_or(self.percent),
        }
    }
}

impl PatchPlan {
    /// What whoever asked for it chose: a plan that takes its place keeps that.
    pub fn overrides(&self) -> Overrides {
        self.applied_overrides
            .as_ref()
            .map(|applied_overrides| applied_overrides.overrides.clone())
            .unwrap_or_default()
    }
}

impl Environment {
    /// The terms where nobody chooses any.
    pub fn terms(&self) -> PlanOptions {
        let (canary, percent) = (self.waves.canary, self.waves.percent);
        PlanOptions { start: self.start.clone(), reboot: self.reboot, canary, percent }
    }

    /// The same, but that a plan of it is bound to no maintenance window.
    pub fn without_windows(self) -> Self {
        Self { start: StartRule::OnApproval, other_windows: Vec::new(), ..self }
    }

    /// The maintenance windows that a plan of it may be bound to, that of the configuration first.
    pub fn windows(&self) -> Vec<&str> {
        let own = match &self.start {
            StartRule::OnApproval => None,
            StartRule::InWindow(name) => Some(name.as_str()),
        };
        let others = self.other_windows.iter().map(String::as_str);
        own.into_iter().chain(others.filter(|other| Some(*other) != own)).collect()
    }

    /// The same wishes with windows called as Systems Manager calls them, if this environment may
    /// have them. Nobody leaves a window by asking: where one is configured, it is one of them.
    pub fn allows(&self, overrides: &Overrides) -> Result<Overrides, NotAllowed> {
        let start = match &overrides.start {
            None => None,
            Some(StartRule::OnApproval) => match self.start {
                StartRule::OnApproval => Some(StartRule::OnApproval),
                StartRule::InWindow(_) => return Err(self.needs_window()),
            },
            Some(StartRule::InWindow(name)) => {
                let known = self.window_called(name).ok_or_else(|| self.unknown_window(name))?;
                Some(StartRule::InWindow(known.to_owned()))
            }
        };
        Ok(Overrides { start, ..overrides.clone() })
    }

    /// To the letter, or else the only one that differs in its case alone.
    fn window_called(&self, name: &str) -> Option<&str> {
        let windows = self.windows();
        if let Some(exact) = windows.iter().find(|known| **known == name) {
            return Some(exact);
        }
        let mut alike = windows.into_iter().filter(|known| known.eq_ignore_ascii_case(name));
        alike.next().filter(|_| alike.next().is_none())
    }

    fn needs_window(&self) -> NotAllowed {
        let windows = self.windows().into_iter().map(str::to_owned).collect();
        NotAllowed::NeedsWindow { environment: self.name.clone(), windows }
    }

    fn unknown_window(&self, given: &str) -> NotAllowed {
        NotAllowed::UnknownWindow {
            environment: self.name.clone(),
            given: given.chars().take(40).collect(),
            windows: self.windows().into_iter().map(str::to_owned).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::environment;

    fn windowed() -> Environment {
        Environment {
            start: StartRule::InWindow("nightly".into()),
            other_windows: vec!["Sunday".into()],
            ..environment()
        }
    }

    fn starting(start: StartRule) -> Overrides {
        Overrides { start: Some(start), ..Overrides::default() }
    }

    fn named(name: &str) -> Overrides {
        starting(StartRule::InWindow(name.into()))
    }

    #[test]
    fn nobody_leaves_the_window_by_asking() {
        let refused = windowed().allows(&starting(StartRule::OnApproval));
        let windows = vec!["nightly".to_owned(), "Sunday".to_owned()];
        let environment = windowed().name;
        assert_eq!(refused, Err(NotAllowed::NeedsWindow { environment, windows }));
        // Where it starts at once anyway, it may be said.
        let at_once = starting(StartRule::OnApproval);
        assert_eq!(environment_without_window().allows(&at_once), Ok(at_once));
    }

    fn environment_without_window() -> Environment {
        Environment { other_windows: vec!["Sunday".into()], ..environment() }
    }

    #[test]
    fn a_window_is_one_that_the_environment_may_have() {
        for environment in [windowed(), environment_without_window()] {
            assert_eq!(environment.allows(&named("Sunday")), Ok(named("Sunday")));
            assert_eq!(environment.allows(&named("sunday")), Ok(named("Sunday")));
            let refused = environment.allows(&named("monday"));
            assert!(matches!(refused, Err(NotAllowed::UnknownWindow { .. })), "{refused:?}");
        }
        assert_eq!(windowed().allows(&named("NIGHTLY")), Ok(named("nightly")));
        assert!(environment().allows(&named("nightly")).is_err());
        // Two that differ in their case alone are told apart by it.
        let mut alike = windowed();
        alike.other_windows.push("sunday".into());
        assert_eq!(alike.allows(&named("sunday")), Ok(named("sunday")));
        assert!(alike.allows(&named("SUNDAY")).is_err());
    }

    #[test]
    fn what_is_not_chosen_is_as_configured() {
        let configured = windowed().terms();
        assert_eq!(configured.with(&Overrides::default()), configured);
        let overrides = Overrides {
            reboot: Some(RebootOption::NoReboot),
            percent: Some(25),
            ..Overrides::default()
        };
        let chosen =
            PlanOptions { reboot: RebootOption::NoReboot, percent: 25, ..configured.clone() };
        assert_eq!(configured.with(&overrides), chosen);
    }
}
