//! Uncertain commands, of which nobody knows whether they were sent, and the ways out: AWS turns
//! out to have the command, its nodes turn out to have run it, or a person says what happened.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use uuid::Uuid;

use crate::environment::policy::CurrentPolicy;
use crate::fleet::node::NodeId;
use crate::id::{Actor, DispatchId, Operation};
use crate::reason::Reason;
use crate::refusal::{Mismatch, Refusal};
use crate::run::guard::admitted;
use crate::run::{Dispatch, DispatchEvent, DispatchStatus, PatchRun, RunEvent, WhyAbandoned};

/// The only document whose commands can be adopted.
const DOCUMENT: &str = "AWS-RunPatchBaseline";

/// How long ListCommands shows what was sent (AWS Systems Manager user guide, "Understanding
/// command statuses": 30 days).
pub(super) const HISTORY: TimeDelta = TimeDelta::days(30);

/// A command, as AWS describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtAws {
    /// The name of its document.
    pub document: String,
    /// Its parameter `Operation`; `None` if it has none.
    pub operation: Option<String>,
    /// The nodes that it targets.
    pub nodes: BTreeSet<NodeId>,
}

/// Parses a command id: a UUID, as the console of Systems Manager shows it.
pub fn command_id(text: &str) -> Result<String, Refusal> {
    match Uuid::try_parse(text.trim()) {
        Ok(id) => Ok(id.hyphenated().to_string()),
        Err(_) => Err(Refusal::NoCommandId),
    }
}

/// Refuses if `actor` may not say what happened to a dispatch, or if it does not wait for that.
pub(crate) fn ensure_can_adopt<'a>(
    run: &'a PatchRun,
    actor: &Actor,
    id: &DispatchId,
    policy: CurrentPolicy<'_>,
) -> Result<&'a Dispatch, Refusal> {
    admitted(run, actor, policy)?;
    let nobody_asks = || Refusal::NotUncertain { run: run.id.clone() };
    let dispatch = run.dispatches.get(id).filter(|_| run.wave().is_some());
    let dispatch = dispatch.ok_or_else(nobody_asks)?;
    match &dispatch.status {
        DispatchStatus::Uncertain { asked_at: Some(_), .. } | DispatchStatus::Ran { .. } => {
            Ok(dispatch)
        }
        DispatchStatus::Intended
        | DispatchStatus::Uncertain { asked_at: None, .. }
        | DispatchStatus::Sent { .. }
        | DispatchStatus::Ended { .. }
        | DispatchStatus::Refused { .. }
        | DispatchStatus::Abandoned { .. }
        | DispatchStatus::GivenUp { .. } => Err(nobody_asks()),
    }
}

/// A person names the command. We accept it if AWS shows that it matches the dispatch.
pub(super) fn adopt(
    run: &PatchRun,
    actor: &Actor,
    id: &DispatchId,
    (command, found): (&str, Option<&AtAws>),
    reason: &str,
    policy: CurrentPolicy<'_>,
) -> Result<Vec<RunEvent>, Refusal> {
    let dispatch = ensure_can_adopt(run, actor, id, policy)?;
    let reason = Reason::parse(reason)?;
    let command = command_id(command)?;
    if let Err(why) = fits(run, dispatch, &command, found) {
        return Err(Refusal::NotThatCommand { run: run.id.clone(), command, why });
    }
    Ok(vec![RunEvent::Dispatch(id.clone(), DispatchEvent::Adopted { command, reason })])
}

fn fits(
    run: &PatchRun,
    dispatch: &Dispatch,
    command: &str,
    found: Option<&AtAws>,
) -> Result<(), Mismatch> {
    let holder = run.dispatches.values().find(|one| one.commands().iter().any(|id| id == command));
    if let Some(holder) = holder {
        return Err(Mismatch::Taken { by: holder.id.clone() });
    }
    let found = found.ok_or(Mismatch::Unknown)?;
    if found.document != DOCUMENT {
        return Err(Mismatch::Document { document: found.document.clone() });
    }
    let wanted = dispatch.id.operation.as_parameter();
    if found.operation.as_deref() != Some(wanted) {
        let operation = found.operation.clone().unwrap_or_default();
        return Err(Mismatch::Operation { operation });
    }
    let ours: BTreeSet<NodeId> = dispatch.nodes.iter().cloned().collect();
    let (lacking, others) =
        (ours.difference(&found.nodes).count(), found.nodes.difference(&ours).count());
    if lacking + others > 0 { Err(Mismatch::Nodes { lacking, others }) } else { Ok(()) }
}

/// Refuses if `actor` may not state that a dispatch was not sent. The reports of nodes outweigh a
/// person's word.
pub(crate) fn ensure_can_deny(
    run: &PatchRun,
    actor: &Actor,
    id: &DispatchId,
    policy: CurrentPolicy<'_>,
) -> Result<(), Refusal> {
    admitted(run, actor, policy)?;
    let under_way = run.dispatches.get(id).filter(|_| run.wave().is_some());
    if let Some(ran) = under_way.filter(|dispatch| !dispatch.reported.is_empty()) {
        let (nodes, all) = (ran.reported.len(), ran.nodes.len());
        return Err(Refusal::DidRun { run: run.id.clone(), nodes, all });
    }
    ensure_can_adopt(run, actor, id, policy).map(|_| ())
}

/// A person states that it was not sent.
pub(super) fn not_sent(
    run: &PatchRun,
    actor: &Actor,
    id: &DispatchId,
    reason: &str,
    policy: CurrentPolicy<'_>,
) -> Result<Vec<RunEvent>, Refusal> {
    ensure_can_deny(run, actor, id, policy)?;
    let why = WhyAbandoned::NotSent { reason: Reason::parse(reason)? };
    Ok(vec![RunEvent::Dispatch(id.clone(), DispatchEvent::Abandoned { why })])
}

/// The result of searching AWS: commands with our marks, the oldest first, and nodes whose patch
/// state carries our snapshot id.
pub(super) fn reconciled(
    run: &PatchRun,
    id: &DispatchId,
    commands: &[String],
    reported: &[NodeId],
) -> Vec<RunEvent> {
    let Some(dispatch) = run.dispatches.get(id).filter(|_| run.wave().is_some()) else {
        return Vec::new();
    };
    let asked_at = match &dispatch.status {
        DispatchStatus::Uncertain { asked_at, .. } => *asked_at,
        DispatchStatus::Ran { .. } => None,
        DispatchStatus::Intended
        | DispatchStatus::Sent { .. }
        | DispatchStatus::Ended { .. }
        | DispatchStatus::Refused { .. }
        | DispatchStatus::Abandoned { .. }
        | DispatchStatus::GivenUp { .. } => return Vec::new(),
    };
    let happens = |event| RunEvent::Dispatch(id.clone(), event);
    if let [oldest, others @ ..] = commands {
        let mut events =
            vec![happens(DispatchEvent::Sent { command: oldest.clone(), adopted: true })];
        if !others.is_empty() {
            events.push(happens(DispatchEvent::Doubled { commands: others.to_vec() }));
        }
        return events;
    }
    let is_news =
        |node: &&NodeId| dispatch.nodes.contains(node) && !dispatch.reported.contains(*node);
    let nodes: Vec<NodeId> = reported.iter().filter(is_news).cloned().collect();
    if !nodes.is_empty() {
        return vec![match dispatch.reported.is_empty() {
            true => happens(DispatchEvent::Ran { nodes }),
            false => happens(DispatchEvent::Reported { nodes }),
        }];
    }
    let again = asked_at.is_some_and(|asked| dispatch.searched_at.is_none_or(|then| then < asked));
    let first = dispatch.searched_at.is_none() && dispatch.reported.is_empty();
    if first || again { vec![happens(DispatchEvent::Searched)] } else { Vec::new() }
}

impl Operation {
    /// Whether it changes anything on a node.
    pub(crate) fn is_install(self) -> bool {
        match self {
            Self::Install => true,
            Self::Scan => false,
        }
    }
}
