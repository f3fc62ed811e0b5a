//! One look at one environment: its nodes, what they miss, and when they may be touched.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types::{
    InstanceInformation, InstanceInformationStringFilter, PatchComplianceData,
    PatchOrchestratorFilter,
};
use chrono::{DateTime, Utc};
use commands::advisory::CveId;
use commands::environment::Environment;
use commands::node::{NodeId, NodePatchState};
use commands::patch::{Cves, Patch, PatchId, VendorSeverity};
use commands::survey::{Installed, Survey, SurveyedNode};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::baselines::baselines;
use super::catalogue::catalogue;
use super::place::Place;
use super::states::{IN_THE_MAKING, states};
use super::system::{operating_system, products};
use super::windows::windows;
use super::{Aws, AwsError, GROUP_TAGS, parse};

/// DescribeInstanceInformation allows 5 to 50; of DescribeInstancePatches the service was seen to
/// cap at 50, whatever the model says.
const PER_PAGE: i32 = 50;

impl Aws {
    /// Looks at `environment`. Only nodes that miss or failed something, or of which it is not
    /// known, are asked for their patches; `with_installed` asks every node for what it has
    /// installed as well, which takes at least one more call for each.
    pub async fn survey(
        &self,
        environment: &Environment,
        with_installed: bool,
        now: DateTime<Utc>,
    ) -> Result<Survey, AwsError> {
        let place = self.place(&environment.name, "DescribeInstanceInformation")?;
        let found = nodes(place, &environment.patch_group).await?;
        let ids: Vec<NodeId> = found.keys().cloned().collect();
        let mut states = states(place, &ids).await?;
        let asked = ids.into_iter().map(|id| {
            let state = states.remove(&id);
            async move {
                let patches = patches(place, &id, state.as_ref(), with_installed).await?;
                Ok::<_, AwsError>((id, state, patches))
            }
        });
        // In the order of their ids: a patch that two nodes title differently gets one title for good.
        let mut answers = stream::iter(asked).buffered(IN_THE_MAKING);
        let mut nodes = BTreeMap::new();
        let mut all = BTreeMap::new();
        while let Some((id, state, patches)) = answers.try_next().await? {
            let Some(information) = found.get(&id) else { continue };
            let missing = patches.missing.iter().map(|patch| patch.id.clone()).collect();
            for patch in patches.missing {
                add(&mut all, patch);
            }
            nodes.insert(id.clone(), node(&id, information, state, missing, patches.installed));
        }
        let windows = windows(place, &environment.patch_group, now).await?;
        let systems = found.values().filter_map(operating_system).collect();
        let baselines = baselines(place, &environment.patch_group, systems).await?;
        let products = found.values().flat_map(products).collect();
        let catalogue = catalogue(place, products, now).await;
        if let Some(catalogue) = &catalogue {
            all.values_mut().for_each(|patch| catalogue.complete(patch));
        }
        let seen = |id: &PatchId| {
            let mut nodes = nodes.values();
            all.contains_key(id)
                || nodes.any(|node| node.installed.iter().any(|patch| patch.id == *id))
        };
        let of_windows =
            baselines.iter().find(|baseline| baseline.decides.operating_system == "WINDOWS");
        let held_back = catalogue
            .zip(of_windows)
            .and_then(|(catalogue, baseline)| catalogue.held_back(baseline, &seen, now));
        Ok(Survey {
            environment: environment.name.clone(),
            taken_at: now,
            nodes,
            patches: all,
            windows,
            baselines: baselines.into_iter().map(|baseline| baseline.decides).collect(),
            held_back,
        })
    }
}

/// Every node that carries either tag. Both are always asked for: a fleet can be half renamed.
async fn nodes(
    place: &Place,
    group: &str,
) -> Result<BTreeMap<NodeId, InstanceInformation>, AwsError> {
    let mut nodes = BTreeMap::new();
    for tag in GROUP_TAGS {
        let filter =
            InstanceInformationStringFilter::builder().key(tag).values(group).build().map_err(
                |error| {
                    let operation = "DescribeInstanceInformation";
                    AwsError::ours(
                        operation,
                        &place.environment,
                        super::Fault::Settings,
                        error.to_string(),
                    )
                },
            )?;
        let mut token = None;
        loop {
            let request = place.reads.describe_instance_information().filters(filter.clone());
            let request = request.max_results(PER_PAGE).set_next_token(token);
            let page = place.ask("DescribeInstanceInformation", request.send()).await?;
            for information in page.instance_information_list.unwrap_or_default() {
                if let Some(id) = information.instance_id() {
                    nodes.insert(NodeId(id.to_owned()), information);
                }
            }
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                break;
            }
        }
    }
    Ok(nodes)
}

/// What one node was found to miss and to have.
#[derive(Default)]
struct NodePatches {
    missing: Vec<Patch>,
    installed: BTreeSet<Installed>,
}

async fn patches(
    place: &Place,
    node: &NodeId,
    state: Option<&NodePatchState>,
    with_installed: bool,
) -> Result<NodePatches, AwsError> {
    let mut found = NodePatches::default();
    // A node that never reported has nothing to list.
    let Some(state) = state else { return Ok(found) };
    for (wanted, count) in [("Missing", state.counts.missing), ("Failed", state.counts.failed)] {
        if count != Some(0) {
            found.missing.extend(in_state(place, node, wanted).await?.iter().map(patch));
        }
    }
    if with_installed && state.counts.installed != Some(0) {
        let installed = in_state(place, node, "Installed").await?;
        found.installed = installed.iter().map(exactly).collect();
    }
    Ok(found)
}

async fn in_state(
    place: &Place,
    node: &NodeId,
    wanted: &str,
) -> Result<Vec<PatchComplianceData>, AwsError> {
    let filter = PatchOrchestratorFilter::builder().key("State").values(wanted).build();
    let mut patches = Vec::new();
    let mut token = None;
    loop {
        let request =
            place.reads.describe_instance_patches().instance_id(&node.0).filters(filter.clone());
        let request = request.max_results(PER_PAGE).set_next_token(token);
        let page = place.ask("DescribeInstancePatches", request.send()).await?;
        // Looked at again on this side: the filter is a word, and words here come in two dresses.
        let listed = page.patches.unwrap_or_default().into_iter();
        patches.extend(
            listed.filter(|patch| parse::plain(patch.state().as_str()) == parse::plain(wanted)),
        );
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(patches);
        }
    }
}

fn exactly(data: &PatchComplianceData) -> Installed {
    Installed { id: PatchId(data.kb_id().to_owned()), title: data.title().to_owned() }
}

fn patch(data: &PatchComplianceData) -> Patch {
    Patch {
        id: PatchId(data.kb_id().to_owned()),
        title: data.title().to_owned(),
        classification: data.classification().to_owned(),
        severity: VendorSeverity::from_word(data.severity()),
        cves: cves(data.cve_ids()),
        released: None,
        advisories: Vec::new(),
        url: None,
    }
}

/// `CVEIds` is one text with commas. An empty one means that the node did not say, never that the
/// patch mends nothing.
fn cves(text: Option<&str>) -> Cves {
    let listed: BTreeSet<CveId> =
        text.unwrap_or_default().split(',').filter_map(|id| id.parse().ok()).collect();
    if listed.is_empty() { Cves::Unknown } else { Cves::Listed(listed.into_iter().collect()) }
}

fn node(
    id: &NodeId,
    information: &InstanceInformation,
    state: Option<NodePatchState>,
    missing: BTreeSet<PatchId>,
    installed: BTreeSet<Installed>,
) -> SurveyedNode {
    let text =
        |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let name = text(information.computer_name()).or_else(|| text(information.name()));
    let platform_name = text(information.platform_name());
    let version = text(information.platform_version());
    SurveyedNode {
        name: name.unwrap_or_else(|| id.0.clone()),
        platform: parse::platform(information.platform_type().map(|platform| platform.as_str())),
        platform_name: platform_name.or(version).unwrap_or_default(),
        ping: parse::ping(information.ping_status().map(|ping| ping.as_str())),
        last_ping: information.last_ping_date_time().and_then(parse::time),
        state,
        missing,
        installed,
    }
}

/// A patch that several nodes report is one patch: the worst word and all CVEs count.
fn add(all: &mut BTreeMap<PatchId, Patch>, patch: Patch) {
    let Some(known) = all.get_mut(&patch.id) else {
        all.insert(patch.id.clone(), patch);
        return;
    };
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
