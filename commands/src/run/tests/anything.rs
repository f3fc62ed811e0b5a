//! Property tests: what must hold whatever people, time and AWS do, in any order.

use proptest::prelude::*;

use super::*;

/// A plan with a window and with waves larger than the concurrency limit.
fn crowded(concurrency: u32, budget: u32, window: bool) -> PatchPlan {
    let wave = |from: u32, to: u32| (from..to).map(|n| node(&format!("i-{n}"))).collect();
    PatchPlan {
        waves: vec![wave(1, 6), wave(6, 9)],
        concurrency: Some(concurrency),
        error_budget: budget,
        window: window.then(|| occurrence("nightly", after(0), after(240), after(300))),
        ..plan(Pin::First)
    }
}

const STATUSES: [InvocationStatus; 8] = [
    InvocationStatus::Success,
    InvocationStatus::Success,
    InvocationStatus::Success,
    InvocationStatus::Failed,
    InvocationStatus::InProgress,
    InvocationStatus::Cancelling,
    InvocationStatus::Cancelled,
    InvocationStatus::Terminated,
];

/// One thing that happens: its kind, the dispatch, and by whom or how.
type Happening = (u8, u8, u8, u16);

fn happening() -> impl Strategy<Value = Happening> {
    (0_u8..24, 0_u8..12, 0_u8..8, 0_u16..60)
}

fn request(
    scenario: &mut Scenario,
    (what, which, how, _): Happening,
    now: DateTime<Utc>,
) -> RunInput {
    let name = ["aiko", "ben", "chie", "mallory"][usize::from(how % 4)];
    let actor = actor(name);
    // Usually the newest dispatches, because things still happen there.
    let open = scenario.run.dispatches.values().filter(|one| one.status.is_open() || which == 0);
    let open: Vec<DispatchId> = open.map(|one| one.id.clone()).collect();
    let dispatch = open.iter().rev().nth(usize::from(which) % open.len().max(1)).cloned();
    let reason = || "looked".to_owned();
    match (what, dispatch) {
        (0, _) => RunInput::Approve { actor, digest: scenario.run.digest.short().to_owned() },
        (1, _) => RunInput::Withdraw { actor },
        (2, _) => {
            RunInput::Rechecked { plan: Box::new(scenario.run.plan.clone()), windows: Vec::new() }
        }
        (3, Some(dispatch)) => RunInput::Sent { dispatch, command: "c".into() },
        (4, Some(dispatch)) => RunInput::SendUncertain { dispatch, why: "reset".into() },
        (5, Some(dispatch)) => found(&dispatch, &["c", "d"][..usize::from(how % 3)]),
        (6, Some(dispatch)) => {
            let nodes = scenario.run.dispatches[&dispatch].nodes.iter();
            let blame = match how % 4 {
                0 => Blame::Call,
                some => Blame::Nodes(nodes.take(usize::from(some) - 1).cloned().collect()),
            };
            RunInput::SendRefused { dispatch, why: "no".into(), blame }
        }
        (7 | 8, Some(dispatch)) => {
            let nodes = &scenario.run.dispatches[&dispatch].nodes;
            let status = |n: usize| STATUSES[(usize::from(how) + n) % STATUSES.len()];
            let invocations =
                nodes.iter().enumerate().map(|(n, node)| (node.clone(), status(n))).collect();
            RunInput::Heard { dispatch, invocations }
        }
        (9, Some(dispatch)) => RunInput::NotSent { actor, dispatch, reason: reason() },
        (10, Some(_)) if scenario.run.step().is_some() => RunInput::States {
            states: scenario.states(counts(u32::from(how % 2)), now),
            lookup_results: LookupResults::default(),
        },
        (11, Some(dispatch)) => {
            let nodes = scenario.run.dispatches[&dispatch].nodes.clone();
            let reported = nodes.into_iter().take(usize::from(how)).collect();
            RunInput::Reconciled { dispatch, commands: vec![], reported }
        }
        (12, Some(dispatch)) => {
            let nodes = scenario.run.dispatches[&dispatch].nodes.iter().cloned().collect();
            let document = "AWS-RunPatchBaseline".into();
            let found = AtAws { document, operation: Some("Install".into()), nodes };
            let command = uuid::Uuid::from_u128(u128::from(how)).to_string();
            RunInput::Adopt { actor, dispatch, command, reason: reason(), found: Some(found) }
        }
        (13, Some(dispatch)) => RunInput::CancelAsked { dispatch },
        (14, _) if which < 3 => RunInput::Stop { actor, reason: reason() },
        (15, Some(dispatch)) => RunInput::DispatchAbandoned { dispatch },
        (16, _) if how < 3 => {
            // Another process takes over.
            scenario.token += 1;
            RunInput::Tick
        }
        (16, _) if how == 3 => {
            let stop = Stop { by: person("ben"), reason: "alarms".into(), at: now };
            let stop = scenario.emergency_stop.stop.is_none().then_some(stop);
            scenario.emergency_stop = EmergencyStop { stop };
            RunInput::Tick
        }
        (16, _) if how < 6 => RunInput::Identified {
            wrong: scenario
                .run
                .closed
                .is_none()
                .then(|| super::wrong_account::wrong("999999999999")),
        },
        (17.., _) => answer(scenario, usize::from(how), now),
        _ => RunInput::Tick,
    }
}

/// What an outside world without trouble would answer next; sometimes a node fails.
fn answer(scenario: &Scenario, how: usize, now: DateTime<Utc>) -> RunInput {
    if let Some((_, Step::Judging)) = scenario.run.step() {
        return RunInput::States {
            states: scenario.states(counts(0), now),
            lookup_results: LookupResults::default(),
        };
    }
    let mut open: Vec<&Dispatch> =
        scenario.run.dispatches.values().filter(|dispatch| dispatch.status.is_open()).collect();
    if open.is_empty() {
        return RunInput::Tick;
    }
    let Dispatch { id, status, nodes, .. } = open.swap_remove(how % open.len()).clone();
    match status {
        DispatchStatus::Intended if scenario.run.is_stopping() && id.operation.is_install() => {
            RunInput::DispatchAbandoned { dispatch: id }
        }
        DispatchStatus::Intended => RunInput::Sent { dispatch: id, command: "c".into() },
        DispatchStatus::Uncertain { .. } | DispatchStatus::Ran { .. } => found(&id, &["c"]),
        DispatchStatus::Sent { .. } => {
            let status = |n: usize| if how == 7 && n == 1 { STATUSES[3] } else { STATUSES[0] };
            let heard = nodes.into_iter().enumerate().skip(how % 2);
            RunInput::Heard {
                dispatch: id,
                invocations: heard.map(|(n, node)| (node, status(n))).collect(),
            }
        }
        DispatchStatus::Ended { .. }
        | DispatchStatus::Refused { .. }
        | DispatchStatus::Abandoned { .. }
        | DispatchStatus::GivenUp { .. } => RunInput::Tick,
    }
}

/// Checks what must hold after every step.
fn holds(scenario: &Scenario, before: &PatchRun, limit: u32) -> Result<(), TestCaseError> {
    let run = &scenario.run;
    prop_assert!(run.installing() <= limit as usize, "{} at work", run.installing());
    let new = run.dispatches.keys().filter(|id| !before.dispatches.contains_key(id));
    prop_assert!(run.closed.is_none() || new.clone().next().is_none(), "sent in another account");
    for id in new.filter(|id| id.operation == Operation::Install) {
        prop_assert!(!before.is_stopping() && !run.is_stopping(), "{id} after it was called off");
        prop_assert!(scenario.emergency_stop.stop.is_none(), "{id} in spite of the emergency stop");
        let mut earlier = before.dispatches.values().filter(|one| one.id.operation == id.operation);
        let twice = earlier.find(|one| {
            let certain = matches!(
                one.status,
                DispatchStatus::Refused { .. } | DispatchStatus::Abandoned { by: Some(_), .. }
            );
            !certain && one.nodes.iter().any(|node| run.dispatches[id].nodes.contains(node))
        });
        prop_assert!(twice.is_none(), "{id} goes where {twice:?} may have gone");
        if id.attempt > 1 {
            let earlier = DispatchId { attempt: id.attempt - 1, ..id.clone() };
            let word = &run.dispatches[&earlier].status;
            let by_a_person = matches!(word, DispatchStatus::Abandoned { by: Some(_), .. });
            prop_assert!(by_a_person, "{id} follows on {word:?}");
        }
    }
    Ok(())
}

/// Answers everything that is open, as an outside world without trouble would. An uncertain command
/// turns up at AWS if `shows`; otherwise somebody stops the run rather than go on.
fn wind_up(scenario: &mut Scenario, mut now: DateTime<Utc>, shows: bool) {
    scenario.emergency_stop = EmergencyStop::default();
    scenario.go(RunInput::Identified { wrong: None }, now);
    for step in 0..300 {
        now += TimeDelta::minutes(6);
        scenario.go(RunInput::Tick, now);
        if scenario.run.wave().is_none() {
            return;
        }
        let doubtful =
            scenario.run.dispatches.values().any(|one| {
                matches!(one.status, DispatchStatus::Uncertain { asked_at: Some(_), .. })
            });
        let request = match answer(scenario, 2 * step, now) {
            RunInput::Reconciled { .. } if !shows && doubtful => {
                RunInput::Stop { actor: actor("ben"), reason: "enough".into() }
            }
            RunInput::Reconciled { .. } if !shows => RunInput::Tick,
            answer => answer,
        };
        scenario.go(request, now);
    }
}

proptest! {
    #[test]
    fn whatever_happens_nothing_is_installed_twice_too_much_or_after_the_end(
        (limit, budget, window) in (1_u32..6, 0_u32..3, any::<bool>()),
        shows in any::<bool>(),
        begins in any::<bool>(),
        steps in proptest::collection::vec(happening(), 1..80),
    ) {
        let mut scenario = Scenario::new(crowded(limit, budget, window), 1);
        if begins {
            scenario = scenario.begun();
        }
        let mut now = after(2);
        for step in steps {
            now += TimeDelta::minutes(i64::from(step.3 / 4));
            let request = request(&mut scenario, step, now);
            let before = scenario.run.clone();
            // Applying the events asserts that they can follow.
            let _refused = scenario.ask(request, now);
            holds(&scenario, &before, limit)?;
            loop {
                let before = scenario.run.clone();
                if scenario.ask(RunInput::Tick, now).expect("time is never refused") == 0 {
                    break;
                }
                holds(&scenario, &before, limit)?;
            }
        }
        // A run that was started ends once everything that is open has its answer.
        if scenario.run.wave().is_some() {
            wind_up(&mut scenario, now, shows);
            let ended = matches!(scenario.run.phase, Phase::Finished { .. } | Phase::Stopped { .. });
            prop_assert!(ended, "{:?} {:?}", scenario.run.phase, scenario.run.step());
            prop_assert!(!scenario.run.dispatches.values().any(|one| one.status.is_open()));
        }
        let intended = scenario.events.iter().filter_map(|event| match &event.event {
            RunEvent::Intended { id, .. } => Some(id),
            _ => None,
        });
        let mut ids: Vec<_> = intended.collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), all, "a command was decided on twice");
        prop_assert_eq!(replayed(&scenario.events), Ok(scenario.run));
    }
}
