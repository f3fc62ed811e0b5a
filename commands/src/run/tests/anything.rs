//! Whatever people, time and AWS do, in any order: what must hold all the same.

use proptest::prelude::*;

use super::*;

/// A plan with a window and waves that are larger than what may install at once.
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

/// One thing that happens: what, with which of the dispatches, by whom or how.
type Happening = (u8, u8, u8, u16);

fn happening() -> impl Strategy<Value = Happening> {
    (0_u8..24, 0_u8..12, 0_u8..8, 0_u16..60)
}

fn request(told: &mut Told, (what, which, how, _): Happening, now: DateTime<Utc>) -> RunRequest {
    let name = ["aiko", "ben", "chie", "mallory"][usize::from(how % 4)];
    let actor = actor(name);
    // Mostly the newest: that is where something still happens.
    let open = told.run.dispatches.values().filter(|one| one.status.is_open() || which == 0);
    let open: Vec<DispatchId> = open.map(|one| one.id.clone()).collect();
    let dispatch = open.iter().rev().nth(usize::from(which) % open.len().max(1)).cloned();
    let reason = || "looked".to_owned();
    match (what, dispatch) {
        (0, _) => RunRequest::Approve { actor, digest: told.run.digest.short().to_owned() },
        (1, _) => RunRequest::Withdraw { actor },
        (2, _) => {
            RunRequest::Rechecked { plan: Box::new(told.run.plan.clone()), windows: Vec::new() }
        }
        (3, Some(dispatch)) => RunRequest::Sent { dispatch, command: "c".into() },
        (4, Some(dispatch)) => RunRequest::SendUncertain { dispatch, why: "reset".into() },
        (5, Some(dispatch)) => found(&dispatch, &["c", "d"][..usize::from(how % 3)]),
        (6, Some(dispatch)) => {
            let nodes = told.run.dispatches[&dispatch].nodes.iter();
            let blame = match how % 4 {
                0 => Blame::Call,
                some => Blame::Nodes(nodes.take(usize::from(some) - 1).cloned().collect()),
            };
            RunRequest::SendRefused { dispatch, why: "no".into(), blame }
        }
        (7 | 8, Some(dispatch)) => {
            let nodes = &told.run.dispatches[&dispatch].nodes;
            let status = |n: usize| STATUSES[(usize::from(how) + n) % STATUSES.len()];
            let invocations =
                nodes.iter().enumerate().map(|(n, node)| (node.clone(), status(n))).collect();
            RunRequest::Heard { dispatch, invocations }
        }
        (9, Some(dispatch)) => RunRequest::NotSent { actor, dispatch, reason: reason() },
        (10, Some(_)) if told.run.step().is_some() => RunRequest::States {
            states: told.states(counts(u32::from(how % 2)), now),
            sightings: Sightings::default(),
        },
        (11, Some(dispatch)) => {
            let nodes = told.run.dispatches[&dispatch].nodes.clone();
            let reported = nodes.into_iter().take(usize::from(how)).collect();
            RunRequest::Reconciled { dispatch, commands: vec![], reported }
        }
        (12, Some(dispatch)) => {
            let nodes = told.run.dispatches[&dispatch].nodes.iter().cloned().collect();
            let document = "AWS-RunPatchBaseline".into();
            let found = AtAws { document, operation: Some("Install".into()), nodes };
            let command = uuid::Uuid::from_u128(u128::from(how)).to_string();
            RunRequest::Adopt { actor, dispatch, command, reason: reason(), found: Some(found) }
        }
        (13, Some(dispatch)) => RunRequest::CancelAsked { dispatch },
        (14, _) if which < 3 => RunRequest::Stop { actor, reason: reason() },
        (15, Some(dispatch)) => RunRequest::Withdrawn { dispatch },
        (16, _) if how < 3 => {
            // Another process takes over.
            told.token += 1;
            RunRequest::Tick
        }
        (16, _) if how == 3 => {
            let stop = Stop { by: person("ben"), reason: "alarms".into(), at: now };
            let stop = told.emergency_stop.stop.is_none().then_some(stop);
            told.emergency_stop = EmergencyStop { stop };
            RunRequest::Tick
        }
        (16, _) if how < 6 => RunRequest::Identified {
            wrong: told.run.closed.is_none().then(|| super::wrong_account::wrong("999999999999")),
        },
        (17.., _) => answer(told, usize::from(how), now),
        _ => RunRequest::Tick,
    }
}

/// What a world without trouble would answer next; sometimes a node fails.
fn answer(told: &Told, how: usize, now: DateTime<Utc>) -> RunRequest {
    if let Some((_, Step::Judging)) = told.run.step() {
        return RunRequest::States {
            states: told.states(counts(0), now),
            sightings: Sightings::default(),
        };
    }
    let mut open: Vec<&Dispatch> =
        told.run.dispatches.values().filter(|dispatch| dispatch.status.is_open()).collect();
    if open.is_empty() {
        return RunRequest::Tick;
    }
    let Dispatch { id, status, nodes, .. } = open.swap_remove(how % open.len()).clone();
    match status {
        DispatchStatus::Intended if told.run.is_ending() && id.operation.is_install() => {
            RunRequest::Withdrawn { dispatch: id }
        }
        DispatchStatus::Intended => RunRequest::Sent { dispatch: id, command: "c".into() },
        DispatchStatus::Uncertain { .. } | DispatchStatus::Ran { .. } => found(&id, &["c"]),
        DispatchStatus::Sent { .. } => {
            let status = |n: usize| if how == 7 && n == 1 { STATUSES[3] } else { STATUSES[0] };
            let heard = nodes.into_iter().enumerate().skip(how % 2);
            RunRequest::Heard {
                dispatch: id,
                invocations: heard.map(|(n, node)| (node, status(n))).collect(),
            }
        }
        DispatchStatus::Ended { .. }
        | DispatchStatus::Refused { .. }
        | DispatchStatus::Abandoned { .. }
        | DispatchStatus::GivenUp { .. } => RunRequest::Tick,
    }
}

/// What holds after every step.
fn holds(told: &Told, before: &PatchRun, limit: u32) -> Result<(), TestCaseError> {
    let run = &told.run;
    prop_assert!(run.installing() <= limit as usize, "{} at work", run.installing());
    let new = run.dispatches.keys().filter(|id| !before.dispatches.contains_key(id));
    prop_assert!(run.closed.is_none() || new.clone().next().is_none(), "sent in another account");
    for id in new.filter(|id| id.operation == Operation::Install) {
        prop_assert!(!before.is_ending() && !run.is_ending(), "{id} after it was called off");
        prop_assert!(told.emergency_stop.stop.is_none(), "{id} in spite of the emergency stop");
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

/// Answers everything that is open, as a world without trouble would. What is in doubt turns up at
/// AWS where it `shows`; where it does not, somebody stops the run rather than go on.
fn wind_up(told: &mut Told, mut now: DateTime<Utc>, shows: bool) {
    told.emergency_stop = EmergencyStop::default();
    told.go(RunRequest::Identified { wrong: None }, now);
    for step in 0..300 {
        now += TimeDelta::minutes(6);
        told.go(RunRequest::Tick, now);
        if told.run.wave().is_none() {
            return;
        }
        let doubtful =
            told.run.dispatches.values().any(|one| {
                matches!(one.status, DispatchStatus::Uncertain { asked_at: Some(_), .. })
            });
        let request = match answer(told, 2 * step, now) {
            RunRequest::Reconciled { .. } if !shows && doubtful => {
                RunRequest::Stop { actor: actor("ben"), reason: "enough".into() }
            }
            RunRequest::Reconciled { .. } if !shows => RunRequest::Tick,
            answer => answer,
        };
        told.go(request, now);
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
        let mut told = Told::new(crowded(limit, budget, window), 1);
        if begins {
            told = told.begun();
        }
        let mut now = after(2);
        for step in steps {
            now += TimeDelta::minutes(i64::from(step.3 / 4));
            let request = request(&mut told, step, now);
            let before = told.run.clone();
            // That what is decided can follow on what was, is asserted where it is applied.
            let _refused = told.ask(request, now);
            holds(&told, &before, limit)?;
            loop {
                let before = told.run.clone();
                if told.ask(RunRequest::Tick, now).expect("time is never refused") == 0 {
                    break;
                }
                holds(&told, &before, limit)?;
            }
        }
        // A run that was begun ends, once everything that is open has its answer.
        if told.run.wave().is_some() {
            wind_up(&mut told, now, shows);
            let ended = matches!(told.run.phase, Phase::Finished { .. } | Phase::Halted { .. });
            prop_assert!(ended, "{:?} {:?}", told.run.phase, told.run.step());
            prop_assert!(!told.run.dispatches.values().any(|one| one.status.is_open()));
        }
        let intended = told.events.iter().filter_map(|event| match &event.event {
            RunEvent::Intended { id, .. } => Some(id),
            _ => None,
        });
        let mut ids: Vec<_> = intended.collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), all, "a command was decided on twice");
        prop_assert_eq!(replayed(&told.events), Ok(told.run));
    }
}
