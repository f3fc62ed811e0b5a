//! The panel beside the channel: the simulated fleet in its true state.

use maud::{Markup, html};
use simulators::aws::Cloud;

/// The nodes, and the last commands that AWS received.
pub(super) fn fleet(cloud: &Cloud) -> Markup {
    let mut nodes = cloud.nodes();
    nodes.sort_by(|a, b| (&a.account, &a.name).cmp(&(&b.account, &b.name)));
    let commands = cloud.commands();
    html! {
        section class="panel" {
            h2 { "The fleet" }
            p { "What the nodes truly are, whatever they have reported." }
            table {
                thead { tr { th { "Node" } th { "Missing" } th { "Now" } } }
                tbody {
                    @for node in &nodes {
                        tr {
                            td { (node.name) }
                            td { (node.missing) }
                            td { (node.activity.as_deref().unwrap_or(&node.ping)) }
                        }
                    }
                }
            }
        }
        section class="panel" {
            h2 { "What AWS received" }
            table {
                thead { tr { th { "Command" } th { "Nodes" } th { "Status" } } }
                tbody {
                    @for command in commands.iter().rev().take(8) {
                        tr {
                            td { (command.parameters.get("Operation").map(|values| values.join(" ")).unwrap_or_default()) }
                            td { (command.instance_ids.len()) }
                            td { (command.status) }
                        }
                    }
                }
            }
        }
    }
}
