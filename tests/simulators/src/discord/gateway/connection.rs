//! One connection, from its upgrade to its end.

use std::collections::{HashMap, VecDeque};

use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::compression::Compression;
use super::{Out, handshake};
use crate::discord::Discord;

/// How many payloads a connection may send in a minute.
const SENDS: usize = 120;

/// `GET /gateway?v=10&encoding=json[&compress=zlib-stream]`
pub(crate) async fn open(
    State(discord): State<Discord>,
    Query(query): Query<HashMap<String, String>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.on_upgrade(move |socket| run(discord, socket, query))
}

/// The state of a connection.
pub(super) struct Connection {
    pub(super) id: u64,
    /// The session, once it has identified itself or resumed.
    pub(super) session: Option<String>,
    pub(super) out: mpsc::UnboundedSender<Out>,
    /// Whether IDENTIFY asked for payloads to be compressed.
    pub(super) wants_compression: bool,
    sends: VecDeque<DateTime<Utc>>,
}

/// A reason to close, with Discord's code.
pub(super) struct Closing(pub(super) u16);

fn sentence(code: u16) -> &'static str {
    match code {
        4001 => "Unknown opcode.",
        4002 => "Error while decoding payload.",
        4003 => "Not authenticated.",
        4004 => "Authentication failed.",
        4005 => "Already authenticated.",
        4007 => "Invalid seq.",
        4008 => "Rate limited.",
        4009 => "Session timed out.",
        4010 => "Invalid shard.",
        4012 => "Invalid API version.",
        4013 => "Invalid intent(s).",
        4014 => "Disallowed intent(s).",
        _ => "",
    }
}

async fn run(discord: Discord, mut socket: WebSocket, query: HashMap<String, String>) {
    let (out, mut orders) = mpsc::unbounded_channel();
    let (id, heartbeat) = discord.change(|world| {
        world.gateway.next_connection += 1;
        (world.gateway.next_connection, world.gateway.heartbeat)
    });
    let mut connection =
        Connection { id, session: None, out, wants_compression: false, sends: VecDeque::new() };
    let mut compression = Compression::Plain;
    let setting = |name: &str| query.get(name).map_or("", String::as_str);
    let is_known = matches!(setting("v"), "10")
        && matches!(setting("encoding"), "json" | "")
        && matches!(setting("compress"), "zlib-stream" | "");
    if !is_known {
        discord.change(|world| world.complain(format!("the gateway was opened with {query:?}")));
        close(&mut socket, 4012).await;
        return;
    }
    if setting("compress") == "zlib-stream" {
        compression = Compression::stream();
    }
    let interval = u64::try_from(heartbeat.as_millis()).unwrap_or(u64::MAX);
    let hello = json!({
        "op": 10, "t": null, "s": null,
        "d": { "heartbeat_interval": interval, "_trace": ["simulator"] },
    });
    if socket.send(compression.frame(&hello)).await.is_err() {
        return;
    }
    // A heartbeat that is late by half an interval still counts; that number is inferred.
    let patience = heartbeat + heartbeat / 2;
    let mut last_beat = Instant::now();
    let mut is_invalidated = false;
    loop {
        tokio::select! {
            frame = socket.recv() => {
                let text = match frame {
                    Some(Ok(Frame::Text(text))) => text.as_str().to_owned(),
                    Some(Ok(Frame::Binary(bytes))) => {
                        String::from_utf8_lossy(&bytes).into_owned()
                    }
                    Some(Ok(Frame::Close(reason))) => {
                        // 1000 and 1001 end the session.
                        is_invalidated =
                            reason.is_some_and(|reason| matches!(reason.code, 1000 | 1001));
                        leave(&discord, &connection, is_invalidated);
                        continue;
                    }
                    Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => continue,
                    Some(Err(_)) | None => break,
                };
                match receive(&discord, &mut connection, &text) {
                    Ok(is_beat) => {
                        if is_beat {
                            last_beat = Instant::now();
                        }
                        if connection.wants_compression && matches!(compression, Compression::Plain) {
                            compression = Compression::EachLarge;
                        }
                    }
                    Err(Closing(code)) => {
                        discord.change(|world| {
                            let why = sentence(code);
                            world.complain(format!("the gateway closes with {code}: {why}"));
                        });
                        close(&mut socket, code).await;
                        break;
                    }
                }
            }
            order = orders.recv() => match order {
                Some(Out::Say(payload)) => {
                    if socket.send(compression.frame(&payload)).await.is_err() {
                        break;
                    }
                }
                Some(Out::Close(code)) => {
                    close(&mut socket, code).await;
                    break;
                }
                Some(Out::Cut) | None => break,
            },
            () = tokio::time::sleep_until(last_beat + patience) => {
                discord.change(|world| world.complain("a connection stopped its heartbeat"));
                close(&mut socket, 4009).await;
                break;
            }
        }
    }
    leave(&discord, &connection, is_invalidated);
}

async fn close(socket: &mut WebSocket, code: u16) {
    let reason = CloseFrame { code, reason: sentence(code).into() };
    // The other side may have gone already.
    let _ = socket.send(Frame::Close(Some(reason))).await;
}

fn leave(discord: &Discord, connection: &Connection, is_invalidated: bool) {
    discord.change(|world| {
        let Some(id) = &connection.session else { return };
        let sessions = &mut world.gateway.sessions;
        let Some(session) = sessions.get_mut(id) else { return };
        if session.connection.as_ref().is_some_and(|(own, _)| *own == connection.id) {
            session.connection = None;
            if is_invalidated {
                sessions.remove(id);
            }
        }
    });
}

/// Handles a payload, and returns whether it was a heartbeat.
fn receive(discord: &Discord, connection: &mut Connection, text: &str) -> Result<bool, Closing> {
    let now = discord.now();
    while connection.sends.front().is_some_and(|&at| at + TimeDelta::minutes(1) <= now) {
        connection.sends.pop_front();
    }
    connection.sends.push_back(now);
    if connection.sends.len() > SENDS {
        return Err(Closing(4008));
    }
    let payload: Value = serde_json::from_str(text).map_err(|_| Closing(4002))?;
    let data = payload.get("d").cloned().unwrap_or_default();
    match payload.get("op").and_then(Value::as_u64) {
        Some(1) => {
            let _ =
                connection.out.send(Out::Say(json!({ "op": 11, "d": null, "s": null, "t": null })));
            Ok(true)
        }
        Some(2) if connection.session.is_some() => Err(Closing(4005)),
        Some(2) => discord.change(|world| handshake::identify(world, connection, &data, now)),
        Some(6) => discord.change(|world| handshake::resume(world, connection, &data)),
        Some(3 | 4 | 8 | 31) if connection.session.is_none() => Err(Closing(4003)),
        Some(3) => Ok(false),
        Some(4 | 8 | 31) => {
            discord.change(|world| {
                world.complain(format!("the gateway was asked for what nobody needs: {payload}"));
            });
            Ok(false)
        }
        Some(_) => Err(Closing(4001)),
        None => Err(Closing(4002)),
    }
}
