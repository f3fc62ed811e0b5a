//! One WebSocket, from its upgrade to its end.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::ws::{Message as Frame, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{MOST_SOCKETS, Out, Socket};
use crate::payloads;
use crate::slack::Workspace;
use crate::slack::world::World;

/// Slack's clients give up after 30 s without a ping. In real time, because it guards a real
/// connection.
const PING_EVERY: Duration = Duration::from_secs(5);

/// `GET /link/?ticket=…`: a ticket from `apps.connections.open` opens one socket, once.
pub(crate) async fn link(
    State(workspace): State<Workspace>,
    Query(query): Query<HashMap<String, String>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let is_valid = workspace.change(|world| {
        let ticket = query.get("ticket").map_or("", String::as_str);
        let is_valid = world.sockets.tickets.remove(ticket);
        if !is_valid {
            world.complain("a socket was opened without a fresh ticket");
        }
        is_valid
    });
    if !is_valid {
        return StatusCode::NOT_FOUND.into_response();
    }
    upgrade.on_upgrade(move |socket| run(workspace, socket))
}

async fn run(workspace: Workspace, mut socket: WebSocket) {
    let (out, mut orders) = mpsc::unbounded_channel();
    let mut pings = tokio::time::interval(PING_EVERY);
    let Some((id, hello)) = workspace.change(|world| enter(world, out)) else {
        let refusal = json!({
            "type": "disconnect", "reason": "too_many_websockets",
            "debug_info": { "host": "simulator" },
        });
        let _ = socket.send(Frame::Text(refusal.to_string().into())).await;
        return;
    };
    let mut is_open = true;
    let mut is_well = socket.send(Frame::Text(hello.into())).await.is_ok();
    // An envelope may come only after the hello.
    workspace.changes().announce();
    while is_well {
        tokio::select! {
            frame = socket.recv() => match frame {
                Some(Ok(Frame::Text(text))) => receive(&workspace, id, text.as_str()),
                // The close frame is answered by reading on, until the other side has gone.
                Some(Ok(Frame::Close(_))) => leave(&workspace, id),
                Some(Err(_)) | None => break,
                Some(Ok(Frame::Binary(_))) => {
                    workspace.change(|world| world.complain("a binary frame came over a socket"));
                }
                Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => {}
            },
            order = orders.recv(), if is_open => match order {
                Some(Out::Say(text)) => {
                    is_well = socket.send(Frame::Text(text.into())).await.is_ok();
                }
                Some(Out::Close) => {
                    leave(&workspace, id);
                    is_well = socket.send(Frame::Close(None)).await.is_ok();
                }
                Some(Out::Cut) => break,
                // It has left; only the close remains.
                None => is_open = false,
            },
            _ = pings.tick() => {
                is_well = socket.send(Frame::Ping("simulator".into())).await.is_ok();
            }
        }
    }
    leave(&workspace, id);
}

fn leave(workspace: &Workspace, id: u64) {
    workspace.change(|world| world.sockets.open.retain(|open| open.id != id));
}

/// Registers the socket, and returns its id and greeting; `None` if there are ten already.
fn enter(world: &mut World, out: mpsc::UnboundedSender<Out>) -> Option<(u64, String)> {
    if world.sockets.open.len() >= MOST_SOCKETS {
        world.complain("an eleventh socket was opened");
        return None;
    }
    world.sockets.next += 1;
    let id = world.sockets.next;
    world.sockets.open.push(Socket { id, out, is_leaving: false });
    let hello = json!({
        "type": "hello",
        "num_connections": world.sockets.open.len(),
        "connection_info": { "app_id": world.app.id },
        "debug_info": {
            "host": "simulator", "build_number": 1, "approximate_connection_time": 18_060,
        },
    });
    Some((id, hello.to_string()))
}

/// Handles an acknowledgement.
fn receive(workspace: &Workspace, socket: u64, text: &str) {
    workspace.change(|world| {
        let Ok(ack) = serde_json::from_str::<Value>(text) else {
            return world.complain(format!("a socket said what is no JSON: {text}"));
        };
        let Some(id) = ack.get("envelope_id").and_then(Value::as_str) else {
            return world.complain(format!("an acknowledgement without envelope_id: {text}"));
        };
        let unknown = ack.as_object().into_iter().flatten().find(|(name, _)| {
            !matches!(name.as_str(), "envelope_id" | "payload" | "retry_attempt" | "retry_reason")
        });
        if let Some((name, _)) = unknown {
            world.complain(format!("an acknowledgement with an unknown field {name}"));
        }
        let sockets = &mut world.sockets;
        let waiting = sockets.waited(id, |waiting| waiting.socket == socket);
        let late = sockets.late.iter().position(|late| late.0 == id && late.1 == socket);
        if let (None, Some(at)) = (&waiting, late) {
            sockets.late.remove(at);
            return world.complain(format!("envelope {id} was acknowledged too late"));
        }
        let Some(waiting) = waiting.or_else(|| sockets.waited(id, |_| true)) else {
            let complaint = match sockets.settled.contains(id) {
                true => "was acknowledged twice",
                false => "was never sent",
            };
            return world.complain(format!("envelope {id} {complaint}"));
        };
        if waiting.socket != socket {
            world.complain(format!("envelope {id} was acknowledged over another socket"));
        }
        let payload = ack.get("payload").cloned().unwrap_or(Value::Null);
        let is_empty = payload.as_object().is_some_and(serde_json::Map::is_empty)
            || payload.is_null()
            || payload == "";
        let said = if is_empty { &Value::Null } else { &payload };
        payloads::acknowledgement(&waiting.what, said, "ok", !world.refuse_charts);
        if !is_empty && !waiting.accepts_payload {
            world.complain(format!("envelope {id} takes no response payload: {payload}"));
        }
        world.sockets.settled.insert(id.to_owned());
        // The test may have dropped the action that waited.
        let _ = waiting.answer.send(if is_empty { Value::Null } else { payload });
    });
}
