//! A parsed request: its path, its JSON, its files.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Query};
use axum::http::{Method, header};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::discord::limits::Object;

/// The largest accepted body: Discord's limit of files for bots, and a little more.
const MOST_BYTES: usize = 11 << 20;

/// A file of a form, `files[n]`.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) number: u64,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) bytes: Vec<u8>,
}

fn header_of(request: &axum::extract::Request, name: header::HeaderName) -> Option<String> {
    request.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// A request over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The path below `/api/v10`.
    pub(crate) path: String,
    pub(crate) query: HashMap<String, String>,
    pub(crate) token: Option<String>,
    pub(crate) body: Value,
    pub(crate) files: Vec<Upload>,
    /// Whether the body cannot be parsed at all.
    pub(crate) is_broken: bool,
}

impl Request {
    pub(crate) async fn read(request: axum::extract::Request) -> Self {
        let path = request.uri().path().trim_start_matches("/api/v10");
        // The only character that a client may have escaped; the rest are ids, words and tokens.
        let path = path.replace("%40", "@");
        let query = Query::try_from_uri(request.uri()).map(|Query(query)| query);
        let token = header_of(&request, header::AUTHORIZATION);
        let content = header_of(&request, header::CONTENT_TYPE).unwrap_or_default();
        let mut read = Self {
            method: request.method().clone(),
            path,
            query: query.unwrap_or_default(),
            token: token.and_then(|token| token.strip_prefix("Bot ").map(str::to_owned)),
            body: Value::Null,
            files: Vec::new(),
            is_broken: false,
        };
        if content.starts_with("multipart/form-data") {
            read.is_broken = read.form(request).await.is_none();
        } else {
            match axum::body::to_bytes(request.into_body(), MOST_BYTES).await {
                Ok(bytes) => read.json(&bytes, &content),
                Err(_) => read.is_broken = true,
            }
        }
        read
    }

    fn json(&mut self, bytes: &Bytes, content: &str) {
        if bytes.is_empty() {
            return;
        }
        match serde_json::from_slice(bytes) {
            Ok(body) if content.starts_with("application/json") => self.body = body,
            Ok(_) | Err(_) => self.is_broken = true,
        }
    }

    async fn form(&mut self, request: axum::extract::Request) -> Option<()> {
        let mut form = Multipart::from_request(request, &()).await.ok()?;
        while let Some(field) = form.next_field().await.ok()? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(str::to_owned);
            let kind = field.content_type().map(str::to_owned);
            let bytes = field.bytes().await.ok()?;
            if name == "payload_json" {
                self.body = serde_json::from_slice(&bytes).ok()?;
                continue;
            }
            let number = name.strip_prefix("files[")?.strip_suffix(']')?.parse().ok()?;
            self.files.push(Upload {
                number,
                name: file?,
                kind: kind.unwrap_or_else(|| "application/octet-stream".to_owned()),
                bytes: bytes.to_vec(),
            });
        }
        if self.body.is_null() {
            self.body = Value::Object(Map::new());
        }
        Some(())
    }

    /// The body as an object; an empty one if there is none.
    pub(crate) fn object(&self) -> Result<Object, Refusal> {
        match &self.body {
            Value::Object(object) => Ok(object.clone()),
            Value::Null => Ok(Map::new()),
            _ => Err(Refusal::of(50109)),
        }
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.query.get(name).is_some_and(|value| matches!(value.as_str(), "true" | "True" | "1"))
    }

    /// The method and the path, with placeholders for ids.
    pub(crate) fn route(&self) -> String {
        let has_token =
            self.path.starts_with("/interactions/") || self.path.starts_with("/webhooks/");
        let shown = self.path.split('/').enumerate().map(|(at, part)| {
            let is_id = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            if is_id || (has_token && at == 3) { "{}" } else { part }
        });
        format!("{} {}", self.method, shown.collect::<Vec<_>>().join("/"))
    }

    /// The channel, guild or webhook that the rate limit counts for.
    pub(crate) fn major(&self) -> String {
        self.path.split('/').skip(1).take(3).collect::<Vec<_>>().join("/")
    }
}
