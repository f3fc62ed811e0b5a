//! Draws the overview of one person, and handles the result of showing it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use commands::id::Actor;
use commands::state::Subject;

use crate::chat::{Channel, Inbound, Platform, Reply};
use crate::delivery::{Account, Home, HomeView, Surface, permalink};
use crate::engine::deliver::{Delivered, GROUPS_HOLD};
use crate::engine::requests::answer;
use crate::engine::tasks::{Rest, TaskKey};
use crate::engine::{Engine, Outcome, Services};
use crate::platforms::ChatError;

/// Changes within this time are shown together.
const TOGETHER: Duration = Duration::from_secs(2);

/// The rest after a page could not be shown and the platform does not say for how long.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

impl Engine {
    /// Answers with the overview of `actor`.
    pub(in crate::engine) async fn answer_overview(
        &mut self,
        interaction: &Inbound,
        actor: &Actor,
    ) -> Result<()> {
        let view = self.draw(actor, &interaction.reply);
        let (services, reply, reader) =
            (self.services.clone(), interaction.reply.clone(), self.reader_for(&interaction.reply));
        tokio::spawn(async move {
            let card = view.desk.card(&addresses(&services, &view).await, reader);
            answer(&services, &reply, card, reader).await;
        });
        self.close(interaction).await
    }

    /// Notes that a person opened their home page; it is shown with everything else that is
    /// pending.
    pub(in crate::engine) async fn home_opened(
        &mut self,
        interaction: &Inbound,
        actor: Actor,
    ) -> Result<()> {
        let account = Account::of(&interaction.who);
        let (reply, opened) = (interaction.reply.clone(), self.services.clock.now());
        self.tasks.rest(TaskKey::Groups(account.clone()), GROUPS_HOLD);
        self.delivery.knows(account.clone(), actor);
        self.delivery.homes.insert(account, Home { reply, opened, shown: None, drawn_at: None });
        self.close(interaction).await
    }

    /// Shows every page again that is out of date.
    pub(super) fn show_homes(&mut self) {
        for (account, actor, reply) in self.delivery.stale_homes() {
            let key = TaskKey::Deliver(Surface::Home(account.clone()));
            if !self.tasks.is_free(&key) {
                continue;
            }
            let view = self.draw(&actor, &reply);
            let revision = self.delivery.revision;
            let Some(home) = self.delivery.homes.get_mut(&account) else { continue };
            home.drawn_at = Some(revision);
            if home.shown.as_ref() == Some(&view) {
                self.tasks.rest(key, TOGETHER);
                continue;
            }
            let (services, reader) = (self.services.clone(), self.reader_for(&reply));
            self.tasks.start(key, async move {
                let card = view.desk.card(&addresses(&services, &view).await, reader);
                let error = services.chat.show_home(&account.id, &card, reader.locale).await.err();
                Outcome::Delivered(Box::new(Delivered::HomeShown { account, view, error }))
            });
        }
    }

    /// Handles the result of showing a page.
    pub(super) fn home_shown(
        &mut self,
        account: Account,
        view: HomeView,
        error: Option<ChatError>,
    ) -> Rest {
        let home = self.delivery.homes.get_mut(&account);
        match error {
            None => {
                if let Some(home) = home {
                    home.shown = Some(view);
                }
                Rest::For(TOGETHER)
            }
            Some(error) => {
                tracing::warn!(actor.id = %account.id, chat.error = %error, "failed to show an App Home: retrying");
                if let Some(home) = home {
                    home.drawn_at = None;
                }
                Rest::For(error.retry_after().unwrap_or(AFTER_FAILURE))
            }
        }
    }

    fn draw(&self, actor: &Actor, reply: &Reply) -> HomeView {
        let desk = self.state.overview(actor, self.reader_for(reply), self.services.clock.now());
        let channels = self.services.config.channels.iter();
        let own: Vec<&Channel> =
            channels.filter(|channel| channel.platform == reply.platform()).collect();
        let cards = desk.subjects().into_iter().filter_map(|subject| {
            let message = |channel: &&Channel| {
                let message = self.delivery.message_in(channel, &subject)?;
                Some(((*channel).clone(), message.clone()))
            };
            let found = own.iter().find_map(message)?;
            Some((subject, found))
        });
        HomeView { cards: cards.collect(), desk }
    }
}

/// The addresses of the cards. A card whose address Slack does not return is named without a link.
async fn addresses(services: &Services, view: &HomeView) -> BTreeMap<Subject, String> {
    let mut found = BTreeMap::new();
    for (subject, (channel, message)) in &view.cards {
        let address = match channel.platform {
            Platform::Slack => services.chat.address(channel, message).await,
            Platform::Discord => Ok(permalink(&services.config, channel, message)),
        };
        match address {
            Ok(address) => found.extend(address.map(|address| (subject.clone(), address))),
            Err(error) => {
                tracing::info!(chat.error = %error, "the address of a card is not known");
            }
        }
    }
    found
}
