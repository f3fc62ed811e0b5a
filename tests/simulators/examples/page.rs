//! A page with a hand-made workspace to look at: `cargo run -p simulators --example page`.
//!
//! It calls the simulator like any app would, over the Web API. Its messages are a sample in two
//! languages. A press reaches no app, unless one connects with the token `xapp-sample`.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use maud::html;
use serde_json::Value;
use simulators::clock::Clock;
use simulators::page;
use simulators::slack::{Channel, Person, Tokens, UserGroup, Workspace};
use tokio::net::TcpListener;

const TOKEN: &str = "xoxb-sample";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start: DateTime<Utc> = "2026-02-12T09:41:00Z".parse()?;
    let clock = Clock::new(start, 0.0);
    let slack = workspace(&clock);
    let listener = TcpListener::bind("127.0.0.1:4410").await?;
    let base = "http://127.0.0.1:4410";
    let aside = Arc::new(|| {
        html! {
            (page::panel("verification", html! {
                (page::facts([("Nodes", "12".to_owned()), ("Missing patches", "0".to_owned())]))
                (page::meter("Patched", 12, 12))
            }))
            (page::panel("production", html! {
                (page::facts([("Nodes", "48".to_owned()), ("Missing patches", "131".to_owned())]))
                (page::meter("Patched", 17, 48))
            }))
        }
    });
    let router = slack.router(base).merge(page::router(slack.clone(), None, clock.clone(), aside));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    fill(&slack, &clock, base).await?;
    server.await??;
    Ok(())
}

fn workspace(clock: &Clock) -> Workspace {
    let people = vec![
        Person::new("U1AIKO", "aiko", "Aiko Tanaka").with_tz_offset(9 * 3600),
        Person::new("U2BEN", "ben", "Ben Okafor").with_tz_offset(3600),
        Person::new("U3SATO", "sato", "佐藤 健").with_tz_offset(9 * 3600),
        Person::bot("UBOT", "patchbot", "patchbot"),
    ];
    let all = ["U1AIKO", "U2BEN", "U3SATO", "UBOT"];
    let channels =
        vec![Channel::new("C1", "patching", &all), Channel::new("C2", "patching-ja", &all)];
    let tokens = Tokens::new(TOKEN, "xapp-sample");
    let groups = vec![UserGroup::new("S1", "approvers", "Approvers", &["U1AIKO", "U3SATO"])];
    let slack = Workspace::new(clock.clone(), people, channels, tokens).with_groups(groups);
    slack.with_command("/patch", "Patches, plans and runs", "help · status · plan production")
}

async fn ask(base: &str, method: &str, args: &Value) -> Result<Value, reqwest::Error> {
    let client = reqwest::Client::new();
    let request = client.post(format!("{base}/api/{method}")).bearer_auth(TOKEN).json(args);
    request.send().await?.json().await
}

async fn fill(
    slack: &Workspace,
    clock: &Clock,
    base: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut cards: Vec<Value> = Vec::new();
    for call in serde_json::from_str::<Vec<Value>>(include_str!("page.json"))? {
        clock.advance(TimeDelta::minutes(7));
        let mut args = call.clone();
        if let Some(index) = call["reply_to"].as_u64() {
            args["thread_ts"] = cards[usize::try_from(index)?].clone();
        }
        if let Some(args) = args.as_object_mut() {
            args.remove("reply_to");
            args.remove("method");
        }
        let method = call["method"].as_str().unwrap_or("chat.postMessage");
        let answer = ask(base, method, &args).await?;
        assert_eq!(answer["ok"], true, "{method}: {answer}");
        cards.push(answer["ts"].clone());
    }
    let first = cards[0].as_str().unwrap_or_default();
    slack.say("U1AIKO", "C1", "Is the soak time over already?", Some(first))?;
    slack.say("U2BEN", "C1", "Anyone looking at web-07?", None)?;
    Ok(())
}
