//! The checks that involve more than one key.
//!
//! A check is a function of an [`Entry`] that adds what it finds to the [`Mistakes`]: it reads what
//! it needs with `entry.key("…")` and treats a missing or wrong value as absent, because `tree.rs`
//! has reported that. Its messages are `'static`, so that no value of the file can get into them; a
//! [`Name`] is the one exception.

use chrono::Utc;
use commands::input::command::NOW;
use commands::schedule::Schedule;

use super::isolation::{roles_are_of_its_account, shares_no_node};
use super::mistake::{Mistakes, Name};
use super::tree::Entry;
use super::value_type::partition;
use crate::aws::QueueUrl;

pub(super) fn check(file: &Entry<'_>, mistakes: &mut Mistakes<'_>) {
    platforms(file, mistakes);
    schedule(&file.key("assess"), mistakes);
    for table in ["person", "group", "channel", "environment"] {
        names(&file.key(table), mistakes);
    }
    for (table, keys) in [("person", ["slack", "discord"]), ("group", ["slack", "discord_role"])] {
        ids(&file.key(table), keys, mistakes);
    }
    let environments = file.key("environment").list();
    if file.key("environment").is_there() && environments.is_empty() {
        let says = "is empty: there is nothing to patch. Describe an [[environment]]";
        mistakes.add(&file.key("environment").span, "environment", says);
    }
    for (at, environment) in environments.iter().enumerate() {
        let described = environments.get(..at).unwrap_or_default();
        promotion(environment, described, mistakes);
        shares_no_node(environment, described, mistakes);
        roles(environment, mistakes);
        roles_are_of_its_account(environment, mistakes);
        deciders(file, environment, mistakes);
        windows(environment, mistakes);
    }
    channels(file, mistakes);
    queues(file, mistakes);
}

fn say(mistakes: &mut Mistakes<'_>, entry: &Entry<'_>, says: &'static str) {
    mistakes.add(&entry.span, &entry.path, says);
}

fn platforms(file: &Entry<'_>, mistakes: &mut Mistakes<'_>) {
    let (slack, discord) = (file.key("slack"), file.key("discord"));
    if !slack.is_there() && !discord.is_there() {
        say(
            mistakes,
            file,
            "neither [slack] nor [discord] is described: nobody could be asked or told",
        );
    }
    let listen = slack.key("listen");
    match (slack.key("mode").text(), listen.is_there()) {
        (Some("http"), false) => say(
            mistakes,
            &listen,
            "is missing: with `mode = \"http\"` Slack's requests have to arrive somewhere, such as \
             \"127.0.0.1:3000\" behind a proxy with TLS",
        ),
        (Some("socket") | None, true) => {
            say(mistakes, &listen, "is for `mode = \"http\"`: Socket Mode opens no port");
        }
        (Some(_) | None, _) => {}
    }
    if !slack.key("channel").is_there() && file.key("channel").list().is_empty() {
        say(
            mistakes,
            file,
            "no channel is described, neither by `slack.channel` nor by a [[channel]]: nobody would hear of anything",
        );
    }
}

fn schedule(assess: &Entry<'_>, mistakes: &mut Mistakes<'_>) {
    let written = assess.key("schedule");
    let zone = assess.key("time_zone").text().unwrap_or("UTC");
    let Some(schedule) = written.text().and_then(|text| Schedule::new(text, zone).ok()) else {
        return;
    };
    if schedule.next_after(Utc::now()).is_none() {
        say(mistakes, &written, "never comes: there is no such day, or its year is over");
    }
}

/// Checks that no two tables of a kind have the same name.
fn names(tables: &Entry<'_>, mistakes: &mut Mistakes<'_>) {
    let mut known = Vec::new();
    for name in tables.list().iter().map(|table| table.key("name")) {
        let Some(text) = name.text() else { continue };
        if known.contains(&text) {
            say(mistakes, &name, "is the name of another one, too: give each a name of its own");
        }
        known.push(text);
    }
}

/// Checks that each has at least one id, and that no two share one, because one person has one
/// vote.
fn ids(tables: &Entry<'_>, keys: [&'static str; 2], mistakes: &mut Mistakes<'_>) {
    let mut known = Vec::new();
    for table in tables.list() {
        let ids = keys.map(|key| table.key(key));
        if ids.iter().all(|id| !id.is_there()) {
            say(
                mistakes,
                &table,
                "has an id neither of Slack nor of Discord (neither `slack` nor `discord`): nobody would be meant",
            );
        }
        for (id, key) in ids.iter().zip(keys) {
            let Some(text) = id.text() else { continue };
            if known.contains(&(key, text)) {
                say(mistakes, id, "is the id of another one, too: each id belongs to one");
            }
            known.push((key, text));
        }
    }
}

/// Checks the promotion order: which environment precedes, and what that requires.
fn promotion(environment: &Entry<'_>, described: &[Entry<'_>], mistakes: &mut Mistakes<'_>) {
    let after = environment.key("after");
    let first = environment.key("first");
    if after.is_there() && first.is_true() {
        say(mistakes, &after, "and `first` contradict each other: take one away");
    }
    if let Some(text) = after.text() {
        let names: Vec<&str> =
            described.iter().filter_map(|known| known.key("name").text()).collect();
        if !names.contains(&text) {
            let says =
                "names an environment, and no environment of that name is described further up";
            mistakes.add_meant(&after.span, &after.path, says, Name::meant(text, names));
        }
    }
    let has_before = !first.is_true() && (after.is_there() || !described.is_empty());
    let list = environment.key("override_location");
    if has_before && !list.is_there() {
        say(
            mistakes,
            &list,
            "is missing: what the environment before it proved has to be put where the nodes \
             can read it, or nothing here could ever be approved",
        );
    }
}

fn roles(environment: &Entry<'_>, mistakes: &mut Mistakes<'_>) {
    let key = |name| environment.key(name);
    let [both, read, execute] = ["role_arn", "read_role_arn", "execute_role_arn"].map(key);
    let [id, read_id, execute_id] =
        ["external_id", "read_external_id", "execute_external_id"].map(key);
    let apart = read.is_there() || execute.is_there();
    if both.is_there() && apart {
        say(
            mistakes,
            &both,
            "is short for `read_role_arn` and `execute_role_arn`: give it, or give those",
        );
    }
    if id.is_there() && (read_id.is_there() || execute_id.is_there()) {
        say(
            mistakes,
            &id,
            "is short for `read_external_id` and `execute_external_id`: give it, or give those",
        );
    }
    if id.is_there() && !both.is_there() && !apart {
        say(mistakes, &id, "is given, and no role that asks for it: `role_arn` is missing");
    }
    if read_id.is_there() && !read.is_there() && !both.is_there() {
        say(
            mistakes,
            &read_id,
            "is given, and no role that asks for it: `read_role_arn` is missing",
        );
    }
    if execute_id.is_there() && !execute.is_there() && !both.is_there() {
        say(
            mistakes,
            &execute_id,
            "is given, and no role that asks for it: `execute_role_arn` is missing",
        );
    }
    if execute.is_there() && !read.is_there() {
        say(
            mistakes,
            &execute,
            "is given and `read_role_arn` is missing: nothing could be seen there",
        );
    }
    let Some(region) = key("region").text() else { return };
    for role in [both, read, execute] {
        let named = role.text().and_then(|arn| arn.split(':').nth(1));
        if named.is_some_and(|named| named != partition(region)) {
            say(
                mistakes,
                &role,
                "is of another partition of AWS than `region`: an ARN in China begins with arn:aws-cn, in GovCloud with arn:aws-us-gov, elsewhere with arn:aws",
            );
        }
    }
}

/// Checks that owners, approvers and requesters are described, and that there are enough of them.
fn deciders(file: &Entry<'_>, environment: &Entry<'_>, mistakes: &mut Mistakes<'_>) {
    refers(file, &environment.key("owner"), mistakes);
    let may_ask = environment.key("may_ask");
    if may_ask.is_empty_list() {
        let says = "names nobody: take it away, and everybody may ask; or name those who may";
        say(mistakes, &may_ask, says);
    }
    for person in may_ask.list() {
        refers(file, &person, mistakes);
    }
    for approver in environment.key("approvers").list() {
        refers(file, &approver, mistakes);
    }
    quorum(environment, environment, mistakes);
    for level in ["III", "II", "I", "unrated"] {
        let level = environment.key("level").key(level);
        for approver in level.key("approvers").list() {
            refers(file, &approver, mistakes);
        }
        if level.key("quorum").is_there() || level.key("approvers").is_there() {
            quorum(&level, environment, mistakes);
        }
    }
}

/// Checks whether enough people are named. The members of a group are not known here.
fn quorum(table: &Entry<'_>, environment: &Entry<'_>, mistakes: &mut Mistakes<'_>) {
    let own =
        |key| Some(table.key(key)).filter(Entry::is_there).unwrap_or_else(|| environment.key(key));
    let (quorum, approvers) = (own("quorum"), own("approvers"));
    let mut people: Vec<&str> = approvers.list().iter().filter_map(Entry::text).collect();
    let groups = people.iter().any(|name| name.starts_with('@'));
    people.sort_unstable();
    people.dedup();
    let wanted = quorum.whole().unwrap_or(1);
    let there = i64::try_from(people.len()).unwrap_or(i64::MAX);
    if !people.is_empty() && !groups && there < wanted {
        let at = if table.key("quorum").is_there() { quorum } else { table.key("approvers") };
        let says = "cannot be reached: it takes more different approvers than there are. `approvers` names no group, and of people only";
        mistakes.add_counted(&at.span, &at.path, says, people.len());
    }
}

/// Checks that a name is described in the file: `aiko` as a person, and `@sre` as a group.
fn refers(file: &Entry<'_>, entry: &Entry<'_>, mistakes: &mut Mistakes<'_>) {
    let Some(text) = entry.text() else { return };
    let (kind, name) = match text.strip_prefix('@') {
        Some(name) => ("group", name),
        None => ("person", text),
    };
    let tables = file.key(kind).list();
    let known: Vec<&str> = tables.iter().filter_map(|table| table.key("name").text()).collect();
    if known.contains(&name) {
        return;
    }
    let says = match kind {
        "group" => "names a group that is not described by a [[group]]",
        _ => {
            "names a person that is not described by a [[person]] (a group has an @ before its name)"
        }
    };
    mistakes.add_meant(&entry.span, &entry.path, says, Name::meant(name, known));
}

fn windows(environment: &Entry<'_>, mistakes: &mut Mistakes<'_>) {
    for window in environment.key("windows").list() {
        if window.text().is_some_and(|text| text.eq_ignore_ascii_case(NOW)) {
            say(
                mistakes,
                &window,
                "is what people type for no window at all: a window of that name cannot be chosen",
            );
        }
    }
}

fn channels(file: &Entry<'_>, mistakes: &mut Mistakes<'_>) {
    let short = file.key("slack").key("channel");
    let mut known: Vec<(&str, &str)> = short.text().map(|id| ("slack", id)).into_iter().collect();
    for channel in file.key("channel").list() {
        let name = channel.key("name");
        if short.is_there() && name.text() == Some("slack") {
            say(mistakes, &name, "is the name of `slack.channel`: give this one another");
        }
        let ids = ["slack", "discord"].map(|platform| (platform, channel.key(platform)));
        if ids.iter().filter(|(_, id)| id.is_there()).count() != 1 {
            say(
                mistakes,
                &channel,
                "has to have exactly one of `slack` and `discord`, with the id of the channel",
            );
        }
        for (platform, id) in ids {
            let Some(text) = id.text() else { continue };
            if !file.key(platform).is_there() {
                let says = if platform == "slack" {
                    "needs [slack], which is missing"
                } else {
                    "needs [discord], which is missing"
                };
                say(mistakes, &id, says);
            }
            if known.contains(&(platform, text)) {
                say(
                    mistakes,
                    &id,
                    "is the id of another channel of this file: they are the same one",
                );
            }
            known.push((platform, text));
        }
        follows(file, &channel, mistakes);
    }
}

/// Checks that everything a channel follows is described, and that its filters leave something.
fn follows(file: &Entry<'_>, channel: &Entry<'_>, mistakes: &mut Mistakes<'_>) {
    let environments = file.key("environment").list();
    let of = |key| environments.iter().filter_map(move |environment| environment.key(key).text());
    let (named, owners) = (channel.key("environments"), channel.key("owners"));
    for entry in named.list() {
        let Some(text) = entry.text() else { continue };
        if !of("name").any(|name| name == text) {
            let meant = Name::meant(text, of("name"));
            mistakes.add_meant(
                &entry.span,
                &entry.path,
                "names an environment, and there is no such environment",
                meant,
            );
        }
    }
    for entry in owners.list() {
        let Some(text) = entry.text() else { continue };
        if !of("owner").any(|owner| owner == text) {
            let meant = Name::meant(text, of("owner"));
            let says = "names a group, and no [[environment]] has it as its `owner`";
            mistakes.add_meant(&entry.span, &entry.path, says, meant);
        }
    }
    let texts = |entry: &Entry<'_>| {
        entry.list().iter().filter_map(|one| one.text().map(str::to_owned)).collect::<Vec<_>>()
    };
    let (named_texts, owner_texts) = (texts(&named), texts(&owners));
    let is_in = |list: &[String], key, environment: &Entry<'_>| {
        environment.key(key).text().is_some_and(|text| list.iter().any(|one| one == text))
    };
    let left = environments.iter().any(|environment| {
        is_in(&owner_texts, "owner", environment)
            && (!named.is_there() || is_in(&named_texts, "name", environment))
    });
    if !owner_texts.is_empty() && !left {
        say(
            mistakes,
            &owners,
            "own none of the `environments` of this channel: nothing is left to hear of",
        );
    }
}

/// Checks that each queue has an environment in its account, whose read role polls it.
fn queues(file: &Entry<'_>, mistakes: &mut Mistakes<'_>) {
    let urls = file.key("aws").key("events").key("queue_url");
    if urls.is_there() && urls.one_or_list().is_empty() {
        say(mistakes, &urls, "is empty: take [aws.events] away");
    }
    let environments = file.key("environment").list();
    for entry in urls.one_or_list() {
        let Some(Ok(queue)) = entry.text().map(str::parse::<QueueUrl>) else { continue };
        let account =
            |environment: &Entry<'_>| environment.key("account").text() == Some(queue.account());
        if !environments.iter().any(account) {
            say(
                mistakes,
                &entry,
                "is in an account in which no environment is: with whose read role should it be read?",
            );
        }
        let here = partition(queue.region());
        let region = |environment: &Entry<'_>| {
            environment.key("region").text().is_some_and(|region| partition(region) == here)
        };
        if environments.iter().any(account)
            && !environments.iter().filter(|one| account(one)).any(region)
        {
            say(
                mistakes,
                &entry,
                "is in another partition of AWS than the environments of its account",
            );
        }
    }
}
