//! Benchmark of the time until a person's interaction is durable and acknowledged: at a steady
//! rate, and as fast as possible. Only interactions that are in the store after the process was
//! killed count.
//!
//! The bot is the release build, in a process of its own on one core. A minimal server on the other
//! cores speaks Socket Mode; the simulator does everything else.

mod socket;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use storage::{MAX_PAGE, SledStore, Store as _};
use stories::{Bot, Settings, Stage};

use socket::{Connection, Sockets};

/// The most interactions that are sent before the first of them is acknowledged: as many as the bot
/// makes durable at once, on each of its connections.
const IN_FLIGHT: usize = 64;

/// Measures how fast interactions are acknowledged.
#[derive(Debug, Parser)]
#[command(name = "tests/run bench")]
struct Options {
    /// Interactions a second, at the steady rate.
    #[arg(long, default_value_t = 200, value_name = "N")]
    rate: u32,
    /// How long each measurement takes, in seconds.
    #[arg(long, default_value_t = 10, value_name = "S")]
    seconds: u32,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let measured = runtime
        .context("failed to start a runtime")
        .and_then(|runtime| runtime.block_on(measure(&options)));
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn measure(options: &Options) -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let mut sockets = Sockets::before(&stage).await?;
    let bot = alone_on_a_core(Bot::start(&stage)).await?;
    let mut connections = sockets.connected().await?;
    let length = Duration::from_secs(options.seconds.into());

    // The setup that the first interactions cause is not measured.
    at_rate(&mut connections, 50, Duration::from_secs(1)).await?;
    let mut took = at_rate(&mut connections, options.rate, length).await?;
    took.sort_unstable();
    let at = |percent: usize| took.get((took.len() * percent).div_ceil(100).saturating_sub(1));
    let ms = |percent| at(percent).map_or(f64::NAN, |took| took.as_secs_f64() * 1_000.0);
    tell(&format!(
        "bench: {} a second for {} s, durable: p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms",
        options.rate,
        options.seconds,
        ms(50),
        ms(95),
        ms(99)
    ));
    let count = closed_loop(&mut connections, length).await?;
    tell(&format!(
        "bench: as fast as it goes, {} in flight: {:.0} a second, durable",
        connections.len() * IN_FLIGHT,
        count as f64 / length.as_secs_f64()
    ));

    let began = Instant::now();
    let sent = connections.iter().map(Connection::acknowledged).sum::<usize>();
    sockets.all_answered(sent).await?;
    tell(&format!(
        "bench: everybody has a private answer {:.1} s after the last acknowledgement",
        began.elapsed().as_secs_f64()
    ));
    bot.kill().await?;
    let kept = kept(&stage).await?;
    ensure!(kept >= sent, "{sent} were acknowledged, and {kept} are in the store");
    tell(&format!("bench: all {sent} that were acknowledged are in the store"));
    Ok(())
}

/// Sends this many interactions a second for this long, on one connection after the other. Returns
/// the latency of each.
async fn at_rate(
    connections: &mut [Connection],
    rate: u32,
    length: Duration,
) -> Result<Vec<Duration>> {
    let count = rate as usize * length.as_secs() as usize;
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    for number in 0..count {
        ticks.tick().await;
        let open = connections.len();
        connections[number % open].send()?;
    }
    let mut took = Vec::with_capacity(count);
    for connection in connections {
        while connection.is_owed() {
            took.push(connection.answered().await?);
        }
    }
    Ok(took)
}

/// Keeps this many interactions in flight on each connection. Returns how many were acknowledged in
/// time.
async fn closed_loop(connections: &mut [Connection], length: Duration) -> Result<usize> {
    let until = tokio::time::Instant::now() + length;
    let all = connections.iter_mut().map(async |connection| {
        for _ in 0..IN_FLIGHT {
            connection.send()?;
        }
        let mut in_time = 0;
        while connection.is_owed() {
            connection.answered().await?;
            if tokio::time::Instant::now() < until {
                in_time += 1;
                connection.send()?;
            }
        }
        Ok::<usize, anyhow::Error>(in_time)
    });
    Ok(futures_util::future::try_join_all(all).await?.into_iter().sum())
}

/// How many interactions are in the store of a bot that is not running.
async fn kept(stage: &Stage) -> Result<usize> {
    let store = SledStore::open(stage.store())?;
    let (mut kept, mut after) = (0, None);
    loop {
        let page = store.list("inbox/", after.as_deref(), MAX_PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(kept) };
        (kept, after) = (kept + page.len(), Some(last.clone()));
    }
}

/// Starts a process that has one core for itself, if the machine has more than one.
async fn alone_on_a_core(begin: impl Future<Output = Result<Bot>>) -> Result<Bot> {
    let all = sched_getaffinity(None).context("failed to ask for the cores")?;
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core)).collect();
    let [first, rest @ ..] = cores.as_slice() else { return begin.await };
    if rest.is_empty() {
        tell("bench: this machine has one core, which the bot shares with what measures it");
        return begin.await;
    }
    let only = |cores: &[usize]| {
        let mut set = CpuSet::new();
        cores.iter().for_each(|core| set.set(*core));
        sched_setaffinity(None, &set).context("failed to choose a core")
    };
    // It inherits the core of the thread that starts it, which is this one: nothing else runs here.
    only(&[*first])?;
    let begun = begin.await;
    only(rest)?;
    begun
}

#[expect(clippy::print_stdout, reason = "this program talks to a person in a terminal")]
fn tell(text: &str) {
    println!("{text}");
}
