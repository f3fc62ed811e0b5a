//! The catalogue of available patches: what vendors published for Windows and for Amazon Linux 1
//! and 2. For other systems a patch first appears in a scan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_ssm::types::{Patch as Available, PatchOrchestratorFilter};
use chrono::{DateTime, TimeDelta, Utc};
use commands::fleet::survey::HeldBack;
use commands::patch::advisory::CveId;
use commands::patch::{Cves, Patch, PatchId, VendorSeverity};

use crate::aws::AwsError;
use crate::aws::client::Client;
use crate::aws::fleet::baselines::Baseline;
use crate::aws::fleet::operating_system::Product;
use crate::aws::parse;

/// The maximum page size of DescribeAvailablePatches.
const PER_PAGE: i32 = 100;

/// How long a catalogue counts as fresh: it is long, and changes daily.
const FRESH: TimeDelta = TimeDelta::hours(1);

/// How long the bot waits before it reads the catalogue again after a failure.
const PAUSE: TimeDelta = TimeDelta::minutes(5);

/// Patches by the name that a node reports: the KB number on Windows, the exact package on Linux.
#[derive(Debug, Default, PartialEq)]
pub(in crate::aws) struct AvailablePatches(BTreeMap<String, Patch>);

/// What one environment has read of the catalogue.
#[derive(Default)]
pub(in crate::aws) struct AvailablePatchesCache {
    read: Option<Read>,
    paused_until: Option<DateTime<Utc>>,
}

struct Read {
    at: DateTime<Utc>,
    products: BTreeSet<Product>,
    catalogue: Arc<AvailablePatches>,
}

impl Read {
    /// Fleets grow: a catalogue that was read for fewer products does not suffice.
    fn covers(&self, products: &BTreeSet<Product>) -> bool {
        products.is_subset(&self.products)
    }
}

/// The patches that are published for `products`. `None` if they are not known: a survey is still
/// correct without them, so a failure is only logged.
pub(in crate::aws) async fn available_patches(
    client: &Client,
    products: BTreeSet<Product>,
    now: DateTime<Utc>,
) -> Option<Arc<AvailablePatches>> {
    if products.is_empty() {
        return None;
    }
    // Locked during the read, so that two concurrent surveys read it once.
    let mut cache = client.available_patches.lock().await;
    let known = cache.read.as_ref().filter(|read| read.covers(&products));
    let fresh = known.filter(|read| read.at <= now && now < read.at + FRESH);
    if let Some(read) = fresh {
        return Some(Arc::clone(&read.catalogue));
    }
    // A slightly old catalogue is better than none.
    let stale = known.map(|read| Arc::clone(&read.catalogue));
    if cache.paused_until.is_some_and(|until| now < until) {
        return stale;
    }
    match read(client, &products).await {
        Ok(catalogue) => {
            let catalogue = Arc::new(catalogue);
            let read = Read { at: now, products, catalogue: Arc::clone(&catalogue) };
            *cache = AvailablePatchesCache { read: Some(read), paused_until: None };
            Some(catalogue)
        }
        Err(error) => {
            cache.paused_until = Some(now + PAUSE);
            tracing::warn!(environment.name = %client.environment, aws.error = %error, aws.hint = error.hint(), "the catalogue of available patches could not be read; advisories and release dates may be missing");
            stale
        }
    }
}

async fn read(client: &Client, products: &BTreeSet<Product>) -> Result<AvailablePatches, AwsError> {
    let (mut windows, mut linux) = (Vec::new(), Vec::new());
    for product in products {
        match product {
            Product::Windows(name) => windows.push(name.clone()),
            Product::Linux(name) => linux.push(name.clone()),
        }
    }
    let filter = |key: &str, values: Vec<String>| {
        PatchOrchestratorFilter::builder().key(key).set_values(Some(values)).build()
    };
    let mut catalogue = AvailablePatches::default();
    if !windows.is_empty() {
        let system = filter("PATCH_SET", vec!["OS".into()]);
        pages(client, vec![system, filter("PRODUCT", windows)], &mut catalogue).await?;
    }
    if !linux.is_empty() {
        pages(client, vec![filter("PRODUCT", linux)], &mut catalogue).await?;
    }
    Ok(catalogue)
}

async fn pages(
    client: &Client,
    filters: Vec<PatchOrchestratorFilter>,
    catalogue: &mut AvailablePatches,
) -> Result<(), AwsError> {
    let request = client.reads.describe_available_patches().set_filters(Some(filters));
    let mut pages = client.pages(request.max_results(PER_PAGE));
    while let Some(page) = pages.next().await? {
        page.iter().for_each(|patch| catalogue.add(patch));
    }
    Ok(())
}

impl AvailablePatches {
    /// Adds an entry. The catalogue lists one update for each product and architecture, and one
    /// package for each repository.
    fn add(&mut self, available: &Available) {
        let Some((key, patch)) = read_one(available) else { return };
        let Some(known) = self.0.get_mut(&key) else {
            self.0.insert(key, patch);
            return;
        };
        known.released = known.released.into_iter().chain(patch.released).min();
        known.severity = known.severity.max(patch.severity);
        complete(known, &patch);
        let both = known.cves.known().iter().chain(patch.cves.known()).cloned();
        known.cves = listed(both.collect());
    }

    /// Adds what the node that reported `patch` left out.
    pub(in crate::aws) fn complete(&self, patch: &mut Patch) {
        let known = self.0.get(patch.id.as_str()).or_else(|| self.0.get(&patch.title));
        if let Some(known) = known {
            complete(patch, known);
        }
    }

    /// The patches that the delay of `baseline` holds back; `None` if its delay is not known. It
    /// says nothing about Linux, because the catalogue lists no release dates for it.
    pub(in crate::aws) fn held_back(
        &self,
        baseline: &Baseline,
        seen: &dyn Fn(&PatchId) -> bool,
        now: DateTime<Utc>,
    ) -> Option<Vec<HeldBack>> {
        let delay = TimeDelta::days(i64::from(baseline.decides.approves_after_days?));
        let held_back = self.0.values().filter_map(|patch| {
            let until = patch.released? + delay;
            let open = until > now && !baseline.named.contains(patch.id.as_str());
            (open && !seen(&patch.id)).then(|| HeldBack { patch: patch.clone(), until })
        });
        Some(held_back.collect())
    }
}

fn complete(patch: &mut Patch, known: &Patch) {
    patch.released = patch.released.or(known.released);
    let both: BTreeSet<&String> = patch.advisories.iter().chain(&known.advisories).collect();
    patch.advisories = both.into_iter().cloned().collect();
    if patch.url.is_none() {
        patch.url.clone_from(&known.url);
    }
    if patch.cves == Cves::Unknown {
        patch.cves.clone_from(&known.cves);
    }
}

/// Reads an entry; `None` if it has no name that a node would report.
fn read_one(available: &Available) -> Option<(String, Patch)> {
    let knowledge_base = text(available.kb_number());
    let (id, key, title) = match (knowledge_base, text(available.name())) {
        (Some(number), _) => {
            let id = format!("KB{}", number.trim_start_matches("KB"));
            (id.clone(), id.clone(), text(available.title()).unwrap_or(&id).to_owned())
        }
        (None, Some(name)) => {
            let id = format!("{name}.{}", text(available.arch())?);
            let (epoch, version) = (available.epoch(), text(available.version())?);
            let package = format!("{id}:{epoch}:{version}-{}", text(available.release())?);
            (id, package.clone(), package)
        }
        (None, None) => return None,
    };
    let severity = text(available.msrc_severity()).or_else(|| text(available.severity()));
    let advisories: BTreeSet<String> = available.advisory_ids().iter().cloned().collect();
    let patch = Patch {
        id: PatchId(id),
        title,
        classification: text(available.classification()).unwrap_or_default().to_owned(),
        severity: severity.and_then(VendorSeverity::from_word),
        cves: listed(available.cve_ids().iter().filter_map(|id| id.parse().ok()).collect()),
        released: available.release_date().and_then(parse::time),
        advisories: advisories.into_iter().filter(|id| !id.trim().is_empty()).collect(),
        url: text(available.content_url())
            .filter(|url| url.starts_with("https://"))
            .map(str::to_owned),
    };
    Some((key, patch))
}

fn text(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// An empty list means that the catalogue names none, never that there are none.
fn listed(cves: BTreeSet<CveId>) -> Cves {
    if cves.is_empty() { Cves::Unknown } else { Cves::Listed(cves.into_iter().collect()) }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ssm::primitives::DateTime as SdkTime;
    use commands::fleet::survey::PatchBaseline;

    use super::*;

    fn update(product: &str, released: i64) -> Available {
        // The shape of the example in the command reference.
        Available::builder()
            .id("fe6bd8c2-3752-4c8b-ab3e-1a7ed08767ba")
            .release_date(SdkTime::from_secs(released))
            .title("2018-11 Update for Windows Server 2019 for x64-based Systems (KB4470788)")
            .content_url("https://support.microsoft.com/en-us/kb/4470788")
            .product(product)
            .classification("SecurityUpdates")
            .msrc_severity("Critical")
            .kb_number("KB4470788")
            .build()
    }

    fn sudo(advisory: &str) -> Available {
        Available::builder()
            .name("sudo")
            .arch("x86_64")
            .epoch(0)
            .version("1.8.23")
            .release("4.amzn2.2.1")
            .severity("Important")
            .advisory_ids(advisory)
            .cve_ids("CVE-2021-3156")
            .build()
    }

    fn catalogue(all: &[Available]) -> AvailablePatches {
        let mut catalogue = AvailablePatches::default();
        all.iter().for_each(|patch| catalogue.add(patch));
        catalogue
    }

    fn reported(id: &str, title: &str) -> Patch {
        Patch {
            id: PatchId(id.into()),
            title: title.into(),
            classification: "Security".into(),
            severity: None,
            cves: Cves::Unknown,
            released: None,
            advisories: vec![],
            url: None,
        }
    }

    #[test]
    fn a_package_is_known_by_its_exact_version_alone() {
        let catalogue = catalogue(&[sudo("ALAS2-2021-1590"), sudo("ALAS2-2021-1591")]);
        let mut same = reported("sudo.x86_64", "sudo.x86_64:0:1.8.23-4.amzn2.2.1");
        catalogue.complete(&mut same);
        assert_eq!(same.advisories, ["ALAS2-2021-1590", "ALAS2-2021-1591"]);
        assert_eq!(same.cves.known().len(), 1);
        let mut other = reported("sudo.x86_64", "sudo.x86_64:0:1.8.23-10.amzn2.3");
        catalogue.complete(&mut other);
        assert_eq!(other, reported("sudo.x86_64", "sudo.x86_64:0:1.8.23-10.amzn2.3"));
    }

    #[test]
    fn what_the_node_said_stands() {
        let mut patch = reported("sudo.x86_64", "sudo.x86_64:0:1.8.23-4.amzn2.2.1");
        let own: CveId = "CVE-2024-0727".parse().expect("a CVE id");
        patch.cves = Cves::Listed(vec![own.clone()]);
        catalogue(&[sudo("ALAS2-2021-1590")]).complete(&mut patch);
        assert_eq!(patch.cves, Cves::Listed(vec![own]));
    }

    #[test]
    fn an_update_of_several_products_is_one_since_its_first_release() {
        let both =
            catalogue(&[update("WindowsServer2019", 1_549_994_410), update("W", 1_544_047_205)]);
        let mut patch = reported("KB4470788", "whatever the node calls it");
        both.complete(&mut patch);
        assert_eq!(patch.released.map(|at| at.timestamp()), Some(1_544_047_205));
        assert_eq!(patch.url.as_deref(), Some("https://support.microsoft.com/en-us/kb/4470788"));
        assert_eq!(patch.cves, Cves::Unknown, "Systems Manager names none for Windows");
    }

    #[test]
    fn what_cannot_be_matched_is_left_out() {
        let nameless = Available::builder().title("something").build();
        let half = Available::builder().name("sudo").arch("x86_64").build();
        assert_eq!(catalogue(&[nameless, half]), AvailablePatches::default());
    }

    #[test]
    fn a_delay_holds_back_until_it_is_over() {
        let catalogue = catalogue(&[update("WindowsServer2019", 1_549_994_410), sudo("ALAS2-1")]);
        let released = DateTime::from_timestamp(1_549_994_410, 0).expect("a time");
        let baseline = |days: Option<u32>, named: &[&str]| Baseline {
            decides: PatchBaseline {
                operating_system: "WINDOWS".into(),
                id: "pb-1".into(),
                name: "servers".into(),
                approves_after_days: days,
                is_default: false,
                modified_at: None,
                available_security_updates: None,
            },
            named: named.iter().map(|id| (*id).to_owned()).collect(),
        };
        let held = |days, named: &[&str], seen: bool, after: i64| {
            let now = released + TimeDelta::days(after);
            let held = catalogue.held_back(&baseline(days, named), &|_| seen, now);
            held.map(|held| held.into_iter().map(|held| (held.patch.id.0, held.until)).collect())
        };
        let update = vec![("KB4470788".to_owned(), released + TimeDelta::days(7))];
        assert_eq!(held(Some(7), &[], false, 6), Some(update));
        assert_eq!(held(Some(7), &[], false, 7), Some(vec![]));
        assert_eq!(held(Some(7), &["KB4470788"], false, 6), Some(vec![]), "it is named");
        assert_eq!(held(Some(7), &[], true, 6), Some(vec![]), "a node reports it");
        assert_eq!(held(None, &[], false, 6), None);
    }
}
