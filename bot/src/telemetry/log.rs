//! Sets up the log on stderr: as JSON for a service and as lines for a person.

use std::env::VarError;
use std::fmt::{self, Debug, Write as _};
use std::io::IsTerminal as _;

use anyhow::{Context as _, Result};
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The variable with which an operator sets the level, such as `debug`.
const VARIABLE: &str = "PATCHBOT_LOG";

/// The crates of this program, which log no token and nothing that people wrote.
const OURS: [&str; 3] = ["patchbot", "commands", "storage"];

/// Libraries that log addresses with a ticket or a token in them, or what people wrote, even in
/// warnings.
const SILENT: [&str; 3] = ["slack_morphism", "serenity::http", "serenity::gateway::ws"];

/// The kind of a value, such as `Reject`, without its content, which a person may have written.
pub(crate) fn kind(of: &impl Debug) -> String {
    /// Accepts the first word and refuses the rest, which may be as large as a fleet.
    struct FirstWord(String);

    impl fmt::Write for FirstWord {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let end = text.find(|c: char| !c.is_alphanumeric());
            self.0.push_str(&text[..end.unwrap_or(text.len())]);
            if end.is_some() { Err(fmt::Error) } else { Ok(()) }
        }
    }

    let mut word = FirstWord(String::new());
    // It fails at the end of the first word, which is intended.
    let _ = write!(word, "{of:?}");
    word.0
}

/// Starts logging. Fails if the level that the operator set cannot be parsed.
pub(crate) fn begin(json: bool) -> Result<()> {
    let wanted = match std::env::var(VARIABLE) {
        Ok(directives) => EnvFilter::try_new(&directives).with_context(|| {
            format!("{VARIABLE} is {directives:?} and has to be such as \"debug\" or \"info,patchbot=debug\"")
        })?,
        Err(VarError::NotPresent) => EnvFilter::new(if json { "info" } else { "warn" }),
        Err(error) => return Err(error).context(VARIABLE),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let all = tracing_subscriber::registry().with(wanted).with(filter_fn(tells_no_secret));
    let begun = if json { all.with(lines.json()).try_init() } else { all.with(lines).try_init() };
    if begun.is_err() {
        tracing::debug!("logging had begun already");
    }
    Ok(())
}

/// Excludes secrets, whatever level the operator sets: below `info`, libraries log headers, bodies
/// and addresses, and put all arguments of a function into spans.
fn tells_no_secret(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let is_in = |name: &str| {
        target.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let ours = OURS.into_iter().any(is_in);
    let said = metadata.is_event() && *metadata.level() <= Level::INFO;
    ours || (said && !SILENT.into_iter().any(is_in))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_tells_nothing_that_is_in_it() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "it is only printed")]
        enum Said {
            Reject { reason: &'static str },
            Stop(&'static str),
            Tick,
        }
        let all = [Said::Reject { reason: "Tick" }, Said::Stop("it"), Said::Tick];
        assert_eq!(all.each_ref().map(kind), ["Reject", "Stop", "Tick"]);
    }
}
