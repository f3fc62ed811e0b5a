//! Opening a store: who owns the directory, what format it has, whether it is complete.

use std::{
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use thiserror::Error;

use super::{apply::Engine, directory, verify, writer::Writer};
use crate::io_error;

/// The format that this version writes. A newer patchbot wrote a store with a higher number.
pub(super) const FORMAT: u64 = 1;
pub(super) const FORMAT_FILE: &str = "format";
const ACKNOWLEDGED_FILE: &str = "acknowledged";
pub(super) const LOCK_FILE: &str = "lock";
/// sled moves values larger than a quarter of a segment into files of their own, which it never
/// fsyncs. It packs up to about twenty values into one page, so a quarter must hold that many of
/// the largest.
const SEGMENT_BYTES: usize = 8 * 1024 * 1024;
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// Why a store did not open. Each message completes "failed to …".
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it open.
    #[error(
        "open the store at {}: another process has it open; stop that one, or give this one a \
         folder of its own", path.display()
    )]
    InUse {
        /// The directory of the store.
        path: PathBuf,
    },
    /// It is damaged. It is neither reset nor opened in part.
    #[error(
        "open the store at {}: it is damaged ({detail}); move it aside and restore from an export into \
         an empty directory", path.display()
    )]
    Damaged {
        /// The directory of the store.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A newer patchbot wrote it.
    #[error(
        "open the store at {}: a newer patchbot wrote it (format {found}, and this version reads up to \
         {supported}); start that newer version again, or restore an export that this version can read into an \
         empty folder", path.display()
    )]
    NewerFormat {
        /// The directory of the store.
        path: PathBuf,
        /// The format of the store.
        found: u64,
        /// The newest format that this version reads.
        supported: u64,
    },
    /// The process may not write to the directory.
    #[error(
        "open the store at {}: no permission to write there; let the folder belong to the user that runs \
         patchbot, with mode 0700", path.display()
    )]
    NotWritable {
        /// The directory of the store.
        path: PathBuf,
    },
    /// There is no store, and the caller only wanted to read one.
    #[error(
        "open the store at {}: there is no store{}; name the folder that `bot.data` names", path.display(),
        NearbyStore(nearby_store)
    )]
    NoStore {
        /// The directory that was named.
        path: PathBuf,
        /// A store one level below or above it, if there is one.
        nearby_store: Option<PathBuf>,
    },
    /// The directory contains something other than a store, and stays as it is.
    #[error(
        "open the store at {}: the folder holds other files{}; name a folder of the store's own, which is \
         empty or does not exist", path.display(), NearbyStore(nearby_store)
    )]
    Occupied {
        /// The directory that was named.
        path: PathBuf,
        /// A store one level below or above it, if there is one.
        nearby_store: Option<PathBuf>,
    },
    /// The path is not a directory.
    #[error(
        "open the store at {}: it is not a folder, or lies in something that is not one; name a folder of the \
         store's own in `bot.data`", path.display()
    )]
    NotAFolder {
        /// The path that was named.
        path: PathBuf,
    },
    /// The process may not read the directory.
    #[error(
        "open the store at {}: no permission to read there; run it as the user to whom the store belongs, \
         or as root", path.display()
    )]
    NotReadable {
        /// The directory of the store.
        path: PathBuf,
    },
    /// Other users can read the directory, and the process may not change that.
    #[error(
        "open the store at {}: other users of this host can look into the folder, and it belongs to somebody \
         else; let it belong to the user that runs patchbot, with mode 0700", path.display()
    )]
    OpenToOthers {
        /// The directory of the store.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("open the store at {}: {what}; free some space on it and try again", path.display())]
    Full {
        /// The directory on the full disk: the store's, or the one for temporary files.
        path: PathBuf,
        /// What does not fit.
        what: &'static str,
    },
    /// The file system returned an error.
    #[error("open the store at {}", path.display())]
    Io {
        /// The directory of the store.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
}

impl OpenError {
    /// The error for a failed write.
    pub(super) fn of(path: &Path, source: io::Error) -> Self {
        let path = path.into();
        if let Some(what) = io_error::disk_full(&source) {
            return Self::Full { path, what };
        }
        match source.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                Self::NotWritable { path }
            }
            ErrorKind::NotADirectory => Self::NotAFolder { path },
            _ => Self::Io { path, source },
        }
    }

    /// Whether the error lasts until somebody fixes the cause, so that a retry is useless.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Damaged { .. }
            | Self::NewerFormat { .. }
            | Self::NotWritable { .. }
            | Self::NoStore { .. }
            | Self::Occupied { .. }
            | Self::NotAFolder { .. }
            | Self::NotReadable { .. }
            | Self::OpenToOthers { .. } => true,
            // The other process will end some day, and a disk may get free space again.
            Self::InUse { .. } | Self::Full { .. } | Self::Io { .. } => false,
        }
    }

    /// The same error about the original, if a copy of it is damaged or newer.
    pub(super) fn of_original(self, original: &Path) -> Self {
        let path = original.into();
        match self {
            Self::Damaged { detail, .. } => Self::Damaged { path, detail },
            Self::NewerFormat { found, supported, .. } => {
                Self::NewerFormat { path, found, supported }
            }
            other => other,
        }
    }

    /// The error for a failed read.
    pub(super) fn of_reading(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            ErrorKind::PermissionDenied => Self::NotReadable { path: path.into() },
            _ => Self::of(path, source),
        }
    }
}

/// Displays the path of a nearby store, if there is one.
struct NearbyStore<'a>(&'a Option<PathBuf>);

impl fmt::Display for NearbyStore<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(nearby_store) => write!(f, " (one lies at {})", nearby_store.display()),
            None => Ok(()),
        }
    }
}

/// Opens the store, or creates it. The lock lives as long as the returned file.
pub(super) fn open(path: &Path) -> Result<(Writer, File), OpenError> {
    let io = |source: io::Error| OpenError::of(path, source);
    let damaged = |detail: String| OpenError::Damaged { path: path.into(), detail };

    directory::prepare(path)?;
    let lock = lock(path, &io)?;
    let format = read_format(path).map_err(io)?;
    let database = path.join("db");
    match &format {
        // sled would silently create an empty database in place of a lost one.
        Some(_) if fs::metadata(&database).map_or(0, |file| file.len()) == 0 => {
            return Err(damaged("the file `db` is missing or empty".into()));
        }
        Some(text) => {
            let found = parse_format(text)
                .ok_or_else(|| damaged("the file `format` is not readable".into()))?;
            if found > FORMAT {
                return Err(OpenError::NewerFormat { path: path.into(), found, supported: FORMAT });
            }
        }
        None => {}
    }

    let db = open_sled(path)?;
    // Creation was interrupted before anybody could write, or somebody removed the file.
    if format.is_none() && !db.is_empty() {
        return Err(damaged("the file `format` is missing".into()));
    }
    let engine = Engine::new(db);
    let (counter, acknowledged) = open_acknowledged(path).map_err(io)?;
    catch_unwind(AssertUnwindSafe(|| verify::verify(&engine, acknowledged)))
        .unwrap_or_else(|panic| Err(panicked(&*panic)))
        .map_err(damaged)?;
    let file = OpenOptions::new().write(true).open(&database).map_err(io)?;
    if format.is_none() {
        engine.db.flush().map_err(|error| match error {
            sled::Error::Io(error) => io(error),
            other => io(io::Error::other(other)),
        })?;
        file.sync_all().map_err(io)?;
        // The format comes last: if it is there, everything else is complete.
        counter.sync_all().map_err(io)?;
        write_format(path).map_err(io)?;
        sync_directories(path).map_err(io)?;
    }
    Ok((Writer { engine, file, acknowledged: counter, failed: None }, lock))
}

/// Takes our own lock beside sled's. sled reports a taken lock as one failure among many, and
/// releases its own some time after the database was dropped.
fn lock(path: &Path, io: &impl Fn(io::Error) -> OpenError) -> Result<File, OpenError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path.join(LOCK_FILE))
        .map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.into() }),
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}

/// Opens the file with the count of acknowledged writes. A count that cannot be read counts as
/// none, because the file is only a hint and never durable.
fn open_acknowledged(path: &Path) -> io::Result<(File, u64)> {
    let path = path.join(ACKNOWLEDGED_FILE);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
    let count = fs::read(path)?;
    let count = std::str::from_utf8(&count).ok().and_then(|count| count.trim_end().parse().ok());
    Ok((file, count.unwrap_or(0)))
}

fn open_sled(path: &Path) -> Result<sled::Db, OpenError> {
    let damaged = |detail: String| OpenError::Damaged { path: path.into(), detail };
    let config = sled::Config::new()
        .path(path)
        .segment_size(SEGMENT_BYTES)
        .cache_capacity(CACHE_BYTES)
        // The writer thread flushes; any other flush would be wasted work.
        .flush_every_ms(None);
    for attempt in 1.. {
        // On some kinds of damage, sled panics instead of reporting them.
        let opened = catch_unwind(AssertUnwindSafe(|| config.open()))
            .map_err(|panic| damaged(panicked(&*panic)))?;
        match opened {
            Ok(db) => return Ok(db),
            Err(sled::Error::Io(error)) if is_locked(&error) => {
                if attempt == 20 {
                    return Err(OpenError::InUse { path: path.into() });
                }
                thread::sleep(Duration::from_millis(50));
            }
            Err(sled::Error::Io(error)) if !is_damage(&error) => {
                return Err(OpenError::of(path, error));
            }
            Err(error) => return Err(damaged(error.to_string())),
        }
    }
    Err(OpenError::InUse { path: path.into() })
}

/// Whether the error is a failed lock, which sled wraps in an error of its own that only its text
/// identifies.
fn is_locked(error: &io::Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

/// Whether the error is damage: sled reports a truncated or invalid file as a file system error.
fn is_damage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput
    ) || (error.kind() == ErrorKind::Other && error.raw_os_error().is_none())
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> String {
    let said = panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "it did not say why".into());
    format!("the database engine panicked: {said}")
}

fn read_format(path: &Path) -> io::Result<Option<String>> {
    match fs::read(path.join(FORMAT_FILE)) {
        Ok(text) => Ok(Some(String::from_utf8_lossy(&text).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn parse_format(text: &str) -> Option<u64> {
    text.strip_prefix("patchbot store ")?.trim_end().parse().ok()
}

fn write_format(path: &Path) -> io::Result<()> {
    let temporary = path.join("format.new");
    let mut file = File::create(&temporary)?;
    writeln!(file, "patchbot store {FORMAT}")?;
    file.sync_all()?;
    fs::rename(temporary, path.join(FORMAT_FILE))
}

/// Syncs the directories up to the root: a new file survives a power cut only once its directory
/// does, and any directory above may be as new. Directories that we may not open are not ours, and
/// older.
fn sync_directories(path: &Path) -> io::Result<()> {
    File::open(path.join("blobs")).and_then(|blobs| blobs.sync_all())?;
    File::open(path)?.sync_all()?;
    for parent in fs::canonicalize(path)?.ancestors().skip(1) {
        if let Ok(parent) = File::open(parent) {
            parent.sync_all()?;
        }
    }
    Ok(())
}
