//! `patchbot export` and `patchbot import`: the store as text that outlives any engine.

use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use storage::SledStore;

/// Writes the store at `data` to standard output.
pub async fn export(data: &Path) -> Result<()> {
    // Opening makes a store where there is none; an empty export would look like a good one.
    ensure!(data.is_dir(), "there is no store at {}", data.display());
    let store = open(data)?;
    let progress = progress("exporting")?;
    let mut out = progress.wrap_write(BufWriter::new(io::stdout().lock()));
    let records =
        storage::export::export(&store, &mut out).await.context("failed to export the store")?;
    out.flush().context("failed to write the export")?;
    progress.finish_and_clear();
    say(&format!("{records} records exported from {}", data.display()));
    Ok(())
}

/// Reads an export from standard input into a new store at `data`.
pub async fn import(data: &Path) -> Result<()> {
    ensure!(
        !data.exists(),
        "{} exists already. Nothing was changed; name a folder that does not exist, then let `bot.data` point to it",
        data.display()
    );
    let store = open(data)?;
    let progress = progress("importing")?;
    let input = progress.wrap_read(io::stdin().lock());
    let records = storage::export::import(&store, input).await.with_context(|| {
        format!(
            "failed to import; {} is not whole and has to be removed before another try",
            data.display()
        )
    })?;
    progress.finish_and_clear();
    say(&format!("{records} records imported into {}", data.display()));
    Ok(())
}

fn open(data: &Path) -> Result<SledStore> {
    SledStore::open(data).with_context(|| format!("failed to open the store {}", data.display()))
}

/// How much has gone through so far, on standard error, where that is a terminal; elsewhere nothing
/// is drawn. How much there will be is not known before it has all been read.
fn progress(verb: &'static str) -> Result<ProgressBar> {
    let style =
        ProgressStyle::with_template("{spinner} {msg}: {bytes} in {elapsed}, {bytes_per_sec}")
            .context("the line of progress is not usable")?;
    Ok(ProgressBar::new_spinner().with_style(style).with_message(verb))
}

#[expect(clippy::print_stderr, reason = "standard output holds the export; this is for the person")]
fn say(text: &str) {
    eprintln!("{text}");
}
