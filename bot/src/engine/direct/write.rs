//! Doing one thing about a mailbox.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use commands::actor::{Actor, Whence};
use commands::run::RunId;

use super::errand::{Errand, What, Writing};
use super::{End, Mailbox};
use crate::chat::{Chat, ChatError, Mark, Place, Who};
use crate::engine::World;
use crate::engine::hang::CLOCK_SKEW;
use crate::engine::memory::Shown;
use crate::engine::people::identify;
use crate::health::numbers;

pub(super) async fn carry_out(
    world: &World,
    mailbox: &Mailbox,
    errand: Errand,
    since: Option<DateTime<Utc>>,
) -> End {
    match errand {
        Errand::Meet => End::Met(meet(world, mailbox).await),
        Errand::Open => End::Opened(world.chat.direct(mailbox.platform, &mailbox.id).await),
        Errand::Locate { place, message } => {
            let address = world.chat.address(&place, &message).await;
            End::Located { place, message, address }
        }
        Errand::Write(writing) => {
            let Writing { run, mut shown, what, place } = *writing;
            let kind = match what {
                What::Post { .. } => "posted_direct",
                What::Update { .. } => "edited_direct",
            };
            let written = write(&world.chat, &place, &run, &mut shown, what, since).await;
            numbers::card(if written.is_err() { "failed_direct" } else { kind });
            End::Written { run, shown, error: written.err() }
        }
        Errand::Settle { run, shown } => End::Written { run, shown, error: None },
    }
}

/// Finds out which groups somebody is in now. Whoever cannot be shown to be in one is not in it.
async fn meet(world: &World, mailbox: &Mailbox) -> Actor {
    let roles = match world.chat.roles(mailbox.platform, &mailbox.id, world.clock.now()).await {
        Ok(roles) => roles,
        Err(error) => {
            tracing::warn!(chat.error = %error, "the roles of somebody are not known");
            BTreeSet::new()
        }
    };
    let who = Who { platform: mailbox.platform, id: mailbox.id.clone(), roles };
    identify(world, &who, Whence::Elsewhere).await
}

/// Puts one thing right. `shown` is what is true afterwards, also where it fails half-way.
async fn write(
    chat: &Chat,
    place: &Place,
    run: &RunId,
    shown: &mut Shown,
    what: What,
    since: Option<DateTime<Utc>>,
) -> Result<(), ChatError> {
    let key = format!("asked-{run}");
    match what {
        What::Update { message, card } => {
            chat.update(place, &message, &card, &key).await?;
            shown.digest = Some(card.digest().as_str().to_owned());
        }
        What::Post { card, too_late } => {
            let found = match since {
                Some(since) => chat.find(place, &key, since - CLOCK_SKEW).await?,
                None => None,
            };
            let (ts, digest) = match found {
                // It may say something old.
                Some(ts) => (ts, None),
                None if too_late => {
                    shown.settled = true;
                    return Ok(());
                }
                None => {
                    let attempt = shown.posting.unwrap_or_default();
                    let posted = chat.post(place, &card, Mark { key: &key, attempt }, &[]).await;
                    let ts = posted.inspect_err(|error| shown.doubt_no_more(error))?;
                    (ts, Some(card.digest().as_str().to_owned()))
                }
            };
            *shown = Shown { ts: Some(ts), digest, posting: None, ..shown.clone() };
        }
    }
    Ok(())
}
