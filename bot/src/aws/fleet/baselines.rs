//! The patch baselines that decide what is missing.

use std::collections::BTreeSet;

use aws_sdk_ssm::operation::get_patch_baseline::GetPatchBaselineOutput;
use aws_sdk_ssm::types::OperatingSystem;
use commands::failure::Finding;
use commands::fleet::survey::{CountsAs, PatchBaseline};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::aws::client::Client;
use crate::aws::fleet::patch_states::READS_AT_ONCE;
use crate::aws::parse;
use crate::aws::{AwsError, Fault};

/// A baseline, and those of its rules that matter only for reading the catalogue.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::aws) struct Baseline {
    pub(in crate::aws) decides: PatchBaseline,
    /// Patches that it names explicitly: approved at once, or rejected.
    pub(in crate::aws) named: BTreeSet<String>,
}

/// The baseline for each of `systems`.
pub(in crate::aws) async fn baselines(
    client: &Client,
    group: &str,
    systems: BTreeSet<&'static str>,
) -> Result<Vec<Baseline>, AwsError> {
    let asked: Vec<_> =
        systems.into_iter().map(|system| of_system(client, group, system)).collect();
    stream::iter(asked).buffered(READS_AT_ONCE).try_collect().await
}

/// The baseline must be known: if a plan named none, nobody could notice later that another one
/// decides.
async fn of_system(
    client: &Client,
    group: &str,
    system: &'static str,
) -> Result<Baseline, AwsError> {
    let request = client
        .reads
        .get_patch_baseline_for_patch_group()
        .patch_group(group)
        .operating_system(OperatingSystem::from(system));
    let found = client.call("GetPatchBaselineForPatchGroup", request.send()).await?;
    let id = match found.baseline_id.filter(|id| !id.is_empty()) {
        Some(id) => id,
        None => default(client, system).await?,
    };
    let request = client.reads.get_patch_baseline().baseline_id(&id);
    let baseline = client.call("GetPatchBaseline", request.send()).await?;
    Ok(read(&baseline, id, system, group))
}

async fn default(client: &Client, system: &'static str) -> Result<String, AwsError> {
    let request =
        client.reads.get_default_patch_baseline().operating_system(OperatingSystem::from(system));
    let found = client.call("GetDefaultPatchBaseline", request.send()).await?;
    found.baseline_id.filter(|id| !id.is_empty()).ok_or_else(|| {
        let found = Finding::NoBaseline { system: system.to_owned() };
        AwsError::ours("GetDefaultPatchBaseline", &client.environment, Fault::Unreadable, found)
    })
}

/// `id` is the requested one: a baseline that AWS provides may return another form of it.
fn read(
    baseline: &GetPatchBaselineOutput,
    id: String,
    system: &'static str,
    group: &str,
) -> Baseline {
    let rules = baseline.approval_rules().map(|rules| rules.patch_rules()).unwrap_or_default();
    let mut delays = rules.iter().map(|rule| {
        rule.approve_after_days()
            .filter(|_| rule.approve_until_date().is_none())
            .and_then(|days| u32::try_from(days).ok())
    });
    let first = delays.next().flatten();
    let name = baseline.name().map(str::trim).filter(|name| !name.is_empty());
    Baseline {
        decides: PatchBaseline {
            operating_system: system.to_owned(),
            name: name.unwrap_or(&id).to_owned(),
            id,
            approves_after_days: first.filter(|_| delays.all(|other| other == first)),
            is_default: !baseline.patch_groups().iter().any(|registered| registered == group),
            modified_at: baseline.modified_date().and_then(parse::time),
            available_security_updates: baseline
                .available_security_updates_compliance_status()
                .and_then(|status| counts_as(status.as_str())),
        },
        named: baseline
            .approved_patches()
            .iter()
            .chain(baseline.rejected_patches())
            .cloned()
            .collect(),
    }
}

/// `AvailableSecurityUpdatesComplianceStatus`; `None` for an unknown value.
fn counts_as(status: &str) -> Option<CountsAs> {
    match parse::plain(status).as_str() {
        "compliant" => Some(CountsAs::Compliant),
        "noncompliant" => Some(CountsAs::NotCompliant),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ssm::primitives::DateTime as SdkTime;
    use aws_sdk_ssm::types::{PatchFilterGroup, PatchRule, PatchRuleGroup};

    use super::*;

    fn rule(days: Option<i32>, until: Option<&str>) -> PatchRule {
        let everything = PatchFilterGroup::builder().set_patch_filters(Some(vec![])).build();
        PatchRule::builder()
            .patch_filter_group(everything.expect("it has filters"))
            .set_approve_after_days(days)
            .set_approve_until_date(until.map(str::to_owned))
            .build()
    }

    fn reads(rules: Vec<PatchRule>) -> PatchBaseline {
        let rules = PatchRuleGroup::builder().set_patch_rules(Some(rules)).build();
        let output = GetPatchBaselineOutput::builder()
            .baseline_id("pb-0123456789abcdef0")
            .name("servers")
            .approval_rules(rules.expect("it has rules"))
            .modified_date(SdkTime::from_secs(1_772_000_000))
            .patch_groups("web")
            .build();
        read(&output, "arn:aws:ssm:…:patchbaseline/pb-0".into(), "WINDOWS", "web").decides
    }

    #[test]
    fn a_delay_is_known_only_where_all_rules_agree() {
        assert_eq!(reads(vec![rule(Some(7), None)]).approves_after_days, Some(7));
        let both = vec![rule(Some(7), None), rule(Some(7), None)];
        assert_eq!(reads(both).approves_after_days, Some(7));
        let differ = vec![rule(Some(7), None), rule(Some(0), None)];
        assert_eq!(reads(differ).approves_after_days, None);
        let dated = vec![rule(None, Some("2026-10-01"))];
        assert_eq!(reads(dated).approves_after_days, None);
        assert_eq!(reads(vec![]).approves_after_days, None);
    }

    #[test]
    fn a_registered_baseline_is_no_default_and_keeps_the_id_it_was_asked_with() {
        let baseline = reads(vec![]);
        assert!(!baseline.is_default);
        assert_eq!(baseline.id, "arn:aws:ssm:…:patchbaseline/pb-0");
        assert!(baseline.modified_at.is_some());
        let bare = read(&GetPatchBaselineOutput::builder().build(), "pb-1".into(), "UBUNTU", "web");
        assert!(bare.decides.is_default);
        assert_eq!((bare.decides.name.as_str(), bare.decides.modified_at), ("pb-1", None));
    }
}
