//! Writes one message, and searches for it first if it may exist already.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};

use super::{Action, PostedMessage};
use crate::chat::{Channel, Mark};
use crate::platforms::{Chat, ChatError};

/// How far the clocks of this host and of a platform may differ. A key tells a message from every
/// other one, so this only saves pages: a host whose clock was hours ahead when it posted must find
/// what it posted.
const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

/// Writes one message. Afterwards `posted` holds what is true, even if the call failed half-way.
pub(crate) async fn write(
    chat: &Chat,
    channel: &Channel,
    key: &str,
    posted: &mut PostedMessage,
    action: Action,
    since: Option<DateTime<Utc>>,
) -> Result<(), ChatError> {
    let mark = Mark { key, attempt: posted.posting.unwrap_or_default() };
    match action {
        Action::Edit { message, card } => {
            chat.update(channel, &message, &card, key).await?;
            posted.digest = Some(card.digest().as_str().to_owned());
        }
        Action::Post { card, approvers, is_too_late } => {
            let found = match since {
                Some(since) => chat.find(channel, key, since - CLOCK_SKEW).await?,
                None => None,
            };
            // A message that was found may be out of date: its digest is not known, so it is
            // edited.
            let (message, digest) = match found {
                Some(message) => (message, None),
                None if is_too_late => {
                    posted.settled = true;
                    return Ok(());
                }
                None => {
                    let message = chat.post(channel, &card, mark, &approvers).await;
                    let message = message.inspect_err(|error| posted.not_posted(error))?;
                    (message, Some(card.digest().as_str().to_owned()))
                }
            };
            let message = Some(message);
            *posted = PostedMessage { message, digest, posting: None, ..posted.clone() };
        }
        Action::AddLine { message, text } => {
            let number = posted.lines;
            let is_there = match since {
                Some(since) => {
                    chat.has_line(channel, &message, key, number, since - CLOCK_SKEW).await?
                }
                None => false,
            };
            if !is_there {
                let added = chat.add_line(channel, &message, &text, mark, number).await;
                added.inspect_err(|error| posted.not_posted(error))?;
            }
            posted.lines += 1;
            posted.posting = None;
        }
    }
    Ok(())
}
