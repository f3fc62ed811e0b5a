//! Who is in the sandbox's channel.

/// Somebody in the channel.
pub(super) struct Role {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) real_name: &'static str,
}

/// Asks for plans.
pub(super) const HANA: &str = "U0HANA";
/// Approves.
pub(super) const AIKO: &str = "U0AIKO";
/// Approves as well: production needs both.
pub(super) const BEN: &str = "U0BEN";
/// Is in the channel, and in no policy.
pub(super) const OMAR: &str = "U0OMAR";

pub(super) const PEOPLE: [Role; 4] = [
    Role { id: HANA, name: "hana", real_name: "Hana (asks)" },
    Role { id: AIKO, name: "aiko", real_name: "Aiko (approver)" },
    Role { id: BEN, name: "ben", real_name: "Ben (approver)" },
    Role { id: OMAR, name: "omar", real_name: "Omar (outsider)" },
];

pub(super) const BOT: &str = "U0PATCHBOT";
pub(super) const CHANNEL: &str = "C0PATCHING";
/// They open nothing but the sandbox.
pub(super) const BOT_TOKEN: &str = "xoxb-sandbox";
pub(super) const APP_TOKEN: &str = "xapp-sandbox";
