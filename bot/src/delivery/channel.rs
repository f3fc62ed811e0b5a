//! Delivers cards and their threads to channels.

use chrono::{DateTime, Utc};
use commands::state::Subject;
use commands::view::{Post, Reader};

use super::{Action, Delivery, Finding, Part, PostId, Step, Surface, View, Writing};
use crate::chat::Channel;

impl Delivery {
    pub(crate) fn find_in_channel(
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
        if (view.rests)(&id, Part::Card) {
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
                Some(_) if (view.rests)(&id, Part::Thread) => return Finding::Rests,
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

    /// Whether the subject was already over when the channel was configured.
    fn was_over(&self, channel: &Channel, subject: &Subject, view: &View<'_>) -> bool {
        let since = self.since.get(&channel.key()).copied().unwrap_or(DateTime::<Utc>::MIN_UTC);
        view.state.came_up(subject).is_some_and(|at| at < since)
    }
}
