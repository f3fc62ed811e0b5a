//! What a person asks for, by command, button or dialog, and what follows from it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::decide::origin::admitted;
use crate::emergency_stop::EmergencyStopEvent;
use crate::environment::Environment;
use crate::environment::policy::Approver;
use crate::id::{Actor, DispatchId, EnvironmentName, RunId};
use crate::input::button::ButtonAction;
use crate::input::command::{Command, ParseError, parse};
use crate::plan::{Overrides, Pin};
use crate::reason::Reason;
use crate::refusal::{Refusal, TokenError};
use crate::run::{
    PatchRun, Phase, RunInput, command_id, ensure_can_adopt, ensure_can_deny, ensure_can_reject,
    ensure_can_stop,
};
use crate::state::State;
use crate::view::form::{COMMAND, Filled, Form, REASON, form, opens, read_plan};
use crate::view::{Card, Reader, help};

/// What a person asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interaction {
    /// A command, typed after `/patch`.
    Command {
        /// The text as the person typed it.
        text: String,
    },
    /// A button was pressed.
    Press {
        /// The token that the button carries; see [`ButtonAction::parse`].
        token: String,
        /// Whether the platform has already asked for a second confirmation, if the button wants
        /// one.
        confirmed: bool,
    },
    /// The person opened the App Home, on a platform that has one.
    Home,
    /// The person submitted a dialog.
    Form(Filled),
}

impl Interaction {
    /// Whether only a dialog can follow, unless something forbids it. Some platforms have to know
    /// this before they acknowledge the interaction.
    pub fn opens_dialog(&self) -> bool {
        match self {
            Self::Command { text } => matches!(parse(text), Ok(Command::PlanWith)),
            Self::Press { token, .. } => {
                ButtonAction::parse(token).is_ok_and(|press| opens(&press))
            }
            Self::Home | Self::Form(_) => false,
        }
    }
}

/// What follows from an interaction.
#[derive(Clone, Debug)]
pub enum Response {
    /// Only an answer, which is visible to this person alone.
    Answer(Box<Card>),
    /// The text is not a command.
    Unreadable(ParseError),
    /// The person has to fill in a dialog first.
    Form(Box<Form>),
    /// A run has to decide.
    Run {
        /// The run that decides.
        run: RunId,
        /// The input that the run is given.
        request: Box<RunInput>,
    },
    /// A run has to decide about a command that nobody knows; the shell asks AWS for it first.
    Search {
        /// The run that decides.
        run: RunId,
        /// The uncertain dispatch of that run.
        dispatch: DispatchId,
        /// The id of the command that, according to the person, is this dispatch.
        command: Option<String>,
        /// The input that the run is given after AWS has answered.
        request: Box<RunInput>,
    },
    /// The answer is an overview of what this person can act on now.
    Overview,
    /// The App Home of this person shows what they can act on now.
    Home,
    /// The person chooses, or asks, whether we send them direct messages.
    Notify {
        /// Their choice; `None` if they only ask.
        on: Option<bool>,
    },
    /// The emergency stop changes.
    EmergencyStop(EmergencyStopEvent),
    /// A plan is to be drafted; the environment must be surveyed first.
    Plan {
        /// The environment to plan for.
        environment: EnvironmentName,
        /// Overrides of the configuration, which the environment allows.
        overrides: Overrides,
    },
    /// A compliance report is to be shown; these environments must be surveyed first.
    Compliance {
        /// The environments to report on.
        environments: Vec<EnvironmentName>,
    },
}

impl State {
    /// What follows when `actor` asks for `ask`. The caller that carries it out notes that with
    /// [`Self::caused`].
    pub(crate) fn ask(
        &self,
        actor: &Actor,
        ask: &Interaction,
        reader: Reader,
        now: DateTime<Utc>,
    ) -> Result<Response, Refusal> {
        admitted(actor, ask)?;
        let response = self.follows(actor, ask, reader, now)?;
        self.affordable(&actor.person, &response, now)?;
        Ok(response)
    }

    fn follows(
        &self,
        actor: &Actor,
        ask: &Interaction,
        reader: Reader,
        now: DateTime<Utc>,
    ) -> Result<Response, Refusal> {
        match ask {
            Interaction::Command { text } => match parse(text) {
                Ok(command) => self.command(actor, command, reader, now),
                Err(error) => Ok(Response::Unreadable(error)),
            },
            Interaction::Home => Ok(Response::Home),
            Interaction::Press { token, confirmed } => {
                let press = ButtonAction::parse(token).map_err(Refusal::Button)?;
                if let Some(form) = form(&press, &self.promotion, reader.locale) {
                    self.reachable(actor, &press, now)?;
                    return Ok(Response::Form(Box::new(form)));
                }
                let answer = match &press {
                    ButtonAction::Approve { run, digest } if !confirmed => {
                        self.ask_to_confirm(actor, run, digest, reader, now)?
                    }
                    ButtonAction::Leave { run } => Some(self.left(run, reader)?),
                    ButtonAction::Choose { choice } => {
                        return self.command(actor, choice.command(), reader, now);
                    }
                    ButtonAction::Plan { .. }
                    | ButtonAction::PlanWith { .. }
                    | ButtonAction::Approve { .. }
                    | ButtonAction::Sure { .. }
                    | ButtonAction::Reject { .. }
                    | ButtonAction::Withdraw { .. }
                    | ButtonAction::NotSent { .. }
                    | ButtonAction::Adopt { .. }
                    | ButtonAction::Stop { .. }
                    | ButtonAction::Resume { .. } => None,
                };
                match answer {
                    Some(card) => Ok(Response::Answer(Box::new(card))),
                    None => self.press(actor, press, String::new(), "", now),
                }
            }
            Interaction::Form(filled) => {
                let press = ButtonAction::parse(&filled.token).map_err(Refusal::Button)?;
                if let ButtonAction::PlanWith { .. } = press {
                    let asked = read_plan(&self.promotion, filled);
                    let (environment, overrides) =
                        asked.map_err(|mistakes| Refusal::Mistaken { mistakes })?;
                    return self.plan(actor, &environment, &overrides, now);
                }
                let reason = filled.written(REASON).to_owned();
                self.press(actor, press, reason, filled.written(COMMAND), now)
            }
        }
    }

    fn command(
        &self,
        actor: &Actor,
        command: Command,
        reader: Reader,
        now: DateTime<Utc>,
    ) -> Result<Response, Refusal> {
        let answer = |card: Card| Ok(Response::Answer(Box::new(card)));
        let of_run = |run: RunId, request| Ok(Response::Run { run, request: Box::new(request) });
        match command {
            Command::Help { topic } => answer(help::help(topic, reader)),
            Command::Menu => answer(self.menu(actor, reader)),
            Command::Status => answer(self.status(reader, now)),
            Command::Mine => Ok(Response::Overview),
            Command::Notify { on } => Ok(Response::Notify { on }),
            Command::List { level } => answer(self.missing(level, reader)),
            Command::Show { subject } => answer(self.show(&subject, reader)?),
            Command::Runs => answer(self.all_runs(reader)),
            Command::Plan { environment, overrides } => {
                self.plan(actor, &environment, &overrides, now)
            }
            Command::PlanWith => {
                let press = ButtonAction::PlanWith { environment: None };
                let form = form(&press, &self.promotion, reader.locale);
                let form = form.ok_or(Refusal::Button(TokenError::Nonsense))?;
                Ok(Response::Form(Box::new(form)))
            }
            Command::Approve { run } => {
                answer(self.typed_approve(actor, &self.meant(run)?, reader, now)?)
            }
            Command::Reject { run, reason } => {
                answer(self.typed_reject(actor, &self.meant(run)?, &reason, reader)?)
            }
            Command::Compliance { environment } => {
                let environments = match environment {
                    Some(name) => vec![self.environment(&name)?.name.clone()],
                    None => self.promotion.0.iter().map(|known| known.name.clone()).collect(),
                };
                Ok(Response::Compliance { environments })
            }
            Command::Stop { run: Some(run), reason } if self.is_meant(&run) => {
                let run = self.known(&run)?.clone();
                of_run(run, RunInput::Stop { actor: actor.clone(), reason })
            }
            // A typed stop acts at once, without first showing the person what has stopped already:
            // it is an emergency, and a second stop does no harm. A resume asks for confirmation.
            Command::Stop { run, reason } => {
                // A reason may begin with the name of a host, such as web-3.
                let reason = match run {
                    Some(host) => format!("{host} {reason}"),
                    None => reason,
                };
                self.may_stop(actor)?;
                Ok(Response::EmergencyStop(EmergencyStopEvent::Stopped {
                    reason: Reason::parse(&reason)?,
                }))
            }
            Command::Resume { reason } => answer(self.typed_resume(actor, &reason, reader)?),
        }
    }

    fn press(
        &self,
        actor: &Actor,
        press: ButtonAction,
        reason: String,
        command: &str,
        now: DateTime<Utc>,
    ) -> Result<Response, Refusal> {
        self.reachable(actor, &press, now)?;
        if let ButtonAction::Plan { environment } = &press {
            return self.plan(actor, environment, &Overrides::default(), now);
        }
        if let ButtonAction::Resume { stop } = &press {
            return self.resume(actor, *stop, &reason);
        }
        let actor = actor.clone();
        let search = |run, dispatch, command, request| {
            let request = Box::new(request);
            Ok(Response::Search { run, dispatch, command, request })
        };
        let (run, request) = match press {
            // These were answered above, with a plan, a card, a dialog or a resume.
            ButtonAction::Plan { .. }
            | ButtonAction::Resume { .. }
            | ButtonAction::Leave { .. }
            | ButtonAction::Choose { .. }
            | ButtonAction::PlanWith { .. } => {
                return Err(Refusal::Button(TokenError::Nonsense));
            }
            ButtonAction::Approve { run, digest } | ButtonAction::Sure { run, digest } => {
                (run, RunInput::Approve { actor, digest })
            }
            ButtonAction::Reject { run, digest } => {
                (run, RunInput::Reject { actor, digest, reason })
            }
            ButtonAction::Withdraw { run } => (run, RunInput::Withdraw { actor }),
            ButtonAction::Stop { run } => (run, RunInput::Stop { actor, reason }),
            ButtonAction::NotSent { run, dispatch } => {
                let (reason, asked) = (Reason::parse(&reason)?.to_string(), dispatch.clone());
                return search(run, asked, None, RunInput::NotSent { actor, dispatch, reason });
            }
            ButtonAction::Adopt { run, dispatch } => {
                let (command, reason) = (command_id(command)?, Reason::parse(&reason)?.to_string());
                let (asked, named, found) = (dispatch.clone(), Some(command.clone()), None);
                let request = RunInput::Adopt { actor, dispatch, command, reason, found };
                return search(run, asked, named, request);
            }
        };
        Ok(Response::Run { run, request: Box::new(request) })
    }

    /// Refuses a press on something that does not exist or cannot be acted on. Thus nobody writes a
    /// reason, and we call AWS, only for what can still succeed.
    fn reachable(
        &self,
        actor: &Actor,
        press: &ButtonAction,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        match press {
            ButtonAction::Plan { environment } => self.environment(environment).map(|_| ()),
            ButtonAction::PlanWith { environment: None } => Ok(()),
            ButtonAction::PlanWith { environment: Some(environment) } => {
                self.plan(actor, environment, &Overrides::default(), now).map(|_| ())
            }
            ButtonAction::Approve { run, .. }
            | ButtonAction::Sure { run, .. }
            | ButtonAction::Leave { run }
            | ButtonAction::Withdraw { run } => self.known(run).map(|_| ()),
            ButtonAction::Reject { run, digest } => {
                let run = self.run(run)?;
                ensure_can_reject(run, actor, digest, self.current_policy(run))
            }
            ButtonAction::NotSent { run, dispatch } => {
                let run = self.run(run)?;
                ensure_can_deny(run, actor, dispatch, self.current_policy(run))
            }
            ButtonAction::Adopt { run, dispatch } => {
                let run = self.run(run)?;
                ensure_can_adopt(run, actor, dispatch, self.current_policy(run)).map(|_| ())
            }
            ButtonAction::Stop { run } => {
                let run = self.run(run)?;
                ensure_can_stop(run, actor, self.current_policy(run))
            }
            ButtonAction::Resume { stop } => self.ensure_can_resume(actor, *stop),
            ButtonAction::Choose { .. } => Ok(()),
        }
    }

    pub(crate) fn run(&self, run: &RunId) -> Result<&PatchRun, Refusal> {
        self.runs.get(run).ok_or_else(|| Refusal::UnknownRun { given: run.to_string() })
    }

    fn known(&self, run: &RunId) -> Result<&RunId, Refusal> {
        self.run(run).map(|run| &run.id)
    }

    /// Whether a word that reads like a run is meant as one.
    fn is_meant(&self, run: &RunId) -> bool {
        self.runs.contains_key(run) || self.promotion.environment(run.environment()).is_some()
    }

    /// The run that the person means: the one they named, or the only one that waits for votes.
    fn meant(&self, named: Option<RunId>) -> Result<RunId, Refusal> {
        if let Some(run) = named {
            return self.known(&run).cloned();
        }
        let decidable = |run: &&crate::run::PatchRun| {
            run.phase == Phase::Waiting && !matches!(run.plan.pin, Pin::NotProven { .. })
        };
        let mut waiting: Vec<RunId> =
            self.runs.values().filter(decidable).map(|run| run.id.clone()).collect();
        match (waiting.pop(), waiting.is_empty()) {
            (None, _) => Err(Refusal::NothingWaits),
            (Some(run), true) => Ok(run),
            (Some(run), false) => {
                waiting.push(run);
                waiting.sort_by_key(|run| self.promotion.place(run.environment()));
                Err(Refusal::WhichRun { waiting })
            }
        }
    }

    fn plan(
        &self,
        actor: &Actor,
        name: &EnvironmentName,
        overrides: &Overrides,
        now: DateTime<Utc>,
    ) -> Result<Response, Refusal> {
        let environment = self.environment(name)?;
        let overrides = environment.allows(overrides)?;
        self.may_ask(actor, environment, now)?;
        match self.open_run(name) {
            Some(run) => Err(Refusal::StillOpen { run: run.id.clone() }),
            None => Ok(Response::Plan { environment: name.clone(), overrides }),
        }
    }

    /// Refuses a person whom no policy names as an approver. Each approver may stop and resume
    /// everything.
    pub(crate) fn may_stop(&self, actor: &Actor) -> Result<(), Refusal> {
        let policies = || self.promotion.0.iter().flat_map(Environment::policies);
        if policies().any(|policy| policy.name(actor).is_ok()) {
            return Ok(());
        }
        let mut approvers: Vec<Approver> =
            policies().flat_map(|policy| policy.approvers.iter().cloned()).collect();
        approvers.sort();
        approvers.dedup();
        Err(Refusal::MayNotStop { approvers })
    }
}
