//! Hanging cards in the channel. What should hang there is derived from the book; what hangs there
//! is remembered. Where the two differ, one thing at a time is put right: cards before threads, the
//! oldest first. While one is on its way others may change again, and only the newest is shown.

use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use commands::book::{Exhibit, Subject};
use commands::card::Card;
use commands::text::Text;
use storage::Store;

use crate::engine::memory::Shown;
use crate::engine::{Engine, Message, World};
use crate::health::numbers;
use crate::slack::SlackError;

const KEY: &str = "hang";
/// How long to wait after Slack could not be asked.
const AFTER_FAILURE: Duration = Duration::from_secs(3);
/// How far the clocks of this host and of Slack may stand apart. Its key tells a message from every
/// other, so that this only spares pages: a host whose clock was hours ahead when it posted has to
/// find what it posted.
const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

/// One thing to put right.
struct Task {
    subject: Subject,
    shown: Shown,
    what: What,
}

enum What {
    /// The card is not there yet.
    Post { card: Card },
    /// It shows something old.
    Update { ts: String, card: Card },
    /// A line is missing in its thread.
    Line { ts: String, text: Text },
    /// Everything is there, and nothing will change any more.
    Settle,
}

/// How hanging something ended.
pub(super) struct Hung {
    subject: Subject,
    shown: Shown,
    error: Option<SlackError>,
}

impl<S: Store + Clone> Engine<S> {
    /// Starts putting the next thing right, if something is wrong.
    pub(super) async fn hang_next(&mut self) -> Result<()> {
        if self.busy.contains(KEY)
            || self.resting.get(KEY).is_some_and(|until| self.world.clock.now() < *until)
        {
            return Ok(());
        }
        let Some(mut task) = self.next_task() else { return Ok(()) };
        if !self.claim(KEY) {
            return Ok(());
        }
        // A post that may have arrived unheard is looked for before it is posted again.
        let since = task.shown.posting;
        match task.what {
            What::Settle => {
                self.release(KEY, None);
                task.shown.settled = true;
                return self.remember(task.subject, task.shown).await;
            }
            What::Post { .. } | What::Line { .. } if since.is_none() => {
                task.shown.posting = Some(self.world.clock.now());
                self.remember(task.subject.clone(), task.shown.clone()).await?;
            }
            What::Post { .. } | What::Line { .. } | What::Update { .. } => {}
        }
        let (world, messages) = (self.world.clone(), self.messages.clone());
        tokio::spawn(async move {
            let Task { subject, mut shown, what } = task;
            let kind = match what {
                What::Post { .. } => "posted",
                What::Update { .. } => "edited",
                What::Line { .. } | What::Settle => "told",
            };
            let error = hang(&world, &subject, &mut shown, what, since).await.err();
            numbers::card(if error.is_some() { "failed" } else { kind });
            // The loop is gone only when the process ends; what was hung is found again then.
            let _ = messages.send(Message::Hung(Hung { subject, shown, error }));
        });
        Ok(())
    }

    fn next_task(&self) -> Option<Task> {
        let mut later = None;
        for subject in self.book.subjects() {
            let shown = self.shown.get(&subject.to_string()).cloned().unwrap_or_default();
            // Years of settled cards are not drawn again.
            if shown.settled {
                continue;
            }
            let Some(exhibit) = self.book.exhibit(&subject, self.world.reader) else { continue };
            let Exhibit { card, story, settled } = exhibit;
            let digest = card.digest();
            let task = |what| Some(Task { subject: subject.clone(), shown: shown.clone(), what });
            match &shown.ts {
                None => return task(What::Post { card }),
                Some(ts) if shown.digest.as_deref() != Some(digest.as_str()) => {
                    return task(What::Update { ts: ts.clone(), card });
                }
                Some(ts) => {
                    if let Some(text) = story.get(shown.lines) {
                        later = later
                            .or_else(|| task(What::Line { ts: ts.clone(), text: text.clone() }));
                    } else if settled {
                        later = later.or_else(|| task(What::Settle));
                    }
                }
            }
        }
        later
    }

    /// Takes what came of it.
    pub(super) async fn hung(&mut self, hung: Hung) -> Result<()> {
        let Hung { subject, shown, error } = hung;
        if let Some(error) = &error {
            tracing::warn!(card.subject = %subject, slack.error = %error, "a card could not be hung; it is tried again");
        }
        self.release(KEY, error.is_some().then_some(AFTER_FAILURE));
        self.remember(subject, shown).await
    }

    async fn remember(&mut self, subject: Subject, shown: Shown) -> Result<()> {
        let name = subject.to_string();
        if self.shown.get(&name) != Some(&shown) {
            self.memory.show(&subject, &shown).await?;
            self.shown.insert(name, shown);
        }
        Ok(())
    }
}

/// Puts one thing right. `shown` is what is true afterwards, also where it fails half-way.
async fn hang(
    world: &World,
    subject: &Subject,
    shown: &mut Shown,
    what: What,
    since: Option<DateTime<Utc>>,
) -> Result<(), SlackError> {
    let (slack, channel) = (&world.slack, world.config.channel.as_str());
    let locale = world.reader.locale;
    match what {
        What::Settle => {}
        What::Update { ts, card } => {
            slack.update(channel, &ts, &card, locale).await?;
            shown.digest = Some(card.digest().as_str().to_owned());
        }
        What::Post { card } => {
            let key = subject.to_string();
            let found = match since {
                Some(since) => slack.find(channel, None, &key, since - CLOCK_SKEW).await?,
                None => None,
            };
            // One that was found may show something old: its digest is not known, so it is edited.
            let digest = found.is_none().then(|| card.digest().as_str().to_owned());
            let ts = match found {
                Some(ts) => ts,
                None => slack.post(channel, None, &card, locale, &key).await?,
            };
            *shown = Shown { ts: Some(ts), digest, posting: None, ..shown.clone() };
        }
        What::Line { ts, text } => {
            let key = format!("{subject}/{}", shown.lines);
            let found = match since {
                Some(since) => slack.find(channel, Some(&ts), &key, since - CLOCK_SKEW).await?,
                None => None,
            };
            if found.is_none() {
                slack.post_text(channel, Some(&ts), &text, locale, &key).await?;
            }
            shown.lines += 1;
            shown.posting = None;
        }
    }
    Ok(())
}
