//! The first response to an interaction.

use serde_json::{Value, json};

use super::content::Content;
use super::reach::Reach;
use super::{Refusal, Reply};
use crate::discord::interaction::{Answer, Kind, Modal, Response};
use crate::discord::json;
use crate::discord::limits::{self, Findings, MessageRoute, Object};
use crate::discord::message::{Message, flag};

/// The part of an interaction that its response needs.
struct About {
    kind: Kind,
    user: String,
    channel: String,
    source: Option<String>,
    note: Value,
    payload: Value,
}

pub(super) fn callback(reach: &mut Reach<'_>, id: &str, token: &str) -> Result<Reply, Refusal> {
    let interaction = reach.world.interactions.get(id).ok_or_else(|| Refusal::of(10062))?;
    if interaction.token != token {
        return Err(Refusal::of(50027));
    }
    if interaction.response.is_some() {
        return Err(Refusal::of(40060));
    }
    if interaction.deadline.has_passed(reach.clock) {
        return Err(Refusal::of(10062));
    }
    let about = About {
        kind: interaction.kind,
        user: interaction.user.clone(),
        channel: interaction.channel.clone(),
        source: interaction.source.clone(),
        note: interaction.note.clone(),
        payload: interaction.payload.clone(),
    };
    let body = reach.request.object()?;
    let mut found = Findings::default();
    found.known("", &body, &["type", "data"]);
    let response = response_of(body.get("type").and_then(Value::as_u64), &about);
    if response.is_none() {
        found.choices("type", "4, 5, 6, 7, 8, 9, as far as they fit the interaction");
    }
    reach.verdict(&found, None)?;
    let Some(response) = response else { return Err(Refusal::of(50109)) };
    let data = body.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
    let (original, choices) = respond(reach, id, &about, response, &data)?;
    let shown = original.as_ref().and_then(|message| reach.world.message(&about.channel, message));
    let mut resource = json!({ "type": number(response) });
    if let Some(shown) = shown {
        resource["message"] = json::message(reach.world, shown);
    }
    let mut answer = json!({ "interaction": {
        "id": id, "type": about.kind.number(),
        "response_message_id": original,
        "response_message_loading": response == Response::Deferred,
        "response_message_ephemeral": shown.is_some_and(|shown| shown.only_for.is_some()),
        "channel_id": about.channel,
    } });
    if !matches!(response, Response::Choices | Response::DeferredUpdate) {
        answer["resource"] = resource;
    }
    if let Some(interaction) = reach.world.interactions.get_mut(id) {
        interaction.response = Some(response);
        interaction.original = original;
        if let Some(waiting) = interaction.waiting.take() {
            // The test may have dropped the action that waited.
            let _ = waiting.send(Answer { response, choices });
        }
    }
    let wants_more = reach.request.is_set("with_response");
    Ok(if wants_more { Reply::Json(answer) } else { Reply::Nothing })
}

fn number(response: Response) -> u8 {
    match response {
        Response::Message => 4,
        Response::Deferred => 5,
        Response::DeferredUpdate => 6,
        Response::Update => 7,
        Response::Choices => 8,
        Response::Modal => 9,
    }
}

/// The response by its number, if it fits this kind of interaction.
fn response_of(number: Option<u64>, about: &About) -> Option<Response> {
    let response = match number? {
        4 => Response::Message,
        5 => Response::Deferred,
        6 => Response::DeferredUpdate,
        7 => Response::Update,
        8 => Response::Choices,
        9 => Response::Modal,
        _ => return None,
    };
    let fits = match response {
        Response::Message | Response::Deferred => about.kind != Kind::Autocomplete,
        Response::DeferredUpdate | Response::Update => {
            about.source.is_some() && matches!(about.kind, Kind::Component | Kind::Modal)
        }
        Response::Choices => about.kind == Kind::Autocomplete,
        Response::Modal => matches!(about.kind, Kind::Command | Kind::Component),
    };
    fits.then_some(response)
}

/// Carries out the response. Returns the message that `@original` names from now on, and the
/// choices.
fn respond(
    reach: &mut Reach<'_>,
    id: &str,
    about: &About,
    response: Response,
    data: &Object,
) -> Result<(Option<String>, Vec<Value>), Refusal> {
    let original = match response {
        Response::Message => {
            let mut message = new_message(reach, about, data);
            let target = about.channel.as_str();
            let content = Content::read(reach, data, MessageRoute::Response, target, None)?;
            content.put(&mut message)?;
            Some(reach.world.post(reach.now, message))
        }
        Response::Deferred => {
            let mut message = new_message(reach, about, data);
            message.flags |= flag::LOADING;
            Some(reach.world.post(reach.now, message))
        }
        Response::DeferredUpdate => about.source.clone(),
        Response::Update => {
            let source = about.source.clone().unwrap_or_default();
            let target = about.channel.as_str();
            let stands = reach.world.message(target, &source).cloned();
            let mut message = stands.ok_or_else(|| Refusal::of(10008))?;
            let content =
                Content::read(reach, data, MessageRoute::Response, target, Some(&message))?;
            content.put(&mut message)?;
            reach.world.edit(reach.now, (target, &source), |stands| *stands = message);
            Some(source)
        }
        Response::Choices => {
            let mut found = Findings::default();
            limits::check_choices(&mut found, data, focused_kind(&about.payload));
            reach.verdict(&found, Some("data"))?;
            let choices = data.get("choices").and_then(Value::as_array).cloned();
            return Ok((None, choices.unwrap_or_default()));
        }
        Response::Modal => {
            let mut found = Findings::default();
            limits::check_modal(&mut found, data);
            reach.verdict(&found, Some("data"))?;
            let text =
                |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let components = data.get("components").and_then(Value::as_array).cloned();
            // A person has one modal open at a time.
            reach.world.modals.retain(|modal| modal.user != about.user);
            reach.world.modals.push(Modal {
                id: id.to_owned(),
                user: about.user.clone(),
                channel: about.channel.clone(),
                custom_id: text("custom_id"),
                title: text("title"),
                components: crate::discord::message::with_ids(&components.unwrap_or_default()),
                source: about.source.clone(),
            });
            None
        }
    };
    Ok((original, Vec::new()))
}

fn new_message(reach: &Reach<'_>, about: &About, data: &Object) -> Message {
    let mut message = Message::new(&about.channel, &reach.world.app.id, "", reach.now);
    let flags = data.get("flags").and_then(Value::as_u64).unwrap_or_default();
    message.kind = if about.kind == Kind::Command { 20 } else { 0 };
    message.interaction = Some(about.note.clone());
    if flags & flag::EPHEMERAL != 0 {
        message.flags = flag::EPHEMERAL;
        message.only_for = Some(about.user.clone());
    }
    message
}

/// The type of the option that the person types.
fn focused_kind(payload: &Value) -> i64 {
    fn find(options: &Value) -> Option<i64> {
        options.as_array()?.iter().find_map(|option| {
            let is_it = option.get("focused").and_then(Value::as_bool).unwrap_or_default();
            if is_it { option.get("type")?.as_i64() } else { find(option.get("options")?) }
        })
    }
    payload.get("data").and_then(|data| find(data.get("options")?)).unwrap_or(3)
}
