//! Tests of asking nodes on which a pinned Install failed whether they could read the list.

use super::*;
use crate::plan::Proof;
use crate::view::tests::{both, of_run};

const ASKS: &str = "verification-1/outputs/install-w0-c0:1";

/// A plan that is pinned to a proof, with its first Install sent.
fn begun(plan: PatchPlan) -> (Scenario, Dispatch) {
    let mut scenario = Scenario::new(plan, 1);
    let run = RunId::new("verification".parse().expect("a name"), 1);
    scenario.before = Some(Ok(Proof { run, since: start(), proven: Default::default() }));
    let mut scenario = scenario.begun();
    scenario.go(RunInput::ListPublished, after(2));
    let install = scenario.sent(after(3));
    (scenario, install)
}

fn outputs(scenario: &mut Scenario, install: &Dispatch, outputs: Outputs) -> usize {
    let dispatch = install.id.clone();
    scenario.ask(RunInput::OutputsRead { dispatch, outputs }, after(5)).expect("it is not refused")
}

fn three(pin: Pin) -> PatchPlan {
    let nodes = ["i-1", "mi-2", "i-3", "i-4"].map(node);
    PatchPlan { waves: vec![nodes.into()], ..plan(pin) }
}

#[test]
fn a_few_nodes_of_a_pinned_install_that_failed_are_asked_once() {
    let (mut scenario, install) = begun(three(pinned(1)));
    assert!(!scenario.pending(after(3)).contains(&ASKS.to_owned()));
    scenario.heard(&install, InvocationStatus::Failed, after(4));
    let asked = pending(&scenario.run, &scenario.emergency_stop, TOKEN, after(4))
        .into_iter()
        .find_map(|effect| match effect {
            RunEffect::ReadOutputs { nodes, command, .. } => Some((nodes.len(), command)),
            _ => None,
        });
    assert_eq!(asked, Some((3, format!("c-{}", install.id))), "three of four");
    let faults =
        [("i-1", ListFault::Denied), ("mi-2", ListFault::Denied), ("i-3", ListFault::Missing)];
    let faults = faults.map(|(node, fault)| (NodeId(node.into()), fault));
    assert_eq!(outputs(&mut scenario, &install, Outputs::Read(faults.into())), 1);
    assert_eq!(outputs(&mut scenario, &install, Outputs::Denied), 0, "it has its answer");
    assert!(!scenario.pending(after(5)).contains(&ASKS.to_owned()));
    both("list-unread", |locale| of_run(&scenario, locale, true));
}

#[test]
fn what_may_not_be_read_is_told_once_and_asked_no_more() {
    let (mut scenario, install) = begun(plan(pinned(1)));
    scenario.heard(&install, InvocationStatus::Failed, after(4));
    assert_eq!(outputs(&mut scenario, &install, Outputs::Denied), 1);
    let is_reported = |scenario: &&Recorded<RunEvent>| {
        matches!(scenario.event, RunEvent::Dispatch(_, DispatchEvent::OutputsRead { .. }))
    };
    assert_eq!(scenario.run.history.iter().filter(is_reported).count(), 1);
    let other = Dispatch { outputs: None, ..install };
    assert!(scenario.run.outputs_wanted(&other).is_empty());
    let text = of_run(&scenario, crate::text::wording::Locale::En, true);
    assert!(text.contains("ssm:GetCommandInvocation"), "{text}");
}

#[test]
fn nobody_is_asked_where_nothing_is_pinned_or_nothing_failed() {
    let (mut scenario, install) = begun(plan(Pin::First));
    scenario.heard(&install, InvocationStatus::Failed, after(4));
    assert!(!scenario.pending(after(4)).contains(&ASKS.to_owned()));
    for status in [InvocationStatus::Success, InvocationStatus::Undeliverable] {
        let (mut scenario, install) = begun(plan(pinned(1)));
        scenario.heard(&install, status, after(4));
        assert!(!scenario.pending(after(4)).contains(&ASKS.to_owned()), "{status:?}");
        assert_eq!(outputs(&mut scenario, &install, Outputs::Denied), 0);
    }
}
