//! The requests of people: identifies the person, decides, and answers each in private.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::Result;
use chrono::TimeDelta;
use commands::decide::{Input, Observation, Response};
use commands::id::{Actor, Identity, Origin, RunId};
use commands::refusal::{Refusal, Unavailable};
use commands::run::RunInput;
use commands::view::{Card, Reader, refusal_card, unreadable_card, working_card};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

use crate::backoff::Backoff;
use crate::chat::{Inbound, Reply, Who};
use crate::engine::decide::Decided;
use crate::engine::effects::{CommandLookup, Refresh, SurveyFor};
use crate::engine::journal::Transaction;
use crate::engine::{Engine, Message, Services};
use crate::telemetry::log::kind;

/// How many times the bot tries to answer: the person is waiting, and not for long.
const TRIES: u32 = 4;

/// An interaction, with its author.
pub(super) struct Identified {
    pub(super) interaction: Inbound,
    pub(super) actor: Actor,
}

/// Identifies people, then hands their interactions to the loop: those of one person in the order
/// of their arrival, on all platforms together. Nobody waits for anybody else.
pub(super) async fn identify_people(
    services: Services,
    mut interactions: mpsc::UnboundedReceiver<Inbound>,
    messages: mpsc::UnboundedSender<Message>,
) {
    // Interactions that wait for the one whose author is being identified.
    let mut queued: BTreeMap<BTreeSet<Identity>, VecDeque<Inbound>> = BTreeMap::new();
    let mut under_way = FuturesUnordered::new();
    let with_actor = async |interaction: Inbound| {
        let origin = interaction
            .origin(|platform, channel| services.config.is_configured(platform, channel));
        let actor = identify(&services, &interaction.who, origin).await;
        Identified { interaction, actor }
    };
    loop {
        tokio::select! {
            Some(interaction) = interactions.recv() => {
                let person = services.chat.directory.person(interaction.who.platform, &interaction.who.id);
                match queued.entry(person.accounts().clone()) {
                    Entry::Occupied(mut before) => before.get_mut().push_back(interaction),
                    Entry::Vacant(nobody) => {
                        nobody.insert(VecDeque::new());
                        under_way.push(with_actor(interaction));
                    }
                }
            }
            Some(identified) = under_way.next() => {
                let person = identified.actor.person.accounts().clone();
                if messages.send(Message::Identified(Box::new(identified))).is_err() {
                    // The loop has ended: the process ends, and the interactions are in the store.
                    return;
                }
                match queued.get_mut(&person).and_then(VecDeque::pop_front) {
                    Some(next) => under_way.push(with_actor(next)),
                    None => drop(queued.remove(&person)),
                }
            }
            else => return,
        }
    }
}

pub(super) async fn identify(services: &Services, who: &Who, origin: Origin) -> Actor {
    let now = services.clock.now();
    let groups = services.config.groups_in_use().into_iter().map(async |group| {
        let ids = services.config.groups.get(group)?;
        match services.chat.is_in(ids, who, now).await {
            Ok(true) => Some(group.clone()),
            Ok(false) => None,
            // Fails closed: if membership of a group cannot be shown, the person is not in it.
            Err(error) => {
                tracing::warn!(chat.group = %group.0, chat.error = %error, "failed to read the members of a group");
                None
            }
        }
    });
    let groups = join_all(groups).await.into_iter().flatten().collect();
    let person = services.chat.directory.person(who.platform, &who.id);
    let linked = services.config.slack.is_none()
        || services.config.discord.is_none()
        || services.chat.directory.knows(who.platform, &who.id);
    Actor { person, groups, linked, origin }
}

impl Engine {
    pub(super) async fn handle_interaction(&mut self, identified: Identified) -> Result<()> {
        let Identified { interaction, actor } = identified;
        let reader = self.reader_for(&interaction.reply);
        let input = Input::Asked { actor: &actor, ask: &interaction.ask, reader };
        let Decided { happened, response } =
            match self.decide(input, Some(&interaction.key)).await? {
                Ok(decided) => decided,
                Err(refusal) => return self.refuse(&interaction, &refusal).await,
            };
        if let Some(response) = &response {
            self.state.caused(&actor.person, response, self.services.clock.now());
        }
        let Some(response) = response else { return self.close(&interaction).await };
        match response {
            Response::Answer(card) if happened => {
                self.answer(&interaction.reply, *card);
                Ok(())
            }
            Response::Answer(card) => self.answer_and_close(&interaction, *card).await,
            Response::Unreadable(error) => {
                self.answer_and_close(&interaction, unreadable_card(&error, reader)).await
            }
            Response::Form(form) => {
                let (services, reply) = (self.services.clone(), interaction.reply.clone());
                tokio::spawn(async move {
                    if let Err(error) = services.chat.open_form(&form, &reply).await {
                        let why = if error.is_too_late_for_dialog() {
                            Unavailable::DialogTooLate
                        } else {
                            Unavailable::Chat(error.failure())
                        };
                        let card = refusal_card(&Refusal::Unavailable(why), reader);
                        answer(&services, &reply, card, reader).await;
                    }
                });
                self.close(&interaction).await
            }
            Response::Run { run, request } => {
                self.acknowledge(&interaction, &run, &request);
                if happened { Ok(()) } else { self.close(&interaction).await }
            }
            Response::Search { run, dispatch, command, request } => {
                let request = *request;
                self.look_up_command(CommandLookup { run, dispatch, command, request, interaction })
                    .await
            }
            Response::Overview => self.answer_overview(&interaction, &actor).await,
            Response::Notify { on } => self.choose(&interaction, &actor, on).await,
            Response::Home => self.home_opened(&interaction, actor).await,
            // It was decided and answered before.
            Response::EmergencyStop(_) => self.close(&interaction).await,
            Response::Plan { environment, overrides } => {
                self.answer(
                    &interaction.reply,
                    working_card("working-plan", environment.as_str(), reader),
                );
                self.state.asked.insert(interaction.key.clone(), actor.person.clone());
                self.survey(SurveyFor::Plan {
                    environment,
                    overrides,
                    requester: actor.person,
                    interaction: Box::new(interaction),
                });
                Ok(())
            }
            Response::Compliance { environments } => {
                self.answer(&interaction.reply, working_card("working-compliance", "", reader));
                self.refresh(Refresh::Compliance {
                    environments,
                    interaction: Box::new(interaction),
                });
                Ok(())
            }
        }
    }

    /// Lets a run decide on an interaction after AWS was asked, and answers with the result.
    pub(super) async fn decide_on_run(
        &mut self,
        interaction: &Inbound,
        run: &RunId,
        request: &RunInput,
    ) -> Result<()> {
        let observed = Input::Observed(Observation::Run(run, request));
        match self.decide(observed, Some(&interaction.key)).await? {
            Err(refusal) => self.refuse(interaction, &refusal).await,
            Ok(Decided { happened, .. }) => {
                self.acknowledge(interaction, run, request);
                if happened { Ok(()) } else { self.close(interaction).await }
            }
        }
    }

    /// Logs and answers what a run decided on an interaction.
    fn acknowledge(&self, interaction: &Inbound, run: &RunId, request: &RunInput) {
        let reader = self.reader_for(&interaction.reply);
        if let Some(card) = self.state.acknowledged(run, request, reader) {
            self.answer(&interaction.reply, card);
        }
    }

    /// Refuses in private, with the reason.
    pub(super) async fn refuse(&mut self, interaction: &Inbound, refusal: &Refusal) -> Result<()> {
        tracing::info!(actor.platform = %interaction.who.platform, actor.id = %interaction.who.id, refusal = kind(refusal), "refused");
        self.answer_and_close(
            interaction,
            refusal_card(refusal, self.reader_for(&interaction.reply)),
        )
        .await
    }

    /// Answers in private and completes the interaction.
    pub(super) async fn answer_and_close(
        &mut self,
        interaction: &Inbound,
        card: Card,
    ) -> Result<()> {
        self.answer(&interaction.reply, card);
        self.close(interaction).await
    }

    /// Completes the interaction, so that it is not processed again after a restart.
    pub(super) async fn close(&mut self, interaction: &Inbound) -> Result<()> {
        self.journal.commit(Transaction::default().handles(Some(&interaction.key))).await
    }

    /// The reader of an answer: its language is that of the channel in which they asked.
    pub(super) fn reader_for(&self, reply: &Reply) -> Reader {
        Reader { locale: self.services.config.locale_for(reply), drill: self.services.drill }
    }

    pub(super) fn answer(&self, reply: &Reply, card: Card) {
        let (services, reply, reader) =
            (self.services.clone(), reply.clone(), self.reader_for(reply));
        tokio::spawn(async move { answer(&services, &reply, card, reader).await });
    }
}

/// Answers in private. If an answer may have arrived, the bot sends it again: reading it twice does
/// no harm.
pub(super) async fn answer(services: &Services, reply: &Reply, card: Card, reader: Reader) {
    for failures in 1..=TRIES {
        let Err(error) = services.chat.answer(reply, &card, reader.locale).await else { return };
        if failures == TRIES || !error.is_temporary() {
            tracing::warn!(chat.error = %error, "failed to deliver a private answer");
            return;
        }
        let pause = error.retry_after().unwrap_or_else(|| Backoff::CALL.after("answer", failures));
        services.clock.wait()(TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX)).await;
    }
}
