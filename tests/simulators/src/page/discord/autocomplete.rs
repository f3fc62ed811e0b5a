//! The suggestions of Discord's client while a person types a command: the commands, their options,
//! and the values of an option, from its list or from the app.

use serde::Serialize;
use serde_json::Value;

use super::super::fields::{flag, list, word};
use crate::discord::Discord;

/// One suggestion.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(in super::super) struct Offer {
    /// The text that is shown.
    pub(in super::super) name: String,
    /// The text beside it.
    pub(in super::super) hint: String,
    /// The whole line after it is chosen.
    pub(in super::super) line: String,
}

/// A client shows no more.
const MOST: usize = 25;

/// The commands that a person can type here.
pub(super) fn commands(discord: &Discord, guild: Option<&str>) -> Vec<Value> {
    let own = guild.map(|guild| discord.commands(Some(guild))).unwrap_or_default();
    own.into_iter().chain(discord.commands(None)).collect()
}

/// The suggestions for the line as far as it was typed.
pub(in super::super) async fn offers(
    discord: &Discord,
    user: &str,
    channel: &str,
    line: &str,
) -> Vec<Offer> {
    let line = line.trim_start();
    if !line.starts_with('/') {
        return Vec::new();
    }
    let known = discord.channels();
    let guild = known.iter().find(|one| one.id == channel).and_then(|one| one.guild.clone());
    let all = commands(discord, guild.as_deref());
    let paths: Vec<(String, &Value)> = all
        .iter()
        .flat_map(|command| paths(&format!("/{}", word(command, "name")), command))
        .collect();
    let typed = paths.iter().find_map(|(path, leaf)| Some((leaf, line.strip_prefix(path)?)));
    let Some((leaf, rest)) = typed.filter(|(_, rest)| rest.starts_with(' ')) else {
        let fits = paths.iter().filter(|(path, _)| path.starts_with(line)).take(MOST);
        let offer = |(path, leaf): &(String, &Value)| Offer {
            name: path.clone(),
            hint: word(leaf, "description").to_owned(),
            line: format!("{path} "),
        };
        return fits.map(offer).collect();
    };
    let options = list(leaf, "options");
    let Some((option, value)) = current(options, rest).filter(|(_, value)| !value.ends_with(' '))
    else {
        return names(options, line, rest);
    };
    let head = &line[..line.len() - value.len()];
    let choices: Vec<(String, Value)> = if list(option, "choices").is_empty() {
        if !flag(option, "autocomplete") {
            return Vec::new();
        }
        let asked = discord.autocomplete(user, channel, line, word(option, "name")).await;
        let asked = asked.inspect_err(|error| tracing::info!(%error, "nothing is offered"));
        asked.unwrap_or_default().into_iter().map(|choice| (choice.name, choice.value)).collect()
    } else {
        let fits = |name: &str| name.to_lowercase().contains(&value.to_lowercase());
        let all = list(option, "choices").iter();
        let all = all.map(|choice| (word(choice, "name").to_owned(), choice["value"].clone()));
        all.filter(|(name, _)| fits(name)).collect()
    };
    let offer = |(name, value): (String, Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Offer { name, hint: word(option, "name").to_owned(), line: format!("{head}{value} ") }
    };
    choices.into_iter().take(MOST).map(offer).collect()
}

/// Each command that can be run, with the text before its options.
fn paths<'a>(path: &str, command: &'a Value) -> Vec<(String, &'a Value)> {
    let is_inner = |option: &&Value| option.get("type").and_then(Value::as_u64) <= Some(2);
    let inner: Vec<&Value> = list(command, "options").iter().filter(is_inner).collect();
    if inner.is_empty() {
        return vec![(path.to_owned(), command)];
    }
    inner.iter().flat_map(|one| paths(&format!("{path} {}", word(one, "name")), one)).collect()
}

/// The option that contains the cursor, and the text in it.
fn current<'a, 'b>(options: &'a [Value], rest: &'b str) -> Option<(&'a Value, &'b str)> {
    let found = options.iter().filter_map(|option| {
        let mark = format!(" {}:", word(option, "name"));
        let at = rest.rfind(&mark)?;
        Some((at, option, &rest[at + mark.len()..]))
    });
    found.max_by_key(|(at, _, _)| *at).map(|(_, option, value)| (option, value))
}

/// The options that are not in the line yet.
fn names(options: &[Value], line: &str, rest: &str) -> Vec<Offer> {
    let last = rest.rsplit(' ').next().unwrap_or_default();
    let head = &line[..line.len() - last.len()];
    let is_free = |option: &&Value| {
        let name = word(option, "name");
        !rest.contains(&format!(" {name}:")) && name.starts_with(last)
    };
    let offer = |option: &Value| {
        let name = word(option, "name");
        let must = if flag(option, "required") { "required · " } else { "" };
        let hint = format!("{must}{}", word(option, "description"));
        Offer { name: format!("{name}:"), hint, line: format!("{head}{name}:") }
    };
    options.iter().filter(is_free).map(offer).collect()
}
