//! Reads every node of a patch group, page by page: its system, its last report, and the patches it
//! misses.

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

/// How to walk through a group.
pub(in crate::aws) struct Walk<'a> {
    pub(in crate::aws) client: &'a Client,
    pub(in crate::aws) group: &'a str,
    /// Whether to read from every node what it has installed as well.
    pub(in crate::aws) with_installed: bool,
    /// The index from earlier, for a refresh that keeps no nodes. `None` to read everything.
    pub(in crate::aws) known: Option<&'a MissingIndex>,
}

/// What remains of a walk after all nodes have been handed over.
#[derive(Default)]
pub(in crate::aws) struct Walked {
    /// All patches that some node misses or failed to install.
    pub(in crate::aws) patches: BTreeMap<PatchId, Patch>,
    /// Patches that some node has installed, if that was requested.
    pub(in crate::aws) installed: BTreeSet<PatchId>,
    pub(in crate::aws) systems: BTreeSet<&'static str>,
    /// The baseline of each of these systems.
    pub(in crate::aws) baselines: BTreeMap<&'static str, Baseline>,
    pub(in crate::aws) products: BTreeSet<Product>,
    /// The index for the next walk.
    pub(in crate::aws) index: MissingIndex,
    /// The number of nodes, without those in two groups.
    pub(in crate::aws) nodes: u64,
    /// Nodes that are in two groups. The walk does not hand them over.
    pub(in crate::aws) in_two_groups: NodesInTwoGroups,
    /// The minimum number of pages for the nodes, with both spellings of the tag.
    pub(in crate::aws) pages: u64,
    /// The number of nodes that had reported nothing under this group.
    pub(in crate::aws) unreported: u64,
    /// The minimum number of pages for the missing patches of the nodes that had to be read.
    pub(in crate::aws) lists: u64,
}

impl Aws {
    /// The nodes of `environment` that respond and are in no other group.
    pub async fn online(&self, environment: &Environment) -> Result<Vec<NodeId>, AwsError> {
        let client = self.client(&environment.name, "DescribeInstanceInformation")?;
        let group = &environment.patch_group;
        let (mut nodes, mut ambiguous) = (BTreeSet::new(), NodesInTwoGroups::new());
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
                ambiguous.extend(in_two_groups(client, group, tag, &is_listed).await?.nodes);
            }
            nodes.append(&mut listed);
        }
        Ok(nodes.into_iter().filter(|node| !ambiguous.contains_key(node)).collect())
    }
}

/// Called for each node.
type Each<'a> = dyn FnMut(NodeId, SurveyedNode) + Send + 'a;

impl Walk<'_> {
    /// Hands each node to `each`: a node with both tags only once, and a node in two groups not at
    /// all. After a failure `walked` holds what was found until then.
    pub(in crate::aws) async fn go(
        &self,
        walked: &mut Walked,
        each: &mut Each<'_>,
    ) -> Result<(), AwsError> {
        let mut states = of_group(self.client, self.group).await?;
        // A fleet can be half renamed, so the bot requests both spellings. The older one goes
        // first: it mostly has no nodes, and its nodes have to be remembered.
        let [newer, older] = GroupTag::ALL;
        let mut seen = BTreeSet::new();
        let mut unreported = Vec::new();
        for tag in [older, newer] {
            let tagged = filter(self.client, tag.filter(), vec![self.group.to_owned()])?;
            let request = self.client.reads.describe_instance_information().filters(tagged);
            let mut pages = self.client.pages(request.max_results(PER_PAGE));
            let mut listed = 0_u64;
            while let Some(page) = pages.next().await? {
                // Before the first node is handed over, and only if there is one.
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

    /// Finds the nodes that are in the group by `tag` and in another group by the other tag. Nodes
    /// that were `seen` under the other tag have the same value in both.
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

    /// Reads the nodes that reported nothing under this group: they never reported, or did so under
    /// their previous group.
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
                // Only a walk that keeps its nodes needs them.
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
            // The facts for a plan are read from every node: a count can be wrong.
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
        // A list that does not match its count may not be up to date yet: it is read again next
        // time.
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

/// What is known about one node's patches.
struct NodeRead {
    missing: Arc<BTreeSet<PatchId>>,
    patches: Vec<Patch>,
    installed: BTreeSet<Installed>,
    /// Whether the list is as long as the count says.
    as_counted: bool,
    /// The fingerprint to index it under, if it may be indexed.
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

/// The computer name, or the id if there is none.
pub(in crate::aws) fn name(id: &NodeId, information: &InstanceInformation) -> String {
    let name = text(information.computer_name()).or_else(|| text(information.name()));
    name.unwrap_or_else(|| id.0.clone())
}

fn text(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What is known about a node without its patches.
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
