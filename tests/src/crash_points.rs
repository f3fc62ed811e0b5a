//! Crash points: each request of the process, and each commit of its store, where it can be killed.
//!
//! The points of a story are ordered and named, so that the story can be played again and the
//! process killed exactly there. The task that sees the point kills the process at once.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, anyhow};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A moment of a request or commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// The request was sent, or the commit was begun; nothing is done.
    Before,
    /// It is done, or durable; the process does not know yet.
    After,
    /// The answer was delivered. A commit does not have this moment, because its answer stays in
    /// the process.
    Answered,
}

/// One point of a story at which the process can be killed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CrashPoint {
    /// `SendCommand verification-1:install-w0-c0:1` or `commit run/verification-1`.
    pub what: String,
    /// How often that was seen since counting began, including this time.
    pub nth: usize,
    /// The moment of the request or commit.
    pub moment: Moment,
}

/// The point at which a process is to be killed.
#[derive(Clone, Debug)]
enum Target {
    Nothing,
    At(CrashPoint),
    /// The point with this number, counted from now on.
    Later(usize),
}

/// Sees all points of one story. Clones share the state.
#[derive(Clone, Debug)]
pub struct CrashPoints(Arc<Mutex<Seen>>);

#[derive(Debug)]
struct Seen {
    counts: bool,
    points: Vec<CrashPoint>,
    times: BTreeMap<(String, Moment), usize>,
    victim: Option<Pid>,
    target: Target,
    killed: Vec<CrashPoint>,
    /// How often the story itself killed it.
    by_story: usize,
}

/// What happens to the process at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Lives,
    /// It was killed, or will be once the answer is sent.
    Dies,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Answered => "answered",
        })
    }
}

impl fmt::Display for CrashPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{} {}", self.what, self.nth, self.moment)
    }
}

impl FromStr for CrashPoint {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts = || {
            let (rest, moment) = text.rsplit_once(' ')?;
            let (what, nth) = rest.rsplit_once(" #")?;
            let moment = match moment {
                "before" => Moment::Before,
                "after" => Moment::After,
                "answered" => Moment::Answered,
                _ => return None,
            };
            Some(Self { what: what.to_owned(), nth: nth.parse().ok()?, moment })
        };
        parts().ok_or_else(|| {
            anyhow!("{text:?} names no point; one is such as \"PutObject #1 after\"")
        })
    }
}

impl Default for CrashPoints {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Seen {
            counts: false,
            points: Vec::new(),
            times: BTreeMap::new(),
            victim: None,
            target: Target::Nothing,
            killed: Vec::new(),
            by_story: 0,
        })))
    }
}

impl CrashPoints {
    /// Counts from now on, and kills at `target`.
    pub fn start_counting(&self, target: Option<&CrashPoint>) {
        let mut seen = self.seen();
        seen.counts = true;
        seen.target = target.cloned().map_or(Target::Nothing, Target::At);
    }

    /// Also kills at a later point: the one with this number from now on.
    pub fn kill_later(&self, points: usize) {
        self.seen().target = Target::Later(points);
    }

    /// Stops counting and killing.
    pub fn stop_counting(&self) {
        let mut seen = self.seen();
        seen.counts = false;
        seen.target = Target::Nothing;
    }

    /// All points so far, in order.
    pub fn all(&self) -> Vec<CrashPoint> {
        self.seen().points.clone()
    }

    /// The points at which the process was killed.
    pub fn killed(&self) -> Vec<CrashPoint> {
        self.seen().killed.clone()
    }

    /// Kills the process because the story goes on with another one, like an operator who has
    /// changed the configuration. That is not a point.
    pub fn kill_by_story(&self) {
        self.seen().by_story += 1;
        self.kill();
    }

    /// How often the process was killed, at a point or by the story.
    pub fn deaths(&self) -> usize {
        let seen = self.seen();
        seen.killed.len() + seen.by_story
    }

    pub(crate) fn set_victim(&self, process: Option<u32>) {
        let id = process.and_then(|id| i32::try_from(id).ok());
        self.seen().victim = id.and_then(Pid::from_raw);
    }

    pub(crate) fn is_counting(&self) -> bool {
        self.seen().counts
    }

    /// The process has reached a point: kills it there, or lets it go on. [`Moment::Answered`] is
    /// asked for before the answer is sent, and the code that sends it calls [`CrashPoints::kill`].
    pub(crate) fn reached(&self, what: &str, moment: Moment) -> Fate {
        let mut seen = self.seen();
        if !seen.counts {
            return Fate::Lives;
        }
        let times = seen.times.entry((what.to_owned(), moment)).or_default();
        *times += 1;
        let point = CrashPoint { what: what.to_owned(), nth: *times, moment };
        seen.points.push(point.clone());
        let is_it = match &mut seen.target {
            Target::Nothing => false,
            Target::At(target) => *target == point,
            Target::Later(left) => {
                *left = left.saturating_sub(1);
                *left == 0
            }
        };
        if !is_it {
            return Fate::Lives;
        }
        seen.target = Target::Nothing;
        seen.killed.push(point);
        drop(seen);
        if moment != Moment::Answered {
            self.kill();
        }
        Fate::Dies
    }

    pub(crate) fn kill(&self) {
        if let Some(victim) = self.seen().victim {
            // It may have ended by itself: the code that waits for it reports that.
            let _ = kill_process(victim, Signal::KILL);
        }
    }

    /// Listens to a watched store; returns the address.
    pub(crate) async fn listen(&self) -> Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("failed to open a port")?;
        let address = listener.local_addr().context("a port without an address")?;
        let points = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let points = points.clone();
                // A store that is killed in the middle of a message needs no answer.
                tokio::spawn(async move { points.serve_store(stream).await.ok() });
            }
        });
        Ok(address.to_string())
    }

    async fn serve_store(&self, stream: TcpStream) -> Result<()> {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).await.context("a store that says nothing")?;
        let (moment, what) = line.trim_end().split_once(' ').context("a store that mumbles")?;
        let moment = if moment == "before" { Moment::Before } else { Moment::After };
        if self.reached(&format!("commit {what}"), moment) == Fate::Lives {
            stream.write_u8(b'\n').await.context("a store that does not listen")?;
        }
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_told_again_by_its_name() {
        let name = "SendCommand verification-1:install-w0-c0:1 #1 after";
        let point: CrashPoint = name.parse().expect("a name");
        assert_eq!(point.moment, Moment::After);
        assert_eq!(point.to_string(), name);
        assert!("57th".parse::<CrashPoint>().is_err());
    }

    #[test]
    fn each_time_is_a_point_of_its_own_and_only_the_target_dies() {
        let points = CrashPoints::default();
        assert_eq!(points.reached("PutObject", Moment::Before), Fate::Lives);
        let target = "PutObject #2 before".parse().expect("a name");
        points.start_counting(Some(&target));
        let fates: Vec<Fate> =
            (0..3).map(|_| points.reached("PutObject", Moment::Before)).collect();
        assert_eq!(fates, [Fate::Lives, Fate::Dies, Fate::Lives]);
        assert_eq!(points.killed(), [target]);
        assert_eq!(points.all().len(), 3, "what came before was not counted");
    }
}
