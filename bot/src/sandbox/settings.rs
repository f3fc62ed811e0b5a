//! The sandbox's configuration: a file as an operator would write it, with the addresses of the
//! simulators.

use std::path::Path;

use super::cast::{
    AIKO, AIKO_IN_DISCORD, APPLICATION, BEN, BEN_IN_DISCORD, CHANNEL, DISCORD_CHANNEL, GUILD, HANA,
    HANA_IN_DISCORD,
};

pub(super) struct Addresses<'a> {
    pub(super) aws: &'a str,
    pub(super) slack: &'a str,
    pub(super) discord: &'a str,
    pub(super) feeds: &'a str,
    pub(super) data: &'a Path,
    pub(super) locale: &'a str,
    pub(super) posts_per_second: u32,
    /// Reads from AWS per second of real time.
    pub(super) reads_per_second: u32,
    /// Calls of SendCommand per second of real time.
    pub(super) sends_per_second: u32,
}

pub(super) fn toml(addresses: &Addresses<'_>) -> String {
    let Addresses { aws, slack, discord, feeds, data, locale, .. } = addresses;
    let Addresses { posts_per_second, reads_per_second, sends_per_second, .. } = addresses;
    let data = data.join("store");
    format!(
        r#"
[bot]
data = {data:?}
locale = "{locale}"
poll = "10s"
posts_per_second = {posts_per_second}
plans_per_hour = 1000
surveys_per_hour = 1000

[slack]
channel = "{CHANNEL}"
api_url = "{slack}/api"

[discord]
application_id = "{APPLICATION}"
guild = "{GUILD}"
api_url = "{discord}"

[[channel]]
name = "discord"
discord = "{DISCORD_CHANNEL}"

[aws]
endpoint = "{aws}"
reads_per_second = {reads_per_second}
sends_per_second = {sends_per_second}

[advisories]
nvd = "{feeds}/rest/json/cves/2.0"
kev = "{feeds}/sites/default/files/feeds/known_exploited_vulnerabilities.json"
msrc = "{feeds}/cvrf/v3.0"

[assess]
schedule = "0 0 6 * * * *"

[[person]]
name = "hana"
slack = "{HANA}"
discord = "{HANA_IN_DISCORD}"

[[person]]
name = "aiko"
slack = "{AIKO}"
discord = "{AIKO_IN_DISCORD}"

[[person]]
name = "ben"
slack = "{BEN}"
discord = "{BEN_IN_DISCORD}"

[[environment]]
name = "verification"
account = "111111111111"
region = "ap-northeast-1"
patch_group = "web-verification"
role_arn = "arn:aws:iam::111111111111:role/patchbot"
external_id = "verification"
approvers = ["hana", "aiko", "ben"]
canary = 1
wave_percent = 100
error_budget = 1
soak = "5m"
windows = ["verification-daily"]

[[environment]]
name = "production"
account = "222222222222"
region = "ap-northeast-1"
patch_group = "web-production"
role_arn = "arn:aws:iam::222222222222:role/patchbot"
external_id = "production"
approvers = ["hana", "aiko", "ben"]
quorum = 2
expires_after = "3d"
window = "production-nightly"
canary = 2
wave_percent = 50
override_location = "s3://patchbot-overrides/lists"
"#
    )
}
