//! Whether a person belongs to the workspace that the bot works in. In doubt they count as an
//! outsider.

use super::api::{Identity, Slack};
use super::decode::Origin;
use super::error::SlackError;

/// Why a person counts as an outsider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outsider {
    /// Slack does not say where they belong.
    Unknown,
    /// The person, or the channel or message, belongs to another workspace.
    OtherTeam,
    /// The person belongs to another enterprise.
    OtherEnterprise,
}

impl Outsider {
    /// The label in the metrics.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::OtherTeam => "other_team",
            Self::OtherEnterprise => "other_enterprise",
        }
    }
}

impl Slack {
    /// Returns why a person is an outsider, if they are, by what `auth.test` says about the bot.
    /// While Slack cannot be asked, it is an error, because nobody can be classified.
    pub(crate) async fn outsider(&self, origin: &Origin) -> Result<Option<Outsider>, SlackError> {
        Ok(compare(self.identify().await?, origin).err())
    }
}

fn compare(us: &Identity, origin: &Origin) -> Result<(), Outsider> {
    let Origin { team, enterprise, user_team } = origin;
    if enterprise.is_some() && *enterprise != us.enterprise {
        return Err(Outsider::OtherEnterprise);
    }
    // An app that is installed in the whole enterprise belongs to each of its workspaces.
    let whole = us.is_org_wide && enterprise.is_some();
    match team {
        Some(team) if *team == us.team || whole => {}
        Some(_) => return Err(Outsider::OtherTeam),
        None if whole => {}
        None => return Err(Outsider::Unknown),
    }
    match user_team {
        None => Ok(()),
        Some(theirs) if *theirs == us.team || us.enterprise.as_ref() == Some(theirs) => Ok(()),
        // If the team is another one of the enterprise, its people belong to it.
        Some(theirs) if whole && team.as_ref() == Some(theirs) => Ok(()),
        Some(_) => Err(Outsider::OtherTeam),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(enterprise: Option<&str>, is_org_wide: bool) -> Identity {
        Identity {
            user: "U0BOT".into(),
            bot: None,
            team: "T0OURS".into(),
            enterprise: enterprise.map(str::to_owned),
            is_org_wide,
            team_name: String::new(),
        }
    }

    fn check(us: &Identity, from: [Option<&str>; 3], expected: Option<Outsider>) {
        let [team, enterprise, user_team] = from.map(|id| id.map(str::to_owned));
        let origin = Origin { team, enterprise, user_team };
        assert_eq!(compare(us, &origin).err(), expected, "{origin:?}");
    }

    #[test]
    fn a_workspace_hears_its_own_people() {
        let us = us(None, false);
        check(&us, [Some("T0OURS"), None, Some("T0OURS")], None);
        check(&us, [Some("T0OURS"), None, None], None);
        check(&us, [Some("T0OURS"), None, Some("T0THEM")], Some(Outsider::OtherTeam));
        check(&us, [Some("T0THEM"), None, Some("T0OURS")], Some(Outsider::OtherTeam));
        check(&us, [Some("T0OURS"), Some("E0THEM"), None], Some(Outsider::OtherEnterprise));
        check(&us, [None, None, Some("T0OURS")], Some(Outsider::Unknown));
        check(&us, [None, None, None], Some(Outsider::Unknown));
        check(&us, [Some(""), None, None], Some(Outsider::OtherTeam));
    }

    #[test]
    fn a_workspace_of_an_enterprise_hears_no_other_of_it() {
        let us = us(Some("E0OURS"), false);
        check(&us, [Some("T0OURS"), Some("E0OURS"), Some("T0OURS")], None);
        check(&us, [Some("T0OURS"), Some("E0OURS"), Some("E0OURS")], None);
        check(&us, [Some("T0NEXT"), Some("E0OURS"), Some("T0NEXT")], Some(Outsider::OtherTeam));
        check(&us, [None, Some("E0OURS"), Some("T0OURS")], Some(Outsider::Unknown));
    }

    #[test]
    fn a_whole_enterprise_hears_its_workspaces_and_no_others() {
        let us = us(Some("E0OURS"), true);
        check(&us, [None, Some("E0OURS"), Some("T0OURS")], None);
        check(&us, [Some("T0NEXT"), Some("E0OURS"), Some("T0NEXT")], None);
        check(&us, [None, Some("E0OURS"), Some("E0OURS")], None);
        check(&us, [None, Some("E0THEM"), None], Some(Outsider::OtherEnterprise));
        check(&us, [None, Some("E0OURS"), Some("T0THEM")], Some(Outsider::OtherTeam));
        check(&us, [Some("T0NEXT"), Some("E0OURS"), Some("T0THEM")], Some(Outsider::OtherTeam));
        check(&us, [None, None, None], Some(Outsider::Unknown));
        check(&us, [Some("T0NEXT"), None, None], Some(Outsider::OtherTeam));
    }
}
