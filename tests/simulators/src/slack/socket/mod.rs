//! Socket Mode: sockets that carry envelopes to the app and acknowledgements back.

mod connection;
mod delivery;
pub(crate) mod payloads;

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{Deadline, Workspace};
pub(crate) use connection::link;
pub(crate) use delivery::{Delivery, Envelope, PATIENCE};

/// Slack's limit of sockets for an app.
const MOST_SOCKETS: usize = 10;

/// All sockets of the app, and the envelopes under way.
#[derive(Default)]
pub(crate) struct Sockets {
    tickets: HashSet<String>,
    open: Vec<Socket>,
    /// By envelope: if one is delivered again, each delivery waits for its own acknowledgement.
    waiting: HashMap<String, Vec<Waiting>>,
    deliveries: u64,
    /// Deliveries that timed out, by envelope and socket.
    late: Vec<(String, u64)>,
    /// Envelopes that were acknowledged.
    settled: HashSet<String>,
    sent: Vec<Envelope>,
    turn: usize,
    next: u64,
}

struct Socket {
    id: u64,
    out: mpsc::UnboundedSender<Out>,
    /// Whether it was asked to disconnect: nothing is sent to it while another one is open.
    is_leaving: bool,
}

struct Waiting {
    delivery: u64,
    socket: u64,
    what: String,
    accepts_payload: bool,
    answer: oneshot::Sender<Value>,
}

/// An instruction for a socket.
enum Out {
    Say(String),
    /// Closes with a close frame.
    Close,
    /// Drops the connection without a close frame.
    Cut,
}

impl Sockets {
    pub(crate) fn new_ticket(&mut self) -> String {
        let ticket = Uuid::new_v4().to_string();
        self.tickets.insert(ticket.clone());
        ticket
    }

    /// The socket whose turn it is: any of them may get an envelope.
    fn choose(&mut self) -> Option<&Socket> {
        self.turn = self.turn.wrapping_add(1);
        let staying: Vec<usize> =
            (0..self.open.len()).filter(|&at| !self.open[at].is_leaving).collect();
        let candidates = if staying.is_empty() { (0..self.open.len()).collect() } else { staying };
        let at = *candidates.get(self.turn % candidates.len().max(1))?;
        self.open.get(at)
    }

    pub(crate) fn sent_envelopes(&self) -> impl DoubleEndedIterator<Item = &Envelope> {
        self.sent.iter()
    }

    /// Keeps an envelope that was sent over HTTP, so that it can be delivered again.
    pub(crate) fn remember(&mut self, envelope: &Envelope) {
        self.sent.push(envelope.clone());
    }

    /// Takes the matching delivery of this envelope, which no longer waits.
    fn waited(&mut self, envelope: &str, fits: impl Fn(&Waiting) -> bool) -> Option<Waiting> {
        let deliveries = self.waiting.get_mut(envelope)?;
        let at = deliveries.iter().position(fits)?;
        let found = deliveries.remove(at);
        if deliveries.is_empty() {
            self.waiting.remove(envelope);
        }
        Some(found)
    }

    fn send_to_all(&mut self, what: impl Fn() -> Out) -> usize {
        self.open.retain(|socket| socket.out.send(what()).is_ok());
        self.open.len()
    }
}

impl Workspace {
    /// How many sockets the app has open.
    pub fn sockets(&self) -> usize {
        self.look().sockets.open.len()
    }

    /// Sends `disconnect` with this reason (`refresh_requested`, `warning`, `link_disabled`) to
    /// every open socket. Slack closes them itself 10 s later; that number is inferred.
    pub fn ask_to_disconnect(&self, reason: &str) {
        let text = json!({
            "type": "disconnect", "reason": reason, "debug_info": { "host": "simulator" },
        });
        let leaving: Vec<u64> = self.change(|world| {
            let text = text.to_string();
            world.sockets.send_to_all(|| Out::Say(text.clone()));
            for socket in &mut world.sockets.open {
                socket.is_leaving = true;
            }
            world.sockets.open.iter().map(|socket| socket.id).collect()
        });
        let workspace = self.clone();
        let deadline = Deadline::after(self.clock(), 10);
        tokio::spawn(async move {
            deadline.wait(workspace.clock()).await;
            let world = &mut *workspace.look();
            for socket in world.sockets.open.iter().filter(|socket| leaving.contains(&socket.id)) {
                // A socket that is gone already need not be closed.
                let _ = socket.out.send(Out::Close);
            }
        });
    }

    /// Breaks every socket without a close frame, like a network does. Returns how many there were.
    pub fn cut_sockets(&self) -> usize {
        self.change(|world| {
            let count = world.sockets.send_to_all(|| Out::Cut);
            world.sockets.open.clear();
            count
        })
    }

    /// The envelopes that were sent, the oldest first, as `(envelope_id, type, payload)`.
    pub fn envelopes(&self) -> Vec<(String, String, Value)> {
        let world = self.look();
        let sent = world.sockets.sent.iter();
        sent.map(|envelope| {
            (envelope.id.clone(), envelope.kind.to_owned(), envelope.payload.clone())
        })
        .collect()
    }
}
