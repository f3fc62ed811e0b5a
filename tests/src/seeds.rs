//! Worlds that differ by a seed: many of them are played in parallel, or a single one with its
//! timeline.

use std::num::NonZeroU64;
use std::panic::resume_unwind;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use fastrand::Rng;

/// Which seeds to play.
#[derive(Clone, Copy, Debug, Args)]
pub struct Seeds {
    /// How many seeds to play.
    #[arg(long, value_name = "N")]
    seeds: Option<NonZeroU64>,
    /// The first seed.
    #[arg(long, default_value_t = 1, value_name = "K")]
    from: u64,
    /// A single seed, with its timeline.
    #[arg(long, value_name = "K", conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
}

/// The ending of the world of one seed.
#[derive(Debug)]
pub struct Played {
    /// What did not hold, if anything.
    pub result: Result<()>,
    /// What happened, one line each.
    pub timeline: String,
    /// How often the process died.
    pub deaths: u64,
}

impl Seeds {
    /// Plays the seeds, `default` many unless told otherwise, and reports the results. `suite` is
    /// their name in `tests/run`.
    pub fn play<F: Future<Output = Played>>(
        &self,
        suite: &str,
        default: u64,
        world: impl Fn(u64) -> F + Sync,
    ) -> ExitCode {
        let began = Instant::now();
        let count = self.seeds.map_or(default, NonZeroU64::get);
        let seeds = match self.seed {
            Some(seed) => seed..seed + 1,
            None => self.from..self.from + count,
        };
        let progress = Progress::of(seeds.end - seeds.start, began);
        let endings = each(suite, seeds, &progress, &world);
        let failed = endings.iter().filter(|ending| ending.played.result.is_err()).count();
        if let ([Ending { played: Played { result: Ok(()), timeline, .. }, .. }], Some(_)) =
            (endings.as_slice(), self.seed)
        {
            tell(timeline);
        }
        let deaths: u64 = endings.iter().map(|ending| ending.played.deaths).sum();
        let slowest = endings.iter().map(|ending| ending.seconds).fold(0.0, f64::max);
        tell(&format!(
            "{} seeds, {failed} failed; the process died {deaths} times. {:.1} s, the slowest seed {slowest:.1} s",
            endings.len(),
            began.elapsed().as_secs_f64()
        ));
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

struct Ending {
    played: Played,
    seconds: f64,
}

/// After this many seeds a line reports the progress, so that an interrupted run leaves at least
/// that.
const TOLD_EVERY: u64 = 10;

/// The progress of playing seeds.
struct Progress {
    all: u64,
    began: Instant,
    /// How many have been played, and how many of them failed.
    so_far: Mutex<(u64, u64)>,
}

impl Progress {
    fn of(all: u64, began: Instant) -> Self {
        Self { all, began, so_far: Mutex::default() }
    }

    /// Counts one more.
    fn go_on(&self, failed: bool) {
        let mut so_far = self.so_far.lock().unwrap_or_else(PoisonError::into_inner);
        so_far.0 += 1;
        so_far.1 += u64::from(failed);
        // Under the lock, so that no line overtakes another.
        if let Some(line) = self.line(*so_far, self.began.elapsed()) {
            tell(&line);
        }
    }

    /// The progress line; `None` between two lines, and at the end, which has a line of its own.
    fn line(&self, (played, failed): (u64, u64), after: Duration) -> Option<String> {
        let told = played % TOLD_EVERY == 0 && played < self.all;
        let seconds = after.as_secs();
        told.then(|| format!("{played} of {} seeds, {failed} failed, {seconds} s", self.all))
    }
}

/// Plays several at once: while one waits for its sockets, another works.
fn each<F: Future<Output = Played>>(
    suite: &str,
    seeds: std::ops::Range<u64>,
    progress: &Progress,
    world: &(impl Fn(u64) -> F + Sync),
) -> Vec<Ending> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from) + 1;
    let next = AtomicU64::new(seeds.start);
    std::thread::scope(|scope| {
        let work = || {
            let mut endings = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::SeqCst);
                if seed >= seeds.end {
                    return endings;
                }
                let ending = ending(seed, world);
                // Printed at once: a person who watches a long run need not wait for its end.
                if let Err(error) = &ending.played.result {
                    tell(&format!(
                        "\nFAILED with seed {seed}:\n{}\n\n{error:#}\nReplay: tests/run {suite} --seed {seed}\n",
                        ending.played.timeline
                    ));
                }
                progress.go_on(ending.played.result.is_err());
                endings.push(ending);
            }
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        // A worker that panics loses its worlds, which is not a success.
        let joined = workers.into_iter().map(|worker| worker.join());
        joined.flat_map(|ended| ended.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

fn ending<F: Future<Output = Played>>(seed: u64, world: &impl Fn(u64) -> F) -> Ending {
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let played = match runtime.context("failed to start a runtime") {
        Err(error) => Played { result: Err(error), timeline: String::new(), deaths: 0 },
        Ok(runtime) => runtime.block_on(world(seed)),
    };
    Ending { played, seconds: began.elapsed().as_secs_f64() }
}

/// Separate dice for each question, so that one answer more or less changes no other.
pub fn dice(seed: u64, what: &str, nth: u64) -> Rng {
    // FNV-1a spreads short texts well enough, and stays the same in every version of Rust.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in what.bytes().chain(seed.to_le_bytes()).chain(nth.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    Rng::with_seed(hash)
}

#[expect(clippy::print_stdout, reason = "this program talks to a person in a terminal")]
fn tell(text: &str) {
    println!("{text}");
}
