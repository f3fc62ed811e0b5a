//! The content of a message: checked, with its files, ready to be stored.

use serde_json::{Value, json};

use super::reach::Reach;
use super::refusal::Refusal;
use crate::discord::json;
use crate::discord::limits::{self, Findings, MessageRoute, Object, below};
use crate::discord::message::{Message, flag};

/// The changes to a message; `None` leaves a part unchanged.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    content: Option<String>,
    embeds: Option<Vec<Value>>,
    components: Option<Vec<Value>>,
    attachments: Option<Vec<Value>>,
    pub(super) flags: Option<u64>,
}

impl Content {
    /// Parses a body that was sent for `channel`. `now` is the current message, for an edit.
    pub(super) fn read(
        reach: &mut Reach<'_>,
        body: &Object,
        route: MessageRoute,
        channel: &str,
        now: Option<&Message>,
    ) -> Result<Self, Refusal> {
        let under = (route == MessageRoute::Response).then_some("data");
        let had = now.map_or(0, |message| json::flags(reach.world, message));
        let mut found = Findings::default();
        limits::check_message(&mut found, body, route, had);
        let attachments = attachments(reach, &mut found, body, channel, now);
        reach.verdict(&found, under)?;
        let list = |name: &str| {
            let value = body.get(name)?;
            Some(value.as_array().cloned().unwrap_or_default())
        };
        let mut embeds = list("embeds");
        let shown = attachments.as_deref().or(now.map(|message| &message.attachments[..]));
        for embed in embeds.iter_mut().flatten() {
            dress(reach, embed, shown.unwrap_or_default());
        }
        Ok(Self {
            content: body
                .get("content")
                .map(|content| content.as_str().unwrap_or_default().to_owned()),
            embeds,
            components: list("components"),
            attachments,
            flags: body.get("flags").and_then(Value::as_u64),
        })
    }

    /// Applies the content to the message.
    ///
    /// # Errors
    /// If nothing would be visible.
    pub(super) fn put(&self, message: &mut Message) -> Result<(), Refusal> {
        const KEPT: u64 = flag::EPHEMERAL | flag::HAS_THREAD | flag::COMPONENTS_V2;
        if let Some(content) = &self.content {
            message.content.clone_from(content);
        }
        if let Some(embeds) = &self.embeds {
            message.embeds.clone_from(embeds);
        }
        if let Some(components) = &self.components {
            message.components.clone_from(components);
        }
        if let Some(attachments) = &self.attachments {
            message.attachments.clone_from(attachments);
        }
        if let Some(flags) = self.flags {
            message.flags = (message.flags & KEPT) | (flags & !flag::EPHEMERAL);
        }
        if message.is_empty() { Err(Refusal::of(50006)) } else { Ok(()) }
    }
}

/// The attachments of a message after this body: those that are kept, and the new files.
fn attachments(
    reach: &mut Reach<'_>,
    found: &mut Findings,
    body: &Object,
    channel: &str,
    now: Option<&Message>,
) -> Option<Vec<Value>> {
    let listed = body.get("attachments").and_then(Value::as_array);
    let files = &reach.request.files;
    if listed.is_none() && files.is_empty() {
        return None;
    }
    let kept = now.map(|message| message.attachments.clone()).unwrap_or_default();
    let mut all = match listed {
        None => kept.clone(),
        Some(_) => Vec::new(),
    };
    for (index, one) in listed.into_iter().flatten().enumerate() {
        let at = below("attachments", index);
        if let Some(object) = found.object(&at, one) {
            let names = ["id", "filename", "description", "title", "duration_secs", "waveform"];
            // An edit may send back what it got about those that stay.
            if !kept.iter().any(|known| known.get("id") == object.get("id")) {
                found.known(&at, object, &names);
            }
        }
        let id = one.get("id").map(|id| id.to_string().trim_matches('"').to_owned());
        let id = id.unwrap_or_default();
        if let Some(known) = kept.iter().find(|known| known["id"] == id.as_str()) {
            all.push(known.clone());
        } else if !files.iter().any(|file| file.number.to_string() == id) {
            let message = "The attachment is neither kept nor uploaded";
            found.add(&below(&at, "id"), "ATTACHMENT_NOT_FOUND", message);
        }
    }
    for file in files {
        let id = reach.world.next_id(reach.now);
        let number = file.number.to_string();
        let about = listed
            .into_iter()
            .flatten()
            .find(|one| one.get("id").is_some_and(|id| id.to_string().trim_matches('"') == number));
        let about = about.cloned().unwrap_or_default();
        let name = about.get("filename").and_then(Value::as_str).unwrap_or(&file.name);
        let url = format!("{}/attachments/{channel}/{id}/{name}", reach.world.base);
        let mut shown = json!({
            "id": id, "filename": name, "size": file.bytes.len(), "url": url, "proxy_url": url,
            "content_type": file.kind,
        });
        if let Some(words) = about.get("description").filter(|words| !words.is_null()) {
            shown["description"] = words.clone();
        }
        reach.world.files.insert(id, (file.kind.clone(), file.bytes.clone()));
        all.push(shown);
    }
    Some(all)
}

/// An embed as Discord shows it: with its type, and with the addresses of attached pictures.
fn dress(reach: &mut Reach<'_>, embed: &mut Value, attachments: &[Value]) {
    embed["type"] = json!("rich");
    for (part, name) in
        [("image", "url"), ("thumbnail", "url"), ("author", "icon_url"), ("footer", "icon_url")]
    {
        let url = embed.get(part).and_then(|part| part.get(name)).and_then(Value::as_str);
        let Some(file) = url.and_then(|url| url.strip_prefix("attachment://")) else { continue };
        match attachments.iter().find(|known| known["filename"] == file) {
            Some(known) => embed[part][name] = known["url"].clone(),
            None => {
                let what = format!("an embed shows {file}, which is not attached");
                reach.world.complain(what);
            }
        }
    }
}
