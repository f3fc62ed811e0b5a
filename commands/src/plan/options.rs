//! The options of a plan that the person who asks for it may override: when it starts, whether
//! nodes reboot, and how they are divided into waves.
//!
//! Options that the person does not override come from the configuration. Overrides are frozen in
//! the plan like everything else, together with what the configuration said then, so that approvers
//! see the difference.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::environment::{Environment, RebootOption, StartRule};
use crate::id::EnvironmentName;
use crate::plan::PatchPlan;

/// How many nodes a person may ask for in the first wave. More than that is no canary.
pub const CANARY: RangeInclusive<u32> = 1..=1_000;

/// What percentage of all nodes a person may ask for in each further wave.
pub const PERCENT: RangeInclusive<u32> = 1..=100;

/// The options of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOptions {
    /// When the run starts.
    pub start: StartRule,
    /// Whether nodes reboot after the install.
    pub reboot: RebootOption,
    /// Nodes in the first wave.
    pub canary: u32,
    /// Nodes in each further wave, as a percentage of all.
    pub percent: u32,
}

/// Why an environment does not allow an override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAllowed {
    /// The override starts the run outside of any window, but the environment needs one.
    NeedsWindow {
        /// The environment that was asked for.
        environment: EnvironmentName,
        /// The windows that it may use.
        windows: Vec<String>,
    },
    /// The environment may not use this window.
    UnknownWindow {
        /// The environment that was asked for.
        environment: EnvironmentName,
        /// The name that was given, cut to 40 characters.
        given: String,
        /// The windows that it may use.
        windows: Vec<String>,
    },
}

/// Overrides chosen by the requester; `None` keeps the configured value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of PlanOptions")]
pub struct Overrides {
    pub start: Option<StartRule>,
    pub reboot: Option<RebootOption>,
    pub canary: Option<u32>,
    pub percent: Option<u32>,
}

/// The overrides that a person chose, and what the configuration said at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedOverrides {
    /// What the person chose.
    pub overrides: Overrides,
    /// The options of the configuration at that time.
    pub configured: PlanOptions,
}

impl Overrides {
    /// Whether nothing is overridden.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl PlanOptions {
    /// These options with the overrides applied.
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
    /// The overrides of the person who asked for it: a plan that replaces this one keeps them.
    pub fn overrides(&self) -> Overrides {
        self.applied_overrides
            .as_ref()
            .map(|applied_overrides| applied_overrides.overrides.clone())
            .unwrap_or_default()
    }
}

impl Environment {
    /// The options of the configuration, without overrides.
    pub fn options(&self) -> PlanOptions {
        let (canary, percent) = (self.waves.canary, self.waves.percent);
        PlanOptions { start: self.start.clone(), reboot: self.reboot, canary, percent }
    }

    /// The same environment, with plans that are bound to no maintenance window.
    pub fn without_windows(self) -> Self {
        Self { start: StartRule::OnApproval, other_windows: Vec::new(), ..self }
    }

    /// The maintenance windows that its plans may be bound to, the configured default first.
    pub fn windows(&self) -> Vec<&str> {
        let own = match &self.start {
            StartRule::OnApproval => None,
            StartRule::InWindow(name) => Some(name.as_str()),
        };
        let others = self.other_windows.iter().map(String::as_str);
        own.into_iter().chain(others.filter(|other| Some(*other) != own)).collect()
    }

    /// The same overrides, with windows spelled as Systems Manager spells them, if this environment
    /// allows them. Nobody can avoid a window by an override: if one is configured, the choice is
    /// among the allowed ones.
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

    /// The window with exactly this name, or else the only one whose name differs in case alone.
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
        // Where the run starts at once anyway, saying so is allowed.
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
        // If two names differ in case alone, the case tells them apart.
        let mut alike = windowed();
        alike.other_windows.push("sunday".into());
        assert_eq!(alike.allows(&named("sunday")), Ok(named("sunday")));
        assert!(alike.allows(&named("SUNDAY")).is_err());
    }

    #[test]
    fn what_is_not_chosen_is_as_configured() {
        let configured = windowed().options();
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
