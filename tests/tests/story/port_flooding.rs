//! The ports that an operator has opened, while somebody tries to exhaust them.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::process::{Resource, getrlimit, setrlimit};
use stories::{Bot, OMAR, SIGNING_SECRET, Settings, Stage};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::slack_http::set_with;

/// Longer than the bot waits for headers or for a body.
const LONG: Duration = Duration::from_secs(15);

async fn set() -> Result<(Stage, Bot, String)> {
    // The bot has the default limits of a process; the flood needs more here.
    let (stage, bot, url) = set_with(Settings::default()).await?;
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    setrlimit(Resource::Nofile, files).context("failed to be allowed more files")?;
    let host = url.strip_prefix("http://").and_then(|url| url.split('/').next());
    let host = host.context("no address")?.to_owned();
    Ok((stage, bot, host))
}

/// Sends `begin` on a new connection.
async fn knock(host: &str, begin: &[u8]) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(host).await.context("the port takes nobody")?;
    stream.write_all(begin).await.context("nothing can be sent")?;
    Ok(stream)
}

/// The status of the answer before the connection is closed, if there is one.
async fn answered(mut stream: TcpStream) -> Result<Option<u16>> {
    let mut text = Vec::new();
    // A connection that was reset was closed as well.
    let _ = timeout(LONG, stream.read_to_end(&mut text)).await.context("it is kept open")?;
    let text = String::from_utf8_lossy(&text);
    Ok(text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok()))
}

fn head(signature: &str, more: &str) -> String {
    format!(
        "POST /slack HTTP/1.1\r\nHost: patchbot\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         {signature}{more}\r\n\r\n"
    )
}

/// Headers in the format of Slack's.
fn plausible(stage: &Stage) -> String {
    let (at, hash) = (stage.clock.now().timestamp(), "0".repeat(64));
    format!("X-Slack-Request-Timestamp: {at}\r\nX-Slack-Signature: v0={hash}\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_do_not_block_others() -> Result<()> {
    let (stage, _bot, host) = set().await?;
    for begin in [
        &b""[..],
        b"POST /slack HTTP/1.1\r\nHost: pat",
        head(&plausible(&stage), "Content-Length: 9").as_bytes(),
    ] {
        let mut flood = Vec::new();
        for _ in 0..1_100 {
            flood.push(knock(&host, begin).await?);
        }
        let asked = Instant::now();
        stage.types_and_reads(OMAR, "/patch status", &["Environment status"]).await?;
        ensure!(asked.elapsed() < Duration::from_secs(3), "Slack would have given up");
        ensure!(stage.reads_health_port("/healthz").await?.0 == 200, "it is not well");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_connections_are_closed() -> Result<()> {
    let (stage, _bot, host) = set().await?;
    let silent = knock(&host, b"").await?;
    let headers = knock(&host, b"POST /slack HTTP/1.1\r\nHost: pat").await?;
    let body = head(&plausible(&stage), "Content-Length: 9") + "a=";
    let body = knock(&host, body.as_bytes()).await?;
    let chunks = head(&plausible(&stage), "Transfer-Encoding: chunked") + "2\r\na=\r\n";
    let chunks = knock(&host, chunks.as_bytes()).await?;
    let (silent, headers, body, chunks) =
        tokio::join!(answered(silent), answered(headers), answered(body), answered(chunks));
    ensure!(silent?.is_none(), "silence was answered");
    ensure!(matches!(headers?, None | Some(408)), "half a head was answered");
    ensure!(body? == Some(408) && chunks? == Some(408), "half a body was answered otherwise");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_are_refused() -> Result<()> {
    let (stage, bot, host) = set().await?;
    let before = bot.peak_memory()?;
    let large = format!("Content-Length: {}", 499 << 20);
    let unsigned = knock(&host, head("", &large).as_bytes()).await?;
    ensure!(answered(unsigned).await? == Some(401), "it has no signature");
    let old = plausible(&stage).replace("Timestamp: ", "Timestamp: 1");
    for odd in
        [old, plausible(&stage).replace("v0=0", "v0="), plausible(&stage).replace("v0=", "v1=")]
    {
        let odd = knock(&host, head(&odd, &large).as_bytes()).await?;
        ensure!(answered(odd).await? == Some(401), "its headers are not of Slack's form");
    }
    let signed = knock(&host, head(&plausible(&stage), &large).as_bytes()).await?;
    ensure!(answered(signed).await? == Some(413), "it is too large");

    // Without a length, as much as is accepted.
    let mut endless =
        knock(&host, head(&plausible(&stage), "Transfer-Encoding: chunked").as_bytes()).await?;
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(1 << 16));
    let mut sent = 0;
    while sent < 499 << 20 && endless.write_all(chunk.as_bytes()).await.is_ok() {
        sent += 1 << 16;
    }
    ensure!(sent < 16 << 20, "{sent} bytes were taken");
    let grown = bot.peak_memory()?.saturating_sub(before);
    ensure!(grown < 16 << 10, "{grown} KiB more are resident");

    // The largest accepted size, and one byte more.
    for (size, status) in [(128 << 10, 401), ((128 << 10) + 1, 413)] {
        let whole =
            head(&plausible(&stage), &format!("Connection: close\r\nContent-Length: {size}"));
        let whole = knock(&host, (whole + &"a".repeat(size)).as_bytes()).await?;
        ensure!(answered(whole).await? == Some(status), "{size} bytes");
    }
    ensure!(
        !SIGNING_SECRET.is_empty() && stage.reads_health_port("/healthz").await?.0 == 200,
        "it is not well"
    );
    Ok(())
}
