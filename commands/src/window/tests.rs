//! Tests of the occurrences, targets and changes of maintenance windows.

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// Every Sunday at 02:00 in Tokyo, for four hours.
pub(crate) fn definition() -> WindowDefinition {
    WindowDefinition {
        schedule: "cron(0 2 ? * SUN *)".into(),
        time_zone: "Asia/Tokyo".into(),
        offset_days: 0,
        duration_hours: 4,
        cutoff_hours: 1,
        starts: None,
        ends: None,
    }
}

/// An occurrence of the window `mw-1` with that definition.
pub(crate) fn occurrence(
    name: &str,
    opens_at: DateTime<Utc>,
    last_start: DateTime<Utc>,
    closes_at: DateTime<Utc>,
) -> MaintenanceWindow {
    MaintenanceWindow {
        id: "mw-1".into(),
        name: name.into(),
        opens_at,
        following: None,
        last_start,
        closes_at,
        definition: definition(),
    }
}

/// The window of an occurrence, as it was when that was planned.
pub(crate) fn unchanged(window: &MaintenanceWindow) -> WindowSeen {
    WindowSeen {
        id: window.id.clone(),
        name: window.name.clone(),
        enabled: true,
        definition: window.definition.clone(),
        reach: Reach::Whole,
        upcoming: vec![window.opens_at],
        modified_at: None,
    }
}

fn seen() -> WindowSeen {
    WindowSeen {
        id: "mw-1".into(),
        name: "sunday".into(),
        enabled: true,
        definition: definition(),
        reach: Reach::Whole,
        upcoming: vec![at("2026-03-07T17:00:00Z"), at("2026-03-14T17:00:00Z")],
        modified_at: None,
    }
}

const BEFORE: &str = "2026-03-01T00:00:00Z";

fn target(keys: &[(&str, &[&str])]) -> Target {
    let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    keys.iter().map(|(key, values)| ((*key).to_owned(), owned(values))).collect()
}

fn of(targets: &[Target]) -> Reach {
    reach(targets, "web", &BTreeSet::from(["i-a", "i-b"]))
}

#[test]
fn only_a_target_that_certainly_takes_in_the_environment_counts() {
    for whole in [
        target(&[("tag:PatchGroup", &["db", "web"])]),
        target(&[("tag:Patch Group", &["web"])]),
        target(&[("instanceids", &["i-a", "i-b", "i-c"])]),
    ] {
        assert_eq!(of(std::slice::from_ref(&whole)), Reach::Whole, "{whole:?}");
        let other = target(&[("tag:PatchGroup", &["db"])]);
        assert_eq!(of(&[other, whole.clone()]), Reach::Whole, "targets are joined by OR");
    }
    let halves = [target(&[("InstanceIds", &["i-a"])]), target(&[("InstanceIds", &["i-b"])])];
    assert_eq!(of(&halves), Reach::Whole);
}

#[test]
fn keys_that_are_joined_by_and_are_not_the_groups_window() {
    let joined = target(&[("tag:PatchGroup", &["web"]), ("tag:Env", &["prod"])]);
    let others = BTreeSet::from(["tag:Env".to_owned()]);
    assert_eq!(of(&[joined]), Reach::Unsure(Unsure::Joined(others.clone())));
    let other = target(&[("tag:Env", &["prod"])]);
    assert_eq!(of(&[other]), Reach::Unsure(Unsure::OtherTags(others)));
    let resources = target(&[("resource-groups:Name", &["web"])]);
    assert_eq!(of(&[resources]), Reach::Unsure(Unsure::ResourceGroup));
    let named = target(&[("InstanceIds", &["i-a"])]);
    assert_eq!(of(&[named]), Reach::Unsure(Unsure::NotAmongNamed(1)));
    let elsewhere = target(&[("tag:PatchGroup", &["db"]), ("tag:Env", &["prod"])]);
    assert_eq!(of(&[elsewhere, target(&[("InstanceIds", &["i-z"])])]), Reach::Elsewhere);
    assert_eq!(of(&[]), Reach::NoTargets);
}

#[test]
fn the_next_occurrence_is_of_the_one_window_that_is_meant() {
    let now = at(BEFORE);
    let taken = next(&[seen()], "sunday", now).expect("it is the environment's");
    assert_eq!(
        (taken.opens_at, taken.last_start),
        (seen().upcoming[0], at("2026-03-07T20:00:00Z"))
    );
    assert_eq!(next(&[seen()], "monday", now), Err(NotTaken::NoSuch));
    let twin = WindowSeen { id: "mw-2".into(), ..seen() };
    let several = NotTaken::Several(vec!["mw-1".into(), "mw-2".into()]);
    assert_eq!(next(&[seen(), twin.clone()], "sunday", now), Err(several));
    // Another team's window of the same name cannot be meant.
    let other = WindowSeen { reach: Reach::Elsewhere, ..twin };
    assert!(next(&[other, seen()], "sunday", now).is_ok());
    let off = WindowSeen { enabled: false, ..seen() };
    assert_eq!(next(&[off], "sunday", now), Err(NotTaken::Disabled("mw-1".into())));
    let over = WindowSeen { upcoming: Vec::new(), ..seen() };
    assert_eq!(next(&[over], "sunday", now), Err(NotTaken::NeverOpens("mw-1".into())));
    let unsure = Reach::Unsure(Unsure::ResourceGroup);
    let group = WindowSeen { reach: unsure.clone(), ..seen() };
    assert_eq!(next(&[group], "sunday", now), Err(NotTaken::NotReaching("mw-1".into(), unsure)));
}

#[test]
fn every_part_of_the_definition_is_compared() {
    let now = at(BEFORE);
    let planned = next(&[seen()], "sunday", now).expect("it is the environment's");
    assert_eq!(planned.changes(&[seen()], now), []);
    let parts: [(WindowPart, WindowDefinition); 7] = [
        (
            WindowPart::Schedule,
            WindowDefinition { schedule: "rate(7 days)".into(), ..definition() },
        ),
        (WindowPart::TimeZone, WindowDefinition { time_zone: "UTC".into(), ..definition() }),
        (WindowPart::Offset, WindowDefinition { offset_days: 2, ..definition() }),
        (WindowPart::Duration, WindowDefinition { duration_hours: 3, ..definition() }),
        (WindowPart::Cutoff, WindowDefinition { cutoff_hours: 4, ..definition() }),
        (WindowPart::StartDate, WindowDefinition { starts: Some("x".into()), ..definition() }),
        (WindowPart::EndDate, WindowDefinition { ends: Some("x".into()), ..definition() }),
    ];
    for (expected, definition) in parts {
        let changes = planned.changes(&[WindowSeen { definition, ..seen() }], now);
        let [WindowChange::Redefined { part, .. }] = changes.as_slice() else {
            panic!("{expected:?}: {changes:?}");
        };
        assert_eq!(*part, expected);
    }
    let renamed = planned.changes(&[WindowSeen { name: "saturday".into(), ..seen() }], now);
    let name = WindowChange::Redefined {
        part: WindowPart::Name,
        was: "sunday".into(),
        is: "saturday".into(),
    };
    assert_eq!(renamed, [name]);
}

#[test]
fn a_window_that_does_not_come_as_planned_has_changed() {
    let now = at(BEFORE);
    let planned = next(&[seen()], "sunday", now).expect("it is the environment's");
    assert_eq!(planned.changes(&[], now), [WindowChange::Deleted]);
    let off = WindowSeen { enabled: false, upcoming: Vec::new(), ..seen() };
    assert_eq!(planned.changes(&[off], now), [WindowChange::Disabled]);
    let untargeted = WindowSeen { reach: Reach::Elsewhere, ..seen() };
    let no_reach = WindowChange::NotReaching(Reach::Elsewhere);
    assert_eq!(planned.changes(&[untargeted], now), [no_reach]);
    let twin = WindowSeen { id: "mw-2".into(), ..seen() };
    let several = WindowChange::Several(vec!["mw-2".into()]);
    assert_eq!(planned.changes(&[twin, seen()], now), [several]);
    // Once it has opened, only the next one is listed.
    let later = WindowSeen { upcoming: vec![seen().upcoming[1]], ..seen() };
    let moved = WindowChange::Moved { was: planned.opens_at, is: Some(seen().upcoming[1]) };
    assert_eq!(planned.changes(std::slice::from_ref(&later), now), [moved]);
    assert_eq!(planned.changes(&[later], planned.opens_at), []);
}

#[test]
fn a_rate_that_is_counted_from_another_moment_moves_the_window_although_nothing_else_differs() {
    let days = |day: u32| at(&format!("2026-03-{day:02}T17:00:00Z"));
    let definition = WindowDefinition { schedule: "rate(7 days)".into(), ..definition() };
    let rated = |upcoming: &[DateTime<Utc>]| WindowSeen {
        definition: definition.clone(),
        upcoming: upcoming.to_vec(),
        ..seen()
    };
    let planned = next(&[rated(&[days(7), days(14)])], "sunday", at(BEFORE)).expect("it is meant");
    let during = days(7) + TimeDelta::hours(1);
    let check = |upcoming: &[DateTime<Utc>], expected: Option<Option<DateTime<Utc>>>| {
        let is = expected.map(|is| WindowChange::Moved { was: days(7), is });
        let found = planned.changes(&[rated(upcoming)], during);
        assert_eq!(found, Vec::from_iter(is), "{upcoming:?}");
    };
    check(&[days(14), days(21)], None);
    check(&[days(14) + TimeDelta::seconds(40)], None);
    // Systems Manager may list an occurrence for a moment after it has opened.
    check(&[days(7), days(14)], None);
    check(&[days(9), days(16)], Some(Some(days(9))));
    check(&[days(15), days(22)], Some(Some(days(15))));
    check(&[], Some(None));
    // A plan for the very last occurrence: nothing follows that could be compared.
    let last = next(&[rated(&[days(7)])], "sunday", at(BEFORE)).expect("it is meant");
    assert_eq!(last.changes(&[rated(&[])], during), []);
}

#[test]
fn a_window_that_was_changed_after_it_was_to_open_may_not_have_opened() {
    let planned = next(&[seen()], "sunday", at(BEFORE)).expect("it is the environment's");
    // Disabled before, and enabled again since: everything is as it was.
    let now = at("2026-03-07T17:45:00Z");
    let check = |modified_at: &str, is_reported: bool| {
        let modified = at(modified_at);
        let again = WindowSeen {
            upcoming: vec![seen().upcoming[1]],
            modified_at: Some(modified),
            ..seen()
        };
        assert_eq!(planned.changes(std::slice::from_ref(&again), now), [], "{modified_at}");
        let expected = is_reported.then_some(WindowChange::ChangedSince { at: modified });
        assert_eq!(planned.changed_since(&[again]), expected, "{modified_at}");
    };
    check("2026-03-07T17:30:00Z", true);
    check("2026-03-07T17:01:01Z", true);
    // Changed as it opened, if that counts as a change.
    check("2026-03-07T17:00:20Z", false);
    check("2026-03-07T16:59:00Z", false);
    assert_eq!(planned.changed_since(&[seen()]), None, "it was not asked for");
}
