//! Records that were written before runs were followed to their end, and before plans had a limit
//! of nodes at work at once.

use super::*;

/// As an earlier version wrote it, line by line.
const RECORD: &str = include_str!("record-of-before.jsonl");

fn read() -> Vec<RunEvent> {
    RECORD.lines().map(|line| serde_json::from_str(line).expect("an event")).collect()
}

fn replay(events: &[RunEvent]) -> PatchRun {
    let run = events.iter().try_fold(None, |run, event| evolve(run, event).map(Some));
    run.expect("it can be replayed").expect("a run")
}

#[test]
fn an_old_record_still_loads_and_means_the_same() {
    let run = replay(&read());
    let why = HaltReason::OverBudget { wave: 0, nodes: vec![NodeId("i-1".into())] };
    assert_eq!(run.phase, Phase::Halted { why, at: after(12) });
    assert_eq!((run.plan.concurrency, run.digest.short()), (None, "c6950dcaa228"));
    let [first, second, _] = run.dispatches.values().collect::<Vec<_>>()[..] else {
        panic!("{:?}", run.dispatches.keys())
    };
    assert!(
        matches!(&first.status, DispatchStatus::Abandoned { by: Some(by), .. } if *by == person("ben"))
    );
    assert_eq!(second.status.command(), Some("c-install-w0-c0:2"));
    assert_eq!(run.untouched().len(), 2);
}

#[test]
fn a_run_that_was_in_the_middle_goes_on_by_todays_rules() {
    // The process ended when a person was asked; a later one reads it.
    let events = read();
    let asked = events.iter().position(|event| matches!(event, RunEvent::PersonAsked { .. }));
    let until = asked.expect("a person was asked");
    let mut told = Told::new(plan(Pin::First), 1);
    (told.run, told.token) = (replay(&events[..=until]), TOKEN + 1);
    assert_eq!(told.pending(after(9)), ["verification-1/reconcile/install-w0-c0:1"]);
    let stop = RunRequest::Stop { actor: actor("ben"), reason: "enough".into() };
    told.go(stop, after(9));
    assert!(told.run.is_ending());
    assert_eq!(told.open().id.operation, Operation::Scan);
}
