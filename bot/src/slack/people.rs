//! Configured names and Slack's ids of the same persons.

use std::collections::BTreeMap;

use commands::text::PersonRef;

/// Before a Slack id that no name was configured for.
const SLACK: &str = "slack:";

/// Who is who in Slack.
#[derive(Clone, Debug, Default)]
pub struct People {
    ids: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
}

impl People {
    /// From configured names and the Slack ids that belong to them.
    pub fn new(ids: BTreeMap<String, String>) -> Self {
        let names = ids.iter().map(|(name, id)| (id.clone(), name.clone())).collect();
        Self { ids, names }
    }

    /// The person behind a Slack id: by the configured name, or as `slack:U…`.
    pub fn person(&self, slack_id: &str) -> PersonRef {
        PersonRef(match self.names.get(slack_id) {
            Some(name) => name.clone(),
            None => format!("{SLACK}{slack_id}"),
        })
    }

    /// What Slack calls this person; none if the person is not known there.
    pub fn slack_id<'a>(&'a self, person: &'a PersonRef) -> Option<&'a str> {
        let id = match person.0.strip_prefix(SLACK) {
            Some(id) => id,
            None => self.ids.get(&person.0)?,
        };
        is_user_id(id).then_some(id)
    }

    /// What people call this person.
    pub fn name<'a>(&self, person: &'a PersonRef) -> &'a str {
        person.0.strip_prefix(SLACK).unwrap_or(&person.0)
    }
}

/// Whether this can stand in a mention. It keeps a name with markup in it from becoming one.
fn is_user_id(text: &str) -> bool {
    let begins_well = text.starts_with('U') || text.starts_with('W');
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    begins_well && (2..=32).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_found_by_name_and_by_id() {
        let people = People::new(BTreeMap::from([("aiko".to_owned(), "U0AIKO".to_owned())]));
        let aiko = PersonRef("aiko".into());
        assert_eq!(people.person("U0AIKO"), aiko);
        assert_eq!(people.slack_id(&aiko), Some("U0AIKO"));
        let guest = people.person("U0GUEST");
        assert_eq!(guest, PersonRef("slack:U0GUEST".into()));
        assert_eq!(people.slack_id(&guest), Some("U0GUEST"));
        assert_eq!(people.name(&guest), "U0GUEST");
    }

    #[test]
    fn what_is_no_id_is_never_mentioned() {
        let people = People::default();
        for name in ["slack:U1> <!channel", "slack:", "slack:here", "nobody", "discord:1"] {
            assert_eq!(people.slack_id(&PersonRef(name.into())), None, "{name}");
        }
    }
}
