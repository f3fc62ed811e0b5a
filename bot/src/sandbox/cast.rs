//! The people in the sandbox's channels: the same four in Slack and in Discord.

/// A person in both channels.
pub(super) struct Role {
    pub(super) id: &'static str,
    /// The user id in Discord.
    pub(super) discord: &'static str,
    pub(super) name: &'static str,
    pub(super) real_name: &'static str,
    /// What they do in the cycle, for the person at the page who chooses a role.
    pub(super) title: &'static str,
}

/// Requests plans.
pub(super) const HANA: &str = "U0HANA";
/// Approves plans.
pub(super) const AIKO: &str = "U0AIKO";
/// Approves plans as well: production needs both.
pub(super) const BEN: &str = "U0BEN";
/// Is in the channel, but in no policy.
pub(super) const OMAR: &str = "U0OMAR";

pub(super) const HANA_IN_DISCORD: &str = "100000000000001301";
pub(super) const AIKO_IN_DISCORD: &str = "100000000000001302";
pub(super) const BEN_IN_DISCORD: &str = "100000000000001303";
pub(super) const OMAR_IN_DISCORD: &str = "100000000000001304";

pub(super) const PEOPLE: [Role; 4] = [
    Role { id: HANA, discord: HANA_IN_DISCORD, name: "hana", real_name: "Hana", title: "asks" },
    Role { id: AIKO, discord: AIKO_IN_DISCORD, name: "aiko", real_name: "Aiko", title: "approver" },
    Role { id: BEN, discord: BEN_IN_DISCORD, name: "ben", real_name: "Ben", title: "approver" },
    Role { id: OMAR, discord: OMAR_IN_DISCORD, name: "omar", real_name: "Omar", title: "outsider" },
];

pub(super) const BOT: &str = "U0PATCHBOT";
pub(super) const CHANNEL: &str = "C0PATCHING";
pub(super) const GUILD: &str = "100000000000001100";
/// The id of the channel in Discord.
pub(super) const DISCORD_CHANNEL: &str = "100000000000001200";
pub(super) const APPLICATION: &str = "100000000000001900";
/// The tokens open nothing but the sandbox.
pub(super) const BOT_TOKEN: &str = "xoxb-sandbox";
pub(super) const APP_TOKEN: &str = "xapp-sandbox";
pub(super) const DISCORD_TOKEN: &str = "discord-sandbox";
