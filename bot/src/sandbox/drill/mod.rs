//! `patchbot sandbox --drill`: scripted people play the whole cycle. A step counts only when the
//! simulators show its effect: in Slack and Discord what people read, at AWS what it received.

use std::process::ExitCode;

use commands::text::wording::Locale;

use super::Stage;

mod observe;
mod observe_discord;
mod phrases;
mod script;

/// Plays the script and reports what was seen. It succeeds only if every step was seen.
pub(super) async fn play(stage: &Stage, locale: Locale) -> ExitCode {
    let began = std::time::Instant::now();
    let scene = observe::Scene::new(stage.clone(), locale);
    let steps = script::steps();
    let total = steps.len();
    say("A drill: simulated AWS, Slack and Discord, the real bot, scripted people.\n");
    let mut played = Progress::default();
    for (number, step) in steps.into_iter().enumerate() {
        match (step.play)(&scene, &mut played).await {
            Ok(seen) => {
                say(&format!(
                    "{} {:>2}/{total}  {}",
                    bar(number + 1, total),
                    number + 1,
                    step.title
                ));
                for line in seen {
                    say(&format!("{}        {line}", " ".repeat(BAR + 2)));
                }
            }
            Err(error) => {
                say(&format!("{} {:>2}/{total}  {}", bar(number, total), number + 1, step.title));
                say(&format!("\nFAILED at step {}: {}\n{error:#}\n", number + 1, step.title));
                say(&scene.transcript());
                return ExitCode::FAILURE;
            }
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    say(&format!(
        "\nEvery step was seen. {total} steps, {} commands at AWS, {} calls to Slack, {} to Discord, {seconds:.1} s.",
        scene.stage.cloud.commands().len(),
        scene.stage.slack.calls().len(),
        scene.stage.discord.calls().len(),
    ));
    ExitCode::SUCCESS
}

/// What later steps need from earlier ones.
#[derive(Default)]
struct Progress {
    /// The message of each run's card in Slack, by the name of the run.
    cards: std::collections::BTreeMap<String, String>,
    /// The message of each run's card in Discord, by the name of the run.
    discord_cards: std::collections::BTreeMap<String, String>,
}

const BAR: usize = 20;

fn bar(done: usize, total: usize) -> String {
    let full = done * BAR / total.max(1);
    format!("[{}{}]", "#".repeat(full), "-".repeat(BAR - full))
}

#[expect(clippy::print_stdout, reason = "the transcript is what the drill is for")]
fn say(text: &str) {
    println!("{text}");
}
