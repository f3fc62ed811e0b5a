//! Slash commands as a person types them, and the suggestions meanwhile.

use serde_json::{Value, json};

use super::{Choice, Discord, Kind, PendingInteraction, Receipt, UserActionError, enter};
use crate::discord::guild::permission;
use crate::discord::world::World;

impl Discord {
    /// Types a whole line such as `/patch show id:KB5062557 level:III`: the command, its group and
    /// sub-command, and then options by name. A value extends to the next known name.
    ///
    /// # Errors
    /// If the person cannot do it, or nobody responds.
    pub async fn run_command(
        &self,
        user: &str,
        channel: &str,
        line: &str,
    ) -> Result<Receipt, UserActionError> {
        let pending = self.typed_command(user, channel, line, None)?;
        self.interact(pending).await.map(|(receipt, _)| receipt)
    }

    /// Types the line as far as `line`, with the cursor in the option `focused`. Returns the
    /// suggestions.
    ///
    /// # Errors
    /// If the person cannot do it, or nobody responds.
    pub async fn autocomplete(
        &self,
        user: &str,
        channel: &str,
        line: &str,
        focused: &str,
    ) -> Result<Vec<Choice>, UserActionError> {
        let pending = self.typed_command(user, channel, line, Some(focused))?;
        let (_, choices) = self.interact(pending).await?;
        let choice = |choice: &Value| Choice {
            name: text(choice, "name").to_owned(),
            value: choice.get("value").cloned().unwrap_or_default(),
        };
        Ok(choices.iter().map(choice).collect())
    }

    fn typed_command(
        &self,
        user: &str,
        channel: &str,
        line: &str,
        focused: Option<&str>,
    ) -> Result<PendingInteraction, UserActionError> {
        let world = self.look();
        enter(&world, user, channel)?;
        let data = data(&world, user, channel, line, focused)?;
        let kind = if focused.is_some() { Kind::Autocomplete } else { Kind::Command };
        Ok(PendingInteraction {
            kind,
            user: user.to_owned(),
            channel: channel.to_owned(),
            source: None,
            data,
            what: line.to_owned(),
        })
    }
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    object.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The `data` of the interaction that a client would send.
fn data(
    world: &World,
    user: &str,
    channel: &str,
    line: &str,
    focused: Option<&str>,
) -> Result<Value, UserActionError> {
    let line = line.trim().trim_start_matches('/');
    let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
    let place = world.channel(channel);
    let guild = place.and_then(|channel| channel.guild.clone());
    let of_guild = guild.is_some().then(|| world.commands.get(&guild)).flatten();
    let all = of_guild.into_iter().chain(world.commands.get(&None)).flatten();
    let mut offered = all.filter(|command| text(command, "name") == name);
    let command = offered.next().ok_or_else(|| UserActionError::NoCommand(name.to_owned()))?;
    let needed = command.get("default_member_permissions").and_then(Value::as_str);
    let needed = needed.and_then(|bits| bits.parse::<u64>().ok()).unwrap_or_default();
    let held = place.map_or(0, |place| world.permissions(user, place));
    // Zero hides the command from everybody except administrators.
    let is_hidden = command.get("default_member_permissions") == Some(&json!("0"));
    if held & needed != needed || (is_hidden && held & permission::ADMINISTRATOR == 0) {
        return Err(UserActionError::NoCommand(name.to_owned()));
    }
    let options = fill(list(command, "options"), rest.trim(), focused)?;
    let mut data = json!({ "id": command["id"], "name": name, "type": 1, "options": options });
    if let Some(guild) = command.get("guild_id") {
        data["guild_id"] = guild.clone();
    }
    Ok(data)
}

fn fill(
    offered: &[Value],
    rest: &str,
    focused: Option<&str>,
) -> Result<Vec<Value>, UserActionError> {
    let kind = |option: &Value| option.get("type").and_then(Value::as_u64).unwrap_or_default();
    if offered.iter().any(|option| kind(option) <= 2) {
        let (word, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let chosen = offered.iter().find(|option| text(option, "name") == word);
        let chosen = chosen.ok_or_else(|| UserActionError::NoCommand(word.to_owned()))?;
        let inner = fill(list(chosen, "options"), rest.trim(), focused)?;
        return Ok(vec![json!({ "type": kind(chosen), "name": word, "options": inner })]);
    }
    let mut given: Vec<(&Value, String)> = Vec::new();
    for word in rest.split(' ').filter(|word| !word.is_empty()) {
        let named = word.split_once(':').and_then(|(name, value)| {
            let option = offered.iter().find(|option| text(option, "name") == name)?;
            Some((option, value.to_owned()))
        });
        match (named, given.last_mut()) {
            (Some(named), _) => given.push(named),
            (None, Some((_, value))) => {
                if !value.is_empty() {
                    value.push(' ');
                }
                value.push_str(word);
            }
            (None, None) => {
                return Err(UserActionError::Option(word.to_owned(), "no such option".to_owned()));
            }
        }
    }
    if focused.is_none() {
        let is_given = |name: &str| given.iter().any(|(option, _)| text(option, "name") == name);
        let missing = offered
            .iter()
            .find(|option| option["required"] == true && !is_given(text(option, "name")));
        if let Some(missing) = missing {
            let name = text(missing, "name").to_owned();
            return Err(UserActionError::Option(name, "it is required".to_owned()));
        }
    }
    let filled = given.iter().map(|(option, value)| one(option, value, focused));
    filled.collect()
}

fn one(option: &Value, value: &str, focused: Option<&str>) -> Result<Value, UserActionError> {
    let name = text(option, "name");
    let kind = option.get("type").and_then(Value::as_u64).unwrap_or_default();
    let is_focused = focused == Some(name);
    let wrong = |why: &str| UserActionError::Option(name.to_owned(), why.to_owned());
    let read = match kind {
        // A value that is still being typed is sent as text.
        _ if is_focused => json!(value),
        4 => json!(value.parse::<i64>().map_err(|_| wrong("it is no whole number"))?),
        10 => json!(value.parse::<f64>().map_err(|_| wrong("it is no number"))?),
        5 => json!(value.parse::<bool>().map_err(|_| wrong("it is neither true nor false"))?),
        _ => json!(value),
    };
    let choices = list(option, "choices");
    if !is_focused && !choices.is_empty() && !choices.iter().any(|one| one["value"] == read) {
        return Err(wrong("it is none of the choices"));
    }
    let number = read.as_f64();
    let bound = |name: &str| option.get(name).and_then(Value::as_f64);
    if let Some(number) = number
        && (bound("min_value").is_some_and(|least| number < least)
            || bound("max_value").is_some_and(|most| number > most))
    {
        return Err(wrong("it is out of bounds"));
    }
    let mut filled = json!({ "type": kind, "name": name, "value": read });
    if is_focused {
        if option["autocomplete"] != true {
            return Err(wrong("it has no autocomplete"));
        }
        filled["focused"] = json!(true);
    }
    Ok(filled)
}
