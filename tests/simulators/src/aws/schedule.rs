//! Schedules of maintenance windows: `cron(...)`, `rate(...)` and `at(...)`.
//!
//! The parser accepts what windows in practice use: numbers, names, lists, ranges, steps, `*`, `?`,
//! `L` as day of the month, and `TUE#2` and `TUEL` as day of the week. Anything else, and time
//! zones other than UTC and Asia/Tokyo, are refused when the world is seeded.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};
use thiserror::Error;

/// When a window opens.
#[derive(Clone, Debug)]
pub struct Schedule {
    text: String,
    rule: Rule,
    zone: Zone,
}

/// An error for a schedule that cannot be parsed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the schedule {text:?} is not understood: {why}")]
pub struct ScheduleError {
    text: String,
    why: &'static str,
}

#[derive(Clone, Debug)]
enum Rule {
    Cron(Box<Cron>),
    Rate(TimeDelta),
    At(NaiveDateTime),
}

#[derive(Clone, Copy, Debug)]
enum Zone {
    Utc,
    /// Nine hours ahead all year.
    Tokyo,
}

#[derive(Clone, Debug)]
struct Cron {
    minutes: BTreeSet<u32>,
    hours: BTreeSet<u32>,
    days: Days,
    months: BTreeSet<u32>,
    years: Option<BTreeSet<u32>>,
}

#[derive(Clone, Debug)]
enum Days {
    OfMonth(BTreeSet<u32>),
    LastOfMonth,
    OfWeek(BTreeSet<u32>),
    NthOfWeek(u32, u32),
    LastOfWeek(u32),
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Schedule {
    /// Parses a schedule expression, in UTC.
    ///
    /// # Errors
    /// If it has none of the forms above.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let refuse = |why| ScheduleError { text: text.into(), why };
        let inside = |kind: &str| {
            text.strip_prefix(kind)
                .and_then(|t| t.strip_prefix('('))
                .and_then(|t| t.strip_suffix(')'))
        };
        let rule = if let Some(fields) = inside("cron") {
            Rule::Cron(Box::new(Cron::parse(fields).map_err(refuse)?))
        } else if let Some(rate) = inside("rate") {
            Rule::Rate(parse_rate(rate).map_err(refuse)?)
        } else if let Some(moment) = inside("at") {
            let moment = moment.trim_end_matches('Z');
            let parsed = NaiveDateTime::parse_from_str(moment, "%Y-%m-%dT%H:%M:%S");
            Rule::At(parsed.map_err(|_| refuse("at() takes 2026-11-24T22:00:00"))?)
        } else {
            return Err(refuse("it is neither cron(), rate() nor at()"));
        };
        Ok(Self { text: text.into(), rule, zone: Zone::Utc })
    }

    /// Every day at a time of day, in UTC. A value beyond 23:59 means the last hour or minute.
    pub fn daily_at(hour: u32, minute: u32) -> Self {
        let (hour, minute) = (hour.min(23), minute.min(59));
        let cron = Cron {
            minutes: BTreeSet::from([minute]),
            hours: BTreeSet::from([hour]),
            days: Days::OfMonth((1..=31).collect()),
            months: (1..=12).collect(),
            years: None,
        };
        let text = format!("cron({minute} {hour} * * ? *)");
        Self { text, rule: Rule::Cron(Box::new(cron)), zone: Zone::Utc }
    }

    /// The same expression in a time zone.
    ///
    /// # Errors
    /// If the zone is neither UTC nor Asia/Tokyo.
    pub fn in_zone(mut self, zone: &str) -> Result<Self, ScheduleError> {
        self.zone = match zone {
            "UTC" | "Etc/UTC" => Zone::Utc,
            "Asia/Tokyo" => Zone::Tokyo,
            _ => return Err(ScheduleError { text: zone.into(), why: "no such time zone here" }),
        };
        Ok(self)
    }

    /// The expression as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name of its time zone.
    pub fn zone(&self) -> &'static str {
        match self.zone {
            Zone::Utc => "UTC",
            Zone::Tokyo => "Asia/Tokyo",
        }
    }

    /// The first opening after `now`, of a window that was created at `created`.
    pub fn next(&self, created: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let ahead = match self.zone {
            Zone::Utc => TimeDelta::zero(),
            Zone::Tokyo => TimeDelta::hours(9),
        };
        let local = (now + ahead).naive_utc();
        let next = match &self.rule {
            Rule::Cron(cron) => cron.next(local)?,
            Rule::At(moment) => Some(*moment).filter(|moment| *moment > local)?,
            Rule::Rate(every) => {
                let passed = (now - created).num_seconds().max(0) / every.num_seconds() + 1;
                return Some(created + TimeDelta::seconds(passed * every.num_seconds()));
            }
        };
        Some(next.and_utc() - ahead)
    }
}

fn parse_rate(text: &str) -> Result<TimeDelta, &'static str> {
    let (count, unit) = text.trim().split_once(' ').ok_or("rate() takes a number and a unit")?;
    let count: i64 = count.parse().map_err(|_| "rate() takes a whole number")?;
    let every = match unit.trim() {
        "minute" | "minutes" => TimeDelta::minutes(count),
        "hour" | "hours" => TimeDelta::hours(count),
        "day" | "days" => TimeDelta::days(count),
        _ => return Err("the unit of rate() is minutes, hours or days"),
    };
    if count > 0 { Ok(every) } else { Err("rate() takes a number above zero") }
}

impl Cron {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday, year] = fields[..] else {
            return Err("cron() takes six fields: minute hour day month weekday year");
        };
        let days = match (day, weekday) {
            ("?", weekday) => parse_weekday(weekday)?,
            ("L", "?") => Days::LastOfMonth,
            (day, "?") => Days::OfMonth(parse_set(day, 1, 31, &[])?),
            _ => return Err("either day or weekday must be ?"),
        };
        Ok(Self {
            minutes: parse_set(minute, 0, 59, &[])?,
            hours: parse_set(hour, 0, 23, &[])?,
            days,
            months: parse_set(month, 1, 12, &MONTHS)?,
            years: if year == "*" { None } else { Some(parse_set(year, 1970, 2199, &[])?) },
        })
    }

    fn next(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        // A 29 February on a given weekday returns within 40 years at most.
        let mut day = after.date();
        for _ in 0..(366 * 40) {
            if self.opens_on(day) {
                for (hour, minute) in
                    self.hours.iter().flat_map(|h| self.minutes.iter().map(move |m| (*h, *m)))
                {
                    let moment = day.and_hms_opt(hour, minute, 0)?;
                    if moment > after {
                        return Some(moment);
                    }
                }
            }
            day = day.succ_opt()?;
        }
        None
    }

    fn opens_on(&self, day: NaiveDate) -> bool {
        let year_fits = self
            .years
            .as_ref()
            .is_none_or(|years| u32::try_from(day.year()).is_ok_and(|year| years.contains(&year)));
        let weekday = number_of(day.weekday());
        let is_last_week = |day: NaiveDate| (day + TimeDelta::days(7)).month() != day.month();
        year_fits
            && self.months.contains(&day.month())
            && match &self.days {
                Days::OfMonth(days) => days.contains(&day.day()),
                Days::LastOfMonth => (day + TimeDelta::days(1)).month() != day.month(),
                Days::OfWeek(days) => days.contains(&weekday),
                Days::NthOfWeek(of, nth) => weekday == *of && day.day().div_ceil(7) == *nth,
                Days::LastOfWeek(of) => weekday == *of && is_last_week(day),
            }
    }
}

/// AWS counts from Sunday = 1.
fn number_of(day: Weekday) -> u32 {
    day.num_days_from_sunday() + 1
}

fn parse_weekday(text: &str) -> Result<Days, &'static str> {
    if let Some((day, nth)) = text.split_once('#') {
        let nth = nth.parse().ok().filter(|nth| (1..=5).contains(nth));
        return Ok(Days::NthOfWeek(
            parse_one(day, 1, 7, &WEEKDAYS)?,
            nth.ok_or("after # comes 1 to 5")?,
        ));
    }
    if let Some(day) = text.strip_suffix('L').filter(|day| !day.is_empty()) {
        return Ok(Days::LastOfWeek(parse_one(day, 1, 7, &WEEKDAYS)?));
    }
    Ok(Days::OfWeek(parse_set(text, 1, 7, &WEEKDAYS)?))
}

fn parse_set(
    text: &str,
    low: u32,
    high: u32,
    names: &[&str],
) -> Result<BTreeSet<u32>, &'static str> {
    let mut set = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse().map_err(|_| "a step is a number")?),
            None => (part, 1_u32),
        };
        if step == 0 {
            return Err("a step is above zero");
        }
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (low, high),
            Some((from, to)) => {
                (parse_one(from, low, high, names)?, parse_one(to, low, high, names)?)
            }
            None => {
                let from = parse_one(range, low, high, names)?;
                (from, if part.contains('/') { high } else { from })
            }
        };
        if from > to {
            return Err("a range goes upward");
        }
        set.extend((from..=to).step_by(step as usize));
    }
    Ok(set)
}

fn parse_one(text: &str, low: u32, high: u32, names: &[&str]) -> Result<u32, &'static str> {
    let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    let number = match named {
        Some(index) => low + u32::try_from(index).unwrap_or_default(),
        None => text.parse().map_err(|_| "a field holds something else than numbers and names")?,
    };
    if (low..=high).contains(&number) {
        Ok(number)
    } else {
        Err("a number is out of its field's range")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn check(schedule: &str, zone: &str, now: &str, next: &str) {
        let schedule = Schedule::parse(schedule).unwrap().in_zone(zone).unwrap();
        let found = schedule.next(moment("2026-01-01T00:00:00Z"), moment(now));
        assert_eq!(found, Some(moment(next)), "{}", schedule.text());
    }

    #[test]
    fn the_next_opening_is_found() {
        let now = "2026-11-23T12:00:00Z"; // a Monday
        check("cron(0 22 ? * TUE *)", "UTC", now, "2026-11-24T22:00:00Z");
        check("cron(0 3 ? * TUE#2 *)", "UTC", now, "2026-12-08T03:00:00Z");
        check("cron(0 3 ? * SUNL *)", "UTC", now, "2026-11-29T03:00:00Z");
        check("cron(30 1 L * ? *)", "UTC", now, "2026-11-30T01:30:00Z");
        check("cron(0/15 12-13 * * ? *)", "UTC", now, "2026-11-23T12:15:00Z");
        check("cron(0 2 ? * TUE *)", "Asia/Tokyo", now, "2026-11-23T17:00:00Z");
        check("rate(7 days)", "UTC", now, "2026-11-26T00:00:00Z");
        check("at(2026-12-24T20:00:00)", "UTC", now, "2026-12-24T20:00:00Z");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for wrong in [
            "every tuesday",
            "cron(0 22 * * TUE *)",
            "cron(0 22 ? * TUE)",
            "cron(61 22 ? * TUE *)",
            "cron(0 22 15W * ? *)",
            "rate(0 days)",
            "rate(2 weeks)",
            "at(tomorrow)",
        ] {
            assert!(Schedule::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Schedule::parse("rate(1 day)").unwrap().in_zone("Europe/Paris").is_err());
    }

    #[test]
    fn a_moment_that_has_passed_never_returns() {
        let at = Schedule::parse("at(2020-01-01T00:00:00)").unwrap();
        assert_eq!(at.next(moment("2019-01-01T00:00:00Z"), moment("2026-01-01T00:00:00Z")), None);
    }
}
