//! The directory of a store from outside: what it contains, who may access it, and how to read it
//! without leaving a trace.

use std::{
    fs::{self, DirBuilder, File, Permissions, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::open::{FORMAT_FILE, LOCK_FILE, OpenError, parse_format};

/// The socket through which a running bot exports its store. It is beside the database and not part
/// of it.
pub const CONTROL_SOCKET: &str = "control";

/// Every file that belongs to a store.
const STORE_FILES: [&str; 8] =
    ["acknowledged", "blobs", "conf", CONTROL_SOCKET, "db", FORMAT_FILE, "format.new", LOCK_FILE];

/// Prepares the directory for writing. It may be missing, empty or contain a store; any other
/// content is refused. Only its owner gets access.
pub(super) fn prepare(path: &Path) -> Result<(), OpenError> {
    let io = |source| OpenError::of(path, source);
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io)?;
        }
        Err(error) => return Err(io(error)),
        Ok(_) => {}
    }
    for entry in fs::read_dir(path).map_err(io)? {
        let name = entry.map_err(io)?.file_name();
        if !is_ours(&name.to_string_lossy()) {
            let nearby_store = nearby_store(path);
            return Err(OpenError::Occupied { path: path.into(), nearby_store });
        }
    }
    close(path)
}

fn is_ours(name: &str) -> bool {
    // sled writes its snapshots as `snap.0000…`, by way of `snap.0000….generating`.
    STORE_FILES.contains(&name) || name.starts_with("snap.")
}

fn close(path: &Path) -> Result<(), OpenError> {
    let mode = fs::metadata(path).map_err(|error| OpenError::of(path, error))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(0o700))
        .map_err(|_| OpenError::OpenToOthers { path: path.into() })?;
    tracing::warn!(
        store.directory = %path.display(),
        store.mode_before = %format!("{:o}", mode & 0o7777),
        "other users of this host could look into the store's directory: it is closed now (mode 0700)"
    );
    Ok(())
}

/// Returns an error that says what is there, unless it is a store. Changes nothing.
pub(super) fn must_hold_a_store(path: &Path) -> Result<(), OpenError> {
    match fs::symlink_metadata(path.join(FORMAT_FILE)) {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            if path.join("db").is_file() && path.join("conf").is_file() {
                let detail = format!("the file `{FORMAT_FILE}` is missing");
                return Err(OpenError::Damaged { path: path.into(), detail });
            }
            Err(OpenError::NoStore { path: path.into(), nearby_store: nearby_store(path) })
        }
        Err(error) => Err(OpenError::of_reading(path, error)),
    }
}

/// A store one level below or above, which was probably meant.
fn nearby_store(path: &Path) -> Option<PathBuf> {
    let holds = |directory: &Path| {
        let format = fs::read(directory.join(FORMAT_FILE)).ok()?;
        parse_format(&String::from_utf8_lossy(&format))
    };
    let mut below: Vec<PathBuf> = fs::read_dir(path)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|child| holds(child).is_some())
        .collect();
    below.sort();
    let above = || path.parent().filter(|parent| holds(parent).is_some()).map(Path::to_path_buf);
    below.into_iter().next().or_else(above)
}

/// Copies the store to a temporary directory. The engine repairs and tidies whatever it opens, so a
/// store that is only read is not opened in place: nothing changes there.
///
/// # Errors
/// [`OpenError::InUse`] while a process has the store open, because its writes cannot be copied
/// consistently.
pub(super) fn copy(path: &Path) -> Result<TempDir, OpenError> {
    must_hold_a_store(path)?;
    // Held until everything is copied. It keeps writers away, but not other readers.
    let _lock = lock_to_read(path)?;
    let copy = tempfile::Builder::new()
        .prefix("patchbot-store-")
        .tempdir()
        .map_err(|error| OpenError::of(&std::env::temp_dir(), error))?;
    copy_all(path, path, copy.path())?;
    Ok(copy)
}

fn lock_to_read(path: &Path) -> Result<File, OpenError> {
    let reading = |error| OpenError::of_reading(path, error);
    let lock = match File::open(path.join(LOCK_FILE)) {
        // Somebody restored the store without this file: the engine locks its own.
        Err(error) if error.kind() == ErrorKind::NotFound => File::open(path.join("db")),
        opened => opened,
    }
    .map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let detail = "the file `db` is missing or empty".into();
            OpenError::Damaged { path: path.into(), detail }
        }
        _ => reading(error),
    })?;
    match lock.try_lock_shared() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.into() }),
        Err(TryLockError::Error(error)) => Err(reading(error)),
    }
}

fn copy_all(store: &Path, from: &Path, to: &Path) -> Result<(), OpenError> {
    let reading = |error| OpenError::of_reading(store, error);
    for entry in fs::read_dir(from).map_err(reading)? {
        let entry = entry.map_err(reading)?;
        let name = entry.file_name();
        let known = is_ours(&name.to_string_lossy()) || from != store;
        if !known || name == LOCK_FILE || name == CONTROL_SOCKET {
            continue;
        }
        let target = to.join(&name);
        let kind = fs::metadata(entry.path()).map_err(reading)?;
        if kind.is_dir() {
            fs::create_dir(&target).map_err(|error| OpenError::of(to, error))?;
            copy_all(store, &entry.path(), &target)?;
        } else {
            let mut from = File::open(entry.path()).map_err(reading)?;
            File::create(&target)
                .and_then(|mut target| io::copy(&mut from, &mut target))
                .map_err(|error| OpenError::of(to, error))?;
        }
    }
    Ok(())
}
