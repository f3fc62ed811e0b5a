//! Tests of the page: what it shows of Discord beside Slack, and what its forms do there.

use std::sync::Arc;
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use simulators::page;
use simulators::slack::{Channel, Person, Tokens, Workspace};
use tokio::net::TcpListener;

use crate::app::{World, world};

/// Aiko and Ben are in Slack and in Discord, with the same handles; Omar is in Slack only.
async fn page_of(world: &World) -> String {
    let people = [("U1", "aiko"), ("U2", "ben"), ("U4", "omar")];
    let people = people.map(|(id, name)| Person::new(id, name, name)).into();
    let channels = vec![Channel::new("C1", "patching", &["U1", "U2", "U4"])];
    let tokens = Tokens::new("xoxb-1", "xapp-1");
    let slack = Workspace::new(world.clock.clone(), people, channels, tokens);
    let aside = Arc::new(|| page::panel("Cloud", page::meter("Patched", 1, 2)));
    let router = page::router(slack, Some(world.discord.clone()), world.clock.clone(), aside);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

async fn read(base: &str, path: &str) -> String {
    let answer = reqwest::get(format!("{base}{path}")).await.expect("an answer");
    answer.text().await.expect("text")
}

/// A POST as the script of the page sends it.
async fn post(base: &str, path: &str, fields: &[(&str, &str)]) -> reqwest::Response {
    let client = reqwest::Client::new();
    let request = client.post(format!("{base}{path}")).header("origin", base);
    request.header("x-quiet", "1").form(fields).send().await.expect("an answer")
}

/// The page as `me` reads it, once it contains `words`.
async fn shows(world: &World, base: &str, me: &str, words: &str) -> String {
    let mut changes = world.discord.changes().subscribe();
    let watching = async {
        loop {
            changes.borrow_and_update();
            let text = read(base, &format!("/?me={me}")).await;
            if text.contains(words) {
                return text;
            }
            changes.changed().await.expect("the world is there");
        }
    };
    let seen = tokio::time::timeout(Duration::from_secs(20), watching).await;
    seen.unwrap_or_else(|_| panic!("{me} never read {words}"))
}

#[tokio::test]
async fn a_card_is_shown_with_its_thread_and_its_picture_and_everything_is_escaped() {
    let world = world().await;
    let base = page_of(&world).await;
    let body = json!({
        "content": "<@1> <script>alert(1)</script>",
        "embeds": [{
            "title": "Approve \\<b\\>production\\</b\\>?", "color": 0xD7_1E_2B,
            "description": "**Nodes**: 12, until <t:1760000000:t>\n-# small <i>print</i>",
            "fields": [{ "name": "<u>Where</u>", "value": "[x](javascript:alert(1))" }],
            "image": { "url": "attachment://chart.png" }, "footer": { "text": "<em>foot</em>" },
        }],
        "components": [{ "type": 1, "components": [
            { "type": 2, "style": 1, "label": "Approve <now>", "custom_id": "do:\"approve\"" },
        ]}],
        "attachments": [{ "id": 0, "filename": "chart.png", "description": "6 \"of\" 12" }],
    });
    let picture = Part::bytes(b"PNG".to_vec()).file_name("chart.png").mime_str("image/png");
    let form = Form::new().text("payload_json", body.to_string());
    let form = form.part("files[0]", picture.expect("a type"));
    let url = format!("{}/api/v10/channels/200/messages", world.base);
    let request = world.http.post(url).header("authorization", "Bot token").multipart(form);
    let answer = request.send().await.expect("an answer");
    let card: Value = answer.json().await.expect("JSON");
    let id = card["id"].as_str().expect("an id").to_owned();
    let thread = json!({ "name": "The <story>" });
    world.ok("POST", &format!("/channels/200/messages/{id}/threads"), thread).await;
    let line = json!({ "content": "Wave \\*1\\*" });
    world.ok("POST", &format!("/channels/{id}/messages"), line).await;

    let channel = read(&base, "/?me=U1").await;
    for expected in [
        "<span class=\"mention to-me\">@Aiko Tanaka</span> &lt;script&gt;",
        "border-left-color:#d71e2b",
        "Approve &lt;b&gt;production&lt;/b&gt;?",
        "<strong>Nodes</strong>: 12, until <time",
        "08:53</time>",
        "<small>small &lt;i&gt;print&lt;/i&gt;</small>",
        "&lt;u&gt;Where&lt;/u&gt;",
        "&lt;em&gt;foot&lt;/em&gt;",
        "Approve &lt;now&gt;",
        "value=\"do:&quot;approve&quot;\"",
        "alt=\"6 &quot;of&quot; 12\"",
        "The &lt;story&gt;",
        "1 Message",
    ] {
        assert!(channel.contains(expected), "{expected}\n{channel}");
    }
    for forbidden in ["<script>alert", "href=\"javascript", "<b>production", "Wave *1*"] {
        assert!(!channel.contains(forbidden), "{forbidden}");
    }
    let thread = read(&base, &format!("/?me=U2&discord_thread={id}")).await;
    for expected in ["Wave *1*", "Thread: The &lt;story&gt;", "Approve &lt;b&gt;production"] {
        assert!(thread.contains(expected), "{expected}");
    }
    let file = card["attachments"][0]["id"].as_str().expect("an id");
    assert_eq!(read(&base, &format!("/attachments/{file}")).await, "PNG");
    let outsider = read(&base, "/?me=U4").await;
    assert!(outsider.contains("not in the server") && !outsider.contains("The &lt;story&gt;"));
    assert_eq!(world.discord.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_button_opens_a_dialog_and_its_words_reach_the_bot() {
    let world = world().await;
    let base = page_of(&world).await;
    let (mut line, _) = world.connect().await;
    let card = world.card(&["Reject"]).await;
    let press = [("me", "U2"), ("channel", "200"), ("message", &*card), ("component", "do:Reject")];
    assert_eq!(post(&base, "/do/discord-press", &press).await.status(), 204);
    let event = line.next().await;
    assert_eq!(event["d"]["member"]["user"]["id"], "2", "{event}");
    let input = json!({ "type": 4, "custom_id": "reason", "style": 2, "label": "Why?" });
    let modal = json!({ "custom_id": "why", "title": "Reject <it>",
                        "components": [{ "type": 1, "components": [input] }] });
    assert_eq!(world.respond(&event, json!({ "type": 9, "data": modal })).await.0, 204);
    let page = shows(&world, &base, "U2", "Reject &lt;it&gt;").await;
    assert!(page.contains("name=\"in.reason\"") && page.contains("Why?"), "{page}");
    assert!(
        !read(&base, "/?me=U1").await.contains("Reject &lt;it&gt;"),
        "a dialog is one person's"
    );

    let open = world.discord.open_modals("2").pop().expect("a dialog");
    let sent = [("me", "U2"), ("modal", &*open.id), ("in.reason", "quarter end")];
    post(&base, "/do/discord-submit", &sent).await;
    let event = line.next().await;
    let given = &event["d"]["data"]["components"][0]["components"][0]["value"];
    assert_eq!(given, "quarter end", "{event}");
    let told = json!({ "type": 4, "data": { "content": "Noted, Ben", "flags": 64 } });
    assert_eq!(world.respond(&event, told).await.0, 204);
    let page = shows(&world, &base, "U2", "Noted, Ben").await;
    assert!(page.contains("Only you can see this") && !page.contains("Reject &lt;it&gt;"));
    assert!(!read(&base, "/?me=U1").await.contains("Noted, Ben"));
}

#[tokio::test]
async fn commands_and_options_are_offered_and_a_mistake_is_told() {
    let world = world().await;
    let base = page_of(&world).await;
    let environment = json!({ "type": 3, "name": "environment", "description": "Which",
                              "required": true, "autocomplete": true });
    let level = json!({ "type": 3, "name": "level", "description": "How bad",
                        "choices": [{ "name": "III, bad", "value": "III" }] });
    let plan = json!({ "type": 1, "name": "plan", "description": "Drafts",
                       "options": [environment, level] });
    let runs = json!({ "type": 1, "name": "runs", "description": "Lists" });
    let patch = json!({ "name": "patch", "description": "Patches", "options": [plan, runs] });
    world.ok("PUT", "/applications/900/commands", json!([patch])).await;
    let (mut line, _) = world.connect().await;
    let offered = async |typed: &str| -> Value {
        let fields = [("me", "U1"), ("discord_channel", "200"), ("line", typed)];
        post(&base, "/offers", &fields).await.json().await.expect("JSON")
    };
    let lines = |offers: &Value| -> Vec<String> {
        let all = offers.as_array().cloned().unwrap_or_default();
        all.iter().map(|offer| offer["line"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(lines(&offered("hello").await), Vec::<String>::new());
    assert_eq!(lines(&offered("/pa").await), ["/patch plan ", "/patch runs "]);
    assert_eq!(lines(&offered("/patch pl").await), ["/patch plan "]);
    let names = offered("/patch plan ").await;
    assert_eq!(lines(&names), ["/patch plan environment:", "/patch plan level:"]);
    assert_eq!(names[0]["hint"], "required · Which");
    assert_eq!(lines(&offered("/patch plan level:ba").await), ["/patch plan level:III "]);
    let (choices, ()) = tokio::join!(offered("/patch plan level:III environment:pro"), async {
        let event = line.next().await;
        let choices = json!([{ "name": "Production", "value": "production" }]);
        let body = json!({ "type": 8, "data": { "choices": choices } });
        assert_eq!(world.respond(&event, body).await.0, 204);
    });
    assert_eq!(lines(&choices), ["/patch plan level:III environment:production "]);

    let typed = [("me", "U1"), ("discord_channel", "200"), ("line", "/patch plan")];
    post(&base, "/do/discord-say", &typed).await;
    shows(&world, &base, "U1", "environment is not filled in as it should be").await;
    assert!(!read(&base, "/?me=U2").await.contains("not filled in"), "it is another's mistake");
    let said = [("me", "U2"), ("discord_channel", "200"), ("line", "thanks <all>")];
    post(&base, "/do/discord-say", &said).await;
    shows(&world, &base, "U1", "thanks &lt;all&gt;").await;
}

#[tokio::test]
async fn other_origins_cannot_press_in_discord() {
    let world = world().await;
    let base = page_of(&world).await;
    let client = reqwest::Client::new();
    for path in ["/do/discord-press", "/do/discord-say", "/do/discord-submit", "/offers"] {
        let request = client.post(format!("{base}{path}")).header("origin", "http://evil.example");
        let fields = [("me", "U1"), ("discord_channel", "200"), ("line", "hello")];
        let answer = request.form(&fields).send().await.expect("an answer");
        assert_eq!(answer.status(), 403, "{path}");
    }
    assert!(world.discord.messages("200").is_empty());
}
