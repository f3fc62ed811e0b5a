//! Checks whether the tokens suffice, and what they lack.

use std::collections::BTreeSet;
use std::time::Duration;

use slack_morphism::api::SlackApiAppsConnectionOpenRequest;

use super::api::Slack;
use super::error::SlackError;

/// The scopes that the bot token needs, and what for.
pub const SCOPES: [(&str, &str); 8] = [
    ("chat:write", "to post and edit cards"),
    ("commands", "to hear /patch"),
    ("files:write", "to show charts as pictures where the workspace has no charts"),
    ("usergroups:read", "to know who is in a group of approvers"),
    ("channels:history", "to see after a crash whether a post arrived, in public channels"),
    ("groups:history", "the same in private channels"),
    ("im:write", "to write to people in person who have typed /patch notify on"),
    ("im:history", "to see after a crash whether that arrived"),
];

/// What the tokens permit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The scopes of [`SCOPES`] that the bot token lacks; `None` if Slack did not return its
    /// scopes.
    pub missing: Option<BTreeSet<String>>,
    /// Whether the app token permits receiving, and if not, why. Without an app token there is
    /// nothing to check.
    pub listening: Result<(), SlackError>,
}

impl Slack {
    /// Asks Slack what the tokens permit. An error concerns the bot token.
    pub async fn check_tokens(&self) -> Result<Tokens, SlackError> {
        self.identify().await?;
        let missing = self.scopes().await?.map(|scopes| {
            let needed = SCOPES.iter().map(|(scope, _)| (*scope).to_owned());
            needed.filter(|scope| !scopes.contains(scope)).collect()
        });
        Ok(Tokens { missing, listening: self.check_listening().await })
    }

    /// The scopes are only in a header, which the library does not pass on.
    async fn scopes(&self) -> Result<Option<BTreeSet<String>>, SlackError> {
        const METHOD: &str = "auth.test";
        let broken = |error: reqwest::Error| SlackError::Broken {
            method: METHOD,
            why: Some(error.without_url().to_string()),
        };
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(30))
            .build()
            .map_err(broken)?;
        let url = format!("{}/{METHOD}", self.inner.api_url);
        let token = &self.inner.bot_token.token_value.0;
        let answer = client.post(url).bearer_auth(token).send().await.map_err(broken)?;
        let scopes = answer.headers().get("x-oauth-scopes").and_then(|scopes| scopes.to_str().ok());
        Ok(scopes.map(|scopes| scopes.split(',').map(|scope| scope.trim().to_owned()).collect()))
    }

    /// Requests the address of a socket, without connecting, to see whether the app token permits it.
    async fn check_listening(&self) -> Result<(), SlackError> {
        let Some(token) = &self.inner.app_token else { return Ok(()) };
        let session = self.inner.client.open_session(token);
        let opened = session.apps_connections_open(&SlackApiAppsConnectionOpenRequest::new()).await;
        opened.map(drop).map_err(|error| SlackError::of("apps.connections.open", error))
    }
}
