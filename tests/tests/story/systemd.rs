//! What the bot reports to a supervisor such as systemd.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use stories::{Bot, Platforms, Settings, Stage, binary};
use tokio::net::UnixDatagram;
use tokio::process::Command;
use tokio::time::timeout;

/// All notifications until one contains `word`.
async fn told_until(socket: &UnixDatagram, word: &str) -> Result<Vec<String>> {
    let mut told: Vec<String> = Vec::new();
    let mut buffer = vec![0; 4096];
    while !told.iter().any(|told| told.contains(word)) {
        let read = timeout(Duration::from_secs(30), socket.recv(&mut buffer)).await;
        let read = read.with_context(|| format!("{word} was never told: {told:?}"))??;
        told.extend(String::from_utf8_lossy(&buffer[..read]).lines().map(str::to_owned));
    }
    Ok(told)
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_is_notified_of_ready_watchdog_and_stopping() -> Result<()> {
    let stage = Stage::set(&Settings { platforms: Platforms::Both, ..Settings::default() }).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path)?;
    let path = path.display().to_string();
    let bot = Bot::start_with(&stage, &[("NOTIFY_SOCKET", &path)]).await?;
    let told = told_until(&socket, "READY=1").await?;
    ensure!(told.iter().any(|told| told.starts_with("STATUS=")), "no word of how it is: {told:?}");
    // The loop turns.
    told_until(&socket, "WATCHDOG=1").await?;
    ensure!(bot.terminate().await?.success(), "it did not end well");
    told_until(&socket, "STOPPING=1").await?;
    Ok(())
}

/// No file may grow at all, as on a full disk. The signal that would silently end the bot is
/// ignored.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_during_operation_is_named_in_the_log() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let config = stage.config();
    let limited =
        "trap '' XFSZ; ulimit -f 0; exec \"$0\" serve --insecure-endpoints --config \"$1\"";
    let mut command = Command::new("bash");
    command
        .args(["-c", limited])
        .arg(binary()?)
        .arg(config)
        .env_remove("NOTIFY_SOCKET")
        .envs([("SLACK_BOT_TOKEN", "xoxb-1-2-none"), ("SLACK_APP_TOKEN", "xapp-1-2-none")])
        .kill_on_drop(true);
    let output = timeout(Duration::from_secs(60), command.output())
        .await
        .context("it goes on without a store")??;
    let said = String::from_utf8_lossy(&output.stderr);
    // The disk may get free space again: a supervisor tries again.
    ensure!(output.status.code() == Some(75), "it ended with {}: {said}", output.status);
    ensure!(said.contains("its size limit is reached; free some space"), "{said}");
    Ok(())
}
