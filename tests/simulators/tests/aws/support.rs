//! A cloud on a real socket with a clock that only moves by hand, and a client without an SDK: it
//! sends exactly what a test says.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;
use simulators::aws::{Cloud, World};
use simulators::clock::Clock;

pub(crate) const ACCOUNT: &str = "111111111111";

pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

pub(crate) struct Aws {
    pub(crate) cloud: Cloud,
    pub(crate) clock: Clock,
    pub(crate) address: String,
    pub(crate) key: String,
    pub(crate) region: String,
    http: reqwest::Client,
}

/// An error code with its message.
#[derive(Debug, PartialEq)]
pub(crate) struct Refused(pub(crate) String, pub(crate) String);

impl Aws {
    pub(crate) async fn of(world: World) -> Self {
        let clock = Clock::new(start(), 0.0);
        let cloud = Cloud::new(clock.clone(), world);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = cloud.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let (key, region) = (format!("AKIASIM{ACCOUNT}"), "us-east-1".to_owned());
        Self { cloud, clock, address, key, region, http: reqwest::Client::new() }
    }

    pub(crate) fn credential(&self) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={}/20261123/{}/ssm/aws4_request, SignedHeaders=host, \
             Signature=0",
            self.key, self.region
        )
    }

    pub(crate) async fn raw(
        &self,
        operation: &str,
        input: &Value,
    ) -> reqwest::Result<reqwest::Response> {
        let request = self.http.post(format!("{}/", self.address));
        request
            .header("x-amz-target", format!("AmazonSSM.{operation}"))
            .header(CONTENT_TYPE, "application/x-amz-json-1.1")
            .header(AUTHORIZATION, self.credential())
            .body(input.to_string())
            .send()
            .await
    }

    pub(crate) async fn ask(&self, operation: &str, input: Value) -> Result<Value, Refused> {
        let response = self.raw(operation, &input).await.unwrap();
        let ok = response.status().is_success();
        let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        if ok {
            return Ok(answer);
        }
        let message = answer["message"].as_str().or(answer["Message"].as_str()).unwrap();
        Err(Refused(answer["__type"].as_str().unwrap().to_owned(), message.to_owned()))
    }

    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        self.ask(operation, input).await.unwrap()
    }

    pub(crate) async fn code(&self, operation: &str, input: Value) -> String {
        match self.ask(operation, input).await {
            Ok(answer) => panic!("{operation} was accepted: {answer}"),
            Err(Refused(code, _)) => code,
        }
    }

    pub(crate) async fn put(&self, path: &str, body: &str) -> u16 {
        let request = self.http.put(format!("{}/{path}", self.address));
        let request = request.header(AUTHORIZATION, self.credential()).body(body.to_owned());
        request.send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn form(&self, body: &str) -> (u16, String) {
        let request = self.http.post(format!("{}/", self.address));
        let request = request
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(AUTHORIZATION, self.credential())
            .body(body.to_owned());
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// The node ids, as the world has them.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.cloud.nodes().into_iter().map(|node| node.id).collect()
    }
}
