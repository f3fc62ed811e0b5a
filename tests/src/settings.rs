//! The configuration of a story, written as an operator would write it.

use std::path::Path;

use super::people::{APPLICATION, CHANNEL, DISCORD_CHANNEL, GUILD, OMAR, crowd, named};

/// The platforms that the bot works on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Platforms {
    /// Slack alone.
    #[default]
    Slack,
    /// Discord alone.
    Discord,
    /// Both platforms.
    Both,
}

/// What a story changes in the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The platforms that the bot works on.
    pub platforms: Platforms,
    /// Additional lines of Slack's table.
    pub slack: &'static str,
    /// The first environment.
    pub verification: Environment,
    /// The second environment, after `verification`.
    pub production: Environment,
    /// How often the bot polls AWS.
    pub poll: &'static str,
    /// How many plans one person may ask for within an hour.
    pub plans_per_hour: u32,
    /// How many surveys of AWS one person may ask for within an hour.
    pub surveys_per_hour: u32,
    /// How long a patch state may take to appear.
    pub settle: &'static str,
    /// How long the bot searches for a command before it asks a person.
    pub reconcile: &'static str,
    /// When the nodes are surveyed.
    pub schedule: &'static str,
    /// Additional timeouts of every environment, each followed by a comma.
    pub timeouts: &'static str,
    /// Whether nodes are scanned before a survey.
    pub scan: bool,
    /// Additional lines at the end, in the table of the last environment.
    pub more: String,
}

/// What a story changes in an environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Who may vote, as TOML writes it.
    pub approvers: &'static str,
    /// How many votes it needs.
    pub quorum: u32,
    /// How many nodes of a wave may fail.
    pub error_budget: u32,
    /// How many nodes install at the same time, in TOML.
    pub concurrency: &'static str,
    /// The external id for the trust policy of the role.
    pub external_id: &'static str,
    /// What happens if nodes disappear before their wave.
    pub on_drift: &'static str,
    /// What differs for plans of some level, as the inside of an inline table.
    pub level: &'static str,
    /// Its maintenance windows, as lines of its table.
    pub windows: &'static str,
}

const THREE: &str = r#"["hana", "aiko", "ben"]"#;

impl Default for Settings {
    fn default() -> Self {
        Self {
            platforms: Platforms::Slack,
            slack: "",
            verification: Environment {
                approvers: THREE,
                quorum: 1,
                error_budget: 1,
                concurrency: r#""100%""#,
                external_id: "verification",
                on_drift: "void",
                level: "",
                windows: "",
            },
            production: Environment {
                approvers: THREE,
                quorum: 2,
                error_budget: 0,
                concurrency: r#""100%""#,
                external_id: "production",
                on_drift: "void",
                level: "",
                windows: "",
            },
            poll: "20ms",
            // More than any story asks for by chance.
            plans_per_hour: 1000,
            surveys_per_hour: 1000,
            settle: "1s",
            // So long that no story ends in a question that it did not expect.
            reconcile: "60s",
            schedule: "0 0 0 1 1 * *",
            timeouts: "",
            scan: false,
            more: String::new(),
        }
    }
}

/// The addresses of everything.
#[derive(Clone, Copy, Debug)]
pub struct Endpoints<'a> {
    /// AWS's address.
    pub aws: &'a str,
    /// Slack's address.
    pub slack: &'a str,
    /// Discord's address.
    pub discord: &'a str,
    /// The address of all feeds.
    pub feeds: &'a str,
    /// The folder of the store.
    pub data: &'a Path,
}

impl Settings {
    /// The content of the file. By default nothing is scanned before a request, so that a start
    /// takes no time; the nodes of the seeded world have reported before.
    pub(crate) fn toml(&self, endpoints: &Endpoints<'_>) -> String {
        let Endpoints { aws, feeds, data, .. } = endpoints;
        let (chat, people) = (self.chat(endpoints), self.people());
        let Self {
            verification,
            production,
            poll,
            plans_per_hour,
            surveys_per_hour,
            settle,
            reconcile,
            schedule,
            timeouts,
            scan,
            more,
            ..
        } = self;
        format!(
            r#"[bot]
data = {data:?}
poll = "{poll}"
# A story is over before a platform would allow its second message.
posts_per_second = 10000
plans_per_hour = {plans_per_hour}
surveys_per_hour = {surveys_per_hour}

{chat}
[aws]
endpoint = "{aws}"
# Waits of real time, which a story has none of.
reads_per_second = 10000
reads_at_once = 10000
sends_per_second = 10000

[advisories]
nvd = "{feeds}/rest/json/cves/2.0"
kev = "{feeds}/sites/default/files/feeds/known_exploited_vulnerabilities.json"
msrc = "{feeds}/cvrf/v3.0"

[assess]
schedule = "{schedule}"
scan = {scan}

[metrics]
listen = "127.0.0.1:0"

{people}
[[environment]]
name = "verification"
account = "111111111111"
region = "ap-northeast-1"
patch_group = "web-verification"
role_arn = "arn:aws:iam::111111111111:role/patchbot"
external_id = "{}"
approvers = {}
quorum = {}
canary = 1
wave_percent = 100
error_budget = {}
concurrency = {}
on_drift = {:?}
level = {{ {} }}
{}
timeouts = {{ {timeouts}reconcile = "{reconcile}", settle = "{settle}" }}

[[environment]]
name = "production"
account = "222222222222"
region = "ap-northeast-1"
patch_group = "web-production"
role_arn = "arn:aws:iam::222222222222:role/patchbot"
external_id = "{}"
approvers = {}
quorum = {}
canary = 2
wave_percent = 50
error_budget = {}
concurrency = {}
on_drift = {:?}
level = {{ {} }}
{}
override_location = "s3://patchbot-overrides/lists"
timeouts = {{ {timeouts}reconcile = "{reconcile}", settle = "{settle}" }}
{more}"#,
            verification.external_id,
            verification.approvers,
            verification.quorum,
            verification.error_budget,
            verification.concurrency,
            verification.on_drift,
            verification.level,
            verification.windows,
            production.external_id,
            production.approvers,
            production.quorum,
            production.error_budget,
            production.concurrency,
            production.on_drift,
            production.level,
            production.windows,
        )
    }

    /// The tables of the platforms.
    fn chat(&self, endpoints: &Endpoints<'_>) -> String {
        let Endpoints { slack, discord, .. } = endpoints;
        let more = self.slack;
        let in_slack =
            format!("[slack]\nchannel = \"{CHANNEL}\"\napi_url = \"{slack}/api\"\n{more}\n");
        let in_discord = format!(
            "[discord]\napplication_id = \"{APPLICATION}\"\nguild = \"{GUILD}\"\n\
             api_url = \"{discord}\"\n\n[[channel]]\nname = \"discord\"\ndiscord = \"{DISCORD_CHANNEL}\"\n\n"
        );
        match self.platforms {
            Platforms::Slack => in_slack,
            Platforms::Discord => in_discord,
            Platforms::Both => in_slack + &in_discord,
        }
    }

    /// The people whom the configuration knows: everybody except Omar.
    fn people(&self) -> String {
        let everybody = named().into_iter().filter(|one| one.slack != OMAR).chain(crowd());
        let tables = everybody.map(|one| {
            let slack = format!("slack = \"{}\"\n", one.slack);
            let discord = format!("discord = \"{}\"\n", one.discord);
            let ids = match self.platforms {
                Platforms::Slack => slack,
                Platforms::Discord => discord,
                Platforms::Both => slack + &discord,
            };
            format!("[[person]]\nname = \"{}\"\n{ids}\n", one.name)
        });
        tables.collect()
    }
}
