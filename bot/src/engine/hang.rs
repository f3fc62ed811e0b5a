//! Hanging cards in the places that follow them. What should hang there is derived from the book;
//! what hangs there is remembered. Where the two differ, one thing at a time is put right in each
//! place: cards before threads, the oldest first. While one is on its way others may change again,
//! and only the newest is shown. A place that fails holds no other up, and misses nothing: what
//! could not be posted is still the next thing to put right when it can be.

use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use commands::book::{Exhibit, Subject, Trouble};
use commands::card::{Card, Reader};
use commands::policy::Approver;
use commands::text::Text;

use crate::chat::error::About;
use crate::chat::pace::Deed;
use crate::chat::{Chat, ChatError, Mark, Place};
use crate::engine::memory::Shown;
use crate::engine::tasks::{Rest, TaskKey};
use crate::engine::{Engine, Outcome, World};
use crate::health::numbers;

/// How long to wait after a platform could not be asked: as long as that has lasted, within these.
const AFTER_FAILURE: [TimeDelta; 2] = [TimeDelta::seconds(3), TimeDelta::seconds(60)];
/// How long to wait before a message that was refused is tried again as it is.
const AFTER_REFUSAL: Duration = Duration::from_secs(300);
/// How far the clocks of this host and of a platform may stand apart. Its key tells a message from
/// every other, so that this only spares pages: a host whose clock was hours ahead when it posted
/// has to find what it posted.
pub(super) const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

/// One thing to put right.
struct Task {
    subject: Subject,
    shown: Shown,
    what: What,
}

enum What {
    /// The card is not there yet; these are told of it.
    Post { card: Card, approvers: Vec<Approver> },
    /// It shows something old.
    Update { message: String, card: Card },
    /// A line is missing in its thread.
    Line { message: String, text: Text },
    /// Everything is there, and nothing will change any more.
    Settle,
}

/// How hanging something ended.
pub(super) struct Hung {
    place: Place,
    subject: Subject,
    shown: Shown,
    /// Whether it was a line of its thread, and not the card.
    is_line: bool,
    error: Option<ChatError>,
}

impl Engine {
    /// Starts putting the next thing right in every place where something is wrong.
    pub(super) async fn hang_next(&mut self) -> Result<()> {
        let world = self.world.clone();
        for place in &world.config.places {
            self.hang_next_in(place).await?;
        }
        Ok(())
    }

    async fn hang_next_in(&mut self, place: &Place) -> Result<()> {
        let key = TaskKey::Channel(place.id());
        while self.tasks.is_free(&key) {
            let Some(mut task) = self.next_task(place) else { break };
            let deed = match &task.what {
                What::Settle => {
                    task.shown.settled = true;
                    self.remember(place, &task.subject, task.shown).await?;
                    continue;
                }
                What::Post { .. } | What::Line { .. } => Deed::Post,
                What::Update { .. } => Deed::Edit,
            };
            if let Err(wait) = self.world.pace.take(place, deed) {
                self.tasks.rest(key, wait);
                break;
            }
            // A post that may have arrived unheard is looked for before it is posted again.
            let since = task.shown.posting;
            if deed == Deed::Post && since.is_none() {
                task.shown.posting = Some(self.world.clock.now());
                self.remember(place, &task.subject, task.shown.clone()).await?;
            }
            let (chat, place) = (self.world.chat.clone(), place.clone());
            self.tasks.start(key.clone(), async move {
                let Task { subject, mut shown, what } = task;
                let is_line = matches!(what, What::Line { .. });
                let kind = match what {
                    What::Post { .. } => "posted",
                    What::Update { .. } => "edited",
                    What::Line { .. } | What::Settle => "told",
                };
                let error = hang(&chat, &place, &subject, &mut shown, what, since).await.err();
                numbers::card(if error.is_some() { "failed" } else { kind });
                Outcome::Hung(Box::new(Hung { place, subject, shown, is_line, error }))
            });
        }
        Ok(())
    }

    fn next_task(&self, place: &Place) -> Option<Task> {
        let reader = reader_of(&self.world, place);
        let since = self.since.get(&place.id()).copied().unwrap_or(DateTime::<Utc>::MIN_UTC);
        let mut later = None;
        for (at, subject) in self.book.subjects() {
            let name = hung_as(place, &subject);
            let shown = self.shown.get(&name).cloned().unwrap_or_default();
            // Years of settled cards are not drawn again.
            if shown.settled
                || self.tasks.rests(&TaskKey::Card(name.clone()))
                || !self.book.concerns(&place.follow, &subject)
            {
                continue;
            }
            let Some(exhibit) = self.book.exhibit(&subject, reader) else { continue };
            let Exhibit { card, story, settled } = exhibit;
            let digest = card.digest();
            let task = |what| Some(Task { subject: subject.clone(), shown: shown.clone(), what });
            match &shown.ts {
                // A place that is new is not told of what was over before.
                None if settled && at < since && shown.posting.is_none() => {
                    later = later.or_else(|| task(What::Settle));
                }
                None => {
                    let approvers = self.book.addressed(&subject);
                    return task(What::Post { card, approvers });
                }
                Some(ts) if shown.digest.as_deref() != Some(digest.as_str()) => {
                    return task(What::Update { message: ts.clone(), card });
                }
                Some(ts) => {
                    if let Some(text) = story.get(shown.lines) {
                        if self.tasks.rests(&TaskKey::Thread(name)) {
                            continue;
                        }
                        let (message, text) = (ts.clone(), text.clone());
                        later = later.or_else(|| task(What::Line { message, text }));
                    } else if settled {
                        later = later.or_else(|| task(What::Settle));
                    }
                }
            }
        }
        later
    }

    /// Takes what came of it.
    pub(super) async fn hung(&mut self, hung: Hung) -> Result<Rest> {
        let Hung { place, subject, mut shown, is_line, error } = hung;
        let part = if is_line { "the thread of " } else { "" };
        let about_card = format!("{} ({part}{subject})", place.name);
        let Some(error) = error else {
            self.over(&place.name);
            self.over(&about_card);
            self.remember(&place, &subject, shown).await?;
            return Ok(Rest::No);
        };
        let about = match error.about() {
            // Where no line may be written a card may still change.
            About::Place if is_line && !error.is_temporary() => About::Message,
            about => about,
        };
        let rest = match about {
            About::Gone => {
                tracing::info!(place = %place.name, card.subject = %subject, "somebody deleted the message; it is posted again");
                shown = Shown::default();
                Rest::No
            }
            About::Message => {
                self.trouble(about_card, &error);
                let card = hung_as(&place, &subject);
                let key = if is_line { TaskKey::Thread(card) } else { TaskKey::Card(card) };
                self.tasks.rest(key, AFTER_REFUSAL);
                Rest::No
            }
            // A channel is nobody's in particular.
            About::Place | About::Person => {
                let since = self.trouble(place.name.clone(), &error);
                let [least, most] = AFTER_FAILURE;
                let lasted = (self.world.clock.now() - since).clamp(least, most);
                let rest = error.retry_after().or_else(|| lasted.to_std().ok());
                rest.map_or(Rest::No, Rest::For)
            }
        };
        self.remember(&place, &subject, shown).await?;
        Ok(rest)
    }

    /// Notes that something cannot be shown, and gives since when. It is logged when it begins and
    /// when the platform says something else.
    fn trouble(&mut self, what: String, error: &ChatError) -> DateTime<Utc> {
        let why = error.to_string();
        let now = self.world.clock.now();
        let known = self.book.troubles.get(&what);
        if known.is_none_or(|known| known.why != why) {
            tracing::warn!(place = %what, chat.error = %error, "cannot be written to; what is missing is posted as soon as it can be");
        }
        let since = known.map_or(now, |known| known.since);
        self.book.troubles.insert(what, Trouble { since, why });
        since
    }

    fn over(&mut self, what: &str) {
        if self.book.troubles.remove(what).is_some() {
            tracing::info!(place = %what, "can be written to again");
        }
    }

    async fn remember(&mut self, place: &Place, subject: &Subject, shown: Shown) -> Result<()> {
        let name = hung_as(place, subject);
        if self.shown.get(&name) != Some(&shown) {
            self.memory.show(&name, &shown).await?;
            self.shown.insert(name, shown);
        }
        Ok(())
    }
}

/// For whom cards are written in a place.
fn reader_of(world: &World, place: &Place) -> Reader {
    Reader { locale: place.locale, drill: world.drill }
}

/// Under which name it is remembered what hangs in a place for a subject.
pub(super) fn hung_as(place: &Place, subject: &Subject) -> String {
    format!("{}/{subject}", place.id())
}

/// Puts one thing right. `shown` is what is true afterwards, also where it fails half-way.
async fn hang(
    chat: &Chat,
    place: &Place,
    subject: &Subject,
    shown: &mut Shown,
    what: What,
    since: Option<DateTime<Utc>>,
) -> Result<(), ChatError> {
    let key = subject.to_string();
    let mark = Mark { key: &key, attempt: shown.posting.unwrap_or_default() };
    match what {
        What::Settle => {}
        What::Update { message, card } => {
            chat.update(place, &message, &card, &key).await?;
            shown.digest = Some(card.digest().as_str().to_owned());
        }
        What::Post { card, approvers } => {
            let found = match since {
                Some(since) => chat.find(place, &key, since - CLOCK_SKEW).await?,
                None => None,
            };
            // One that was found may show something old: its digest is not known, so it is edited.
            let digest = found.is_none().then(|| card.digest().as_str().to_owned());
            let ts = match found {
                Some(ts) => ts,
                None => {
                    let posted = chat.post(place, &card, mark, &approvers).await;
                    posted.inspect_err(|error| shown.doubt_no_more(error))?
                }
            };
            *shown = Shown { ts: Some(ts), digest, posting: None, ..shown.clone() };
        }
        What::Line { message, text } => {
            let number = shown.lines;
            let there = match since {
                Some(since) => {
                    chat.has_line(place, &message, &key, number, since - CLOCK_SKEW).await?
                }
                None => false,
            };
            if !there {
                let added = chat.add_line(place, &message, &text, mark, number).await;
                added.inspect_err(|error| shown.doubt_no_more(error))?;
            }
            shown.lines += 1;
            shown.posting = None;
        }
    }
    Ok(())
}
