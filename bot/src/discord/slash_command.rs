//! The slash command, from the same table that parses what people type in Slack. The bot compares
//! it with what Discord has, and writes it only if the two differ: a restart changes nothing.

use commands::input::command::{Argument, ArgumentKind, Verb};
use commands::patch::level::Level;
use commands::text::wording::{Args, Locale, phrase};
use serde_json::{Map, Value, json};
use serenity::all::{Command, CommandType};
use serenity::http::{LightMethod, Request, Route};
use serenity::model::id::GuildId;

use super::api::Discord;
use super::error::DiscordError;
use crate::chat::clamp::{clamp, length};

const NAME: &str = "patch";
/// The maximum number of servers to examine: one page, and more than a team has.
const GUILDS: u64 = 200;
const DESCRIPTION: usize = 100;
/// The maximum length of a text option: that of a command.
const LONGEST: usize = 500;
/// The members to compare; all others are Discord's own, such as ids and versions.
const OURS: [&str; 11] = [
    "autocomplete",
    "choices",
    "description",
    "description_localizations",
    "max_length",
    "name",
    "options",
    "required",
    "type",
    "value",
    "dm_permission",
];

/// `/patch` with all its subcommands, in Discord's format.
pub fn commands() -> Value {
    let subcommands: Vec<Value> = Verb::ALL.into_iter().map(subcommand).collect();
    json!([{
        "type": 1,
        "name": NAME,
        "description": description(Locale::En, "help-title"),
        "description_localizations": { "ja": description(Locale::Ja, "help-title") },
        "dm_permission": false,
        "options": subcommands,
    }])
}

fn subcommand(verb: Verb) -> Value {
    let message = format!("help-{}", verb.word());
    // Discord wants required arguments first; the decoder restores the order in which people type
    // them.
    let (required, optional): (Vec<&Argument>, Vec<&Argument>) =
        verb.arguments().iter().partition(|argument| argument.required);
    let options: Vec<Value> = required.into_iter().chain(optional).map(option).collect();
    json!({
        "type": 1,
        "name": verb.word(),
        "description": description(Locale::En, &message),
        "description_localizations": { "ja": description(Locale::Ja, &message) },
        "options": options,
    })
}

fn option(argument: &Argument) -> Value {
    let message = argument.kind.message();
    let mut option = json!({
        "type": 3,
        "name": argument.name,
        "description": description(Locale::En, message),
        "description_localizations": { "ja": description(Locale::Ja, message) },
        "required": argument.required,
        "max_length": LONGEST,
    });
    let choice = |name: String, value: &str| json!({ "name": name, "value": value });
    match argument.kind {
        ArgumentKind::Verb => {
            let verbs = Verb::ALL.map(|verb| choice(verb.word().to_owned(), verb.word()));
            option["choices"] = verbs.to_vec().into();
        }
        ArgumentKind::Level => {
            let levels = [
                (Level::III, "III"),
                (Level::II, "II"),
                (Level::I, "I"),
                (Level::Unrated, "unrated"),
            ];
            let levels = levels.map(|(level, value)| choice(level.label(Locale::En), value));
            option["choices"] = levels.to_vec().into();
        }
        ArgumentKind::Switch => {
            let both = ["on", "off"].map(|value| choice(value.to_owned(), value));
            option["choices"] = both.to_vec().into();
        }
        ArgumentKind::Reboot => {
            let both = ["yes", "no"].map(|value| choice(value.to_owned(), value));
            option["choices"] = both.to_vec().into();
        }
        ArgumentKind::Environment
        | ArgumentKind::Run
        | ArgumentKind::Subject
        | ArgumentKind::Window => {
            option["autocomplete"] = true.into();
        }
        ArgumentKind::Waves | ArgumentKind::Reason => {}
    }
    if option.get("choices").is_some()
        && let Some(fields) = option.as_object_mut()
    {
        // Discord refuses a length for an argument with a list of choices.
        fields.remove("max_length");
    }
    option
}

/// As much of a message as Discord accepts: whole sentences, if the first one fits.
fn description(locale: Locale, message: &str) -> String {
    let words = phrase(locale, message, &Args::new());
    let words = words.replace(['`', '*'], "").replace('\n', " ");
    if length(&words) <= DESCRIPTION {
        return words;
    }
    let ends = words.match_indices(['。', '.']).map(|(at, mark)| at + mark.len());
    let is_whole = |(text, rest): &(&str, &str)| {
        (text.ends_with('。') || rest.starts_with(' ')) && length(text) <= DESCRIPTION
    };
    let whole = ends.filter_map(|end| words.split_at_checked(end)).rfind(is_whole);
    whole.map_or_else(|| clamp(&words, DESCRIPTION), |(text, _)| text.to_owned())
}

impl Discord {
    /// Registers the commands, in one guild or everywhere. Returns whether it had to write them.
    pub async fn register(&self, guild: Option<GuildId>) -> Result<bool, DiscordError> {
        const OPERATION: &str = "Bulk Overwrite Application Commands";
        let application_id = self.inner.application;
        let route = || match guild {
            Some(guild_id) => Route::GuildCommands { application_id, guild_id },
            None => Route::Commands { application_id },
        };
        let wanted = commands();
        let localized = vec![("with_localizations", "true".to_owned())];
        let ask = Request::new(route(), LightMethod::Get).params(Some(localized));
        let known: Value = self.fire(OPERATION, ask).await?;
        if ours(&known) == ours(&wanted) {
            return Ok(false);
        }
        let body = serde_json::to_vec(&wanted)
            .map_err(|_| DiscordError::Settings("the commands could not be written".into()))?;
        let put = Request::new(route(), LightMethod::Put).body(Some(body));
        self.fire::<Value>(OPERATION, put).await?;
        Ok(true)
    }

    /// Removes `/patch` from where it was registered before: Discord shows the command of a guild
    /// beside the one of all guilds, so people would find both. Returns how many registrations it
    /// removed.
    pub async fn unregister_elsewhere(
        &self,
        guild: Option<GuildId>,
    ) -> Result<usize, DiscordError> {
        const OPERATION: &str = "Delete Application Command";
        let http = &self.inner.http;
        let of = |error| DiscordError::of(OPERATION, error);
        let mut taken = 0;
        if guild.is_some() {
            let everywhere = http.get_global_commands().await.map_err(of)?;
            for command in everywhere.iter().filter(|command| is_ours(command)) {
                http.delete_global_command(command.id).await.map_err(of)?;
                taken += 1;
            }
        }
        let guilds = http.get_guilds(None, Some(GUILDS)).await.map_err(of)?;
        for other in guilds.iter().map(|known| known.id).filter(|id| Some(*id) != guild) {
            // A server in which the bot may not offer commands has none of them.
            let Ok(there) = http.get_guild_commands(other).await else { continue };
            for command in there.iter().filter(|command| is_ours(command)) {
                http.delete_guild_command(other, command.id).await.map_err(of)?;
                taken += 1;
            }
        }
        Ok(taken)
    }
}

fn is_ours(command: &Command) -> bool {
    command.kind == CommandType::ChatInput && command.name == NAME
}

/// Our members of a command, without what Discord leaves out or fills in.
fn ours(value: &Value) -> Value {
    match value {
        Value::Array(all) => {
            let mut all: Vec<Value> = all.iter().map(ours).collect();
            // Only the order of arguments matters, and that is compared by a member of their own.
            all.sort_by_key(|one| one.get("name").and_then(Value::as_str).map(str::to_owned));
            Value::Array(all)
        }
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(key, value)| {
                let empty = value.is_null()
                    || **value == Value::Bool(false)
                    || value.as_array().is_some_and(Vec::is_empty);
                !empty && (OURS.contains(&key.as_str()) || *key == "ja")
            });
            Value::Object(
                kept.map(|(key, value)| (key.clone(), ours(value))).collect::<Map<_, _>>(),
            )
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use twilight_model::application::command::Command;

    use super::*;

    #[test]
    fn discord_would_take_the_command() {
        for mut command in commands().as_array().cloned().expect("a list") {
            command["version"] = "1".into();
            let command: Command = serde_json::from_value(command).expect("it is a command");
            twilight_validate::command::command(&command).expect("within the limits");
        }
    }

    #[test]
    fn what_discord_adds_is_no_difference() {
        let mut known = commands();
        known[0]["id"] = "1".into();
        known[0]["version"] = "2".into();
        known[0]["nsfw"] = false.into();
        known[0]["options"][0]["name_localizations"] = Value::Null;
        assert_eq!(ours(&known), ours(&commands()));
        known[0]["options"][0]["description"] = "another".into();
        assert_ne!(ours(&known), ours(&commands()));
    }
}
