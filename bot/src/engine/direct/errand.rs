//! What is to be done next about one mailbox, from what is known and what stands there.

use commands::actor::{Actor, Whence};
use commands::book::Subject;
use commands::card::{Card, Reader};
use commands::follow::Follow;
use commands::notify::Letter;
use commands::policy::{Approver, Today};
use commands::run::{PatchRun, RunId};
use commands::text::PersonRef;

use super::{Kept, Mailbox};
use crate::chat::{Place, Platform};
use crate::engine::Engine;
use crate::engine::desk::there;
use crate::engine::hang::hung_as;
use crate::engine::memory::Shown;
use crate::engine::tasks::TaskKey;

/// The next thing to do about a mailbox.
pub(super) enum Errand {
    /// To find out which groups its person is in.
    Meet,
    /// To ask for the channel of its messages.
    Open,
    /// To ask where the card of a run can be read.
    Locate { place: Place, message: String },
    /// To put right what it says about a run.
    Write(Box<Writing>),
    /// Nothing will change about a run any more.
    Settle { run: RunId, shown: Shown },
}

/// What is to be put right about a run, and where.
pub(super) struct Writing {
    pub(super) run: RunId,
    pub(super) shown: Shown,
    pub(super) what: What,
    pub(super) place: Place,
}

pub(super) enum What {
    /// Something new; or, where it is too late for that, only what may have been posted unheard.
    Post { card: Card, too_late: bool },
    /// It says something old.
    Update { message: String, card: Card },
}

impl Engine {
    /// What is told already comes first, so that nothing old stands there.
    pub(super) fn errand(&self, mailbox: &Mailbox) -> Option<Errand> {
        let kept = self.post.boxes.get(mailbox)?;
        let person = self.world.chat.people.person(mailbox.platform, &mailbox.id);
        let shelf = mailbox.shelf();
        let stands = self.shown.range(shelf.clone()..);
        let stands = stands.take_while(|(name, _)| name.starts_with(&shelf));
        for (name, shown) in stands.filter(|(_, shown)| !shown.settled) {
            let Some(run) = name.strip_prefix(&shelf).and_then(|run| run.parse().ok()) else {
                continue;
            };
            if self.tasks.rests(&TaskKey::Card(name.clone())) {
                continue;
            }
            // It was there once: the platform said since that it is not.
            if kept.channel.is_none() {
                return Some(Errand::Open);
            }
            let errand = self.errand_about(kept, mailbox, &person, &run, shown);
            if errand.is_some() {
                return errand;
            }
        }
        if !kept.wish.is_open() {
            return None;
        }
        for run in self.book.waiting_since(&kept.wish) {
            if self.shown.contains_key(&mailbox.shown_as(&run.id)) {
                continue;
            }
            // Those of whoever is not linked are not kept: they decide nothing.
            let groups = self.post.met.get(mailbox).cloned().unwrap_or_default();
            let actor =
                Actor { person: person.clone(), groups, linked: true, whence: Whence::Elsewhere };
            if !asked(run, &actor, self.book.today(run)) {
                if names_groups(run, self.book.today(run)) && !self.tasks.rests(&mailbox.met()) {
                    return Some(Errand::Meet);
                }
                continue;
            }
            // The card in the channel first, unless that channel cannot be written to.
            let waits = self.place_of(mailbox, &run.id).is_some_and(|place| {
                let hung = self.shown.get(&hung_as(place, &Subject::Run(run.id.clone())));
                // A trouble is that of a channel, or of one card in it.
                let troubled = self.book.troubles.keys().any(|name| name.starts_with(&place.name));
                hung.is_none_or(|shown| shown.ts.is_none()) && !troubled
            });
            if waits {
                continue;
            }
            if kept.channel.is_none() {
                return Some(Errand::Open);
            }
            let new = Shown::default();
            let errand = self.errand_about(kept, mailbox, &person, &run.id, &new);
            if errand.is_some() {
                return errand;
            }
        }
        None
    }

    /// What is to be done about one run: `shown` is what stands there.
    fn errand_about(
        &self,
        kept: &Kept,
        mailbox: &Mailbox,
        person: &PersonRef,
        run: &RunId,
        shown: &Shown,
    ) -> Option<Errand> {
        let channel = kept.channel.clone()?;
        let place = self.place_of(mailbox, run);
        let reader = Reader {
            locale: place.map_or(self.world.config.locale, |place| place.locale),
            drill: self.world.drill,
        };
        let hung = place.and_then(|place| {
            let hung = self.shown.get(&hung_as(place, &Subject::Run(run.clone())))?;
            Some((place, hung.ts.clone()?))
        });
        let address = match hung {
            None => None,
            Some((place, message)) => match mailbox.platform {
                Platform::Discord => there(&self.world, place, &message),
                Platform::Slack => {
                    let known = (place.channel.clone(), message.clone());
                    match self.post.addresses.get(&known) {
                        Some(address) => address.clone(),
                        None => return Some(Errand::Locate { place: place.clone(), message }),
                    }
                }
            },
        };
        let Letter { card, settled } = self.book.letter(run, person, address.as_deref(), reader)?;
        let (run, shown) = (run.clone(), shown.clone());
        let digest = card.digest();
        let what = match &shown.ts {
            None => What::Post { card, too_late: settled || !kept.wish.is_open() },
            Some(ts) if shown.digest.as_deref() != Some(digest.as_str()) => {
                What::Update { message: ts.clone(), card }
            }
            Some(_) if settled => return Some(Errand::Settle { run, shown }),
            Some(_) => return None,
        };
        let place = Place {
            name: mailbox.to_string(),
            platform: mailbox.platform,
            channel,
            follow: Follow::default(),
            locale: reader.locale,
        };
        Some(Errand::Write(Box::new(Writing { run, shown, what, place })))
    }

    /// Where somebody finds the card of a run on the platform where they are told of it.
    fn place_of(&self, mailbox: &Mailbox, run: &RunId) -> Option<&Place> {
        let subject = Subject::Run(run.clone());
        let own = self.world.config.places.iter();
        let mut own = own.filter(|place| place.platform == mailbox.platform);
        own.find(|place| self.book.concerns(&place.follow, &subject))
    }
}

/// Whether somebody is asked to decide on a run that waits.
fn asked(run: &PatchRun, actor: &Actor, today: Today<'_>) -> bool {
    run.voted_at(&actor.person).is_none() && run.admits(actor, today).is_ok()
}

fn names_groups(run: &PatchRun, today: Today<'_>) -> bool {
    run.decided_under(today).approvers.iter().any(|approver| matches!(approver, Approver::Group(_)))
}
