//! Exports and imports with the real binary: from a running bot, from a stopped one, and from
//! folders without a store.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use stories::{Bot, OMAR, Settings, Stage, binary};

fn patchbot(verb: &str, data: &Path, input: &[u8]) -> Result<Output> {
    let mut child = Command::new(binary()?)
        .args([verb, "--data"])
        .arg(data)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("failed to start patchbot")?;
    // A program that fails before it reads leaves the pipe broken.
    let _ = child.stdin.take().context("no input")?.write_all(input);
    child.wait_with_output().context("failed to wait for patchbot")
}

fn exported(data: &Path) -> Result<Vec<u8>> {
    let ended = patchbot("export", data, b"")?;
    ensure!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    Ok(ended.stdout)
}

fn refused(verb: &str, data: &Path, input: &[u8], words: &[&str]) -> Result<()> {
    let ended = patchbot(verb, data, input)?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(!ended.status.success() && ended.stdout.is_empty(), "it went well: {said}");
    for word in words {
        ensure!(said.contains(word), "{word:?} is not in: {said}");
    }
    Ok(())
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_bot_is_exported_without_stopping() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    let socket = stage.store().join("control");
    ensure!(fs::metadata(&socket)?.mode() & 0o777 == 0o600, "the socket is open to others");
    let folder = tempfile::tempdir()?;

    // Under load: people ask while copies are made, and each copy is complete.
    let store = stage.store();
    let copies = tokio::task::spawn_blocking(move || -> Result<Vec<Vec<u8>>> {
        (0..5).map(|_| exported(&store)).collect()
    });
    for _ in 0..5 {
        stage.types_and_reads(OMAR, "/patch status", &["Environment status"]).await?;
    }
    let copies = copies.await.context("the copies were not made")??;
    for (number, copy) in copies.iter().enumerate() {
        let new = folder.path().join(number.to_string());
        let ended = patchbot("import", &new, copy)?;
        ensure!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        ensure!(exported(&new)? == *copy, "copy {number} is not what came in");
    }
    ensure!(bot.terminate().await?.success(), "the bot did not end well");
    ensure!(!socket.exists(), "the socket stays");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_reader_of_an_export_does_not_block_the_bot() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    let mut idle = std::os::unix::net::UnixStream::connect(stage.store().join("control"))?;
    idle.write_all(b"export\n")?;
    stage.types_and_reads(OMAR, "/patch status", &["Environment status"]).await?;
    ensure!(bot.terminate().await?.success(), "the bot did not end well");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn exporting_a_directory_without_a_store_fails_and_leaves_it_untouched() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    bot.kill().await?;
    let store = stage.store();
    let above = store.parent().context("it false_reports somewhere")?.to_path_buf();
    let before = (names(&above)?, fs::metadata(&above)?.modified()?);
    refused("export", &above, b"", &["there is no store", &store.display().to_string()])?;
    refused("export", &above.join("typo"), b"", &["there is no store"])?;
    ensure!((names(&above)?, fs::metadata(&above)?.modified()?) == before, "it was touched");
    // A socket that a killed bot left behind does no harm.
    ensure!(store.join("control").exists(), "the bot was not killed");
    let modified = fs::metadata(&store)?.modified()?;
    exported(&store)?;
    ensure!(fs::metadata(&store)?.modified()? == modified, "the store was touched");
    Bot::start(&stage).await?.kill().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_import_leaves_nothing_behind() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    Bot::start(&stage).await?.kill().await?;
    let text = exported(&stage.store())?;
    let folder = tempfile::tempdir()?;
    let new = folder.path().join("store");
    let whole = text.len();
    for cut in [
        0,
        10,
        whole / 3,
        whole / 2,
        whole - 2,
        text.iter().rposition(|byte| *byte == b'{').unwrap_or(0),
    ] {
        refused("import", &new, &text[..cut], &["nothing was stored"])?;
        ensure!(names(folder.path())?.is_empty(), "{:?} is left", names(folder.path())?);
    }
    refused("import", &folder.path().join("no/store"), &text, &["make it first"])?;

    // Killed while it waits for the rest.
    let mut child = Command::new(binary()?)
        .args(["import", "--data"])
        .arg(&new)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    child.stdin.as_mut().context("no input")?.write_all(&text[..whole / 2])?;
    child.kill()?;
    child.wait()?;
    ensure!(names(folder.path())?.is_empty(), "{:?} is left", names(folder.path())?);

    // Killed while it wrote: the next one cleans up.
    let left = folder.path().join(".store.import-abc");
    fs::create_dir(&left)?;
    fs::write(left.join("lock"), "")?;
    let ended = patchbot("import", &new, &text)?;
    ensure!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    ensure!(names(folder.path())? == ["store"], "{:?}", names(folder.path())?);
    ensure!(fs::metadata(&new)?.mode() & 0o777 == 0o700, "others can look into it");
    refused("import", &new, &text, &["exists already"])?;
    ensure!(exported(&new)? == text, "it is not what came in");
    Ok(())
}

#[test]
fn an_import_onto_a_full_disk_says_so() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let value = "a".repeat(60 << 10);
    let documents: String = (0..40)
        .map(|n| format!("{{\"document\":{{\"key\":\"k{n}\",\"version\":1,\"value\":{{\"text\":\"{value}\"}}}}}}\n"))
        .collect();
    let text =
        format!("{{\"export\":{{\"format\":1}}}}\n{documents}{{\"end\":{{\"lines\":40}}}}\n");
    let export = folder.path().join("export.jsonl");
    fs::write(&export, text)?;
    // No file may grow over 1 MiB. The signal that would silently end the process is ignored.
    let limited = "trap '' XFSZ; ulimit -f 1024; exec \"$0\" import --data \"$1\" <\"$2\"";
    let new = folder.path().join("store");
    let ended = Command::new("bash")
        .args(["-c", limited])
        .arg(binary()?)
        .arg(&new)
        .arg(&export)
        .output()?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(!ended.status.success(), "it ended well: {said}");
    ensure!(said.contains("its size limit is reached; free some space"), "{said}");
    ensure!(names(folder.path())? == ["export.jsonl"], "something is left");
    Ok(())
}
