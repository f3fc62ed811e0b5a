//! Events that several rules cause: the decision on a command, and the stop of a run.

use crate::fleet::node::NodeId;
use crate::id::{DispatchId, Operation};
use crate::run::{
    DispatchStatus, NODES_PER_COMMAND, PatchRun, RunEvent, Step, StopReason, snapshot_id,
};

pub(super) fn intend(run: &PatchRun, id: DispatchId, nodes: Vec<NodeId>, token: u64) -> RunEvent {
    let snapshot = snapshot_id(run, &id);
    RunEvent::Intended { id, snapshot, nodes, token }
}

/// Decides a Scan for each of `parts`.
pub(super) fn intend_parts(
    run: &PatchRun,
    wave: u32,
    parts: impl IntoIterator<Item = Vec<NodeId>>,
    token: u64,
) -> impl Iterator<Item = RunEvent> {
    let operation = Operation::Scan;
    let parts = parts.into_iter().zip(run.next_chunk(wave, operation)..);
    parts.map(move |(nodes, chunk)| {
        let id = DispatchId { wave, operation, chunk, attempt: 1 };
        intend(run, id, nodes, token)
    })
}

pub(super) fn intend_scans(run: &PatchRun, wave: u32, token: u64) -> Vec<RunEvent> {
    let nodes = run.to_scan(wave, run.is_stopping());
    let chunks = nodes.chunks(NODES_PER_COMMAND).map(<[NodeId]>::to_vec);
    intend_parts(run, wave, chunks, token).collect()
}

pub(super) fn intend_scans_again(run: &PatchRun, wave: u32, token: u64) -> Vec<RunEvent> {
    let scans = run.latest(wave, Operation::Scan).into_iter();
    let again = scans.filter(|scan| matches!(scan.status, DispatchStatus::Abandoned { .. }));
    let again = again.map(|scan| {
        let id = PatchRun::next_attempt(&scan.id);
        intend(run, id, scan.nodes.clone(), token)
    });
    let narrowed = run.narrowed(wave, Operation::Scan);
    again.chain(intend_parts(run, wave, narrowed, token)).collect()
}

/// Stops a running run, which ends it at once if nothing is under way.
pub(super) fn request_stop(run: &PatchRun, why: StopReason) -> RunEvent {
    let open = run.dispatches.values().any(|dispatch| dispatch.status.is_open());
    let at_rest = run.wave().is_none_or(|wave| run.step_in(wave, true) == Step::Judged);
    if at_rest && !open { RunEvent::Stopped { why } } else { RunEvent::StopRequested { why } }
}
