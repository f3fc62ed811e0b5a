//! Every key of the file, described once: the checks and the JSON Schema for editors are derived
//! from it.
//!
//! To add a key, add a row here, a field in the table's struct (a test checks that both know the
//! same keys), and a line in `deploy/patchbot.example.toml`; then regenerate the schema, as the
//! test of `schema.rs` explains. If the new key has a form of its own, add it to `value_type.rs`.
//! Checks that involve more than one key are in `consistency.rs`.

use std::time::Duration;

use super::value_type::ValueType;
use super::value_type::ValueType::*;

#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) value_type: ValueType,
    pub(super) required: bool,
    /// The description that an editor shows.
    pub(super) what: &'static str,
}

const fn key(name: &'static str, value_type: ValueType, what: &'static str) -> Key {
    Key { name, value_type, required: false, what }
}

const fn needed(name: &'static str, value_type: ValueType, what: &'static str) -> Key {
    Key { name, value_type, required: true, what }
}

const DAY: u64 = 86_400;
const MS_10: Duration = Duration::from_millis(10);
const SECOND: Duration = Duration::from_secs(1);
const HALF_MINUTE: Duration = Duration::from_secs(30);
const HOUR: Duration = Duration::from_secs(3600);
const MONTH: Duration = Duration::from_secs(30 * DAY);
const YEAR: Duration = Duration::from_secs(366 * DAY);
const YEARS: Duration = Duration::from_secs(3660 * DAY);

const MANY: i64 = 1_000_000;
const LOCALES: ValueType = Choice(&["en", "ja"]);

pub(super) const FILE: &[Key] = &[
    needed("bot", Table(BOT), "The bot itself."),
    key("slack", Table(SLACK), "How Slack is reached."),
    key("discord", Table(DISCORD), "How Discord is reached."),
    key("aws", Table(AWS), "How AWS is called."),
    key("advisories", Table(ADVISORIES), "Where advisories are read."),
    key("metrics", Table(METRICS), "Metrics and a health check."),
    key("assess", Table(ASSESS), "When patchbot checks the nodes."),
    key("person", Tables(PERSON), "A person."),
    key("group", Tables(GROUP), "A group."),
    key("channel", Tables(CHANNEL), "A channel that shows cards."),
    needed(
        "environment",
        Tables(ENVIRONMENT),
        "An environment, in the order in which patches are promoted.",
    ),
];

pub(super) const BOT: &[Key] = &[
    key("name", Text(200), "The name under which this bot holds the lease of the store."),
    key("locale", LOCALES, "The language of cards and answers."),
    needed("data", Text(4096), "Where the store is: a directory on a local disk."),
    key("poll", Span(MS_10, HOUR), "How often patchbot asks AWS for the progress of a run."),
    key("posts_per_second", Whole(1, MANY), "The most messages posted to a channel each second."),
    key("plans_per_hour", Whole(1, 1000), "The most plans that one person may request in an hour."),
    key(
        "surveys_per_hour",
        Whole(1, 1000),
        "The most checks of AWS that one person may cause in an hour.",
    ),
];

pub(super) const SLACK: &[Key] = &[
    key("channel", SlackChannel, "The id of a channel that shows everything."),
    key("mode", Choice(&["socket", "http"]), "Whether the bot opens sockets, or Slack calls it."),
    key("listen", Listen, "Where Slack's calls arrive, with mode = \"http\"."),
    key("api_url", Url, "Another address than Slack's own, for tests."),
];

pub(super) const DISCORD: &[Key] = &[
    needed("application_id", Snowflake, "The id of the application."),
    key("guild", Snowflake, "The id of the one server where /patch is offered."),
    key("api_url", Url, "Another address than Discord's own, for tests."),
];

pub(super) const AWS: &[Key] = &[
    key("endpoint", Url, "Another address than AWS's own, for tests."),
    key("reads_per_second", Whole(1, MANY), "The most reads a second."),
    key("reads_at_once", Whole(1, MANY), "Reads that may come at once after a pause."),
    key("sends_per_second", Whole(1, MANY), "The most calls of SendCommand a second."),
    key("events", Table(EVENTS), "Events of Systems Manager, through a queue."),
];

pub(super) const EVENTS: &[Key] =
    &[needed("queue_url", OneOrList(&Queue), "The address of a queue, or a list of addresses.")];

pub(super) const ADVISORIES: &[Key] = &[
    key("nvd", Url, "The CVE API of the NVD."),
    key("kev", Url, "CISA's catalogue of exploited vulnerabilities."),
    key("msrc", Url, "Microsoft's security updates."),
];

pub(super) const METRICS: &[Key] =
    &[needed("listen", Listen, "Where metrics and health are read.")];

pub(super) const ASSESS: &[Key] = &[
    key(
        "schedule",
        Schedule,
        "When patchbot checks the nodes: five fields of a crontab, or six or seven with seconds.",
    ),
    key("time_zone", TimeZone, "The time zone of the schedule, such as Asia/Tokyo. Default: UTC."),
    key("scan", Flag, "Whether patchbot sends a Scan first."),
];

pub(super) const PERSON: &[Key] = &[
    needed("name", Label, "The name that `approvers` uses."),
    key("slack", SlackUser, "The member's id in Slack."),
    key("discord", Snowflake, "The user's id in Discord."),
];

pub(super) const GROUP: &[Key] = &[
    needed("name", Label, "The name that `approvers` uses after an @."),
    key("slack", SlackGroup, "The id of a user group in Slack."),
    key("discord_role", Snowflake, "The id of a role in Discord."),
];

pub(super) const CHANNEL: &[Key] = &[
    needed("name", Label, "What people call it."),
    key("slack", SlackChannel, "Its id in Slack."),
    key("discord", Snowflake, "Its id in Discord."),
    key("environments", List(&Environment), "The environments whose cards it shows."),
    key("owners", List(&Group), "Only those of them that one of these groups owns."),
    key("levels", List(&Level), "It shows announcements with a patch of one of these levels."),
    key("locale", LOCALES, "Its language."),
    key("announcements", Flag, "Whether missing patches are announced there."),
    key("plans", Flag, "Whether plans are voted on and runs watched there."),
    key("compliance", Flag, "Whether compliance is reported there."),
];

const APPROVERS: Key =
    key("approvers", List(&Approver), "Who may approve: people by name, groups with an @.");
const QUORUM: Key = key("quorum", Whole(1, MANY), "How many different approvers a plan needs.");
const EXPIRES_AFTER: Key =
    key("expires_after", Span(SECOND, YEARS), "How long a plan can be approved.");
const REQUESTER_MAY_VOTE: Key =
    key("requester_may_vote", Flag, "Whether the requester of a plan may vote on it.");

pub(super) const LEVEL: &[Key] = &[APPROVERS, QUORUM, EXPIRES_AFTER, REQUESTER_MAY_VOTE];

pub(super) const ENVIRONMENT: &[Key] = &[
    needed("name", Environment, "1 to 40 lower-case letters, digits and hyphens."),
    key("after", Environment, "Which environment has to be proven before this one."),
    key("first", Flag, "Whether patches arrive here first."),
    needed("account", Account, "The twelve digits of the AWS account."),
    needed("region", Region, "The AWS Region."),
    needed("patch_group", Text(256), "The value of the tag PatchGroup."),
    key("owner", Group, "The group that owns the nodes, with an @."),
    key("role_arn", RoleArn, "One role for both: to read and to act."),
    key(
        "external_id",
        ExternalId,
        "What the trust policies of the roles require as sts:ExternalId.",
    ),
    key("read_role_arn", RoleArn, "The role to look."),
    key("read_external_id", ExternalId, "The external id of the read role."),
    key("execute_role_arn", RoleArn, "The role to send and cancel commands."),
    key("execute_external_id", ExternalId, "The external id of the execute role."),
    key("may_ask", List(&Approver), "Who may request plans: people by name, groups with an @."),
    APPROVERS,
    QUORUM,
    EXPIRES_AFTER,
    REQUESTER_MAY_VOTE,
    key("level", Levels(LEVEL), "What is different about approving plans of one level."),
    key(
        "reboot",
        Choice(&["reboot_if_needed", "no_reboot"]),
        "Whether AWS reboots a node after patches.",
    ),
    key(
        "on_drift",
        Choice(&["void", "shrink"]),
        "What happens if nodes of an approved plan are gone.",
    ),
    key(
        "definition_updates",
        Choice(&["install", "leave_out"]),
        "What happens to definition updates, which cannot be proven, in a plan that is limited to what was proven.",
    ),
    key("window", Window, "The maintenance window in which a run starts."),
    key("windows", List(&Window), "More windows that may be named for a plan."),
    key("canary", Whole(1, 100_000), "Nodes of the first wave."),
    key("wave_percent", Whole(1, 100), "Nodes of each further wave, in percent."),
    key("error_budget", Whole(0, 100_000), "How many nodes of one wave may fail."),
    key("concurrency", Share, "Nodes that may install at the same time."),
    key("soak", Span(Duration::ZERO, YEAR), "How long a good run must soak."),
    key("proof_lasts", Span(SECOND, YEARS), "How long it counts as proof."),
    key("override_location", S3, "Where patchbot puts the list of what may be installed."),
    key("timeouts", Table(TIMEOUTS), "How long to wait before the answer is unknown."),
];

pub(super) const TIMEOUTS: &[Key] = &[
    key("delivery", Span(HALF_MINUTE, MONTH), "For a node to receive a command."),
    key("install", Span(SECOND, MONTH_OF_WAITING), "For an Install to end."),
    key("scan", Span(SECOND, MONTH_OF_WAITING), "For a Scan to end."),
    key("reconcile", Span(SECOND, MONTH_OF_WAITING), "For an uncertain command to appear."),
    key("settle", Span(SECOND, MONTH_OF_WAITING), "For patch states to appear after a Scan."),
];

/// The longest time to wait for an answer.
const MONTH_OF_WAITING: Duration = MONTH;
