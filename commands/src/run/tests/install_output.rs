//! Asking nodes on which a pinned Install failed whether they could read the list.

use super::*;
use crate::plan::Proof;
use crate::view::tests::{both, of_run};

const ASKS: &str = "verification-1/outputs/install-w0-c0:1";

/// A plan that is held to a proof, with its first Install on its way.
fn begun(plan: PatchPlan) -> (Told, Dispatch) {
    let mut told = Told::new(plan, 1);
    let run = RunId::new("verification".parse().expect("a name"), 1);
    told.before = Some(Ok(Proof { run, since: start(), proven: Default::default() }));
    let mut told = told.begun();
    told.go(RunRequest::ListPublished, after(2));
    let install = told.sent(after(3));
    (told, install)
}

fn outputs(told: &mut Told, install: &Dispatch, outputs: Outputs) -> usize {
    let dispatch = install.id.clone();
    told.ask(RunRequest::OutputsRead { dispatch, outputs }, after(5)).expect("it is not refused")
}

fn three(pin: Pin) -> PatchPlan {
    let nodes = ["i-1", "mi-2", "i-3", "i-4"].map(node);
    PatchPlan { waves: vec![nodes.into()], ..plan(pin) }
}

#[test]
fn a_few_nodes_of_a_pinned_install_that_failed_are_asked_once() {
    let (mut told, install) = begun(three(pinned(1)));
    assert!(!told.pending(after(3)).contains(&ASKS.to_owned()));
    told.heard(&install, InvocationStatus::Failed, after(4));
    let asked =
        pending(&told.run, &told.emergency_stop, TOKEN, after(4)).into_iter().find_map(|effect| {
            match effect {
                RunEffect::ReadOutputs { nodes, command, .. } => Some((nodes.len(), command)),
                _ => None,
            }
        });
    assert_eq!(asked, Some((3, format!("c-{}", install.id))), "three of four");
    let faults =
        [("i-1", ListFault::Denied), ("mi-2", ListFault::Denied), ("i-3", ListFault::Missing)];
    let faults = faults.map(|(node, fault)| (NodeId(node.into()), fault));
    assert_eq!(outputs(&mut told, &install, Outputs::Read(faults.into())), 1);
    assert_eq!(outputs(&mut told, &install, Outputs::Denied), 0, "it has its answer");
    assert!(!told.pending(after(5)).contains(&ASKS.to_owned()));
    both("list-unread", |locale| of_run(&told, locale, true));
}

#[test]
fn what_may_not_be_read_is_told_once_and_asked_no_more() {
    let (mut told, install) = begun(plan(pinned(1)));
    told.heard(&install, InvocationStatus::Failed, after(4));
    assert_eq!(outputs(&mut told, &install, Outputs::Denied), 1);
    let is_told = |told: &&Recorded<RunEvent>| {
        matches!(told.event, RunEvent::Dispatch(_, DispatchEvent::OutputsRead { .. }))
    };
    assert_eq!(told.run.story.iter().filter(is_told).count(), 1);
    let other = Dispatch { outputs: None, ..install };
    assert!(told.run.outputs_wanted(&other).is_empty());
    let text = of_run(&told, crate::text::wording::Locale::En, true);
    assert!(text.contains("ssm:GetCommandInvocation"), "{text}");
}

#[test]
fn nobody_is_asked_where_nothing_is_pinned_or_nothing_failed() {
    let (mut told, install) = begun(plan(Pin::First));
    told.heard(&install, InvocationStatus::Failed, after(4));
    assert!(!told.pending(after(4)).contains(&ASKS.to_owned()));
    for status in [InvocationStatus::Success, InvocationStatus::Undeliverable] {
        let (mut told, install) = begun(plan(pinned(1)));
        told.heard(&install, status, after(4));
        assert!(!told.pending(after(4)).contains(&ASKS.to_owned()), "{status:?}");
        assert_eq!(outputs(&mut told, &install, Outputs::Denied), 0);
    }
}
