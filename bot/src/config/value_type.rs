//! The types of the file's values, and the message about a value of another type.

use std::net::SocketAddr;
use std::time::Duration;

use commands::id::EnvironmentName;
use commands::patch::level::Level;
use serde_json::{Value, json};
use toml::de::DeValue;

use super::keys::Key;
use super::mistake::Says;
use crate::aws::QueueUrl;
use crate::chat::directory::{is_slack_user, is_snowflake};

/// The type of one key's value. `keys.rs` says how to add one.
#[derive(Clone, Copy, Debug)]
pub(super) enum ValueType {
    Table(&'static [Key]),
    /// Tables, each with a heading in double brackets.
    Tables(&'static [Key]),
    /// A table for each level.
    Levels(&'static [Key]),
    /// A list without duplicates.
    List(&'static ValueType),
    OneOrList(&'static ValueType),
    /// `true` or `false`.
    Flag,
    /// A whole number from the first to the second.
    Whole(i64, i64),
    /// A span of time from the first to the second; in whole seconds if the first is at least a
    /// second.
    Span(Duration, Duration),
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// Any text that is not empty, up to this number of characters.
    Text(usize),
    /// The name of a person, a group or a channel.
    Label,
    Environment,
    Account,
    Region,
    RoleArn,
    ExternalId,
    S3,
    Queue,
    Url,
    Listen,
    SlackChannel,
    SlackUser,
    SlackGroup,
    Snowflake,
    Window,
    Level,
    /// A person's name, or a group with an @.
    Approver,
    Group,
    /// A number of nodes, or a percentage of them.
    Share,
    /// See [`commands::schedule::Schedule`]; `consistency.rs` parses it with its time zone.
    Schedule,
    TimeZone,
}

/// The AWS partitions whose Regions begin with something other than a part of the world.
const REGION_AREAS: [&str; 20] = [
    "af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us", "cn", "us-gov", "us-iso", "us-isob",
    "us-isof", "eu-isoe", "eusc-de", "eusc", "ap-iso", "nz", "kr",
];
const REGION_PLACES: [&str; 9] = [
    "north",
    "south",
    "east",
    "west",
    "central",
    "northeast",
    "northwest",
    "southeast",
    "southwest",
];

/// Regions for "did you mean"; others of the same form are accepted as well.
pub(super) const REGIONS: [&str; 36] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

fn is_region(text: &str) -> bool {
    let Some((rest, number)) = text.rsplit_once('-') else { return false };
    let Some((area, place)) = rest.rsplit_once('-') else { return false };
    let number = number.len() == 1 && number.bytes().all(|byte| (b'1'..=b'9').contains(&byte));
    number && REGION_AREAS.contains(&area) && REGION_PLACES.contains(&place)
}

/// The partition of a Region, as it appears in an ARN.
pub(super) fn partition(region: &str) -> &'static str {
    let areas = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("us-iso-", "aws-iso"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ];
    areas
        .iter()
        .find(|(area, _)| region.starts_with(area))
        .map_or("aws", |(_, partition)| partition)
}

fn is_account(text: &str) -> bool {
    text.len() == 12
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte != b'0')
}

fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, role] = parts.as_slice() else { return false };
    let partitions = [
        "aws",
        "aws-cn",
        "aws-us-gov",
        "aws-iso",
        "aws-iso-b",
        "aws-iso-e",
        "aws-iso-f",
        "aws-eusc",
    ];
    let sign = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c);
    let name = role.strip_prefix("role/").filter(|name| {
        (1..=576).contains(&name.len()) && !name.ends_with('/') && name.chars().all(sign)
    });
    partitions.contains(partition) && is_account(account) && name.is_some()
}

fn is_s3(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("s3://").filter(|_| text.len() <= 200) else { return false };
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let sign = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.'
    };
    let ends = [bucket.bytes().next(), bucket.bytes().last()];
    let ends_well = ends.into_iter().all(|end| end.is_some_and(|end| end.is_ascii_alphanumeric()));
    let prefix_sign = |c: char| c.is_ascii_alphanumeric() || "!-_.*'()/".contains(c);
    (3..=63).contains(&bucket.len())
        && bucket.bytes().all(sign)
        && ends_well
        && !bucket.contains("..")
        && prefix.chars().all(prefix_sign)
        && !prefix.contains("//")
}

fn is_url(text: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(text) else { return false };
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    web && url.username().is_empty() && url.password().is_none() && url.query().is_none()
}

fn is_slack_id(text: &str, beginnings: &[char]) -> bool {
    // The ids of users, groups and channels have the same form after a different letter.
    let rest = text.strip_prefix(beginnings);
    rest.is_some_and(|rest| is_slack_user(&format!("U{rest}")))
}

pub(super) fn is_window(text: &str) -> bool {
    let sign = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    (3..=128).contains(&text.len()) && text.chars().all(sign)
}

fn is_share(text: &str) -> bool {
    let percent = text.strip_suffix('%').and_then(|number| number.parse().ok());
    percent.is_some_and(|percent: u32| (1..=100).contains(&percent))
}

fn is_label(text: &str) -> bool {
    (1..=80).contains(&text.chars().count())
        && !text.starts_with('@')
        && !text.contains(':')
        && !text.chars().any(char::is_control)
        && text.trim() == text
}

/// The value as a whole number, if it is one.
pub(super) fn whole(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

impl ValueType {
    /// Whether a value that is neither a table nor a list has this type.
    pub(super) fn takes(self, value: &DeValue<'_>) -> bool {
        let text = value.as_str();
        match self {
            Self::Table(_) | Self::Tables(_) | Self::Levels(_) | Self::List(_) => false,
            Self::OneOrList(one) => one.takes(value),
            Self::Flag => value.is_bool(),
            Self::Whole(from, to) => {
                whole(value).is_some_and(|number| (from..=to).contains(&number))
            }
            Self::Share => {
                text.is_some_and(is_share)
                    || whole(value).is_some_and(|nodes| (1..=100_000).contains(&nodes))
            }
            Self::Span(from, to) => {
                text.and_then(|text| humantime::parse_duration(text).ok()).is_some_and(|span| {
                    let is_whole = span.subsec_nanos() == 0
                        || from < Duration::from_secs(1) && !from.is_zero();
                    is_whole && (from..=to).contains(&span)
                })
            }
            text_form => text.is_some_and(|text| text_form.takes_text(text)),
        }
    }

    fn takes_text(self, text: &str) -> bool {
        match self {
            Self::Choice(words) => words.contains(&text),
            Self::Text(most) => (1..=most).contains(&text.chars().count()) && text.trim() == text,
            Self::Label => is_label(text),
            Self::Environment => text.parse::<EnvironmentName>().is_ok(),
            Self::Account => is_account(text),
            Self::Region => is_region(text),
            Self::RoleArn => is_role_arn(text),
            Self::ExternalId => {
                let sign = |c: char| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c);
                (2..=1224).contains(&text.len()) && text.chars().all(sign)
            }
            Self::S3 => is_s3(text),
            Self::Queue => text
                .parse::<QueueUrl>()
                .is_ok_and(|queue| is_region(queue.region()) && is_account(queue.account())),
            Self::Url => is_url(text),
            Self::Listen => text.parse::<SocketAddr>().is_ok(),
            Self::SlackChannel => is_slack_id(text, &['C', 'G']),
            Self::SlackUser => is_slack_user(text),
            Self::SlackGroup => is_slack_id(text, &['S']),
            Self::Snowflake => is_snowflake(text),
            Self::Window => is_window(text),
            Self::Level => text.parse::<Level>().is_ok(),
            Self::Approver => is_label(text.strip_prefix('@').unwrap_or(text)),
            Self::Group => text.strip_prefix('@').is_some_and(is_label),
            Self::Schedule => commands::schedule::Schedule::new(text, "UTC").is_ok(),
            Self::TimeZone => commands::schedule::Schedule::new("0 0 * * *", text).is_ok(),
            Self::Table(_)
            | Self::Tables(_)
            | Self::Levels(_)
            | Self::List(_)
            | Self::OneOrList(_)
            | Self::Flag
            | Self::Whole(..)
            | Self::Span(..)
            | Self::Share => false,
        }
    }

    /// The message about the expected type; it continues after the path of the key.
    pub(super) fn expected(self) -> Says {
        let says = match self {
            Self::Table(_) => "has to be a table, such as [slack]",
            Self::Tables(_) => {
                "has to be a list of tables: each begins with a heading in double brackets, such as [[environment]]"
            }
            Self::Levels(_) => "has to be a table of levels, such as [environment.level.III]",
            Self::List(_) => "has to be a list of texts, such as [\"one\", \"two\"]",
            Self::OneOrList(one) => return one.expected(),
            Self::Flag => "has to be true or false, without quotes",
            Self::Whole(0, _) => "has to be a whole number without quotes, such as 0 or 3",
            Self::Whole(1, 100) => "has to be a whole number from 1 to 100, without quotes",
            Self::Whole(..) => "has to be a whole number without quotes, at least 1",
            Self::Span(from, _) if from.is_zero() => {
                "has to be a span of time in whole seconds, such as \"0s\", \"15m\" or \"24h\", of a year at most"
            }
            Self::Span(from, _) if from < Duration::from_secs(1) => {
                "has to be a span of time from \"10ms\" to \"1h\", such as \"10s\""
            }
            Self::Span(from, _) if from > Duration::from_secs(1) => {
                "has to be a span of time from \"30s\" to \"30d\": AWS takes no other"
            }
            Self::Span(..) => {
                "has to be a span of time in whole seconds, such as \"90s\", \"15m\" or \"24h\": longer than zero, and of ten years at most"
            }
            Self::Choice(words) => return Says::one_of(words),
            Self::Text(_) => {
                "has to be text in quotes that is not empty, has no space at its ends and is not too long"
            }
            Self::Label => {
                "has to be a name: text in quotes without an @ before it and without a colon in it, of 80 characters at most"
            }
            Self::Environment => {
                "has to be the name of an environment: 1 to 40 lower-case letters, digits and hyphens, beginning with a letter"
            }
            Self::Account => {
                "has to be the twelve digits of an AWS account, in quotes, such as \"123412341234\""
            }
            Self::Region => "has to be a Region of AWS, such as \"ap-northeast-1\"",
            Self::RoleArn => {
                "has to be the ARN of a role, such as \"arn:aws:iam::123412341234:role/patchbot\""
            }
            Self::ExternalId => {
                "has to be an external id: 2 to 1224 letters, digits and _+=,.@:/- in quotes, as in the trust policy of the role"
            }
            Self::S3 => {
                "has to be a place in S3, such as \"s3://bucket/prefix\": a bucket's name as AWS takes it, and 200 characters at most"
            }
            Self::Queue => {
                "has to be the address of a queue, such as \"https://sqs.ap-northeast-1.amazonaws.com/123412341234/patchbot-events\", or a list of such"
            }
            Self::Url => {
                "has to be an address such as \"https://example.com/path\", without a user, a password or a query in it"
            }
            Self::Listen => {
                "has to be an address of this host with a port, such as \"127.0.0.1:3000\""
            }
            Self::SlackChannel => {
                "has to be a channel's id, which begins with C or G and stands at the bottom of the channel's details, not its name"
            }
            Self::SlackUser => {
                "has to be a member's id, which begins with U or W: \"Copy member ID\" in the profile"
            }
            Self::SlackGroup => {
                "has to be the id of a user group, which begins with S and stands in the address of the group's page"
            }
            Self::Snowflake => {
                "has to be an id of Discord: its digits in quotes, as \"Copy ID\" gives it in developer mode"
            }
            Self::Window => {
                "has to be the name (not the id) of a maintenance window: 3 to 128 letters, digits, hyphens, dots and underscores"
            }
            Self::Level => "has to be a level: \"III\", \"II\", \"I\" or \"unrated\"",
            Self::Approver => {
                "has to be a person's name, such as \"aiko\", or a group with an @, such as \"@sre\""
            }
            Self::Group => "has to be a group with an @, such as \"@sre\"",
            Self::Share => {
                "has to be a number of nodes such as 10, or \"1%\" to \"100%\" in quotes"
            }
            Self::Schedule => {
                "has to be a schedule: five fields as in a crontab (minute, hour, day of the month, month, day of the week, where Monday is 1 and Sunday 0 or 7), such as \"0 6 * * 1-5\"; or six or seven with a second before and a year behind, where Sunday is 1"
            }
            Self::TimeZone => {
                "has to be a time zone of the IANA database, such as \"Asia/Tokyo\" or \"UTC\""
            }
        };
        says.into()
    }

    /// The type as JSON Schema, for editors.
    pub(super) fn schema(self) -> Value {
        let id = |pattern: &str| json!({ "type": "string", "pattern": pattern });
        match self {
            Self::Table(keys) => super::schema::table(keys),
            Self::Tables(keys) => json!({ "type": "array", "items": super::schema::table(keys) }),
            Self::Levels(keys) => {
                let of = super::schema::table(keys);
                json!({
                    "type": "object",
                    "additionalProperties": false,
                    "properties": { "III": of, "II": of, "I": of, "unrated": of }
                })
            }
            Self::List(one) => {
                json!({ "type": "array", "items": one.schema(), "uniqueItems": true })
            }
            Self::OneOrList(one) => {
                let many = json!({ "type": "array", "items": one.schema(), "minItems": 1, "uniqueItems": true });
                json!({ "anyOf": [one.schema(), many] })
            }
            Self::Flag => json!({ "type": "boolean" }),
            Self::Whole(from, to) => json!({ "type": "integer", "minimum": from, "maximum": to }),
            Self::Share => json!({ "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": 100_000 },
                { "type": "string", "pattern": "^([1-9][0-9]?|100)%$" }
            ] }),
            Self::Span(..) => id("^([0-9]+ *[a-zA-Zµ]+ *)+$"),
            Self::Choice(words) => json!({ "type": "string", "enum": words }),
            Self::Text(most) => json!({ "type": "string", "minLength": 1, "maxLength": most }),
            Self::Label => id("^[^@:][^:]{0,79}$"),
            Self::Environment => id("^[a-z][a-z0-9-]{0,39}$"),
            Self::Account => id("^[0-9]{12}$"),
            Self::Region => id("^[a-z]{2,4}(-[a-z]+)+-[1-9]$"),
            Self::RoleArn => id("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$"),
            Self::ExternalId => id("^[A-Za-z0-9_+=,.@:/-]{2,1224}$"),
            Self::S3 => id("^s3://[a-z0-9][a-z0-9.-]+[a-z0-9](/.*)?$"),
            Self::Queue => id(
                "^https://sqs\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/[0-9]{12}/[A-Za-z0-9_.-]{1,80}$",
            ),
            Self::Url => id("^https?://"),
            Self::Listen => id(":[0-9]{1,5}$"),
            Self::SlackChannel => id("^[CG][A-Z0-9]+$"),
            Self::SlackUser => id("^[UW][A-Z0-9]+$"),
            Self::SlackGroup => id("^S[A-Z0-9]+$"),
            Self::Snowflake => id("^[1-9][0-9]*$"),
            Self::Window => id("^[A-Za-z0-9_.-]{3,128}$"),
            Self::Level => json!({ "type": "string", "enum": ["III", "II", "I", "unrated"] }),
            Self::Approver => id("^@?[^@:][^:]*$"),
            Self::Group => id("^@[^@:][^:]*$"),
            Self::Schedule | Self::TimeZone => json!({ "type": "string", "minLength": 1 }),
        }
    }
}
