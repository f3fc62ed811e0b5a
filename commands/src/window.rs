//! Maintenance windows, as Systems Manager defines them, and whether a window is still the one that
//! a plan is bound to.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::environment::patch_group::GroupTag;

/// By how much the next opening of a window may differ without counting as a change: a rate may be
/// counted from when the last one really began. A change within this time came as the window
/// opened.
const JITTER: TimeDelta = TimeDelta::minutes(1);

/// What decides when a window opens, and for how long. The digest that votes name includes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowDefinition {
    /// `Schedule`: `cron(…)`, `rate(…)` or `at(…)`.
    pub schedule: String,
    /// `ScheduleTimezone`; `UTC` if none is given, as Systems Manager reads it.
    pub time_zone: String,
    /// `ScheduleOffset`: days after the schedule; 0 if none is given.
    pub offset_days: u32,
    /// `Duration` in hours.
    pub duration_hours: u32,
    /// `Cutoff` in hours: how long before its end nothing new starts.
    pub cutoff_hours: u32,
    /// `StartDate`, as it is written; `None` if it has none.
    pub starts: Option<String>,
    /// `EndDate`, as it is written; `None` if it has none.
    pub ends: Option<String>,
}

/// One future occurrence of a maintenance window, with the definition that it follows from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceWindow {
    /// The id of the window: `mw-…`.
    pub id: String,
    /// The name of the window in Systems Manager.
    pub name: String,
    /// When it opens.
    pub opens_at: DateTime<Utc>,
    /// When it opens after that; `None` if that is not known, or if it never does.
    pub following: Option<DateTime<Utc>>,
    /// When the last task may start: its end minus its cutoff.
    pub last_start: DateTime<Utc>,
    /// When it closes: its opening plus its duration.
    pub closes_at: DateTime<Utc>,
    /// Its definition when it was read.
    pub definition: WindowDefinition,
}

/// A window as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowSeen {
    /// The id of the window: `mw-…`.
    pub id: String,
    /// Its name, which several windows may share in Systems Manager.
    pub name: String,
    /// Whether it is enabled and can open at all.
    pub enabled: bool,
    /// Its definition now.
    pub definition: WindowDefinition,
    /// Whether its targets cover the environment.
    pub reach: Reach,
    /// Its next openings, soonest first. Empty if we did not ask for them.
    pub upcoming: Vec<DateTime<Utc>>,
    /// When it was last changed in any way (`ModifiedDate` of GetMaintenanceWindow). `None` if we
    /// did not ask for it: before it opens, nothing follows from it.
    pub modified_at: Option<DateTime<Utc>>,
}

/// Whether the targets of a window certainly cover every node of an environment. Targets are joined
/// by OR, the keys of one target by AND.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The targets certainly cover every node.
    Whole,
    /// The targets may cover only some of the nodes.
    Unsure(Unsure),
    /// The targets cover other nodes.
    Elsewhere,
    /// It has no targets.
    NoTargets,
}

/// Why it is not certain which nodes a window targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsure {
    /// The tag of the patch group is joined by AND with these keys.
    Joined(BTreeSet<String>),
    /// It targets nodes with other tags.
    OtherTags(BTreeSet<String>),
    /// It targets a resource group, whose nodes patchbot does not look up.
    ResourceGroup,
    /// It names nodes, and this many nodes of the environment are not among them.
    NotAmongNamed(u32),
}

/// One target that is registered with a window: its keys with their values, joined by AND.
pub type Target = Vec<(String, Vec<String>)>;

/// Whether targets certainly cover all `nodes` of the patch group `group`.
pub fn reach(targets: &[Target], group: &str, nodes: &BTreeSet<&str>) -> Reach {
    let mut named = BTreeSet::new();
    let mut unsure = None;
    let mut any_named = false;
    for target in targets {
        match target.as_slice() {
            [(key, values)] if is_group_tag(key) => {
                if values.iter().any(|value| value == group) {
                    return Reach::Whole;
                }
            }
            [(key, values)] if key.eq_ignore_ascii_case("InstanceIds") => {
                any_named = true;
                named.extend(values.iter().map(String::as_str).filter(|id| nodes.contains(id)));
            }
            keys => unsure = unsure.or_else(|| why_unsure(keys, group)),
        }
    }
    let missing = nodes.iter().filter(|node| !named.contains(*node)).count() as u32;
    match unsure {
        _ if any_named && missing == 0 && !nodes.is_empty() => Reach::Whole,
        _ if !named.is_empty() => Reach::Unsure(Unsure::NotAmongNamed(missing)),
        Some(why) => Reach::Unsure(why),
        None if targets.iter().all(Vec::is_empty) => Reach::NoTargets,
        None => Reach::Elsewhere,
    }
}

/// Why a target is uncertain. `None` if it certainly covers no node of the group, or has no keys.
fn why_unsure(keys: &[(String, Vec<String>)], group: &str) -> Option<Unsure> {
    let of_group = |(key, values): &&(String, Vec<String>)| {
        is_group_tag(key) && values.iter().any(|value| value == group)
    };
    let of_other = |(key, values): &(String, Vec<String>)| {
        is_group_tag(key) && !values.iter().any(|value| value == group)
    };
    if keys.iter().any(|(key, _)| key.starts_with("resource-groups:")) {
        return Some(Unsure::ResourceGroup);
    }
    let others = keys.iter().filter(|key| !of_group(key)).map(|(key, _)| key.clone()).collect();
    if keys.iter().any(|key| of_group(&key)) {
        return Some(Unsure::Joined(others));
    }
    // A node with both spellings is in no environment, so the other group is not ours.
    (!keys.is_empty() && !keys.iter().any(of_other)).then_some(Unsure::OtherTags(others))
}

fn is_group_tag(key: &str) -> bool {
    GroupTag::ALL.iter().any(|tag| tag.filter() == key)
}

impl WindowSeen {
    /// Its future occurrences; none if it is disabled.
    pub fn occurrences(&self) -> impl Iterator<Item = MaintenanceWindow> {
        let hours = |hours: u32| TimeDelta::hours(i64::from(hours));
        let upcoming = self.upcoming.iter().enumerate().filter(|_| self.enabled);
        upcoming.map(move |(at, opens_at)| {
            let closes_at = *opens_at + hours(self.definition.duration_hours);
            MaintenanceWindow {
                id: self.id.clone(),
                name: self.name.clone(),
                opens_at: *opens_at,
                following: self.upcoming.get(at + 1).copied(),
                last_start: closes_at - hours(self.definition.cutoff_hours),
                closes_at,
                definition: self.definition.clone(),
            }
        })
    }

    /// Whether a person who names it may mean it: it can open, and may target the environment.
    fn may_be_meant(&self) -> bool {
        let reaches = match self.reach {
            Reach::Whole | Reach::Unsure(_) => true,
            Reach::Elsewhere | Reach::NoTargets => false,
        };
        self.enabled && reaches
    }
}

/// Why no window qualifies for an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// No window has this name.
    NoSuch,
    /// Several windows have this name, and may be meant.
    Several(Vec<String>),
    /// The window is disabled.
    Disabled(String),
    /// It has no future occurrence: its dates or its schedule are over.
    NeverOpens(String),
    /// Its targets do not certainly cover the whole environment.
    NotReaching(String, Reach),
}

/// The next occurrence of the only window with this name that certainly covers the environment.
pub fn next(
    windows: &[WindowSeen],
    name: &str,
    now: DateTime<Utc>,
) -> Result<MaintenanceWindow, NotTaken> {
    let named = || windows.iter().filter(|window| window.name == name);
    let meant: Vec<&WindowSeen> = named().filter(|window| window.may_be_meant()).collect();
    let window = match meant.as_slice() {
        [one] => *one,
        [] => {
            let Some(one) = named().next() else { return Err(NotTaken::NoSuch) };
            let id = one.id.clone();
            return Err(match one.enabled {
                false => NotTaken::Disabled(id),
                true => NotTaken::NotReaching(id, one.reach.clone()),
            });
        }
        several => {
            return Err(NotTaken::Several(several.iter().map(|one| one.id.clone()).collect()));
        }
    };
    if window.reach != Reach::Whole {
        return Err(NotTaken::NotReaching(window.id.clone(), window.reach.clone()));
    }
    let next = window.occurrences().find(|occurrence| occurrence.last_start > now);
    next.ok_or_else(|| NotTaken::NeverOpens(window.id.clone()))
}

/// How a window differs from the one that a plan is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowChange {
    /// There is no window with its id.
    Deleted,
    /// The window is disabled.
    Disabled,
    /// Its targets no longer certainly cover the whole environment.
    NotReaching(Reach),
    /// Other windows have its name as well, and may be meant.
    Several(Vec<String>),
    /// It does not open at the time in the plan.
    Moved {
        /// When the plan expected it to open.
        was: DateTime<Utc>,
        /// When it opens next; `None` if it never does.
        is: Option<DateTime<Utc>>,
    },
    /// It was changed after it should have opened. It may have been disabled then and enabled again
    /// since, with the same definition, so we cannot tell whether it opened.
    ChangedSince {
        /// When it was changed.
        at: DateTime<Utc>,
    },
    /// A part of its definition has changed.
    Redefined {
        /// The part that has changed.
        part: WindowPart,
        /// The value in the plan; empty if there was none.
        was: String,
        /// The value now; empty if there is none.
        is: String,
    },
}

/// A part of the definition of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the definition")]
pub enum WindowPart {
    Name,
    Schedule,
    TimeZone,
    Offset,
    Duration,
    Cutoff,
    StartDate,
    EndDate,
}

impl MaintenanceWindow {
    /// What has changed; empty if this is still the same window. `seen` contains the window with
    /// its id and all windows with its name.
    pub fn changes(&self, seen: &[WindowSeen], now: DateTime<Utc>) -> Vec<WindowChange> {
        let Some(window) = seen.iter().find(|window| window.id == self.id) else {
            return vec![WindowChange::Deleted];
        };
        let mut changes = self.redefined(window);
        if !window.enabled {
            changes.push(WindowChange::Disabled);
        }
        if window.reach != Reach::Whole {
            changes.push(WindowChange::NotReaching(window.reach.clone()));
        }
        let others = seen.iter().filter(|other| other.id != self.id && other.name == self.name);
        let others: Vec<String> =
            others.filter(|other| other.may_be_meant()).map(|other| other.id.clone()).collect();
        if !others.is_empty() {
            changes.push(WindowChange::Several(others));
        }
        // If a window is not the environment's, its future occurrences are not read.
        let is_read = window.enabled && window.reach == Reach::Whole;
        if is_read && !self.is_kept(&window.upcoming, now) {
            let is = window.upcoming.first().copied();
            changes.push(WindowChange::Moved { was: self.opens_at, is });
        }
        changes
    }

    /// The change, if it was made after the window should have opened and before anything was sent
    /// in it.
    pub fn changed_since(&self, seen: &[WindowSeen]) -> Option<WindowChange> {
        let window = seen.iter().find(|window| window.id == self.id)?;
        let at = window.modified_at.filter(|at| *at > self.opens_at + JITTER)?;
        Some(WindowChange::ChangedSince { at })
    }

    /// Whether it still opens, or did open, at the time in the plan. The same definition does not
    /// guarantee that: changing the window restarts the count of a rate, even if the change is
    /// undone. Systems Manager lists an occurrence until it opens; after that the next one shows
    /// it.
    fn is_kept(&self, upcoming: &[DateTime<Utc>], now: DateTime<Utc>) -> bool {
        if upcoming.contains(&self.opens_at) {
            return true;
        }
        match self.following {
            _ if now < self.opens_at => false,
            Some(following) if now < following => {
                upcoming.first().is_some_and(|next| (*next - following).abs() <= JITTER)
            }
            Some(_) | None => true,
        }
    }

    fn redefined(&self, seen: &WindowSeen) -> Vec<WindowChange> {
        let parts = |name: &str, of: &WindowDefinition| {
            let WindowDefinition {
                schedule,
                time_zone,
                offset_days,
                duration_hours,
                cutoff_hours,
                starts,
                ends,
            } = of.clone();
            [
                (WindowPart::Name, name.to_owned()),
                (WindowPart::Schedule, schedule),
                (WindowPart::TimeZone, time_zone),
                (WindowPart::Offset, offset_days.to_string()),
                (WindowPart::Duration, duration_hours.to_string()),
                (WindowPart::Cutoff, cutoff_hours.to_string()),
                (WindowPart::StartDate, starts.unwrap_or_default()),
                (WindowPart::EndDate, ends.unwrap_or_default()),
            ]
        };
        let (before, after) =
            (parts(&self.name, &self.definition), parts(&seen.name, &seen.definition));
        let pairs = before.into_iter().zip(after);
        let changed = pairs.filter(|((_, was), (_, is))| was != is);
        changed.map(|((part, was), (_, is))| WindowChange::Redefined { part, was, is }).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests;
