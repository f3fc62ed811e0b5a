//! The control socket, through which a running bot exports its store: a Unix socket in the
//! directory of the store, which only the bot's own user and root can open. No port is opened for
//! it.
//!
//! The request is one line, `export`. The response starts with a line too: `export` again, followed
//! by the export; or the reason why the bot refuses.

use std::fs::{self, File, Permissions};
use std::io::{BufRead as _, BufReader, BufWriter, ErrorKind, Write as _};
use std::net::Shutdown;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream as Blocking;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use storage::{CONTROL_SOCKET, SledStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

const EXPORT: &str = "export\n";
/// How long the client may take to send its request.
const ASKING: Duration = Duration::from_secs(5);
/// How long one side waits while the other neither reads nor writes.
const STANDSTILL: Duration = Duration::from_secs(120);
/// The longest path of a socket, in bytes. The kernel's limit is 108, including a final zero byte.
const LONGEST: usize = 100;

/// An export from a running bot, line by line.
pub(super) type Lines = BufReader<Blocking>;

/// The open socket. Dropping the value removes it.
#[derive(Debug)]
pub struct Control {
    listener: UnixListener,
    path: PathBuf,
    /// The user id of the bot.
    user: u32,
}

impl Control {
    /// Opens the socket in the directory of a store that this process has open.
    pub fn open(data: &Path) -> Result<Self> {
        let path = data.join(CONTROL_SOCKET);
        // A socket of a bot that was killed: this process holds the lock on the store, so the other
        // is gone.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).context("failed to remove the socket of before");
            }
            _ => {}
        }
        let address = Address::of(data)?;
        let listener = UnixListener::bind(&address.path).context("failed to make the socket")?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))
            .context("failed to close the socket to others")?;
        let user = fs::metadata(&path).context("failed to look at the socket")?.uid();
        Ok(Self { listener, path, user })
    }

    /// Answers requests, one at a time, for as long as the bot runs.
    pub async fn serve(self, store: SledStore) {
        let one = Arc::new(Semaphore::new(1));
        loop {
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "failed to accept on the export socket: retrying in 1 s");
                    sleep(Duration::from_secs(1)).await;
                    continue;
                }
            };
            let known = stream.peer_cred().is_ok_and(|peer| [0, self.user].contains(&peer.uid()));
            let (store, one) = (store.clone(), Arc::clone(&one));
            tokio::spawn(async move {
                let answered = match one.try_acquire_owned() {
                    _ if !known => {
                        refuse(stream, "it hands its store to its own user and to root").await
                    }
                    Err(_) => {
                        refuse(stream, "another export is under way; try again after it").await
                    }
                    Ok(permit) => {
                        let answered = answer(stream, store).await;
                        drop(permit);
                        answered
                    }
                };
                if let Err(error) = answered {
                    tracing::warn!(error = %format!("{error:#}"), "an export was not handed out to its end");
                }
            });
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "the socket for exports stays");
        }
    }
}

async fn refuse(mut stream: UnixStream, why: &str) -> Result<()> {
    stream.write_all(format!("{why}\n").as_bytes()).await.context("failed to answer")
}

async fn answer(mut stream: UnixStream, store: SledStore) -> Result<()> {
    let mut asked = [0; EXPORT.len()];
    timeout(ASKING, stream.read_exact(&mut asked))
        .await
        .context("the client sent no request in time")?
        .context("failed to read what was asked")?;
    if asked != EXPORT.as_bytes() {
        return refuse(stream, "it knows no question but `export`").await;
    }
    let stream = stream.into_std().context("failed to take the socket over")?;
    stream.set_nonblocking(false).context("failed to wait for the socket")?;
    stream.set_write_timeout(Some(STANDSTILL)).context("failed to limit the waiting")?;
    let _hang_up = HangUp(stream.try_clone().context("failed to hold the socket")?);
    let runtime = Handle::current();
    // On a thread of its own, so that it does not delay answers to people.
    let exported = spawn_blocking(move || {
        let mut out = BufWriter::new(stream);
        out.write_all(EXPORT.as_bytes())?;
        runtime.block_on(storage::export::export(&store, &mut out))
    });
    let records = exported.await.context("the export panicked")??;
    tracing::info!(store.records = records, "the store was exported");
    Ok(())
}

/// Closes a connection when the bot ends, which would otherwise wait for a client that has stopped
/// reading.
struct HangUp(Blocking);

impl Drop for HangUp {
    fn drop(&mut self) {
        // An error means that the client has gone.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// Requests an export from the bot that has the store at `data` open.
///
/// # Errors
/// If the bot does not answer, or refuses.
pub(super) fn ask(data: &Path) -> Result<Lines> {
    let address = Address::of(data)?;
    let mut stream = Blocking::connect(&address.path).with_context(|| {
        format!(
            "a process has the store {} open and does not hand it out. If it is a bot that hangs, stop it \
             and export again",
            data.display()
        )
    })?;
    let waiting = stream.set_read_timeout(Some(STANDSTILL));
    waiting.and_then(|()| stream.write_all(EXPORT.as_bytes())).context("failed to ask the bot")?;
    let mut lines = BufReader::new(stream);
    let mut first = String::new();
    lines.read_line(&mut first).context("failed to read the bot's response")?;
    ensure!(!first.is_empty(), "the bot ended before it answered");
    if first != EXPORT {
        bail!("the bot refuses: {}", first.trim_end());
    }
    Ok(lines)
}

/// The path of the socket, in a form short enough for the kernel.
struct Address {
    path: PathBuf,
    /// Kept open while the path leads through it.
    _directory: Option<File>,
}

impl Address {
    fn of(data: &Path) -> Result<Self> {
        let path = data.join(CONTROL_SOCKET);
        if path.as_os_str().len() <= LONGEST {
            return Ok(Self { path, _directory: None });
        }
        let directory =
            File::open(data).with_context(|| format!("failed to open {}", data.display()))?;
        let short = format!("/proc/self/fd/{}/{CONTROL_SOCKET}", directory.as_raw_fd());
        Ok(Self { path: short.into(), _directory: Some(directory) })
    }
}
