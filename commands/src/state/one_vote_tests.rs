//! How long the vote that approves a plan takes among very many open runs, and on a very large one:
//! deciding, applying, and drawing the cards it concerns. `tests/run bench` runs it.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "it takes the time and decides nothing by it"
)]

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::decide::{Input, Interaction};
use crate::fleet::node::NodeId;
use crate::id::RunId;
use crate::input::button::ButtonAction;
use crate::plan::{PatchPlan, Pin};
use crate::run::PatchRun;
use crate::run::tests::{Scenario, actor, after, plan};
use crate::state::{Agenda, Context, State, Subject};
use crate::text::wording::Locale;
use crate::view::tests::reader;

fn of_nodes(count: usize) -> PatchPlan {
    let mut plan = plan(Pin::First);
    let node = plan.waves[0][0].clone();
    let named = |number| NodeId(format!("i-{number:017x}"));
    let nodes =
        (0..count).map(|number| crate::plan::PlannedNode { id: named(number), ..node.clone() });
    plan.waves = vec![nodes.collect()];
    plan
}

/// A state with so many open runs. The vote is on the newest.
fn of_runs(count: u32, plan: PatchPlan) -> (State, RunId, String) {
    let scenario = Scenario::new(plan, 1);
    let mut state = scenario.state();
    let (first, digest) = (scenario.run.clone(), scenario.run.digest.short().to_owned());
    let id = |number| RunId::new(first.plan.environment.clone(), number);
    for number in 2..=count {
        state.runs.insert(id(number), PatchRun { id: id(number), ..first.clone() });
    }
    (state, id(count), digest)
}

#[test]
#[ignore = "measures, and asserts nothing"]
fn one_vote() {
    // The first card reads the wording.
    let (state, run, _) = of_runs(1, of_nodes(1));
    drop(state.post(&Subject::Run(run), reader(Locale::En)));
    for (runs, nodes) in [(1, 3), (10_000, 3), (1, 10_000)] {
        let (mut state, run, digest) = of_runs(runs, of_nodes(nodes));
        let mut agenda = Agenda::of(&state);
        state.ticking(&mut agenda, after(1));
        let action = ButtonAction::Approve { run: run.clone(), digest };
        let ask = Interaction::Press { token: action.token(), confirmed: true };
        let mut steps: Vec<(&str, Duration)> = Vec::new();
        let mut began = Instant::now();
        let mut step = |name| {
            steps.push((name, began.elapsed()));
            began = Instant::now();
        };
        let before = state.runs[&run].outline();
        let actor = actor("aiko");
        let input = Input::Asked { actor: &actor, ask: &ask, reader: reader(Locale::En) };
        let decided = state.decide(input, Context { token: 7 }, after(2)).expect("an approver");
        step("decide");
        state.apply_all(&decided.events).expect("it can happen");
        step("apply");
        agenda.changed(&state, &run, Some(before));
        let affected = decided.events.iter();
        let affected = affected.flat_map(|one| state.affected_by(&one.event, Some(before)));
        let affected: Vec<_> = affected.collect();
        step("what it concerns");
        let drawn = affected.iter().filter_map(|one| state.post(one, reader(Locale::En)));
        let digests: Vec<_> = drawn.map(|post| post.card.digest()).collect();
        step("draw");
        state.ticking(&mut agenda, after(2));
        let pending = state.pending(&agenda, Context { token: 7 }, after(2));
        let next = state.next_deadline(&agenda, after(2));
        step("what follows");
        let line = format!(
            "{runs} open runs of {nodes} nodes: {} cards, {} effects, due {next:?}: {steps:?}\n",
            digests.len(),
            pending.len()
        );
        std::io::stdout().write_all(line.as_bytes()).expect("somebody reads");
    }
}
