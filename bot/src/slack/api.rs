//! The calls that the bot makes in Slack.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use backon::{ConstantBuilder, ExponentialBuilder, Retryable as _};
use chrono::{DateTime, Utc};
use commands::text::Text;
use commands::text::wording::Locale;
use commands::view::{Card, Chart};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde::Serialize;
use serde::de::DeserializeOwned;
use slack_morphism::prelude::*;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};

use super::error::SlackError;
use super::render::{Detail, Look, Rendered, render, render_text};
use super::upload::charts;
use super::wire;
use crate::chat::Directory;
use crate::chat::memberships::Memberships;

pub(super) type Connector = SlackClientHyperConnector<HttpsConnector<HttpConnector>>;

/// The event type in the metadata of our own messages.
const EVENT_TYPE: &str = "patchbot";
/// How long to wait for a response, including the waits that Slack's rate limits impose.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The minimum wait. Slack's Retry-After is in whole seconds, and may be zero.
const LEAST_REST: Duration = Duration::from_millis(100);
/// Slack accepts a file before it has processed it, and refuses blocks that show it until then. Our
/// pictures have a few kilobytes: the bot tries again after half a second and after two more.
const PROCESSING: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(500))
    .with_factor(4.0)
    .with_max_times(2);
const PAGE: &str = "200";
/// The number of pages that a search for one of our messages reads; ten times as many as a bad day
/// needs.
const PAGES: usize = 20;

/// How to reach Slack. It has no `Debug`, because it contains tokens.
#[derive(Clone)]
pub struct Access {
    /// `xoxb-…`, for everything but receiving.
    pub bot_token: String,
    /// `xapp-…`, for receiving over sockets; `None` if Slack calls the bot.
    pub app_token: Option<String>,
    /// An address in place of Slack's own, such as `http://127.0.0.1:8080/api`.
    pub api_url: Option<String>,
    /// Whether that address may lack TLS.
    pub plain_http: bool,
}

/// The identity of the bot in Slack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its user id.
    pub user: String,
    /// Its bot id.
    pub bot: Option<String>,
    /// The id of its workspace.
    pub team: String,
    /// The id of the enterprise that the workspace belongs to; `None` if it belongs to none.
    pub enterprise: Option<String>,
    /// Whether the app is installed in the whole enterprise.
    pub is_org_wide: bool,
    /// The name of its workspace.
    pub team_name: String,
}

/// Slack as the bot uses it. Clones share everything.
#[derive(Clone)]
pub struct Slack {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) client: Arc<SlackClient<Connector>>,
    pub(super) bot_token: SlackApiToken,
    pub(super) app_token: Option<SlackApiToken>,
    pub(super) api_url: String,
    pub(super) plain_http: bool,
    pub(super) directory: Arc<Directory>,
    identity: OnceCell<Identity>,
    groups: Memberships<SlackError>,
    /// The addresses of messages, by channel and `ts`: they never change.
    pub(super) addresses: Mutex<HashMap<(String, String), String>>,
}

impl Slack {
    /// Creates the client. Sends no request yet.
    pub fn new(access: &Access, directory: Arc<Directory>) -> Result<Self, SlackError> {
        let api_url = match &access.api_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => SlackClientHttpApiUri::SLACK_API_URI_STR.to_owned(),
        };
        if !api_url.starts_with("https://") && !access.plain_http {
            return Err(SlackError::Settings(
                "the address of Slack must begin with https://".into(),
            ));
        }
        let connector = connector(access.plain_http)?.with_slack_api_url(&api_url);
        let token = |value: &str| SlackApiToken::new(SlackApiTokenValue(value.to_owned()));
        let inner = Inner {
            client: Arc::new(SlackClient::new(connector)),
            bot_token: token(&access.bot_token),
            app_token: access.app_token.as_deref().map(token),
            api_url,
            plain_http: access.plain_http,
            directory,
            identity: OnceCell::new(),
            groups: Memberships::default(),
            addresses: Mutex::new(HashMap::new()),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The identity of the bot; requested once.
    pub async fn identify(&self) -> Result<&Identity, SlackError> {
        let us = self.inner.identity.get_or_try_init(|| self.ask_who_we_are()).await?;
        self.inner.directory.in_slack(us.enterprise.as_ref().unwrap_or(&us.team));
        Ok(us)
    }

    async fn ask_who_we_are(&self) -> Result<Identity, SlackError> {
        let answer: wire::AuthTest = self.get("auth.test", &[]).await?;
        Ok(Identity {
            user: answer.user_id,
            bot: answer.bot_id,
            team: answer.team_id,
            enterprise: answer.enterprise_id,
            is_org_wide: answer.is_enterprise_install,
            team_name: answer.team,
        })
    }

    /// Posts a card, in a thread or not, and returns the message's `ts`. By the key [`Self::find`]
    /// recognizes the message when it is not known whether this call succeeded.
    pub async fn post(
        &self,
        channel: &str,
        thread: Option<&str>,
        card: &Card,
        locale: Locale,
        key: &str,
    ) -> Result<String, SlackError> {
        let post = |rendered| self.send(channel, thread, rendered, key).boxed();
        self.simpler_if_refused(locale, &charts(card), |look| render(card, look), post).await
    }

    /// Posts a line, as [`Self::post`] does.
    pub async fn post_text(
        &self,
        channel: &str,
        thread: Option<&str>,
        text: &Text,
        locale: Locale,
        key: &str,
    ) -> Result<String, SlackError> {
        let post = |rendered| self.send(channel, thread, rendered, key).boxed();
        self.simpler_if_refused(locale, &[], |look| render_text(text, look), post).await
    }

    async fn send(
        &self,
        channel: &str,
        thread: Option<&str>,
        rendered: Rendered,
        key: &str,
    ) -> Result<String, SlackError> {
        let metadata = SlackMessageMetadata::new(EVENT_TYPE.to_owned())
            .with_event_payload(HashMap::from([("key".to_owned(), key.to_owned())]));
        let content = content(rendered).with_metadata(metadata);
        let request =
            SlackApiChatPostMessageRequest::new(SlackChannelId(channel.to_owned()), content)
                .opt_thread_ts(thread.map(|ts| SlackTs(ts.to_owned())))
                .with_unfurl_links(false)
                .with_unfurl_media(false);
        let posted: wire::Posted = self.call("chat.postMessage", &request).await?;
        Ok(posted.ts)
    }

    /// Replaces the card in a message. The message keeps its key.
    pub async fn update(
        &self,
        channel: &str,
        ts: &str,
        card: &Card,
        locale: Locale,
    ) -> Result<(), SlackError> {
        let update = |rendered| {
            let request = SlackApiChatUpdateRequest::new(
                SlackChannelId(channel.to_owned()),
                content(rendered),
                SlackTs(ts.to_owned()),
            );
            async move { self.call::<_, wire::Posted>("chat.update", &request).await }.boxed()
        };
        self.simpler_if_refused(locale, &charts(card), |look| render(card, look), update).await?;
        Ok(())
    }

    /// The message that was posted with this key at that time or later, if it exists.
    pub async fn find(
        &self,
        channel: &str,
        thread: Option<&str>,
        key: &str,
        not_before: DateTime<Utc>,
    ) -> Result<Option<String>, SlackError> {
        let us = self.identify().await?;
        let oldest = format!("{}.000000", not_before.timestamp());
        let method =
            if thread.is_some() { "conversations.replies" } else { "conversations.history" };
        let mut cursor = None;
        for _ in 0..PAGES {
            let mut parameters = vec![
                ("channel", channel),
                ("oldest", oldest.as_str()),
                ("inclusive", "true"),
                ("include_all_metadata", "true"),
                ("limit", PAGE),
            ];
            parameters.extend(thread.map(|ts| ("ts", ts)));
            parameters.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page: wire::Messages = self.get(method, &parameters).await?;
            // Any app can write any metadata, so the author counts as well.
            let found = page.messages.iter().find(|message| {
                let ours = message.user.as_deref() == Some(us.user.as_str())
                    || (message.bot_id.is_some() && message.bot_id == us.bot);
                ours && message.metadata.as_ref().is_some_and(|metadata| {
                    metadata.event_type == EVENT_TYPE
                        && metadata.event_payload.get("key").is_some_and(|found| found == key)
                })
            });
            if let Some(message) = found {
                return Ok(Some(message.ts.clone()));
            }
            cursor = page.next();
            if cursor.is_none() {
                return Ok(None);
            }
        }
        // If the bot took it for missing, it would post it twice.
        Err(SlackError::TooManyMessages { method })
    }

    /// The ids of the members of a user group. A person who leaves it counts as a member for up to
    /// five minutes more; if Slack cannot be asked, nobody does.
    pub async fn group_members(
        &self,
        group: &str,
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<String>, SlackError> {
        let (slack, id) = (self.clone(), group.to_owned());
        let ask = async move {
            let parameters = [("usergroup", id.as_str())];
            let users: wire::Users = slack.get("usergroups.users.list", &parameters).await?;
            Ok(users.users.into_iter().collect())
        };
        self.inner.groups.of(group, now, ask).await
    }

    /// The address of a message.
    pub async fn permalink(&self, channel: &str, ts: &str) -> Result<String, SlackError> {
        let parameters = [("channel", channel), ("message_ts", ts)];
        let answer: wire::Permalink = self.get("chat.getPermalink", &parameters).await?;
        Ok(answer.permalink)
    }

    /// Sends a rendered message and, if Slack refuses its blocks, a simpler one: charts as
    /// pictures, then as lines, and in the end no blocks at all.
    pub(super) async fn simpler_if_refused<'a, T>(
        &self,
        locale: Locale,
        charts: &[&Chart],
        draw: impl Fn(&Look<'_>) -> Rendered,
        send: impl Fn(Rendered) -> BoxFuture<'a, Result<T, SlackError>>,
    ) -> Result<T, SlackError> {
        let nonce = uuid::Uuid::new_v4().simple().to_string();
        let draw = |detail: Detail, pictures: &[SlackFileId]| {
            let people = &self.inner.directory;
            draw(&Look { locale, people, nonce: &nonce, detail, pictures })
        };
        let refused = |result: &Result<T, SlackError>| {
            let error = result.as_ref().err().filter(|error| error.is_about_blocks());
            if let Some(error) = error {
                tracing::warn!(slack.error = %error, "shown more simply");
            }
            error.is_some()
        };
        let mut result = send(draw(Detail::Full, &[])).await;
        if refused(&result) && !charts.is_empty() {
            let pictures = self.upload_charts(charts).await;
            if !pictures.is_empty() {
                result = (|| send(draw(Detail::Pictures, &pictures)))
                    .retry(PROCESSING)
                    .sleep(tokio::time::sleep)
                    .when(SlackError::is_about_blocks)
                    .await;
            }
        }
        for detail in [Detail::Simple, Detail::TextOnly] {
            if !refused(&result) {
                break;
            }
            result = send(draw(detail, &[])).await;
        }
        result
    }

    pub(super) async fn call<Request, Answer>(
        &self,
        method: &'static str,
        request: &Request,
    ) -> Result<Answer, SlackError>
    where
        Request: Serialize + Send + Sync,
        Answer: DeserializeOwned + Send,
    {
        let session = self.inner.client.open_session(&self.inner.bot_token);
        in_time(method, || session.http_session_api.http_post(method, request, None)).await
    }

    async fn get<Answer>(
        &self,
        method: &'static str,
        parameters: &[(&str, &str)],
    ) -> Result<Answer, SlackError>
    where
        Answer: DeserializeOwned + Send,
    {
        let session = self.inner.client.open_session(&self.inner.bot_token);
        let parameters: Vec<(&str, Option<&str>)> =
            parameters.iter().map(|(name, value)| (*name, Some(*value))).collect();
        in_time(method, || session.http_session_api.http_get(method, &parameters, None)).await
    }
}

pub(super) fn content(rendered: Rendered) -> SlackMessageContent {
    SlackMessageContent::new().with_text(rendered.text).opt_blocks(rendered.blocks)
}

/// Makes a call, and waits for Slack's rate limit if the wait fits into [`TIMEOUT`]. If Slack asks
/// for a longer wait, the error says how long: the library's own waiting has no limit, and the
/// timeout would cut it short.
pub(super) async fn in_time<T, Call: Future<Output = ClientResult<T>>>(
    method: &'static str,
    call: impl Fn() -> Call,
) -> Result<T, SlackError> {
    let until = Instant::now() + TIMEOUT;
    let once = || async {
        match timeout_at(until, call()).await {
            Ok(result) => result.map_err(|error| SlackError::of(method, error)),
            Err(_) => Err(SlackError::NoAnswer { method, after: TIMEOUT }),
        }
    };
    let fits =
        |error: &SlackError| error.retry_after().is_some_and(|rest| Instant::now() + rest < until);
    once.retry(ConstantBuilder::default().without_max_times())
        .sleep(tokio::time::sleep)
        .when(fits)
        .adjust(|error, _| error.retry_after().map(|rest| rest.max(LEAST_REST)))
        .await
}

fn connector(plain_http: bool) -> Result<Connector, SlackError> {
    let mut http = HttpConnector::new();
    http.set_nodelay(true);
    http.enforce_http(false);
    http.set_connect_timeout(Some(Duration::from_secs(10)));
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let builder = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(provider)
        .map_err(|error| SlackError::Settings(format!("no certificates to trust: {error}")))?;
    let builder = if plain_http { builder.https_or_http() } else { builder.https_only() };
    Ok(Connector::from(builder.enable_http1().enable_http2().wrap_connector(http)))
}
