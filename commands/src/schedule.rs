//! Recurring times: a cron expression in a time zone.

use std::str::FromStr as _;

use chrono::{
    DateTime, Days, LocalResult, NaiveDateTime, Offset as _, TimeDelta, TimeZone as _, Utc,
};
use chrono_tz::Tz;
use thiserror::Error;

/// Times that recur, by the clocks of a time zone.
///
/// When clocks are put forward, what was due in the skipped hour is due once, when that hour ends.
/// When they are put back, what is due in the doubled hour is due once, the first time. What is due
/// in every hour keeps its pace through both changes.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// One expression, or two of which either matches.
    times: Vec<cron::Schedule>,
    zone: Tz,
    every_hour: bool,
}

/// Why a text is not a schedule. It never contains the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ScheduleError {
    /// The text is not a cron expression.
    #[error(
        "a schedule has five fields as in a crontab (minute, hour, day of the month, month, day of the week, where \
         Monday is 1 and Sunday is 0 or 7), or six or seven (a second before them, a year after them, where Sunday is 1)"
    )]
    Fields,
    /// The day of the week of five fields.
    #[error(
        "the day of the week, the last of five fields, is 0 to 7 or SUN to SAT, where Monday is 1 and Sunday is 0 or \
         7: a list (1,3,5), a range that goes up (1-5) or a step (*/2)"
    )]
    Weekday,
    /// The text is not the name of a time zone.
    #[error("a time zone is named as in the IANA database, such as \"Asia/Tokyo\" or \"UTC\"")]
    Zone,
}

/// The days of a week by their number in a crontab.
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The largest jump of clocks, with a margin: Samoa once skipped a day.
const JUMP: TimeDelta = TimeDelta::hours(26);

impl Schedule {
    /// Parses `fields` as people write them: five as in a crontab, or six or seven with seconds and
    /// a year.
    ///
    /// # Errors
    /// If `fields` is not a cron expression or `zone` is not an IANA name.
    pub fn new(fields: &str, zone: &str) -> Result<Self, ScheduleError> {
        let zone: Tz = zone.parse().map_err(|_| ScheduleError::Zone)?;
        let written: Vec<&str> = fields.split_whitespace().collect();
        let hour = match written.as_slice() {
            [_, hour, _, _, _] => hour,
            [_, _, hour, ..] => hour,
            _ => "",
        };
        let every_hour = hour.starts_with('*');
        let times = match written.as_slice() {
            [minute, hour, day, month, weekday] => crontab(minute, hour, day, month, weekday)?,
            _ => vec![fields.to_owned()],
        };
        let times = times.iter().map(|text| cron::Schedule::from_str(text));
        let times = times.collect::<Result<_, _>>().map_err(|_| ScheduleError::Fields)?;
        Ok(Self { times, zone, every_hour })
    }

    /// The first time after `now`; `None` if there is none, as for 30 February.
    pub fn next_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.times.iter().filter_map(|times| self.next_of(times, now)).min()
    }

    fn next_of(&self, times: &cron::Schedule, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // The crate computes in local time, as if that had no jumps; we resolve those here.
        let here = now.with_timezone(&self.zone).naive_local();
        let jumps = self.jumps_near(now);
        let from = if jumps { here - JUMP } else { here };
        let mut first: Option<DateTime<Utc>> = None;
        for wall in times.after(&from.and_utc()) {
            let wall = wall.naive_utc();
            let due = self.instants(wall).into_iter().flatten().filter(|due| *due > now).min();
            first = first.into_iter().chain(due).min();
            // Only near a jump can two local times be in another order than their instants.
            if first.is_some() && (!jumps || !self.every_hour || wall > here + JUMP) {
                break;
            }
        }
        first
    }

    fn jumps_near(&self, now: DateTime<Utc>) -> bool {
        let offset = |at: Option<DateTime<Utc>>| {
            at.map(|at| self.zone.offset_from_utc_datetime(&at.naive_utc()).fix())
        };
        let (before, after) =
            (now.checked_sub_days(Days::new(2)), now.checked_add_days(Days::new(2)));
        offset(before) != offset(after)
    }

    /// When the local time is `wall`: usually once, and by the rule of the schedule near a jump.
    fn instants(&self, wall: NaiveDateTime) -> [Option<DateTime<Utc>>; 2] {
        let utc = |at: DateTime<Tz>| Some(at.with_timezone(&Utc));
        match self.zone.from_local_datetime(&wall) {
            LocalResult::Single(at) => [utc(at), None],
            LocalResult::Ambiguous(one, two) if self.every_hour => [utc(one), utc(two)],
            LocalResult::Ambiguous(one, two) => [utc(one.min(two)), None],
            LocalResult::None if self.every_hour => [None, None],
            LocalResult::None => [self.end_of_gap(wall), None],
        }
    }

    /// When the skipped local time `wall` is over.
    fn end_of_gap(&self, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
        let minute = wall.and_utc().timestamp().div_euclid(60);
        let walls = (1..=JUMP.num_minutes()).filter_map(|more| {
            DateTime::from_timestamp((minute + more) * 60, 0).map(|at| at.naive_utc())
        });
        let mut valid = walls.filter_map(|wall| self.zone.from_local_datetime(&wall).earliest());
        valid.next().map(|at| at.with_timezone(&Utc))
    }
}

/// Converts five fields to the crate's format. If both kinds of days are restricted, either one is
/// enough, as in POSIX.
fn crontab(
    minute: &str,
    hour: &str,
    day: &str,
    month: &str,
    weekday: &str,
) -> Result<Vec<String>, ScheduleError> {
    // Other tools write a question mark for a day that is left open.
    let open = |day: &str| if day == "?" { "*".to_owned() } else { day.to_owned() };
    let (day, weekday) = (open(day), open(weekday));
    let weekdays = weekdays(&weekday)?;
    let with = |day: &str, weekday: &str| format!("0 {minute} {hour} {day} {month} {weekday} *");
    Ok(match (day.starts_with('*'), weekday.starts_with('*')) {
        (false, false) => vec![with(&day, "*"), with("*", &weekdays)],
        (true, _) | (_, true) => vec![with(&day, &weekdays)],
    })
}

/// Converts the days of a crontab, in which Sunday is 0 or 7, to those of the crate, in which
/// Sunday is 1.
fn weekdays(field: &str) -> Result<String, ScheduleError> {
    if field == "*" {
        return Ok("*".to_owned());
    }
    let mut days = [false; 7];
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse().map_err(|_| ScheduleError::Weekday)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (0, 6),
            Some((from, to)) => (weekday(from)?, weekday(to)?),
            None => (weekday(range)?, if part.contains('/') { 6 } else { weekday(range)? }),
        };
        if step == 0 || from > to {
            return Err(ScheduleError::Weekday);
        }
        for day in (from..=to).step_by(step) {
            if let Some(day) = days.get_mut(day % 7) {
                *day = true;
            }
        }
    }
    let numbers =
        days.iter().zip(1..).filter(|(is, _)| **is).map(|(_, number): (_, u8)| number.to_string());
    Ok(numbers.collect::<Vec<_>>().join(","))
}

fn weekday(text: &str) -> Result<usize, ScheduleError> {
    let text = text.to_ascii_lowercase();
    let number = text.parse().ok().filter(|number| *number <= 7);
    let named = || DAYS.iter().position(|day| *day == text);
    number.or_else(named).ok_or(ScheduleError::Weekday)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(fields: &str, zone: &str, now: &str, count: usize) -> Vec<String> {
        let schedule = Schedule::new(fields, zone).expect(fields);
        let mut now: DateTime<Utc> = now.parse().expect("a time");
        let mut times = Vec::new();
        for _ in 0..count {
            let Some(next) = schedule.next_after(now) else { break };
            times.push(next.format("%a %m-%d %H:%M").to_string());
            now = next;
        }
        times
    }

    #[test]
    fn five_fields_count_monday_as_one() {
        let from = "2026-11-29T12:00:00Z"; // a Sunday
        for monday in ["0 6 * * 1", "0 6 * * MON", "0 6 * * mon", "0 6 * * 1-1"] {
            assert_eq!(next(monday, "UTC", from, 2), ["Mon 11-30 06:00", "Mon 12-07 06:00"]);
        }
        for sunday in ["0 6 * * 0", "0 6 * * 7", "0 6 * * sun"] {
            assert_eq!(next(sunday, "UTC", from, 1), ["Sun 12-06 06:00"], "{sunday}");
        }
        let weekend = ["Fri 12-04 06:00", "Sat 12-05 06:00", "Sun 12-06 06:00", "Fri 12-11 06:00"];
        assert_eq!(next("0 6 * * 5-7", "UTC", from, 4), weekend);
        assert_eq!(
            next("0 6 * * */3", "UTC", from, 3),
            ["Wed 12-02 06:00", "Sat 12-05 06:00", "Sun 12-06 06:00"]
        );
        assert_eq!(next("0 6 * * 1,3", "UTC", from, 2), ["Mon 11-30 06:00", "Wed 12-02 06:00"]);
        // Six and seven fields are Quartz's, where Sunday is 1.
        assert_eq!(next("0 0 6 * * 1", "UTC", from, 1), ["Sun 12-06 06:00"]);
        assert_eq!(next("0 0 6 * * * *", "UTC", from, 1), ["Mon 11-30 06:00"]);
    }

    #[test]
    fn either_day_is_enough_where_both_are_restricted() {
        let times = next("0 6 1 * 1", "UTC", "2026-11-29T12:00:00Z", 3);
        assert_eq!(times, ["Mon 11-30 06:00", "Tue 12-01 06:00", "Mon 12-07 06:00"]);
        let both = next("0 6 */2 * 1", "UTC", "2026-11-29T12:00:00Z", 2);
        assert_eq!(both, ["Mon 12-07 06:00", "Mon 12-21 06:00"], "a star restricts nothing");
        let monday = next("0 6 ? * MON", "UTC", "2026-11-29T12:00:00Z", 2);
        assert_eq!(monday, ["Mon 11-30 06:00", "Mon 12-07 06:00"], "nor does a question mark");
        let first = next("0 6 1 * ?", "UTC", "2026-11-29T12:00:00Z", 2);
        assert_eq!(first, ["Tue 12-01 06:00", "Fri 01-01 06:00"]);
    }

    #[test]
    fn a_skipped_hour_is_made_up_for_once() {
        // New York, 8 March 2026: 02:00 becomes 03:00, which is 07:00 in UTC.
        let from = "2026-03-07T12:00:00Z";
        let expected = ["Sun 03-08 07:00", "Mon 03-09 06:10"];
        assert_eq!(next("10 2 * * *", "America/New_York", from, 2), expected);
        let expected = ["Sun 03-08 07:00", "Mon 03-09 06:10", "Mon 03-09 06:40"];
        assert_eq!(next("10,40 2 * * *", "America/New_York", from, 3), expected);
        let hourly = next("0 * * * *", "America/New_York", "2026-03-08T05:30:00Z", 3);
        assert_eq!(hourly, ["Sun 03-08 06:00", "Sun 03-08 07:00", "Sun 03-08 08:00"]);
    }

    #[test]
    fn a_doubled_hour_counts_once() {
        // New York, 1 November 2026: 02:00 becomes 01:00, which is 06:00 in UTC.
        let from = "2026-10-31T12:00:00Z";
        let expected = ["Sun 11-01 05:30", "Mon 11-02 06:30"];
        assert_eq!(next("30 1 * * *", "America/New_York", from, 2), expected);
        let hourly = next("0 * * * *", "America/New_York", "2026-11-01T04:30:00Z", 4);
        assert_eq!(
            hourly,
            ["Sun 11-01 05:00", "Sun 11-01 06:00", "Sun 11-01 07:00", "Sun 11-01 08:00"]
        );
        assert_eq!(next("0 6 * * *", "Asia/Tokyo", from, 1), ["Sat 10-31 21:00"]);
    }

    #[test]
    fn what_never_comes_is_none() {
        for never in ["0 6 30 2 *", "0 0 6 30 2 *", "0 0 6 1 1 * 2020"] {
            assert_eq!(
                next(never, "UTC", "2026-11-29T12:00:00Z", 1),
                Vec::<String>::new(),
                "{never}"
            );
        }
    }

    #[test]
    fn anything_else_is_no_schedule() {
        for (fields, zone, error) in [
            ("", "UTC", ScheduleError::Fields),
            ("daily", "UTC", ScheduleError::Fields),
            ("61 * * * *", "UTC", ScheduleError::Fields),
            ("0 6 * * 8", "UTC", ScheduleError::Weekday),
            ("0 6 * * fri-mon", "UTC", ScheduleError::Weekday),
            ("0 6 * * */0", "UTC", ScheduleError::Weekday),
            ("0 6 * * *", "Tokyo", ScheduleError::Zone),
        ] {
            assert_eq!(Schedule::new(fields, zone).map(drop), Err(error), "{fields}");
        }
    }
}
