//! Cards and their threads in channels.

use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use commands::state::{Subject, Trouble};
use commands::view::{Post, Reader};

use super::{Action, Delivery, Finding, PostId, PostedMessage, Step, Surface, View, Writing};
use crate::chat::Channel;
use crate::engine::Engine;
use crate::engine::tasks::{Rest, TaskKey};
use crate::platforms::About;
use crate::platforms::ChatError;

/// How long to wait after a platform could not be asked: as long as that has lasted, within these.
const AFTER_FAILURE: [TimeDelta; 2] = [TimeDelta::seconds(3), TimeDelta::seconds(60)];
/// How long to wait before a message that was refused is tried again as it is.
const AFTER_REFUSAL: Duration = Duration::from_secs(300);

impl Delivery {
    pub(super) fn find_in_channel(
        &mut self,
        channel: &Channel,
        subject: &Subject,
        view: &View<'_>,
    ) -> Finding {
        let id = PostId { surface: Surface::Channel(channel.key()), subject: subject.clone() };
        let posted = self.posted.get(&id).cloned().unwrap_or_default();
        if posted.settled {
            return Finding::UpToDate;
        }
        if view.tasks.rests(&TaskKey::Card(id.clone())) {
            return Finding::Rests;
        }
        let reader = Reader { locale: channel.locale, drill: view.drill };
        let Some(post) = view.state.post(subject, reader) else { return Finding::UpToDate };
        self.drawn += 1;
        let Post { card, thread, settled } = post;
        let action = match &posted.message {
            None if settled
                && posted.posting.is_none()
                && self.was_over(channel, subject, view) =>
            {
                return Finding::Later(Step::Settle(id));
            }
            None => {
                let approvers = view.state.addressed(subject);
                Action::Post { card, approvers, is_too_late: false }
            }
            Some(message) if posted.digest.as_deref() != Some(card.digest().as_str()) => {
                Action::Edit { message: message.clone(), card }
            }
            Some(message) => match thread.get(posted.lines) {
                Some(_) if view.tasks.rests(&TaskKey::Thread(id.clone())) => return Finding::Rests,
                Some(text) => Action::AddLine { message: message.clone(), text: text.clone() },
                None if settled => return Finding::Later(Step::Settle(id)),
                None => return Finding::UpToDate,
            },
        };
        let is_line = matches!(action, Action::AddLine { .. });
        let (key, channel) = (subject.to_string(), channel.clone());
        let step = Step::Write(Box::new(Writing { id, channel, key, posted, action }));
        if is_line { Finding::Later(step) } else { Finding::Due(step) }
    }

    /// Whether a subject came up before the channel was configured.
    fn was_over(&self, channel: &Channel, subject: &Subject, view: &View<'_>) -> bool {
        let since = self.since.get(&channel.key()).copied().unwrap_or(DateTime::<Utc>::MIN_UTC);
        view.state.came_up(subject).is_some_and(|at| at < since)
    }
}

impl Engine {
    pub(super) async fn written_in_channel(
        &mut self,
        id: PostId,
        channel: Channel,
        mut posted: PostedMessage,
        is_line: bool,
        error: Option<ChatError>,
    ) -> Result<Rest> {
        let part = if is_line { "the thread of " } else { "" };
        let about_card = format!("{} ({part}{})", channel.name, id.subject);
        let Some(error) = error else {
            self.over(&channel.name);
            self.over(&about_card);
            self.remember(&id, posted).await?;
            return Ok(Rest::No);
        };
        let about = match error.about() {
            // Where no line may be written a card may still change.
            About::Channel if is_line && !error.is_temporary() => About::Message,
            about => about,
        };
        let rest = match about {
            About::Gone => {
                tracing::info!(channel.name = %channel.name, card.subject = %id.subject, "somebody deleted the message; it is posted again");
                posted = PostedMessage::default();
                Rest::No
            }
            About::Message => {
                self.trouble(about_card, &error);
                let key = if is_line { TaskKey::Thread } else { TaskKey::Card };
                self.tasks.rest(key(id.clone()), AFTER_REFUSAL);
                Rest::No
            }
            // A channel is nobody's in particular.
            About::Channel | About::Person => {
                let since = self.trouble(channel.name.clone(), &error);
                let [least, most] = AFTER_FAILURE;
                let lasted = (self.services.clock.now() - since).clamp(least, most);
                let rest = error.retry_after().or_else(|| lasted.to_std().ok());
                rest.map_or(Rest::No, Rest::For)
            }
        };
        self.remember(&id, posted).await?;
        Ok(rest)
    }

    /// Notes that something cannot be shown, and gives since when. It is logged when it begins and
    /// when the platform says something else.
    fn trouble(&mut self, what: String, error: &ChatError) -> DateTime<Utc> {
        let why = error.failure();
        let now = self.services.clock.now();
        let known = self.state.troubles.get(&what);
        if known.is_none_or(|known| known.why != why) {
            tracing::warn!(channel.name = %what, chat.error = %error, "cannot be written to; what is missing is posted as soon as it can be");
        }
        let since = known.map_or(now, |known| known.since);
        if self.state.troubles.insert(what, Trouble { since, why }).is_none() {
            self.delivery.unpark_people();
        }
        since
    }

    fn over(&mut self, what: &str) {
        if self.state.troubles.remove(what).is_some() {
            tracing::info!(channel.name = %what, "can be written to again");
        }
    }
}
