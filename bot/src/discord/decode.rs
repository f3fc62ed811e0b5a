//! Decodes interactions as Discord delivers them.

use std::collections::BTreeSet;

use commands::decide::Interaction;
use commands::input::button::ButtonAction;
use commands::input::command::{Argument, ArgumentKind, Verb};
use commands::view::form::Filled;
use serenity::all::{
    ActionRowComponent, CommandDataOption, CommandDataOptionValue, CommandInteraction,
    ComponentInteraction, ComponentInteractionDataKind, MessageFlags, ModalInteraction, User,
};
use serenity::model::guild::Member;

use crate::chat::{DiscordReply, Inbound, Platform, Reply, Who};

/// A slash command, as if it had been typed. The response of one that opens a dialog is not
/// deferred.
pub(super) fn command(command: &CommandInteraction) -> Option<Inbound> {
    let ask = Interaction::Command { text: typed(&command.data.options) };
    let reply = DiscordReply {
        channel: command.channel_id.to_string(),
        user: command.user.id.to_string(),
        interaction: command.id.to_string(),
        token: command.token.clone(),
        deferred: !ask.opens_dialog(),
        replaces: false,
    };
    inbound(&command.user, command.member.as_deref(), ask, reply)
}

/// A button. The response of one that opens a dialog is not deferred: Discord permits only one of
/// the two.
pub(super) fn press(press: &ComponentInteraction) -> Option<Inbound> {
    if !matches!(press.data.kind, ComponentInteractionDataKind::Button) {
        return None;
    }
    let token = press.data.custom_id.clone();
    let known = ButtonAction::parse(&token).ok();
    // Discord has no confirmation dialog of its own.
    let ask = Interaction::Press { token, confirmed: false };
    let own = press.message.flags.is_some_and(|flags| flags.contains(MessageFlags::EPHEMERAL));
    let reply = DiscordReply {
        channel: press.channel_id.to_string(),
        user: press.user.id.to_string(),
        interaction: press.id.to_string(),
        token: press.token.clone(),
        deferred: !ask.opens_dialog(),
        replaces: own && known.is_some_and(|press| press.answers()),
    };
    inbound(&press.user, press.member.as_ref(), ask, reply)
}

/// A submitted dialog.
pub(super) fn submission(modal: &ModalInteraction) -> Option<Inbound> {
    let fields = modal.data.components.iter().flat_map(|row| &row.components);
    let values = fields.filter_map(|field| match field {
        ActionRowComponent::InputText(input) => {
            Some((input.custom_id.clone(), input.value.clone()?))
        }
        _ => None,
    });
    let filled = Filled { token: modal.data.custom_id.clone(), values: values.collect() };
    let reply = DiscordReply {
        channel: modal.channel_id.to_string(),
        user: modal.user.id.to_string(),
        interaction: modal.id.to_string(),
        token: modal.token.clone(),
        deferred: true,
        replaces: false,
    };
    inbound(&modal.user, modal.member.as_ref(), Interaction::Form(filled), reply)
}

/// Returns `None` for a bot: only people ask, and only people are answered.
fn inbound(
    user: &User,
    member: Option<&Member>,
    ask: Interaction,
    reply: DiscordReply,
) -> Option<Inbound> {
    if user.bot {
        return None;
    }
    let roles: BTreeSet<String> =
        member.into_iter().flat_map(|member| &member.roles).map(ToString::to_string).collect();
    Some(Inbound {
        key: format!("discord:{}", reply.interaction),
        who: Who { platform: Platform::Discord, id: user.id.to_string(), roles },
        ask,
        reply: Reply::Discord(reply),
        parent: None,
        outside: false,
    })
}

/// The verb and its arguments in the order in which people type them.
fn typed(options: &[CommandDataOption]) -> String {
    let Some(verb) = options.first() else { return String::new() };
    let CommandDataOptionValue::SubCommand(given) = &verb.value else { return verb.name.clone() };
    let values = arguments(&verb.name).iter().filter_map(|argument| {
        let option = given.iter().find(|option| option.name == argument.name)?;
        Some(argument.typed(option.value.as_str()?))
    });
    [verb.name.clone()].into_iter().chain(values).collect::<Vec<_>>().join(" ")
}

/// The value of the first argument of this kind.
pub(super) fn given(options: &[CommandDataOption], kind: ArgumentKind) -> Option<String> {
    let verb = options.first()?;
    let CommandDataOptionValue::SubCommand(given) = &verb.value else { return None };
    let argument = arguments(&verb.name).iter().find(|argument| argument.kind == kind)?;
    let option = given.iter().find(|option| option.name == argument.name)?;
    option.value.as_str().map(str::to_owned)
}

fn arguments(verb: &str) -> &'static [Argument] {
    let known = Verb::ALL.into_iter().find(|known| known.word() == verb);
    known.map_or(&[][..], Verb::arguments)
}
