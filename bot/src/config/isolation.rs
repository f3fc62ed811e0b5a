//! Checks that no two environments share a node, and that the roles of each belong to its account.

use super::mistake::Mistakes;
use super::tree::Entry;

/// The keys under which an environment names roles.
const ROLES: [&str; 3] = ["role_arn", "read_role_arn", "execute_role_arn"];

/// Checks that two environments do not have the same account, Region and patch group, and therefore
/// the same nodes: an approval of one would patch those of the other. `described` are the
/// environments further up.
pub(super) fn shares_no_node(
    environment: &Entry<'_>,
    described: &[Entry<'_>],
    mistakes: &mut Mistakes<'_>,
) {
    let place = |one: &Entry<'_>| {
        let text = |key| one.key(key).text().map(|text| text.trim().to_owned());
        Some((text("account")?, text("region")?.to_ascii_lowercase(), text("patch_group")?))
    };
    let Some(ours) = place(environment) else { return };
    if described.iter().any(|other| place(other).as_ref() == Some(&ours)) {
        let group = environment.key("patch_group");
        mistakes.add(
            &group.span,
            &group.path,
            "is that of an environment further up, in the same account and Region: their nodes would be \
             the same ones, and either approval would patch them. Give one of the two another group",
        );
    }
}

/// Checks that each role belongs to the account that cards name. A role of another account would
/// patch nodes that nobody has approved.
pub(super) fn roles_are_of_its_account(environment: &Entry<'_>, mistakes: &mut Mistakes<'_>) {
    let account = environment.key("account");
    let Some(account) = account.text() else { return };
    for role in ROLES.map(|key| environment.key(key)) {
        // arn:partition:iam::account:role/name
        let named = role.text().and_then(|arn| arn.split(':').nth(4));
        if named.is_some_and(|named| !named.is_empty() && named != account) {
            mistakes.add(
                &role.span,
                &role.path,
                "is a role of another account than `account` says: cards would name the one and \
                 commands would go to the other. Correct whichever is wrong",
            );
        }
    }
}
