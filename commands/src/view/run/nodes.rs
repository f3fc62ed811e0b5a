//! Node names. If two nodes have the same name, their ids are shown too.

use crate::fleet::node::NodeId;
use crate::run::PatchRun;
use crate::text::Text;
use crate::text::wording::Args;
use crate::view::words::{Words, join};

/// A node of `run` by its name, with its id if another node of the plan reads the same.
pub(crate) fn name(run: &PatchRun, id: &NodeId, words: Words) -> Text {
    let Some(node) = run.plan.nodes().find(|node| node.id == *id) else {
        return Text::strong(&id.0);
    };
    let name = Text::strong(&node.name);
    let read = reads_as(&node.name);
    let is_shared = run.plan.nodes().any(|other| {
        other.id != *id && (reads_as(&other.name) == read || reads_as(&other.id.0) == read)
    });
    if is_shared {
        let args = Args::new().rich("name", name).text("id", id.to_string());
        words.say("node-with-id", &args)
    } else {
        name
    }
}

/// A form of a name in which names that look alike to a reader are equal.
fn reads_as(name: &str) -> String {
    Text::from(name).plain().trim().to_lowercase()
}

/// Nodes by name: the first few, and how many more there are.
pub(crate) fn names<'a>(
    run: &PatchRun,
    ids: impl IntoIterator<Item = &'a NodeId>,
    most: usize,
    words: Words,
) -> Text {
    let mut ids = ids.into_iter();
    let shown: Vec<Text> = ids.by_ref().take(most).map(|id| name(run, id, words)).collect();
    let more = ids.count();
    let mut shown = join(shown, words.separator());
    if more > 0 {
        shown.append(words.separator());
        shown.append(words.say("and-more", &Args::new().number("more", more as i64)));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Pin;
    use crate::run::tests::{Scenario, plan};
    use crate::text::wording::Locale;

    #[test]
    fn a_name_that_two_nodes_share_is_told_with_the_ids() {
        let mut scenario = Scenario::new(plan(Pin::First), 1);
        let ids: Vec<NodeId> = scenario.run.plan.nodes().map(|node| node.id.clone()).collect();
        let [first, second, third] = ids.as_slice() else { panic!("three nodes: {ids:?}") };
        let mut rename = |to: [&str; 3]| {
            let nodes = scenario.run.plan.waves.iter_mut().flatten();
            nodes.zip(to).for_each(|(node, name)| node.name = name.to_owned());
            names(&scenario.run, [first, second, third], 8, Words(Locale::En)).plain()
        };
        assert_eq!(rename(["web-1", "web-2", "db-1"]), "web-1, web-2, db-1");
        let shared = format!("web-1 ({first}), WEB-1 ({second}), db-1");
        assert_eq!(rename(["web-1", "WEB-1", "db-1"]), shared);
        let disguised = rename(["web-1", "web-2", "\u{200E}web-2"]);
        assert_eq!(disguised, format!("web-1, web-2 ({second}), web-2 ({third})"));
        assert_eq!(
            rename([&second.0, "web-2", "db-1"]),
            format!("{second} ({first}), web-2, db-1"),
            "a name that is another node's id"
        );
    }
}
