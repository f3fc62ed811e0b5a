//! A gate in front of a simulator. It holds requests of one kind, before they are done or after, so
//! that a process can be killed exactly there. Without a hold everything passes unchanged.

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::watch;

use crate::crash_points::{CrashPoints, Fate as ProcessFate, Moment};
use crate::request::{label, operation, with_body};

/// How long a request may take to arrive at a gate, in real time.
const PATIENCE: Duration = Duration::from_secs(30);
/// No request of the bot is larger than this.
const LARGEST: usize = 16 << 20;

/// The gate of one simulator. Clones share the state.
#[derive(Clone, Debug, Default)]
pub struct FaultGate {
    rules: Arc<Mutex<Vec<Arc<Rule>>>>,
    points: CrashPoints,
    policy: Arc<Mutex<Option<Arc<dyn FaultPolicy>>>>,
    triggers: Arc<Mutex<Vec<Trigger>>>,
}

/// A change of the world that happens once, when a request arrives.
struct Trigger {
    operation: String,
    words: String,
    action: Box<dyn FnOnce(&str) + Send>,
}

impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trigger").field("words", &self.words).finish_non_exhaustive()
    }
}

/// Decides for each request what goes wrong with it.
pub trait FaultPolicy: fmt::Debug + Send + Sync {
    /// Answers `request`, through `next` or instead of it. `what` names it, its operation first.
    fn handle(&self, what: String, request: Request, next: Next) -> BoxFuture<'static, Response>;
}

/// On which side of the simulator a request is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It was sent, and nothing was done.
    Before,
    /// It was done, and the answer is under way.
    After,
}

#[derive(Debug)]
struct Rule {
    operation: String,
    words: String,
    side: Side,
    caught: watch::Sender<usize>,
    fate: watch::Sender<Option<Fate>>,
}

/// What happens to a held request.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Passes,
    Lost,
}

/// Held requests. They stay so until [`Hold::passes`] or [`Hold::lost`].
#[derive(Debug)]
#[must_use]
pub struct Hold {
    gate: FaultGate,
    rule: Arc<Rule>,
}

impl FaultGate {
    /// A gate whose requests are points of a story.
    pub(crate) fn of(points: &CrashPoints) -> Self {
        Self { points: points.clone(), ..Self::default() }
    }

    /// The same routes behind this gate.
    pub(crate) fn before(&self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self.clone(), pass))
    }

    /// Lets `policy` answer every request from now on.
    pub fn set_policy(&self, policy: Arc<dyn FaultPolicy>) {
        *self.policy.lock().unwrap_or_else(PoisonError::into_inner) = Some(policy);
    }

    /// Lets requests pass unchanged again. Otherwise a policy that holds its world is never freed.
    pub fn clear_policy(&self) {
        *self.policy.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Holds requests of `operation` whose body contains `words`. Operations have names such as
    /// `SendCommand`, `PutObject` or `chat.postMessage`.
    pub fn hold(&self, operation: &str, words: &str, side: Side) -> Hold {
        let rule = Arc::new(Rule {
            operation: operation.to_owned(),
            words: words.to_owned(),
            side,
            caught: watch::Sender::new(0),
            fate: watch::Sender::new(None),
        });
        self.rules().push(rule.clone());
        Hold { gate: self.clone(), rule }
    }

    /// When the first request of `operation` arrives whose body contains `words`, calls `action`
    /// with that body before anything else: the world changes between the bot's last check and its
    /// request.
    pub fn just_before(
        &self,
        operation: &str,
        words: &str,
        action: impl FnOnce(&str) + Send + 'static,
    ) {
        let (operation, words) = (operation.to_owned(), words.to_owned());
        self.triggers().push(Trigger { operation, words, action: Box::new(action) });
    }

    fn fire_triggers(&self, operation: &str, body: &[u8]) {
        if self.triggers().is_empty() {
            return;
        }
        let body = String::from_utf8_lossy(body);
        let fits =
            |trigger: &mut Trigger| trigger.operation == operation && body.contains(&trigger.words);
        let due: Vec<Trigger> = self.triggers().extract_if(.., fits).collect();
        due.into_iter().for_each(|trigger| (trigger.action)(&body));
    }

    fn triggers(&self) -> std::sync::MutexGuard<'_, Vec<Trigger>> {
        self.triggers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rules(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Rule>>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rule_for(&self, operation: &str, body: &[u8]) -> Option<Arc<Rule>> {
        let body = String::from_utf8_lossy(body);
        let rules = self.rules();
        let mut fitting =
            rules.iter().filter(|rule| rule.operation == operation && body.contains(&rule.words));
        fitting.next().cloned()
    }
}

impl Hold {
    /// Waits until a request is held.
    pub async fn caught(&self) -> Result<()> {
        let mut caught = self.rule.caught.subscribe();
        let waiting = caught.wait_for(|count| *count > 0);
        let Rule { operation, words, .. } = &*self.rule;
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .with_context(|| format!("no {operation} with {words:?} came"))?
            .context("the gate is gone")?;
        Ok(())
    }

    /// Lets everything pass.
    pub fn passes(self) {
        self.end(Fate::Passes);
    }

    /// Makes the bot never receive an answer. A request that was held before it was done is never
    /// done.
    pub fn lost(self) {
        self.end(Fate::Lost);
    }

    fn end(self, fate: Fate) {
        self.gate.rules().retain(|rule| !Arc::ptr_eq(rule, &self.rule));
        self.rule.fate.send_replace(Some(fate));
    }
}

impl Rule {
    async fn holds(&self) -> Fate {
        self.caught.send_modify(|count| *count += 1);
        let mut fate = self.fate.subscribe();
        match fate.wait_for(Option::is_some).await {
            Ok(fate) => fate.unwrap_or(Fate::Lost),
            Err(_) => Fate::Lost,
        }
    }
}

async fn pass(State(gate): State<FaultGate>, request: Request, next: Next) -> Response {
    let Some(operation) = operation(&request) else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let operation = with_body(operation, &body);
    gate.fire_triggers(&operation, &body);
    if gate.points.is_counting() {
        let what = label(&operation, &body);
        let request = Request::from_parts(parts, Body::from(body));
        return pass_points(&gate.points, &what, request, next).await;
    }
    let policy = gate.policy.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(policy) = policy {
        let what = label(&operation, &body);
        return policy.handle(what, Request::from_parts(parts, Body::from(body)), next).await;
    }
    let rule = gate.rule_for(&operation, &body);
    let request = Request::from_parts(parts, Body::from(body));
    match rule {
        None => next.run(request).await,
        Some(rule) if rule.side == Side::Before => match rule.holds().await {
            Fate::Passes => next.run(request).await,
            Fate::Lost => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
        Some(rule) => {
            let answer = next.run(request).await;
            match rule.holds().await {
                Fate::Passes => answer,
                Fate::Lost => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            }
        }
    }
}

/// Passes the three points of a request.
async fn pass_points(points: &CrashPoints, what: &str, request: Request, next: Next) -> Response {
    // The process that would receive this answer is dead.
    let nobody = || StatusCode::SERVICE_UNAVAILABLE.into_response();
    if points.reached(what, Moment::Before) == ProcessFate::Dies {
        return nobody();
    }
    let answer = next.run(request).await;
    if points.reached(what, Moment::After) == ProcessFate::Dies {
        return nobody();
    }
    if points.reached(what, Moment::Answered) == ProcessFate::Lives {
        return answer;
    }
    let (parts, body) = answer.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else { return nobody() };
    let length = [(header::CONTENT_LENGTH, bytes.len().to_string())];
    let last = KillAfterAnswer(points.clone());
    let words = futures_util::stream::iter([Ok::<_, Infallible>(bytes)]);
    let body = Body::from_stream(words.inspect(move |_| last.is_kept()));
    (length, Response::from_parts(parts, body)).into_response()
}

/// Part of the body of an answer, and dropped with it when all of it is on the connection.
struct KillAfterAnswer(CrashPoints);

impl KillAfterAnswer {
    fn is_kept(&self) {}
}

impl Drop for KillAfterAnswer {
    fn drop(&mut self) {
        let points = self.0.clone();
        // The task of the connection hands the bytes to the kernel before another task runs.
        tokio::spawn(async move { points.kill() });
    }
}
