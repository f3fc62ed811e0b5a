//! The fault injector: applies a fault to each request, and checks what must hold at the moment the
//! request arrives.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use simulators::aws::{OpFault, Pace};
use simulators::seed::VERIFICATION;
use simulators::slack::Fault;
use stories::{CHANNEL, FaultPolicy};

use crate::interference::{Interference, KnownStop, LostNodes, ScheduledScans, WindowChanges};
use crate::invariants::run_of;
use crate::request_faults::{RequestFault, fault_of};
use crate::world::{World, pace};

/// The longest time that a client of Slack waits, in real time, before it retries. The client of
/// AWS waits by the clock of the story.
const CLIENTS_TRY_AGAIN: Duration = Duration::from_millis(1200);

/// No command is larger than this.
const LARGEST: usize = 1 << 20;

/// The faults of the requests in one world.
pub(crate) struct FaultInjector {
    world: Arc<World>,
    times: Mutex<BTreeMap<String, usize>>,
}

impl fmt::Debug for FaultInjector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultInjector").finish_non_exhaustive()
    }
}

impl FaultPolicy for FaultInjector {
    fn handle(&self, what: String, request: Request, next: Next) -> BoxFuture<'static, Response> {
        let operation = what.split(' ').next().unwrap_or_default().to_owned();
        let nth = self.nth(&operation);
        let calm = self.world.calm.load(Ordering::SeqCst);
        let fault = match calm {
            true => RequestFault::None,
            false => fault_of(self.world.seed, &operation, nth),
        };
        let world = Arc::clone(&self.world);
        Box::pin(async move {
            if fault != RequestFault::None {
                world.note(format!("{what} (number {nth}): {fault:?}"));
            } else if operation == "SendCommand" {
                world.note(&what);
            }
            if operation != "SendCommand" {
                return answer(&world, &operation, fault, request, next).await;
            }
            let (parts, body) = request.into_parts();
            let Ok(body) = to_bytes(body, LARGEST).await else { return unavailable() };
            sends(&world, &what, &body);
            let request = Request::from_parts(parts, Body::from(body));
            answer(&world, &operation, fault, request, next).await
        })
    }
}

impl FaultInjector {
    pub(crate) fn of(world: &Arc<World>) -> Arc<Self> {
        Arc::new(Self { world: Arc::clone(world), times: Mutex::default() })
    }

    fn nth(&self, operation: &str) -> usize {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let times = times.entry(operation.to_owned()).or_default();
        *times += 1;
        *times - 1
    }
}

/// A command arrives at AWS.
fn sends(world: &World, what: &str, body: &[u8]) {
    KnownStop::judge(world, what);
    if what.contains(" scan:") {
        ScheduledScans::meet(world);
    }
    let Some((run, _)) = what.rsplit(' ').next().and_then(|mark| mark.split_once(":install-"))
    else {
        return;
    };
    is_in_order(world, what);
    if let Some(card_at) = carded_at(world, run) {
        WindowChanges::judge(world, run, card_at, what);
    }
    LostNodes::meet(world, run, body);
}

/// When the card of a run was posted in the channel.
fn carded_at(world: &World, run: &str) -> Option<DateTime<Utc>> {
    let cards = world.stage.slack.messages(CHANNEL);
    let card = cards.into_iter().find(|card| run_of(card) == run)?;
    let seconds: f64 = card.ts.parse().ok()?;
    DateTime::from_timestamp_millis((seconds * 1000.0) as i64)
}

/// Production never starts before verification is proven, which means that nothing is missing there
/// in truth.
fn is_in_order(world: &World, what: &str) {
    if !what.contains("production-") || !what.contains(":install-") {
        return;
    }
    let nodes = world.stage.cloud.nodes();
    let behind = nodes.iter().filter(|node| node.account == VERIFICATION && node.missing > 0);
    // Nobody patches a node in two groups, and a node that is gone needs no proof.
    let Interference { ambiguous_groups: groups, lost_nodes: vanished, .. } = &world.interference;
    let is_patched = |id: &str| !groups.is_in_doubt(id) && !vanished.is_gone(id);
    for node in behind.filter(|node| is_patched(&node.id)) {
        world.violated(format!("{what} was sent while {} misses {}", node.name, node.missing));
    }
}

async fn answer(
    world: &World,
    operation: &str,
    fault: RequestFault,
    request: Request,
    next: Next,
) -> Response {
    let under_way = world.traffic.enter(operation);
    let (cloud, slack) = (&world.stage.cloud, &world.stage.slack);
    let of_slack = operation.contains('.') || operation == "response_url";
    // The simulators know best how their service fails.
    let fails = |aws: OpFault, chat: Fault| match of_slack {
        true => {
            slack.fail_next(operation, chat);
            if matches!(chat, Fault::RateLimited(_)) {
                world.traffic.tries_again_within(operation, CLIENTS_TRY_AGAIN);
            }
        }
        false => cloud.fail_operation(operation, aws),
    };
    match fault {
        RequestFault::None => {}
        RequestFault::Throttled => fails(OpFault::Throttle(1), Fault::RateLimited(1)),
        RequestFault::ErrorBefore => fails(OpFault::ServerErrorBefore(1), Fault::ServerError),
        RequestFault::ErrorAfter => fails(OpFault::ServerErrorAfterAccept(1), Fault::ResetAfter),
        RequestFault::ResetBefore => fails(OpFault::ResetBefore(1), Fault::ResetBefore),
        RequestFault::ResetAfter => fails(OpFault::ResetAfter(1), Fault::ResetAfter),
        RequestFault::ClockSet(seconds) => {
            world.set_wrong_by(TimeDelta::seconds(seconds));
        }
        RequestFault::Slow(seconds) => {
            let answer = next.run(request).await;
            // Meanwhile time passes for everybody.
            drop(under_way);
            let clock = &world.stage.clock;
            clock.sleep_until(clock.now() + TimeDelta::seconds(seconds)).await;
            let _under_way = world.traffic.enter(operation);
            return answer;
        }
        RequestFault::Invisible { seconds, answered } => {
            cloud.set_pace(Pace { command_lag: TimeDelta::seconds(seconds), ..pace() });
            let answer = next.run(request).await;
            cloud.set_pace(pace());
            return if answered { answer } else { unavailable() };
        }
        RequestFault::CrashBefore => {
            world.restarts().await;
            return unavailable();
        }
        RequestFault::CrashAfter => {
            let _unheard = next.run(request).await;
            world.restarts().await;
            return unavailable();
        }
    }
    next.run(request).await
}

fn unavailable() -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
