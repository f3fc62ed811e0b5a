//! Charts as files in Slack, for workspaces that refuse Slack's own charts.

use commands::view::{Block, Card, Chart};
use slack_morphism::prelude::*;

use super::api::{Slack, in_time};
use super::error::SlackError;
use crate::chart;

/// The charts of a card, in order.
pub(super) fn charts(card: &Card) -> Vec<&Chart> {
    card.blocks
        .iter()
        .filter_map(|block| match block {
            Block::Chart(chart) => Some(chart),
            Block::Text(_)
            | Block::Facts(_)
            | Block::Table(_)
            | Block::Progress(_)
            | Block::Note(_)
            | Block::Report(_)
            | Block::Divider => None,
        })
        .collect()
}

impl Slack {
    /// Uploads all of `charts` as files that an image block can show. If one of them cannot be
    /// drawn or uploaded, it returns no files, and the charts are shown as lines.
    pub(super) async fn upload_charts(&self, charts: &[&Chart]) -> Vec<SlackFileId> {
        let mut files = Vec::new();
        for chart in charts {
            let png = match chart::png(chart) {
                Ok(png) => png,
                Err(error) => {
                    tracing::warn!(chart.error = %error, "a chart is shown as lines");
                    return Vec::new();
                }
            };
            match self.upload(&chart.title, png).await {
                Ok(file) => files.push(file),
                Err(error) => {
                    tracing::warn!(slack.error = %error, "a chart is shown as lines");
                    return Vec::new();
                }
            }
        }
        files
    }

    /// Uploads a file that belongs to no channel: it is visible where a message shows it. Needs
    /// `files:write`.
    async fn upload(&self, title: &str, png: Vec<u8>) -> Result<SlackFileId, SlackError> {
        const ADDRESS: &str = "files.getUploadURLExternal";
        const BYTES: &str = "the upload address";
        const COMPLETE: &str = "files.completeUploadExternal";
        let session = self.inner.client.open_session(&self.inner.bot_token);
        let request = SlackApiFilesGetUploadUrlExternalRequest::new("chart.png".into(), png.len());
        let address = in_time(ADDRESS, || session.get_upload_url_external(&request)).await?;
        let request =
            SlackApiFilesUploadViaUrlRequest::new(address.upload_url, png, "image/png".into());
        in_time(BYTES, || session.files_upload_via_url(&request)).await?;
        let file = SlackApiFilesComplete::new(address.file_id.clone()).with_title(title.to_owned());
        let request = SlackApiFilesCompleteUploadExternalRequest::new(vec![file]);
        in_time(COMPLETE, || session.files_complete_upload_external(&request)).await?;
        Ok(address.file_id)
    }
}
