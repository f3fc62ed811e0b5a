//! How Discord is reached.

use std::time::Duration;

use serenity::http::{Http, HttpBuilder};
use serenity::model::id::{ApplicationId, GuildId};

use super::error::DiscordError;

/// How long a request may take, without what Discord makes us wait before it.
pub(super) const TIMEOUT: Duration = Duration::from_secs(60);

/// How Discord is reached. It has no `Debug`: there is a token in it.
#[derive(Clone)]
pub struct Access {
    /// The bot's token.
    pub token: String,
    /// The application's id.
    pub application: ApplicationId,
    /// The server that the bot works in, if one is named.
    pub guild: Option<GuildId>,
    /// The ids of the channels where cards are posted.
    pub channels: Vec<String>,
    /// Another address than Discord's own, such as `http://127.0.0.1:8080`. The client then leaves
    /// limits to whatever stands there.
    pub api_url: Option<String>,
}

impl Access {
    /// A client of its own for each use: the gateway's takes it whole. Serenity's own would wait for
    /// ever where something accepts a request and never answers.
    pub(super) fn client(&self, timeouts: Duration) -> Result<Http, DiscordError> {
        let requests = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(timeouts.min(Duration::from_secs(10)))
            .timeout(timeouts)
            .build()
            .map_err(|error| DiscordError::Settings(format!("no client for Discord: {error}")))?;
        let builder =
            HttpBuilder::new(&self.token).application_id(self.application).client(requests);
        Ok(match &self.api_url {
            // Its limiter would send everything to Discord, whatever address was given.
            Some(url) => {
                builder.proxy(url.trim_end_matches('/')).ratelimiter_disabled(true).build()
            }
            None => builder.build(),
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn nobody_waits_for_an_answer_that_does_not_come() {
        // The queue of the system accepts, and nobody reads.
        let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let access = Access {
            token: "a.b.c".into(),
            application: ApplicationId::new(1),
            guild: None,
            channels: Vec::new(),
            api_url: Some(format!("http://{}", silent.local_addr().expect("an address"))),
        };
        let client = access.client(Duration::from_millis(50)).expect("a client");
        let error = client.get_current_user().await.expect_err("nobody answers");
        let error = DiscordError::of("Get Current User", error);
        assert!(error.is_temporary() && !error.to_string().contains("127.0.0.1"), "{error}");
    }
}
