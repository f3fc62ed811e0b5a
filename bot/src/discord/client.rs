//! The HTTP client for Discord, and the settings to reach it.

use std::time::Duration;

use serenity::http::{Http, HttpBuilder};
use serenity::model::id::{ApplicationId, GuildId};

use super::error::DiscordError;

/// The timeout of a request, without the time that Discord's rate limits make it wait first.
pub(super) const TIMEOUT: Duration = Duration::from_secs(60);

/// How to reach Discord. It has no `Debug`, because it contains a token.
#[derive(Clone)]
pub struct Access {
    /// The bot's token.
    pub token: String,
    /// The id of the application.
    pub application: ApplicationId,
    /// The id of the server that the bot works in, if the configuration names one.
    pub guild: Option<GuildId>,
    /// The ids of the channels in which the bot posts cards.
    pub channels: Vec<String>,
    /// An address in place of Discord's own, such as `http://127.0.0.1:8080`. The client then
    /// leaves rate limits to the server there.
    pub api_url: Option<String>,
}

impl Access {
    /// Creates a client. Each use needs its own, because the gateway takes ownership of its client.
    /// The default client of Serenity would wait for ever for a server that accepts a request and
    /// never responds.
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
            // The library's rate limiter would send everything to Discord, whatever address is set.
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
        // The system's queue accepts connections, and nobody reads from them.
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
