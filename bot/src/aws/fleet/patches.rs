//! The patches that one node misses and has.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types::{PatchComplianceData, PatchOrchestratorFilter};
use commands::environment::Environment;
use commands::fleet::listing::{Absent, Listing, Present};
use commands::fleet::node::{NodeId, NodePatchState};
use commands::patch::advisory::CveId;
use commands::patch::installed::Installed;
use commands::patch::{Cves, Patch, PatchId, VendorSeverity};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::aws::client::Client;
use crate::aws::fleet::patch_states::READS_AT_ONCE;
use crate::aws::{Aws, AwsError, parse};

/// The page size of DescribeInstancePatches. The service was seen to cap it at 50, although the
/// model allows more.
const PER_PAGE: i32 = 50;

/// The patches that one node misses and has.
#[derive(Default)]
pub(in crate::aws) struct NodePatches {
    pub(in crate::aws) missing: Vec<Patch>,
    pub(in crate::aws) failed: Vec<Patch>,
    /// `None` if they were not requested.
    pub(in crate::aws) present: Option<Present>,
}

impl NodePatches {
    /// The rows of absent patches, to compare with the counts.
    pub(in crate::aws) fn listing(&self) -> Listing {
        let absent = |patches: &[Patch]| {
            let row = |patch: &Patch| Absent {
                id: patch.id.clone(),
                title: patch.title.clone(),
                is_definition: patch.is_definition(),
            };
            patches.iter().map(row).collect()
        };
        Listing {
            missing: absent(&self.missing),
            failed: absent(&self.failed),
            present: self.present.clone(),
        }
    }
}

impl Aws {
    /// What `nodes` list about their patches.
    pub async fn listings(
        &self,
        environment: &Environment,
        nodes: &BTreeMap<NodeId, NodePatchState>,
        with_installed: bool,
    ) -> Result<BTreeMap<NodeId, Listing>, AwsError> {
        let client = self.client(&environment.name, "DescribeInstancePatches")?;
        let asked: Vec<_> =
            nodes.keys().cloned().map(|node| listing(client, node, with_installed)).collect();
        stream::iter(asked).buffer_unordered(READS_AT_ONCE).try_collect().await
    }
}

async fn listing(
    client: &Client,
    node: NodeId,
    with_installed: bool,
) -> Result<(NodeId, Listing), AwsError> {
    let wanted = if with_installed { Wanted::AbsentAndPresent } else { Wanted::Absent };
    let read = of_states(client, &node, &wanted.always()).await?;
    Ok((node, read.listing()))
}

/// The states of an absent patch.
const ABSENT: [&str; 2] = ["Missing", "Failed"];
/// The states of a present patch, whether the baseline asks for it or not.
const PRESENT: [&str; 2] = ["Installed", "InstalledOther"];

/// Which of its patches a node should list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) enum Wanted {
    /// Absent ones, if the node counts any or has no counts: no call for a node whose counts are
    /// zero.
    Counted,
    /// Absent ones, whatever the node counts.
    Absent,
    /// Absent and present ones.
    AbsentAndPresent,
}

impl Wanted {
    /// Whether a node with this report has something to list.
    pub(in crate::aws) fn lists(self, state: &NodePatchState) -> bool {
        !self.states(state).is_empty()
    }

    fn states(self, state: &NodePatchState) -> Vec<&'static str> {
        let counted = [("Missing", state.counts.missing), ("Failed", state.counts.failed)];
        let counts = |(_, count): &(&str, Option<u32>)| self != Self::Counted || *count != Some(0);
        let absent = counted.into_iter().filter(counts).map(|(state, _)| state);
        absent.chain(self.present()).collect()
    }

    fn always(self) -> Vec<&'static str> {
        ABSENT.into_iter().chain(self.present()).collect()
    }

    fn present(self) -> impl Iterator<Item = &'static str> {
        PRESENT.into_iter().filter(move |_| self == Self::AbsentAndPresent)
    }
}

pub(in crate::aws) async fn patches(
    client: &Client,
    node: &NodeId,
    state: &NodePatchState,
    wanted: Wanted,
) -> Result<NodePatches, AwsError> {
    of_states(client, node, &wanted.states(state)).await
}

async fn of_states(
    client: &Client,
    node: &NodeId,
    wanted: &[&'static str],
) -> Result<NodePatches, AwsError> {
    let mut found = NodePatches::default();
    let mut present = Vec::new();
    for row in in_states(client, node, wanted).await? {
        match parse::plain(row.state().as_str()).as_str() {
            "missing" => found.missing.push(patch(&row)),
            "failed" => found.failed.push(patch(&row)),
            _ => present.push(row),
        }
    }
    found.present = wanted.contains(&"Installed").then(|| Present {
        installed: exactly(&present),
        rows: u32::try_from(present.len()).unwrap_or(u32::MAX),
    });
    Ok(found)
}

async fn in_states(
    client: &Client,
    node: &NodeId,
    wanted: &[&str],
) -> Result<Vec<PatchComplianceData>, AwsError> {
    let values = wanted.iter().map(|state| (*state).to_owned()).collect();
    let filter = PatchOrchestratorFilter::builder().key("State").set_values(Some(values)).build();
    let request = client.reads.describe_instance_patches().instance_id(&node.0).filters(filter);
    let mut pages = client.pages(request.max_results(PER_PAGE));
    let mut patches = Vec::new();
    while let Some(page) = pages.next().await? {
        // Filtered again on our side: the filter is a word, and the service spells its words in two
        // ways.
        let is_wanted = |patch: &PatchComplianceData| {
            let state = parse::plain(patch.state().as_str());
            wanted.iter().any(|wanted| state == parse::plain(wanted))
        };
        patches.extend(page.into_iter().filter(is_wanted));
    }
    Ok(patches)
}

/// The installed patches, each once. Systems Manager may list one KB article twice, with two
/// titles; it is one patch, and keeps the title that sorts first. A package in two versions is two
/// patches.
fn exactly(rows: &[PatchComplianceData]) -> BTreeSet<Installed> {
    let mut articles: BTreeSet<PatchId> = BTreeSet::new();
    let installed = rows.iter().map(|row| Installed {
        id: PatchId::of_row(row.kb_id(), row.title()),
        title: row.title().to_owned(),
    });
    // Sorted, so that the choice of the title does not depend on the order of the rows.
    let sorted: BTreeSet<Installed> = installed.collect();
    sorted
        .into_iter()
        .filter(|patch| !patch.id.is_article() || articles.insert(patch.id.clone()))
        .collect()
}

fn patch(data: &PatchComplianceData) -> Patch {
    Patch {
        id: PatchId::of_row(data.kb_id(), data.title()),
        title: data.title().to_owned(),
        classification: data.classification().to_owned(),
        severity: VendorSeverity::from_word(data.severity()),
        cves: cves(data.cve_ids()),
        released: None,
        advisories: Vec::new(),
        url: None,
    }
}

/// Parses `CVEIds`, one text with commas. An empty one means that the node did not say, never that
/// the patch fixes nothing.
fn cves(text: Option<&str>) -> Cves {
    let listed: BTreeSet<CveId> =
        text.unwrap_or_default().split(',').filter_map(|id| id.parse().ok()).collect();
    if listed.is_empty() { Cves::Unknown } else { Cves::Listed(listed.into_iter().collect()) }
}

/// Merges a patch that several nodes report into one: with the worst severity and all CVEs.
pub(in crate::aws) fn add(all: &mut BTreeMap<PatchId, Patch>, patch: Patch) {
    let Some(known) = all.get_mut(&patch.id) else {
        all.insert(patch.id.clone(), patch);
        return;
    };
    // Two nodes may report different titles; the one that sorts first stays, whichever arrives
    // first.
    if patch.title < known.title {
        known.title.clone_from(&patch.title);
    }
    known.severity = known.severity.max(patch.severity);
    let both: BTreeSet<CveId> =
        known.cves.known().iter().chain(patch.cves.known()).cloned().collect();
    if !both.is_empty() {
        known.cves = Cves::Listed(both.into_iter().collect());
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ssm::primitives::DateTime as SdkTime;
    use aws_sdk_ssm::types::PatchComplianceDataState;

    use super::*;

    fn data(severity: &str, cves: Option<&str>) -> PatchComplianceData {
        PatchComplianceData::builder()
            .kb_id("openssl.x86_64")
            .title("openssl.x86_64:1:3.0.8-1.amzn2023.0.11")
            .classification("Security")
            .severity(severity)
            .state(PatchComplianceDataState::Missing)
            .installed_time(SdkTime::from_secs(0))
            .set_cve_ids(cves.map(str::to_owned))
            .build()
            .expect("all required fields are there")
    }

    #[test]
    fn one_article_is_installed_once_and_two_drivers_are_two() {
        let row = |kb_id: &str, title: &str| {
            let state = PatchComplianceDataState::Installed;
            PatchComplianceData::builder()
                .kb_id(kb_id)
                .title(title)
                .classification("SecurityUpdates")
                .severity("Critical")
                .state(state)
                .installed_time(SdkTime::from_secs(0))
                .build()
                .expect("all required fields are there")
        };
        let rows = [
            row("KB5041160", "Cumulative Update for x64"),
            row("KB5041160", "Cumulative Update for arm64"),
            row("", "Intel - net"),
            row("", "AMD - display"),
            row("kernel.x86_64", "kernel.x86_64:0:6.1.1"),
            row("kernel.x86_64", "kernel.x86_64:0:6.1.2"),
        ];
        let found: Vec<(String, String)> =
            exactly(&rows).into_iter().map(|one| (one.id.0, one.title)).collect();
        let expected = [
            ("AMD - display", "AMD - display"),
            ("Intel - net", "Intel - net"),
            ("KB5041160", "Cumulative Update for arm64"),
            ("kernel.x86_64", "kernel.x86_64:0:6.1.1"),
            ("kernel.x86_64", "kernel.x86_64:0:6.1.2"),
        ];
        assert_eq!(found, expected.map(|(id, title)| (id.to_owned(), title.to_owned())));
    }

    #[test]
    fn no_cve_is_unknown_and_never_none() {
        assert_eq!(cves(None), Cves::Unknown);
        assert_eq!(cves(Some("")), Cves::Unknown);
        assert_eq!(cves(Some(" , n/a")), Cves::Unknown);
        let listed = cves(Some("CVE-2024-0727, CVE-2023-6237,CVE-2024-0727"));
        let ids: Vec<&str> = listed.known().iter().map(CveId::as_str).collect();
        assert_eq!(ids, ["CVE-2023-6237", "CVE-2024-0727"]);
    }

    #[test]
    fn what_one_node_leaves_out_another_tells() {
        let mut all = BTreeMap::new();
        add(&mut all, patch(&data("Unspecified", None)));
        add(&mut all, patch(&data("Important", Some("CVE-2024-0727"))));
        add(&mut all, patch(&data("Low", Some("CVE-2023-6237"))));
        let patch = all.values().next().expect("one patch");
        assert_eq!(patch.severity, Some(VendorSeverity::Important));
        assert_eq!(patch.cves.known().len(), 2);
    }
}
