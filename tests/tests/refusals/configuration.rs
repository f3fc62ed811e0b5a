//! Mistakes in the configuration, which are refused before anything is opened.

use anyhow::{Context, Result, ensure};
use stories::{Bot, ProcessOutput, Settings, Stage};

/// The output of `serve` for a configuration after `change`.
async fn served(change: impl FnOnce(String) -> String, insecure: bool) -> Result<ProcessOutput> {
    let stage = Stage::set(&Settings::default()).await?;
    let path = stage.config();
    let text = std::fs::read_to_string(&path).context("failed to read the configuration")?;
    std::fs::write(&path, change(text)).context("failed to write the configuration")?;
    let path = path.display().to_string();
    let mut arguments = vec!["serve", "--config", path.as_str()];
    arguments.extend(insecure.then_some("--insecure-endpoints"));
    let ended = ProcessOutput::of(&arguments, &[]).await?;
    ensure!(!stage.store().exists(), "a store was opened all the same");
    ensure!(stage.slack.calls().is_empty(), "Slack was called all the same");
    Ok(ended)
}

async fn is_refused(change: impl FnOnce(String) -> String, words: &[&str]) -> Result<()> {
    let ended = served(change, true).await?;
    // The shipped unit does not restart it.
    ensure!(ended.status.code() == Some(78), "it ended with {}", ended.status);
    says_no(&ended, words)
}

fn says_no(ended: &ProcessOutput, words: &[&str]) -> Result<()> {
    ensure!(!ended.status.success(), "it ended well and said {}", ended.text);
    for word in words {
        ensure!(ended.text.contains(word), "{word:?} is not in: {}", ended.text);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_toml_names_the_line() -> Result<()> {
    is_refused(
        |text| text.replace("poll = \"20ms\"", "poll = \"20ms"),
        &["line 3", "This is not TOML"],
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_key_names_the_line_and_the_key() -> Result<()> {
    let change = |text: String| text.replace("poll = \"20ms\"", "pol = \"20ms\"");
    is_refused(change, &["line 3", "`bot.pol`", "unknown field", "Did you mean \"poll\"?"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_value_names_the_key() -> Result<()> {
    let quorum = |text: String| text.replace("quorum = 1", "quorum = 4");
    is_refused(quorum, &["`environment[1].quorum` cannot be reached"]).await?;
    let person =
        |text: String| text.replace("\"aiko\", \"ben\"]\nquorum = 2", "\"kai\"]\nquorum = 2");
    is_refused(person, &["`environment[2].approvers[2]` names a person that is not described"])
        .await?;
    let span = |text: String| text.replace("poll = \"20ms\"", "poll = \"often\"");
    is_refused(span, &["line 3", "`bot.poll` has to be a span of time"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_configuration_is_named_and_not_retried() -> Result<()> {
    let folder = tempfile::tempdir().context("failed to make a folder")?;
    let latin = folder.path().join("latin-1.toml");
    std::fs::write(&latin, b"# caf\xe9\n").context("failed to write the configuration")?;
    let nowhere = folder.path().join("patchbot.toml");
    let cases = [
        (nowhere.as_path(), "there is no such file"),
        (folder.path(), "it is a folder"),
        (latin.as_path(), "not text in UTF-8"),
    ];
    for (path, why) in cases {
        let path = path.display().to_string();
        let ended = ProcessOutput::of(&["serve", "--config", path.as_str()], &[]).await?;
        ensure!(ended.status.code() == Some(78), "it ended with {}", ended.status);
        says_no(&ended, &[path.as_str(), why])?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_without_tls_are_refused_outside_a_drill() -> Result<()> {
    let ended = served(|text| text, false).await?;
    says_no(&ended, &["without TLS", "http://127.0.0.1", "--insecure-endpoints"])?;

    let stage = Stage::set(&Settings::default()).await?;
    let _bot = Bot::start(&stage).await?;
    stage.card(&["should not wait", "DRILL: nothing here is real"]).await?;
    stage.types_and_reads(stories::HANA, "/patch help", &["DRILL: nothing here is real"]).await?;
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_wrong_token_is_named_and_not_shown() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let path = stage.config().display().to_string();
    let arguments = ["serve", "--config", path.as_str(), "--insecure-endpoints"];
    let ended = ProcessOutput::of(&arguments, &[("SLACK_BOT_TOKEN", None)]).await?;
    says_no(&ended, &["SLACK_BOT_TOKEN is not set"])?;
    ensure!(ended.status.code() == Some(78), "it ended with {}", ended.status);
    let ended =
        ProcessOutput::of(&arguments, &[("SLACK_APP_TOKEN", Some("xoxb-pasted-wrongly"))]).await?;
    says_no(&ended, &["SLACK_APP_TOKEN does not hold", "xapp-"])?;
    ensure!(!ended.text.contains("pasted-wrongly"), "the token is shown: {}", ended.text);
    // A token that Slack does not know is as wrong, and must be hidden as well.
    let ended =
        ProcessOutput::of(&arguments, &[("SLACK_APP_TOKEN", Some("xapp-not-known-there"))]).await?;
    says_no(&ended, &["SLACK_APP_TOKEN", "invalid_auth"])?;
    ensure!(!ended.text.contains("not-known-there"), "the token is shown: {}", ended.text);
    let ended =
        ProcessOutput::of(&arguments, &[("SLACK_BOT_TOKEN", Some("xoxb-not-known-there"))]).await?;
    says_no(&ended, &["SLACK_BOT_TOKEN", "invalid_auth"])?;
    ensure!(ended.status.code() == Some(78), "it ended with {}", ended.status);
    ensure!(!ended.text.contains("not-known-there"), "the token is shown: {}", ended.text);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_use_is_refused() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    let path = stage.config().display().to_string();
    let arguments = ["serve", "--config", path.as_str(), "--insecure-endpoints"];
    let second = ProcessOutput::of(&arguments, &[]).await?;
    says_no(
        &second,
        &["patchbot: failed to open the store at ", ": another process has it open; stop that one"],
    )?;
    // It may be restarted, because the other process will end some day.
    ensure!(second.status.code() == Some(75), "it ended with {}", second.status);
    // The first goes on as if nothing had happened, and ends well on request.
    stage.types_and_reads(stories::HANA, "/patch status", &["verification", "production"]).await?;
    let status = bot.terminate().await?;
    ensure!(status.success(), "asked to end, it ended with {status}");
    stage.is_clean()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_needs_an_operator_is_not_retried() -> Result<()> {
    type Spoil = fn(&std::path::Path) -> std::io::Result<()>;
    let cases: [(&str, Spoil, &[&str]); 4] = [
        (
            "a newer format",
            |data| std::fs::write(data.join("format"), "patchbot store 2\n"),
            &["a newer patchbot wrote it (format 2", "start that newer version again"],
        ),
        (
            "a damaged one",
            |data| std::fs::write(data.join("db"), ""),
            &["it is damaged", "restore from an export"],
        ),
        (
            "something else",
            |data| std::fs::write(data.join("thesis.tex"), "chapter 1"),
            &["the folder holds other files", "name a folder of the store's own"],
        ),
        (
            "a file",
            |data| std::fs::remove_dir_all(data).and_then(|()| std::fs::write(data, "")),
            &["it is not a folder", "`bot.data`"],
        ),
    ];
    for (what, spoil, words) in cases {
        let stage = Stage::set(&Settings::default()).await?;
        let bot = Bot::start(&stage).await?;
        ensure!(bot.terminate().await?.success(), "it did not end well");
        spoil(&stage.store()).with_context(|| format!("failed to make {what} of the store"))?;
        let path = stage.config().display().to_string();
        let arguments = ["serve", "--config", path.as_str(), "--insecure-endpoints"];
        let ended = ProcessOutput::of(&arguments, &[]).await?;
        says_no(&ended, words)?;
        ensure!(ended.status.code() == Some(78), "{what}: it ended with {}", ended.status);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unedited_example_is_refused() -> Result<()> {
    let example = include_str!("../../../deploy/patchbot.example.toml");
    let words =
        ["placeholder", "`slack.channel`", "`person[1].slack`", "`environment[2].external_id`"];
    is_refused(|_| example.to_owned(), &words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_file_is_refused_without_showing_it() -> Result<()> {
    for line in [
        "token = \"xoxb-12-pasted-by-mistake\"",
        "xoxb-12-pasted-by-mistake = 1",
        "poll = \"xoxb-12-pasted-by-mistake",
    ] {
        let change = |text: String| text.replace("poll = \"20ms\"", line);
        let ended = served(change, true).await?;
        says_no(&ended, &["line 3"])?;
        ensure!(ended.status.code() == Some(78), "it ended with {}", ended.status);
        ensure!(
            !ended.text.contains("mistake\"") && !ended.text.contains("pasted"),
            "it is shown: {}",
            ended.text
        );
    }
    let change = |text: String| text.replace("poll = \"20ms\"", "token = \"hunter2\"");
    is_refused(change, &["`bot`", "process environment", "SLACK_BOT_TOKEN"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_command_line_has_its_own_exit_code() -> Result<()> {
    let ended = ProcessOutput::of(&["serve", "--confg", "x"], &[]).await?;
    ensure!(ended.status.code() == Some(2), "it ended with {}", ended.status);
    let ended = ProcessOutput::of(&["export", "--data", "/nowhere/store"], &[]).await?;
    ensure!(ended.status.code() == Some(1), "it ended with {}", ended.status);
    let ended = ProcessOutput::of(&["--help"], &[]).await?;
    says_all(&ended, &["78", "75"])
}

fn says_all(ended: &ProcessOutput, words: &[&str]) -> Result<()> {
    let missing = words.iter().find(|word| !ended.text.contains(**word));
    ensure!(missing.is_none(), "{missing:?} is not in: {}", ended.text);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_ends_the_process_quietly() -> Result<()> {
    let stage = Stage::set(&Settings::default()).await?;
    let bot = Bot::start(&stage).await?;
    let store = stage.store().display().to_string();
    let export = ["export", "--data", store.as_str()];
    for arguments in [&["--help"][..], &["serve", "--help"], &export] {
        let (reader, writer) = std::io::pipe().context("no pipe")?;
        // As `head` does once it has read enough.
        drop(reader);
        let mut command = std::process::Command::new(stories::binary()?);
        let output = command.args(arguments).stdout(writer).output().context("it did not run")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(said.is_empty(), "{arguments:?} says {said}");
        ensure!(output.status.code().is_some(), "{arguments:?} ended with {}", output.status);
        // An export that nobody read is not a backup.
        ensure!(arguments != export || output.status.code() == Some(141), "{}", output.status);
    }
    bot.terminate().await?;
    stage.is_clean()
}
