//! What an operator's monitoring reads from the bot.

use anyhow::{Context, Result, ensure};

use super::stage::Stage;

impl Stage {
    /// Requests a path of the port for metrics and health; returns status and text.
    pub async fn reads_health_port(&self, path: &str) -> Result<(u16, String)> {
        let log = self.logged();
        let opened = log.lines().rev().find(|line| line.contains("metrics and health are read"));
        let opened: serde_json::Value =
            serde_json::from_str(opened.context("no port of metrics was opened")?)
                .context("the log is not JSON")?;
        let address = opened.pointer("/fields/metrics.address").and_then(|at| at.as_str());
        let url = format!("http://{}{path}", address.context("the port has no address")?);
        let answer = reqwest::get(&url).await.with_context(|| format!("failed to read {url}"))?;
        let status = answer.status().as_u16();
        Ok((status, answer.text().await.context("half an answer")?))
    }

    /// The value of a sample such as `patchbot_engine_turns_total` or `name{label="value"}`.
    pub async fn sample(&self, name: &str) -> Result<f64> {
        let (status, text) = self.reads_health_port("/metrics").await?;
        ensure!(status == 200, "{status}: {text}");
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.with_context(|| format!("there is no {name} in\n{text}"))?
            .parse()
            .with_context(|| format!("{name} is no number"))
    }
}
