//! The text about nodes in two patch groups: which nodes, what that means, and what to do.

use crate::environment::patch_group::GroupTag;
use crate::fleet::two_groups::NodesInTwoGroups;
use crate::id::EnvironmentName;
use crate::text::Text;
use crate::text::wording::Args;
use crate::view::words::{Words, join};

/// The most nodes that are named.
const SHOWN: usize = 10;

/// Nodes whose two tags name different groups, one of them that of `environment`; `None` if there
/// are none.
pub(crate) fn in_two_groups(
    environment: &EnvironmentName,
    nodes: &NodesInTwoGroups,
    words: Words,
) -> Option<Text> {
    let names = names(environment, nodes, words)?;
    let args = tags(Args::new())
        .number("nodes", nodes.len() as i64)
        .text("environment", environment.as_str())
        .rich("names", names);
    Some(words.say("in-two-groups", &args))
}

/// The same for a plan that no longer waits: the current groups of these nodes are not known.
pub(crate) fn were_unsettled(
    environment: &EnvironmentName,
    nodes: &NodesInTwoGroups,
    words: Words,
) -> Option<Text> {
    let names = names(environment, nodes, words)?;
    let args = Args::new().number("nodes", nodes.len() as i64).rich("names", names);
    Some(words.say("in-two-groups-then", &args))
}

fn names(environment: &EnvironmentName, nodes: &NodesInTwoGroups, words: Words) -> Option<Text> {
    if nodes.is_empty() {
        return None;
    }
    let names = nodes.iter().take(SHOWN).map(|(id, node)| {
        let args = Args::new()
            .rich("name", Text::strong(&node.name))
            .code("id", &id.0)
            .code("tag", node.by.key())
            .text("environment", environment.as_str());
        words.say("in-two-groups-node", &args)
    });
    let mut names = join(names, words.separator());
    let more = nodes.len().saturating_sub(SHOWN);
    if more > 0 {
        names.append(words.separator());
        names.append(words.say("and-more", &Args::new().number("more", more as i64)));
    }
    Some(names)
}

/// The keys of both tags, for people to copy.
pub(crate) fn tags(args: Args) -> Args {
    args.code("tag", GroupTag::Unspaced.key()).code("other", GroupTag::Spaced.key())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::decide::{Interaction, Response};
    use crate::environment::Promotion;
    use crate::fleet::node::NodeId;
    use crate::fleet::summary::Summary;
    use crate::fleet::two_groups::NodeInTwoGroups;
    use crate::plan::tests::environment;
    use crate::run::tests::{actor, after};
    use crate::state::State;
    use crate::view::compliance;
    use crate::view::tests::{aloud, both, reader};

    /// Two nodes, one for each spelling.
    pub(crate) fn torn() -> NodesInTwoGroups {
        let node = |id: &str, name: &str, by| {
            (NodeId(id.to_owned()), NodeInTwoGroups { name: name.to_owned(), by })
        };
        [
            node("i-0a1b2c3d4e5f60718", "web-08", GroupTag::Unspaced),
            node("i-0b1b2c3d4e5f60718", "web-09", GroupTag::Spaced),
        ]
        .into()
    }

    #[test]
    fn those_in_two_groups_are_named_wherever_an_environment_is_told_of() {
        let mut summary = Summary::new(environment().name, after(0));
        summary.compliance.in_two_groups = torn();
        let promotion = Promotion(vec![environment()]);
        let mut state = State { promotion, ..State::default() };
        state.saw(summary.clone());
        let actor = actor("aiko");
        both("two-groups", |locale| {
            let ask = Interaction::Command { text: "status".into() };
            let status = match state.ask(&actor, &ask, reader(locale), after(5)) {
                Ok(Response::Answer(card)) => aloud(&card),
                other => panic!("{other:?}"),
            };
            let reports = [summary.compliance.clone()];
            let compliance =
                compliance::card(&reports, &[], None, &[], &state.promotion, reader(locale));
            status + &aloud(&compliance)
        });
    }

    #[test]
    fn of_many_the_first_are_named() {
        let node = |at: usize| {
            let by = GroupTag::Unspaced;
            (NodeId(format!("i-{at:02}")), NodeInTwoGroups { name: format!("web-{at:02}"), by })
        };
        let nodes: NodesInTwoGroups = (0..13).map(node).collect();
        let words = Words(crate::text::wording::Locale::En);
        let text = in_two_groups(&environment().name, &nodes, words).expect("some").plain();
        assert!(text.starts_with("13 nodes") && text.contains("web-09"), "{text}");
        assert!(!text.contains("web-10") && text.contains("3 more"), "{text}");
        assert_eq!(in_two_groups(&environment().name, &NodesInTwoGroups::new(), words), None);
    }
}
