//! Every node of a patch group, page by page: what it is, what it last reported, what it misses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_ssm::types::InstanceInformation;
use commands::environment::Environment;
use commands::environment::patch_group::GroupTag;
use commands::fleet::node::{NodeId, NodePatchState, Ping};
use commands::fleet::operating_system::system;
use commands::fleet::survey::SurveyedNode;
use commands::fleet::two_groups::NodesInTwoGroups;
use commands::patch::installed::Installed;
use commands::patch::{Patch, PatchId};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::aws::client::Client;
use crate::aws::fleet::baselines::{Baseline, baselines};
use crate::aws::fleet::missing_index::{MissingIndex, fingerprint};
use crate::aws::fleet::operating_system::{Product, operating_system, products};
use crate::aws::fleet::patch_states::{READS_AT_ONCE, of_chunk, of_group};
use crate::aws::fleet::patches::{Wanted, add, patches};
use crate::aws::fleet::two_groups::{in_two_groups, pages_of};
use crate::aws::preflight::presence::{PER_PAGE, filter, list};
use crate::aws::{Aws, AwsError, parse};

/// How a group is walked through.
pub(in crate::aws) struct Walk<'a> {
    pub(in crate::aws) client: &'a Client,
    pub(in crate::aws) group: &'a str,
    /// Whether every node is asked for what it has installed as well.
    pub(in crate::aws) with_installed: bool,
    /// What is known from before, for a look that keeps no node. None to read everything.
    pub(in crate::aws) known: Option<&'a MissingIndex>,
}

/// What is left of a walk when the nodes have gone by.
#[derive(Default)]
pub(in crate::aws) struct Walked {
    /// All patches that some node misses or failed to install.
    pub(in crate::aws) patches: BTreeMap<PatchId, Patch>,
    /// Patches that some node has, where that was asked for.
    pub(in crate::aws) installed: BTreeSet<PatchId>,
    pub(in crate::aws) systems: BTreeSet<&'static str>,
    /// The baseline of each of these systems.
    pub(in crate::aws) baselines: BTreeMap<&'static str, Baseline>,
    pub(in crate::aws) products: BTreeSet<Product>,
    /// What was found, for the next walk.
    pub(in crate::aws) index: MissingIndex,
    /// Nodes that were seen.
    pub(in crate::aws) nodes: u64,
    /// Nodes that are in two groups. They are not among those.
    pub(in crate::aws) in_two_groups: NodesInTwoGroups,
    /// Pages that all of these take at least, with both spellings of the tag.
    pub(in crate::aws) pages: u64,
    /// Nodes that had reported nothing under this group.
    pub(in crate::aws) unreported: u64,
    /// Pages that it takes at least to list what the nodes miss of which that had to be read.
    pub(in crate::aws) lists: u64,
}

impl Aws {
    /// The nodes of `environment` that answer and are in no other group.
    pub async fn online(&self, environment: &Environment) -> Result<Vec<NodeId>, AwsError> {
        let client = self.client(&environment.name, "DescribeInstanceInformation")?;
        let group = &environment.patch_group;
        let (mut nodes, mut in_two_groups) = (BTreeSet::new(), NodesInTwoGroups::new());
        for tag in GroupTag::ALL {
            let mut listed = BTreeSet::new();
            let tagged = vec![filter(client, tag.filter(), vec![group.clone()])?];
            list(client, tagged, &mut |node, information| {
                let ping = information.ping_status().map(|ping| ping.as_str());
                if parse::ping(ping) == Ping::Online {
                    listed.insert(NodeId(node.to_owned()));
                }
                true
            })
            .await?;
            if !listed.is_empty() {
                let is_listed = |node: &str| listed.contains(&NodeId(node.to_owned()));
                in_two_groups.extend(
                    crate::aws::fleet::two_groups::in_two_groups(client, group, tag, &is_listed)
                        .await?
                        .nodes,
                );
            }
            nodes.append(&mut listed);
        }
        Ok(nodes.into_iter().filter(|node| !in_two_groups.contains_key(node)).collect())
    }
}

/// A node that went by.
type Each<'a> = dyn FnMut(NodeId, SurveyedNode) + Send + 'a;

impl Walk<'_> {
    /// Hands each node to `each`: one that carries both tags only once, and none that is in two groups.
    /// On a failure `walked` holds what was found until then.
    pub(in crate::aws) async fn go(
        &self,
        walked: &mut Walked,
        each: &mut Each<'_>,
    ) -> Result<(), AwsError> {
        let mut states = of_group(self.client, self.group).await?;
        // A fleet can be half renamed, so both spellings are asked for. The older one goes first:
        // it is mostly empty, and its nodes have to be remembered.
        let [newer, older] = GroupTag::ALL;
        let mut seen = BTreeSet::new();
        let mut unreported = Vec::new();
        for tag in [older, newer] {
            let tagged = filter(self.client, tag.filter(), vec![self.group.to_owned()])?;
            let request = self.client.reads.describe_instance_information().filters(tagged);
            let mut pages = self.client.pages(request.max_results(PER_PAGE));
            let mut listed = 0_u64;
            while let Some(page) = pages.next().await? {
                // Before the first node is handed on, and not where there is none.
                if listed == 0 && !page.is_empty() {
                    self.set_aside(tag, &seen, walked).await?;
                }
                listed += page.len() as u64;
                let mut reported = Vec::new();
                for information in page {
                    let Some(id) = information.instance_id() else { continue };
                    let id = NodeId(id.to_owned());
                    if seen.contains(&id) {
                        continue;
                    }
                    if tag == older {
                        seen.insert(id.clone());
                    }
                    if walked.in_two_groups.contains_key(&id) {
                        continue;
                    }
                    match states.remove(&id) {
                        Some(state) => reported.push((id, information, Some(state))),
                        None => unreported.push((id, information)),
                    }
                }
                self.take(reported, walked, each).await?;
                while unreported.len() >= PER_PAGE as usize {
                    let chunk = unreported.drain(..PER_PAGE as usize).collect();
                    self.take_unreported(chunk, walked, each).await?;
                }
            }
            walked.pages += pages_of(listed);
        }
        self.take_unreported(unreported, walked, each).await
    }

    /// Finds the nodes that `tag` puts into the group and the other one into another. Those that were
    /// `seen` under the other carry the same value in both.
    async fn set_aside(
        &self,
        tag: GroupTag,
        seen: &BTreeSet<NodeId>,
        walked: &mut Walked,
    ) -> Result<(), AwsError> {
        let is_new = |node: &str| !seen.contains(&NodeId(node.to_owned()));
        let ambiguous = in_two_groups(self.client, self.group, tag, &is_new).await?;
        walked.pages += ambiguous.pages;
        walked.in_two_groups.extend(ambiguous.nodes);
        Ok(())
    }

    /// Nodes that reported nothing under this group: never at all, or under their group before.
    async fn take_unreported(
        &self,
        nodes: Vec<(NodeId, InstanceInformation)>,
        walked: &mut Walked,
        each: &mut Each<'_>,
    ) -> Result<(), AwsError> {
        if nodes.is_empty() {
            return Ok(());
        }
        walked.unreported += nodes.len() as u64;
        let ids = nodes.iter().map(|(id, _)| id.clone()).collect();
        let mut states: BTreeMap<_, _> = of_chunk(self.client, ids).await?.into_iter().collect();
        let nodes = nodes.into_iter().map(|(id, information)| {
            let state = states.remove(&id);
            (id, information, state)
        });
        self.take(nodes.collect(), walked, each).await
    }

    async fn take(
        &self,
        nodes: Vec<(NodeId, InstanceInformation, Option<NodePatchState>)>,
        walked: &mut Walked,
        each: &mut Each<'_>,
    ) -> Result<(), AwsError> {
        let systems: BTreeSet<&'static str> = nodes
            .iter()
            .filter_map(|(_, information, _)| operating_system(information))
            .filter(|system| !walked.baselines.contains_key(system))
            .collect();
        let read = baselines(self.client, self.group, systems.clone()).await?;
        walked.baselines.extend(systems.into_iter().zip(read));
        let asked = nodes.into_iter().map(|(id, information, state)| async move {
            let found = self.of_node(&id, state.as_ref()).await?;
            Ok::<_, AwsError>((id, information, state, found))
        });
        let mut answers = stream::iter(asked).buffered(READS_AT_ONCE);
        while let Some((id, information, state, found)) = answers.try_next().await? {
            walked.nodes += 1;
            walked.systems.extend(operating_system(&information));
            walked.products.extend(products(&information));
            walked.lists += found.lists;
            let mut titles: BTreeMap<PatchId, BTreeSet<String>> = BTreeMap::new();
            for patch in found.patches {
                // Only a look that keeps its nodes needs them.
                if self.known.is_none() {
                    titles.entry(patch.id.clone()).or_default().insert(patch.title.clone());
                }
                add(&mut walked.patches, patch);
            }
            walked.installed.extend(found.installed.iter().map(|patch| patch.id.clone()));
            if let Some(mark) = found.mark {
                walked.index.learn(mark, &found.missing);
            }
            let baseline = operating_system(&information)
                .and_then(|system| walked.baselines.get(system))
                .map(|baseline| baseline.decides.clone());
            let node = SurveyedNode {
                baseline,
                missing: BTreeSet::clone(&found.missing),
                titles,
                listed_as_counted: found.as_counted,
                installed: found.installed,
                ..node(&id, &information, state)
            };
            each(id, node);
        }
        Ok(())
    }

    async fn of_node(
        &self,
        id: &NodeId,
        state: Option<&NodePatchState>,
    ) -> Result<NodeRead, AwsError> {
        // A node that never reported has nothing to list.
        let wanted = match self.known {
            Some(_) => Wanted::Counted,
            // What is planned by is read of every node: a count can be wrong.
            None if self.with_installed => Wanted::AbsentAndPresent,
            None => Wanted::Absent,
        };
        let Some(state) = state.filter(|state| wanted.lists(state)) else {
            return Ok(NodeRead::nothing());
        };
        let mark = fingerprint(id, state);
        if let Some((index, missing)) =
            self.known.and_then(|index| Some((index, index.missing(mark)?)))
        {
            let patches = missing.iter().filter_map(|id| index.patch(id)).cloned().collect();
            let (missing, mark) = (Arc::clone(missing), Some(mark));
            return Ok(NodeRead { missing, patches, mark, ..NodeRead::nothing() });
        }
        let read = patches(self.client, id, state, wanted).await?;
        let as_counted = read.listing().agrees_with(&state.counts);
        let absent: Vec<Patch> = read.missing.into_iter().chain(read.failed).collect();
        let missing: BTreeSet<PatchId> = absent.iter().map(|patch| patch.id.clone()).collect();
        // A list that is not what was counted may still be on its way: it is read again next time.
        let counted =
            [state.counts.missing, state.counts.failed].into_iter().flatten().sum::<u32>();
        Ok(NodeRead {
            missing: Arc::new(missing),
            lists: u64::from(counted).div_ceil(PER_PAGE as u64).max(1),
            patches: absent,
            installed: read.present.unwrap_or_default().installed,
            as_counted,
            mark: as_counted.then_some(mark),
        })
    }
}

/// What is known of one node's patches.
struct NodeRead {
    missing: Arc<BTreeSet<PatchId>>,
    patches: Vec<Patch>,
    installed: BTreeSet<Installed>,
    /// Whether it lists as many as it counts.
    as_counted: bool,
    /// Under which it is remembered, if it may be.
    mark: Option<u64>,
    lists: u64,
}

impl NodeRead {
    /// A node that has nothing to list.
    fn nothing() -> Self {
        Self {
            missing: Arc::default(),
            patches: Vec::new(),
            installed: BTreeSet::new(),
            as_counted: true,
            mark: None,
            lists: 0,
        }
    }
}

/// The computer name, or the id where there is none.
pub(in crate::aws) fn name(id: &NodeId, information: &InstanceInformation) -> String {
    let name = text(information.computer_name()).or_else(|| text(information.name()));
    name.unwrap_or_else(|| id.0.clone())
}

fn text(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What is known of a node without its patches.
fn node(
    id: &NodeId,
    information: &InstanceInformation,
    state: Option<NodePatchState>,
) -> SurveyedNode {
    let platform_name = text(information.platform_name());
    let version = text(information.platform_version());
    let platform = parse::platform(information.platform_type().map(|platform| platform.as_str()));
    let system = system(
        platform,
        platform_name.as_deref().unwrap_or_default(),
        version.as_deref().unwrap_or_default(),
    );
    SurveyedNode {
        name: name(id, information),
        platform,
        platform_name: platform_name.or(version).unwrap_or_default(),
        system,
        ping: parse::ping(information.ping_status().map(|ping| ping.as_str())),
        last_ping: information.last_ping_date_time().and_then(parse::time),
        state,
        baseline: None,
        missing: BTreeSet::new(),
        titles: BTreeMap::new(),
        listed_as_counted: true,
        installed: BTreeSet::new(),
    }
}
