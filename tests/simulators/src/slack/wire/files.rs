//! File uploads to Slack: an address for the bytes, the bytes, and the completion. Only after that
//! can an image block name the file.

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use super::reach::{Answer, Reach};
use super::{Args, Refusal};
use crate::slack::Workspace;
use crate::slack::message::Message;
use crate::slack::world::{World, new_message};

/// Slack's limit for a file is 1 GB, which nobody needs here.
const LARGEST: u64 = 10 << 20;

/// A file of the app.
#[derive(Clone, Debug)]
pub(crate) struct File {
    id: String,
    name: String,
    length: u64,
    /// The secret part of the upload address.
    ticket: String,
    bytes: Option<Bytes>,
    is_complete: bool,
}

impl File {
    /// The type by the first bytes, like at Slack (inferred); the name proves nothing.
    fn mime_type(&self) -> &'static str {
        match self.bytes.as_deref() {
            Some([0x89, b'P', b'N', b'G', ..]) => "image/png",
            Some([0xff, 0xd8, 0xff, ..]) => "image/jpeg",
            Some([b'G', b'I', b'F', b'8', ..]) => "image/gif",
            Some(_) | None => "application/octet-stream",
        }
    }
}

pub(super) fn get_upload_url(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let name = args.needed("filename")?.to_owned();
    let length: u64 = args
        .text("length")
        .and_then(|length| length.parse().ok())
        .filter(|length| (1..=LARGEST).contains(length))
        .ok_or_else(|| Refusal::of("invalid_arguments"))?;
    let id = format!("F{}", &Uuid::new_v4().simple().to_string().to_uppercase()[..10]);
    let ticket = Uuid::new_v4().simple().to_string();
    let upload_url = format!("{}/upload/v1/{ticket}", reach.world.base);
    let file = File { id: id.clone(), name, length, ticket, bytes: None, is_complete: false };
    reach.world.files.push(file);
    Ok(json!({ "upload_url": upload_url, "file_id": id }))
}

/// The bytes of an upload: the body itself, or the one file of a form.
async fn uploaded(request: Request) -> Option<Bytes> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data")) {
        return Bytes::from_request(request, &()).await.ok();
    }
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    while let Some(field) = form.next_field().await.ok()? {
        if field.file_name().is_some() {
            return field.bytes().await.ok();
        }
    }
    None
}

/// `POST /upload/v1/…`: the bytes themselves.
pub(super) async fn upload(
    State(workspace): State<Workspace>,
    Path(ticket): Path<String>,
    request: Request,
) -> Response {
    let Some(body) = uploaded(request).await else {
        workspace.change(|world| world.complain("an upload brought no file"));
        return StatusCode::BAD_REQUEST.into_response();
    };
    workspace.change(|world| {
        let found = world.files.iter_mut().find(|file| file.ticket == ticket);
        let Some(file) = found.filter(|file| file.bytes.is_none()) else {
            world.complain("an upload came to an address that is none");
            return StatusCode::NOT_FOUND.into_response();
        };
        if file.length != body.len() as u64 {
            let (name, length) = (file.name.clone(), file.length);
            world.complain(format!(
                "{name} was announced with {length} bytes and has {}",
                body.len()
            ));
            return (StatusCode::BAD_REQUEST, "invalid length").into_response();
        }
        let said = format!("OK - {}", body.len());
        file.bytes = Some(body);
        said.into_response()
    })
}

pub(super) fn complete_upload(reach: &mut Reach<'_>, args: &Args) -> Answer {
    let listed = args.json("files").and_then(Value::as_array).cloned().unwrap_or_default();
    if listed.is_empty() {
        return Err(Refusal::of("invalid_arguments"));
    }
    let place = args.text("channel_id").map(|id| {
        let channel = reach.world.channel(id).ok_or_else(|| Refusal::of("channel_not_found"))?;
        let is_in = channel.has(&reach.world.app.user);
        if is_in { Ok(id.to_owned()) } else { Err(Refusal::of("not_in_channel")) }
    });
    let place = place.transpose()?;
    let mut done = Vec::new();
    for listed in &listed {
        let id = listed.get("id").and_then(Value::as_str).unwrap_or_default();
        let found = reach.world.files.iter_mut().find(|file| file.id == id);
        let file = found.filter(|file| file.bytes.is_some());
        let file = file.ok_or_else(|| Refusal::of("file_not_found"))?;
        file.is_complete = true;
        done.push(json!({ "id": file.id, "title": listed.get("title"), "name": file.name }));
    }
    // Without a channel the files belong to the app alone, until a block names them.
    if let Some(channel) = place {
        let bot = reach.world.app.user.clone();
        let text = args.text("initial_comment").unwrap_or_default().to_owned();
        let message = Message {
            thread_ts: args.text("thread_ts").map(str::to_owned),
            files: done.clone(),
            ..new_message(&channel, &bot, text, Vec::new())
        };
        reach.world.post(reach.now, message);
    }
    Ok(json!({ "files": done }))
}

impl Workspace {
    /// The type and the bytes of a file that a person sees; `None` before it is complete.
    pub fn file(&self, id: &str) -> Option<(&'static str, Bytes)> {
        let world = self.look();
        let file = world.files.iter().find(|file| file.id == id && file.is_complete)?;
        Some((file.mime_type(), file.bytes.clone()?))
    }
}

/// Checks that every image file in `blocks` exists; otherwise Slack refuses the message.
pub(super) fn check(world: &World, blocks: &[Value]) -> Result<(), Refusal> {
    for (at, block) in blocks.iter().enumerate() {
        let Some(id) = block.pointer("/slack_file/id").and_then(Value::as_str) else { continue };
        let found = world.files.iter().find(|file| file.id == id && file.is_complete);
        let is_image = found.is_some_and(|file| file.mime_type().starts_with("image/"));
        if !is_image {
            let reason = format!("invalid slack file [json-pointer:/blocks/{at}/slack_file]");
            return Err(Refusal::because("invalid_blocks", vec![reason]));
        }
    }
    Ok(())
}
