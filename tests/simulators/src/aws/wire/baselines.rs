//! Patch baselines, patch groups, and the catalogue of available patches.

use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{Checks, Filter, Input, read};
use super::page::Page;
use super::patch_states::check_group;
use super::refusal::Refusal;
use super::seconds;
use crate::aws::patch::{Baseline, Patch};
use crate::aws::state::{Scope, State};

const SYSTEMS: [&str; 15] = [
    "WINDOWS",
    "AMAZON_LINUX",
    "AMAZON_LINUX_2",
    "AMAZON_LINUX_2022",
    "UBUNTU",
    "REDHAT_ENTERPRISE_LINUX",
    "SUSE",
    "CENTOS",
    "ORACLE_LINUX",
    "DEBIAN",
    "MACOS",
    "RASPBIAN",
    "ROCKY_LINUX",
    "ALMA_LINUX",
    "AMAZON_LINUX_2023",
];

/// The input of the three listing operations in this file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Listing {
    #[serde(default)]
    filters: Vec<Filter>,
    max_results: Option<i32>,
    next_token: Option<String>,
}

impl Input for Listing {
    fn check(&self, checks: &mut Checks) {
        Filter::check_all(&self.filters, checks);
        checks.range("MaxResults", self.max_results, 1, 100);
    }
}

impl Listing {
    fn page(&self) -> Result<Page, Refusal> {
        Page::read(self.next_token.as_deref(), self.max_results, 100)
    }

    fn refuse_keys_but(&self, keys: &[&str]) -> Result<(), Refusal> {
        match self.filters.iter().find(|filter| !keys.contains(&filter.key.as_str())) {
            Some(filter) => {
                let text = format!("The filter key {} is not supported here", filter.key);
                Err(Refusal::validation(text))
            }
            None => Ok(()),
        }
    }
}

/// Windows and Amazon Linux 2 only: patches of other systems first appear in a scan.
pub(super) fn available_patches(state: &mut State, input: Value) -> Result<Value, Refusal> {
    let input: Listing = read(input)?;
    let is_linux = input.filters.iter().any(|filter| {
        filter.key == "PRODUCT"
            && filter.values.iter().any(|value| value.starts_with("AmazonLinux"))
    });
    let keys: &[&str] = if is_linux {
        &[
            "PRODUCT",
            "NAME",
            "SEVERITY",
            "EPOCH",
            "VERSION",
            "RELEASE",
            "ARCH",
            "REPOSITORY",
            "ADVISORY_ID",
            "CVE_ID",
            "BUGZILLA_ID",
            "CLASSIFICATION",
        ]
    } else {
        &["PATCH_SET", "PRODUCT", "PRODUCT_FAMILY", "MSRC_SEVERITY", "CLASSIFICATION", "PATCH_ID"]
    };
    input.refuse_keys_but(keys)?;
    let page = input.page()?;
    let fits = |patch: &Patch| {
        patch.os.is_in_catalogue()
            && patch.os.is_windows() != is_linux
            && patch.is_out(state.now)
            && input.filters.iter().all(|filter| matches(patch, filter))
    };
    Ok(page.answer_where("Patches", &state.patches, fits, available))
}

fn matches(patch: &Patch, filter: &Filter) -> bool {
    let package = |part: fn(&crate::aws::patch::Package) -> &str| {
        patch.package.as_ref().is_some_and(|package| filter.has(part(package)))
    };
    match filter.key.as_str() {
        "PATCH_SET" => filter.has("OS"),
        "PRODUCT" => filter.has(patch.os.product()),
        "PRODUCT_FAMILY" => filter.has("Windows"),
        "MSRC_SEVERITY" | "SEVERITY" => filter.has(&patch.severity),
        "CLASSIFICATION" => filter.has(&patch.classification),
        "PATCH_ID" => filter.has(&patch.id) || filter.has(patch.id.trim_start_matches("KB")),
        "ADVISORY_ID" => patch.advisories.iter().any(|id| filter.has(id)),
        "CVE_ID" => patch.cves.iter().any(|id| filter.has(id)),
        "NAME" => package(|package| &package.name),
        "VERSION" => package(|package| &package.version),
        "RELEASE" => package(|package| &package.release),
        "ARCH" => package(|package| &package.arch),
        "EPOCH" => patch.package.as_ref().is_some_and(|p| filter.has(&p.epoch.to_string())),
        "REPOSITORY" => filter.has("amzn2-core"),
        _ => false,
    }
}

fn available(patch: &Patch) -> Value {
    match &patch.package {
        None => json!({
            "Id": patch.id.to_lowercase(),
            "ReleaseDate": seconds(patch.released),
            "Title": patch.title,
            "ContentUrl": format!("https://support.microsoft.com/help/{}", patch.id.trim_start_matches("KB")),
            "Vendor": "Microsoft",
            "ProductFamily": "Windows",
            "Product": patch.os.product(),
            "Classification": patch.classification,
            "MsrcSeverity": patch.severity,
            "KbNumber": patch.id,
        }),
        Some(package) => json!({
            "Name": package.name,
            "Version": package.version,
            "Epoch": package.epoch,
            "Release": package.release,
            "Arch": package.arch,
            "Severity": patch.severity,
            "Classification": patch.classification,
            "Product": patch.os.product(),
            "Repository": "amzn2-core",
            "CVEIds": patch.cves,
            "AdvisoryIds": patch.advisories,
            "BugzillaIds": [],
        }),
    }
}

fn mine<'a>(state: &'a State, scope: &'a Scope) -> impl Iterator<Item = &'a Baseline> {
    let here = |b: &&Baseline| b.account == scope.account && b.region == scope.region;
    state.baselines.iter().filter(here)
}

fn identity(baseline: &Baseline) -> Value {
    let mut answer = json!({
        "BaselineId": baseline.id,
        "BaselineName": baseline.name,
        "OperatingSystem": baseline.os.baseline_name(),
        "DefaultBaseline": baseline.is_default,
    });
    // An empty one was never given, and is left out of the response.
    if !baseline.description.is_empty() {
        answer["BaselineDescription"] = json!(baseline.description);
    }
    answer
}

pub(super) fn describe(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: Listing = read(input)?;
    input.refuse_keys_but(&["NAME_PREFIX", "OWNER", "OPERATING_SYSTEM"])?;
    let fits = |baseline: &&Baseline| {
        input.filters.iter().all(|filter| match filter.key.as_str() {
            "NAME_PREFIX" => filter.values.iter().any(|v| baseline.name.starts_with(v.as_str())),
            "OWNER" => filter.has("Self") || filter.has("All"),
            _ => filter.has(baseline.os.baseline_name()),
        })
    };
    let list: Vec<_> = mine(state, scope).collect();
    Ok(input.page()?.answer_where("BaselineIdentities", &list, fits, |b| identity(b)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Get {
    baseline_id: String,
}

impl Input for Get {
    fn check(&self, checks: &mut Checks) {
        let id = &self.baseline_id;
        checks.length("baselineId", Some(id), 20, 128);
        let fits = id.chars().all(|c| c.is_ascii_alphanumeric() || "_-:/".contains(c));
        checks.form("baselineId", id, fits, r"^[a-zA-Z0-9_\-:/]{20,128}$");
    }
}

pub(super) fn get(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: Get = read(input)?;
    let baseline = mine(state, scope).find(|b| b.id == input.baseline_id).ok_or_else(|| {
        let text = format!("Patch Baseline {} does not exist", input.baseline_id);
        Refusal::new("DoesNotExistException", text)
    })?;
    let severity_key = if baseline.os.is_windows() { "MSRC_SEVERITY" } else { "SEVERITY" };
    let all = ["*".to_owned()];
    let severities = if baseline.severities.is_empty() { &all[..] } else { &baseline.severities };
    let mut answer = identity(baseline);
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("DefaultBaseline");
        for (from, to) in [("BaselineName", "Name"), ("BaselineDescription", "Description")] {
            if let Some(value) = fields.remove(from) {
                fields.insert(to.into(), value);
            }
        }
    }
    answer["GlobalFilters"] = json!({ "PatchFilters": [] });
    answer["ApprovalRules"] = json!({ "PatchRules": [{
        "PatchFilterGroup": { "PatchFilters": [{ "Key": severity_key, "Values": severities }] },
        "ComplianceLevel": "UNSPECIFIED",
        "ApproveAfterDays": baseline.approve_after_days,
        "EnableNonSecurity": false,
    }]});
    answer["ApprovedPatches"] = json!(baseline.approved);
    answer["ApprovedPatchesComplianceLevel"] = json!("UNSPECIFIED");
    answer["ApprovedPatchesEnableNonSecurity"] = json!(false);
    answer["RejectedPatches"] = json!(baseline.rejected);
    answer["RejectedPatchesAction"] = json!("BLOCK");
    if let Some(status) = baseline.available_security_updates.filter(|_| baseline.os.is_windows()) {
        answer["AvailableSecurityUpdatesComplianceStatus"] = json!(status);
    }
    answer["PatchGroups"] = json!(baseline.groups);
    answer["CreatedDate"] = seconds(baseline.created);
    answer["ModifiedDate"] = seconds(baseline.created);
    answer["Sources"] = json!([]);
    Ok(answer)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct GetDefault {
    operating_system: Option<String>,
}

impl Input for GetDefault {
    fn check(&self, checks: &mut Checks) {
        checks.word("operatingSystem", self.operating_system.as_deref(), &SYSTEMS);
    }
}

pub(super) fn get_default(
    state: &mut State,
    scope: &Scope,
    input: Value,
) -> Result<Value, Refusal> {
    let input: GetDefault = read(input)?;
    let system = input.operating_system.as_deref().unwrap_or("WINDOWS");
    let found = mine(state, scope).find(|b| b.is_default && b.os.baseline_name() == system);
    match found {
        Some(baseline) => Ok(json!({ "BaselineId": baseline.id, "OperatingSystem": system })),
        None => {
            let text = format!("No default baseline for {system} in this world");
            Err(Refusal::new("DoesNotExistException", text))
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct GetForGroup {
    patch_group: String,
    operating_system: Option<String>,
}

impl Input for GetForGroup {
    fn check(&self, checks: &mut Checks) {
        check_group(checks, &self.patch_group);
        checks.word("operatingSystem", self.operating_system.as_deref(), &SYSTEMS);
    }
}

/// The registered baseline, otherwise the system's default, like in the service.
pub(super) fn get_for_group(
    state: &mut State,
    scope: &Scope,
    input: Value,
) -> Result<Value, Refusal> {
    let input: GetForGroup = read(input)?;
    let system = input.operating_system.as_deref().unwrap_or("WINDOWS");
    let fits = |b: &&Baseline| b.os.baseline_name() == system;
    let registered =
        mine(state, scope).filter(fits).find(|b| b.groups.contains(&input.patch_group));
    let found = registered.or_else(|| mine(state, scope).filter(fits).find(|b| b.is_default));
    let mut answer = json!({ "PatchGroup": input.patch_group, "OperatingSystem": system });
    if let Some(baseline) = found {
        answer["BaselineId"] = json!(baseline.id);
    }
    Ok(answer)
}

/// Registered groups only: a group that exists only in tags is invisible here.
pub(super) fn groups(state: &mut State, scope: &Scope, input: Value) -> Result<Value, Refusal> {
    let input: Listing = read(input)?;
    input.refuse_keys_but(&["NAME_PREFIX", "OPERATING_SYSTEM"])?;
    let pairs: Vec<(&String, &Baseline)> =
        mine(state, scope).flat_map(|b| b.groups.iter().map(move |group| (group, b))).collect();
    let fits = |(group, baseline): &(&String, &Baseline)| {
        input.filters.iter().all(|filter| match filter.key.as_str() {
            "NAME_PREFIX" => filter.values.iter().any(|value| group.starts_with(value.as_str())),
            _ => filter.has(baseline.os.baseline_name()),
        })
    };
    Ok(input.page()?.answer_where(
        "Mappings",
        &pairs,
        fits,
        |(group, baseline)| json!({ "PatchGroup": group, "BaselineIdentity": identity(baseline) }),
    ))
}
