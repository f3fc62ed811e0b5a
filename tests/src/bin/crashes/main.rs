//! Kills the process at every point from the click that approves to the last verdict, in one world
//! for each point, and restarts it: nothing may happen twice, and nothing may be lost.

mod selection;
mod story;
mod world;

use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use stories::CrashPoint;

use selection::{spread, summary};
use world::{Ending, each, undisturbed};

/// Kills the real process at every point of a story, and checks the result.
#[derive(Debug, Parser)]
#[command(name = "tests/run crashes")]
struct Options {
    /// How many points to try, spread over all of their kinds.
    #[arg(long, default_value_t = NonZeroUsize::new(40).unwrap_or(NonZeroUsize::MIN), value_name = "N")]
    points: NonZeroUsize,
    /// Leave out the points before this one of the spread, counted from 1.
    #[arg(long, default_value_t = NonZeroUsize::MIN, value_name = "K")]
    from: NonZeroUsize,
    /// One point alone, by its name, such as "PutObject #1 after".
    #[arg(long, value_name = "NAME", conflicts_with_all = ["points", "from"])]
    point: Option<CrashPoint>,
    /// With `--point`: a second kill, this many points after the restart.
    #[arg(long, value_name = "N", requires = "point")]
    again: Option<NonZeroUsize>,
    /// Print the points and exit.
    #[arg(long, conflicts_with = "point")]
    list: bool,
}

fn main() -> ExitCode {
    match attempt(Options::parse()) {
        Ok(code) => code,
        Err(error) => {
            tell(&format!("crashes: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn attempt(options: Options) -> Result<ExitCode> {
    let began = Instant::now();
    if let Some(point) = options.point {
        return report(each(vec![(1, point)], |_| options.again.map(NonZeroUsize::get)), began);
    }
    let all = undisturbed().context("the undisturbed story does not end well")?;
    tell(&summary(&all));
    if options.list {
        all.iter().for_each(|point| tell(&point.to_string()));
        return Ok(ExitCode::SUCCESS);
    }
    let wanted = options.points.get();
    ensure!(all.len() >= wanted, "the story has {} points and {wanted} are wanted", all.len());
    let chosen: Vec<(usize, CrashPoint)> =
        (1..).zip(spread(&all, wanted)).skip(options.from.get() - 1).collect();
    ensure!(!chosen.is_empty(), "--from {} is behind the last of {wanted} points", options.from);
    // In every other world the process is killed twice. The distance is derived from the number of
    // the point.
    report(each(chosen, |number| (number % 2 == 0).then(|| 1 + number * 7 % 61)), began)
}

fn report(endings: Vec<Ending>, began: Instant) -> Result<ExitCode> {
    let missed = endings.iter().filter(|ending| ending.kills == 0 && ending.result.is_ok()).count();
    let twice = endings.iter().filter(|ending| ending.kills > 1).count();
    let mut failed = 0;
    for ending in &endings {
        if let Err(error) = &ending.result {
            failed += 1;
            let again = ending.again.map(|again| format!(" --again {again}")).unwrap_or_default();
            tell(&format!(
                "\nFAILED at point {}: {}\n{error:#}\nReplay: tests/run crashes --point '{}'{again}\n",
                ending.number, ending.point, ending.point
            ));
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let slowest = endings.iter().map(|ending| ending.seconds).fold(0.0, f64::max);
    tell(&format!(
        "{} points: {} killed there, {twice} of them a second time, {missed} not met again, {failed} \
         failed. {seconds:.1} s, the slowest story {slowest:.1} s",
        endings.len(),
        endings.len() - missed - failed,
    ));
    // A point that is not reached proves nothing; a story that reaches few of its points is a
    // different one.
    let proves = missed * 10 <= endings.len();
    if !proves {
        tell("Too many points were not met again: the story is not told the same way twice.");
    }
    Ok(if failed == 0 && proves { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[expect(clippy::print_stdout, reason = "this program talks to a person in a terminal")]
fn tell(text: &str) {
    println!("{text}");
}
