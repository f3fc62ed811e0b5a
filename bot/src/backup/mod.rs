//! `patchbot export` and `patchbot import`: the store as text that any storage engine can read.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use storage::{OpenError, SledStore};
use tempfile::TempDir;

use crate::exit::Failed;

mod control;

pub use control::Control;

/// How long to wait for a store that another process holds but does not export yet: a bot that is
/// starting.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Writes the store at `data` to standard output. If a bot has the store open, the bot exports it;
/// nothing in `data` changes in either case.
pub async fn export(data: &Path) -> Result<()> {
    begins(&format!("exporting {}", data.display()));
    let mut out = BufWriter::new(io::stdout().lock());
    let records = match open(data)? {
        Source::Copy(store) => storage::export::export(&store, &mut out).await,
        Source::Bot(lines) => storage::export::forward(lines, &mut out),
    }
    .context("failed to export the store: what was written is not whole and cannot be imported")?;
    out.flush().context("failed to write the export")?;
    say(&format!("{records} records exported from {}", data.display()));
    Ok(())
}

enum Source {
    Copy(SledStore),
    Bot(control::Lines),
}

fn open(data: &Path) -> Result<Source> {
    let until = Instant::now() + TIMEOUT;
    loop {
        match SledStore::open_copy(data) {
            Ok(store) => return Ok(Source::Copy(store)),
            Err(OpenError::InUse { .. }) => {}
            Err(error) => return Err(Failed(error).into()),
        }
        match control::ask(data) {
            Ok(lines) => return Ok(Source::Bot(lines)),
            // The bot has opened its store but not yet its socket, or has just ended.
            Err(_) if Instant::now() < until => std::thread::sleep(Duration::from_millis(100)),
            Err(error) => return Err(error),
        }
    }
}

/// Reads an export from standard input into a new store at `data`. The result is the whole store,
/// or nothing.
pub async fn import(data: &Path) -> Result<()> {
    let place = Place::find(data)?;
    begins(&format!("importing into {}", data.display()));
    // The whole export is read and checked before anything is created, so a failure here leaves
    // nothing behind.
    let items = storage::export::read(io::stdin().lock())
        .context("failed to import: nothing was stored")?;
    place.tidy();
    let made = place.temporary()?;
    let filling = async {
        let store = SledStore::open(made.path()).map_err(Failed)?;
        storage::export::load(&store, items).await.context("failed to import: nothing was stored")
    };
    let records = tokio::select! {
        filled = filling => filled?,
        () = crate::shutdown::requested() => bail!("the import was interrupted: nothing was stored"),
    };
    let owner = place.give(made)?;
    say(&format!("{records} records imported into {}{owner}", data.display()));
    Ok(())
}

/// The path at which a store is to be created.
struct Place<'a> {
    data: &'a Path,
    parent: &'a Path,
    /// The prefix of the temporary folders beside it.
    prefix: String,
}

impl<'a> Place<'a> {
    fn find(data: &'a Path) -> Result<Self> {
        let taken = match fs::symlink_metadata(data) {
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => {
                return Err(error).with_context(|| format!("failed to look at {}", data.display()));
            }
            Ok(found) => {
                !found.is_dir()
                    || fs::read_dir(data)
                        .with_context(|| format!("failed to look into {}", data.display()))?
                        .next()
                        .is_some()
            }
        };
        ensure!(
            !taken,
            "{} exists already and is not an empty folder. Nothing was changed; name a folder that does not \
             exist, then let `bot.data` point to it",
            data.display()
        );
        let name = data.file_name().with_context(|| {
            format!("{} is no name of a folder that can be made", data.display())
        })?;
        let parent = match data.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => Path::new("/"),
        };
        ensure!(
            parent.is_dir(),
            "there is no folder {}: make it first, and let it belong to the user that runs patchbot",
            parent.display()
        );
        Ok(Self { data, parent, prefix: format!(".{}.import-", name.to_string_lossy()) })
    }

    /// Removes what an earlier import left here because it was killed while it wrote.
    fn tidy(&self) {
        for entry in fs::read_dir(self.parent).into_iter().flatten().flatten() {
            let left = entry.file_name().to_string_lossy().starts_with(&self.prefix);
            let lock = left.then(|| File::open(entry.path().join("lock")).ok()).flatten();
            if lock.is_some_and(|lock| lock.try_lock().is_ok())
                && let Err(error) = fs::remove_dir_all(entry.path())
            {
                say(&format!("{} is left of another import: {error}", entry.path().display()));
            }
        }
    }

    fn temporary(&self) -> Result<TempDir> {
        tempfile::Builder::new()
            .prefix(&self.prefix)
            .tempdir_in(self.parent)
            .with_context(|| format!("failed to make a folder in {}", self.parent.display()))
    }

    /// Moves the new store to its final path. It gets the owner of the folder around it, even if
    /// root imports: the service could not open it otherwise. Returns what to report about that.
    fn give(&self, made: TempDir) -> Result<String> {
        let moving = || format!("failed to move the new store to {}", self.data.display());
        let place = fs::metadata(self.data).or_else(|_| fs::metadata(self.parent));
        let place = place.with_context(moving)?;
        let ours = fs::metadata(made.path()).with_context(moving)?.uid();
        let mut owner = String::new();
        if ours == 0 && place.uid() != 0 {
            belong(made.path(), place.uid(), place.gid()).with_context(moving)?;
            owner = format!("; it belongs to the user {}, as its place does", place.uid());
        } else if ours == 0 {
            owner = "; it belongs to root: if patchbot runs as another user, give it the folder \
                     (chown -R) before it starts"
                .into();
        }
        fs::rename(made.path(), self.data).with_context(moving)?;
        // It has moved, so there is nothing left to remove.
        let _ = made.keep();
        File::open(self.parent).and_then(|parent| parent.sync_all()).with_context(moving)?;
        Ok(owner)
    }
}

fn belong(path: &Path, user: u32, group: u32) -> io::Result<()> {
    if path.is_dir() {
        fs::read_dir(path)?.try_for_each(|entry| belong(&entry?.path(), user, group))?;
    }
    chown(path, Some(user), Some(group))
}

/// Prints a message for a person who waits. A script with redirected output sees only errors.
fn begins(what: &str) {
    if io::stderr().is_terminal() {
        say(what);
    }
}

#[expect(clippy::print_stderr, reason = "standard output holds the export; this is for the person")]
fn say(text: &str) {
    eprintln!("{text}");
}
