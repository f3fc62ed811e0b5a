//! Dates as a person reads them, in their own time zone.

use chrono::{DateTime, FixedOffset, Utc};

/// The time zone `seconds` east of UTC.
pub(super) fn zone(seconds: i32) -> FixedOffset {
    FixedOffset::east_opt(seconds).unwrap_or_else(|| {
        FixedOffset::east_opt(0).unwrap_or_else(|| unreachable!("UTC is an offset"))
    })
}

/// The time of a message.
pub(super) fn of_ts(ts: &str) -> Option<DateTime<Utc>> {
    let (seconds, micros) = ts.split_once('.')?;
    DateTime::from_timestamp(seconds.parse().ok()?, micros.parse::<u32>().ok()? * 1_000)
}

/// Fills in the tokens of `<!date^…>`, such as `{date_short} {time}`.
pub(super) fn fill(
    format: &str,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
    zone: FixedOffset,
) -> String {
    let local = at.with_timezone(&zone);
    let pretty = |usual: &str| {
        let days = (local.date_naive() - now.with_timezone(&zone).date_naive()).num_days();
        match days {
            -1 => "yesterday".to_owned(),
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            _ => local.format(usual).to_string(),
        }
    };
    let long = "%A, %B %-d, %Y";
    let usual = "%B %-d, %Y";
    let short = "%b %-d, %Y";
    let tokens = [
        ("{date_num}", local.format("%Y-%m-%d").to_string()),
        ("{date_short_pretty}", pretty(short)),
        ("{date_long_pretty}", pretty(long)),
        ("{date_pretty}", pretty(usual)),
        ("{date_short}", local.format(short).to_string()),
        ("{date_long}", local.format(long).to_string()),
        ("{date}", local.format(usual).to_string()),
        ("{time_secs}", local.format("%H:%M:%S").to_string()),
        ("{time}", local.format("%H:%M").to_string()),
        ("{ago}", ago(at, now)),
    ];
    let fold = |text: String, (token, value): (&str, String)| text.replace(token, &value);
    tokens.into_iter().fold(format.to_owned(), fold)
}

fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (at - now).num_minutes();
    let (count, unit) = match minutes.abs() {
        0 => return "now".to_owned(),
        minutes @ 1..60 => (minutes, "minute"),
        minutes @ 60..1_440 => (minutes / 60, "hour"),
        minutes => (minutes / 1_440, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if minutes > 0 {
        format!("in {count} {unit}{plural}")
    } else {
        format!("{count} {unit}{plural} ago")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_filled_in_the_readers_zone() {
        let at = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        let tokyo = zone(9 * 3600);
        assert_eq!(fill("{date_num} {time}", at, at, tokyo), "2023-11-15 07:13");
        assert_eq!(fill("{date_pretty}", at, at, tokyo), "today");
        assert_eq!(fill("{ago}", at, at + chrono::TimeDelta::hours(2), tokyo), "2 hours ago");
    }
}
