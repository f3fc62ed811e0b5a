//! The selection of what will be installed, out of everything that nodes miss.

use std::collections::{BTreeMap, BTreeSet};

use crate::environment::{DefinitionUpdates, Environment};
use crate::fleet::survey::{Survey, SurveyedNode};
use crate::id::Digest;
use crate::patch::assessment::Assessment;
use crate::patch::installed::Installed;
use crate::patch::version::{is_newer, newest};
use crate::patch::{Patch, PatchId};
use crate::plan::{
    Before, LeftOut, Pin, Pinned, PlannedPatch, Proof, Unproven, WhyLeftOut, worst_first,
};

/// What will be installed, and what will not.
pub(super) struct Selection {
    pub(super) pin: Pin,
    pub(super) patches: Vec<PlannedPatch>,
    pub(super) left_out: Vec<LeftOut>,
    /// The patches that will be installed, by system: a patch can be planned on one system and left
    /// out on another.
    taken: BTreeSet<(String, PatchId)>,
}

impl Selection {
    /// How many of the patches that `node` misses will be installed, and how many will not.
    pub(super) fn of_node(&self, node: &SurveyedNode) -> (u32, u32) {
        let is_taken = |id: &&PatchId| self.taken.contains(&(node.system.clone(), (*id).clone()));
        let taken = node.missing.iter().filter(is_taken).count() as u32;
        (taken, node.missing.len() as u32 - taken)
    }
}

/// Selects patches by what the preceding environment proves.
pub(super) fn chosen(
    environment: &Environment,
    survey: &Survey,
    before: Option<&Before>,
    assess: &dyn Fn(&Patch) -> Assessment,
) -> Selection {
    let proof = match before {
        None => return unpinned(Pin::First, survey, assess),
        Some(Before { environment: needs, proof }) => {
            let needs = needs.clone();
            match (proof, &environment.override_location) {
                (Err(why), _) => {
                    return unpinned(Pin::NotProven { needs, why: why.clone() }, survey, assess);
                }
                (Ok(_), None) => {
                    let why = Unproven::NoOverrideLocation;
                    return unpinned(Pin::NotProven { needs, why }, survey, assess);
                }
                (Ok(proof), Some(place)) => (proof, place),
            }
        }
    };
    pinned(environment.definition_updates, proof, survey, assess)
}

/// The nodes that miss each patch, by system.
fn missing(survey: &Survey) -> BTreeMap<(&PatchId, &str), Vec<&SurveyedNode>> {
    let mut missing: BTreeMap<_, Vec<&SurveyedNode>> = BTreeMap::new();
    for node in survey.nodes.values() {
        for id in &node.missing {
            missing.entry((id, node.system.as_str())).or_default().push(node);
        }
    }
    missing
}

/// The titles of a patch on these nodes: for a package its versions, which differ between systems;
/// for an article a single title.
fn titles(nodes: &[&SurveyedNode], patch: &Patch) -> BTreeSet<String> {
    let listed = nodes.iter().filter_map(|node| node.titles.get(&patch.id)).flatten();
    let listed: BTreeSet<String> = listed
        .filter(|_| !patch.id.is_article())
        .filter(|title| !title.is_empty())
        .cloned()
        .collect();
    if listed.is_empty() { BTreeSet::from([patch.title.clone()]) } else { listed }
}

/// Everything that is missing, as the baseline approves it.
fn unpinned(pin: Pin, survey: &Survey, assess: &dyn Fn(&Patch) -> Assessment) -> Selection {
    let (mut planned, none) = (BTreeMap::new(), BTreeSet::new());
    let mut taken = BTreeSet::new();
    for ((id, system), nodes) in missing(survey) {
        let Some(patch) = survey.patches.get(id) else { continue };
        taken.insert((system.to_owned(), id.clone()));
        add(&mut planned, patch, &titles(&nodes, patch), &none, nodes.len(), assess);
    }
    Selection { pin, patches: worst_first(planned), left_out: Vec::new(), taken }
}

/// What happens to one patch on one system.
enum Fate {
    /// These versions are installed on this many nodes, although some nodes miss newer ones.
    Pinned { titles: BTreeSet<String>, newer: BTreeSet<String>, nodes: usize },
    /// It is installed on this many nodes as the baseline approves it.
    ByBaseline(usize),
    /// These versions are not installed.
    Out(BTreeSet<String>, WhyLeftOut),
}

fn pinned(
    definitions: DefinitionUpdates,
    (proof, place): (&Proof, &String),
    survey: &Survey,
    assess: &dyn Fn(&Patch) -> Assessment,
) -> Selection {
    let mut fates: Vec<(&Patch, &str, Fate)> = Vec::new();
    for ((id, system), nodes) in missing(survey) {
        let Some(patch) = survey.patches.get(id) else { continue };
        fates.extend(
            fates_of(definitions, proof, patch, system, &nodes)
                .into_iter()
                .map(|fate| (patch, system, fate)),
        );
    }
    // A list names an article only by its number, for every node that reads it: an article that is
    // not proven on every system that misses it would still be installed there.
    let unproven: BTreeSet<PatchId> = fates
        .iter()
        .filter(|(patch, _, fate)| patch.id.is_article() && matches!(fate, Fate::Out(..)))
        .map(|(patch, _, _)| patch.id.clone())
        .collect();
    let (mut pins, mut planned) = (Vec::new(), BTreeMap::new());
    let (mut left_out, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for (patch, system, fate) in fates {
        let (id, system) = (patch.id.clone(), system.to_owned());
        let out = |title, why| LeftOut { id: patch.id.clone(), title, why };
        let (words, none) = (BTreeSet::from([patch.title.clone()]), BTreeSet::new());
        match fate {
            Fate::Out(titles, why) => {
                left_out.extend(titles.into_iter().map(|title| out(title, why.clone())));
            }
            Fate::Pinned { .. } if unproven.contains(&id) => {
                left_out.insert(out(patch.title.clone(), WhyLeftOut::NotProven));
            }
            Fate::ByBaseline(nodes) => {
                taken.insert((system, id));
                add(&mut planned, patch, &words, &none, nodes, assess);
            }
            Fate::Pinned { titles, newer, nodes } => {
                taken.insert((system.clone(), id.clone()));
                let shown = if id.is_article() { &words } else { &titles };
                add(&mut planned, patch, shown, &newer, nodes, assess);
                let pin = |title| Pinned { system: system.clone(), id: id.clone(), title };
                pins.extend(titles.into_iter().map(pin));
            }
        }
    }
    let patches = worst_first(planned);
    // The name comes from the content, so writing it twice writes the same.
    let definitions: Vec<&PatchId> =
        patches.iter().filter(|patch| patch.is_definition).map(|patch| &patch.id).collect();
    let name = Digest::of(&(&pins, definitions));
    let location = format!("{}/{}.yaml", place.trim_end_matches('/'), name.short());
    let pin = Pin::Proven { by: proof.run.clone(), patches: pins, location };
    Selection { pin, patches, left_out: left_out.into_iter().collect(), taken }
}

/// What happens to a patch that these nodes of one system miss; some of them may have the proven
/// version.
fn fates_of(
    definitions: DefinitionUpdates,
    proof: &Proof,
    patch: &Patch,
    system: &str,
    nodes: &[&SurveyedNode],
) -> Vec<Fate> {
    let pinnable =
        |title: &str| Installed { id: patch.id.clone(), title: title.to_owned() }.is_pinnable();
    let out = |why| vec![Fate::Out(titles(nodes, patch), why)];
    let versions = proof.proven.versions(system, &patch.id);
    match (patch.is_definition(), definitions, versions) {
        (true, DefinitionUpdates::LeaveOut, _) => out(WhyLeftOut::Definition),
        // By its number alone, whatever its content is today.
        (true, DefinitionUpdates::Install, _) if patch.id.is_article() => {
            vec![Fate::ByBaseline(nodes.len())]
        }
        (true, DefinitionUpdates::Install, _) => out(WhyLeftOut::NotPinnable),
        (false, _, None) if !patch.id.can_be_listed() => out(WhyLeftOut::NotPinnable),
        (false, _, None) => out(WhyLeftOut::NotProven),
        (false, _, Some(versions)) if versions.everywhere.is_empty() => out(WhyLeftOut::Disagreed),
        (false, _, Some(versions)) if !versions.everywhere.iter().all(|title| pinnable(title)) => {
            out(WhyLeftOut::NotPinnable)
        }
        (false, _, Some(_)) if patch.id.is_article() => {
            let titles =
                versions.into_iter().flat_map(|found| &found.everywhere).cloned().collect();
            vec![Fate::Pinned { titles, newer: BTreeSet::new(), nodes: nodes.len() }]
        }
        // Of versions side by side, as with kernels, the nodes run the newest.
        (false, _, Some(versions)) => {
            held_to(&newest(system, &patch.id, &versions.everywhere), patch, system, nodes)
        }
    }
}

/// What happens to a package for which `pins` are proven and of which these nodes miss some
/// version.
fn held_to(
    pins: &BTreeSet<String>,
    patch: &Patch,
    system: &str,
    nodes: &[&SurveyedNode],
) -> Vec<Fate> {
    let is_beyond = |title: &str| pins.iter().any(|pin| is_newer(system, &patch.id, title, pin));
    let of_package = |node: &&SurveyedNode, found: &dyn Fn(&String) -> bool| {
        node.installed.iter().any(|one| one.id == patch.id && found(&one.title))
    };
    let (have, rest): (Vec<_>, Vec<_>) =
        nodes.iter().copied().partition(|node| of_package(node, &|title| pins.contains(title)));
    // A list does not downgrade what somebody else has installed.
    let (beyond, need): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|node| of_package(node, &|title| is_beyond(title)));
    let mut fates = Vec::new();
    if !need.is_empty() {
        let mut newer = titles(&need, patch);
        newer.retain(|title| is_beyond(title));
        fates.push(Fate::Pinned { titles: pins.clone(), newer, nodes: need.len() });
    }
    if let Some(proven) = pins.first().filter(|_| !have.is_empty()) {
        let why = WhyLeftOut::Newer { proven: proven.clone() };
        fates.push(Fate::Out(titles(&have, patch), why));
    }
    if !beyond.is_empty() {
        fates.push(Fate::Out(titles(&beyond, patch), WhyLeftOut::NotProven));
    }
    fates
}

/// Plans a patch on this many more nodes.
fn add(
    planned: &mut BTreeMap<PatchId, PlannedPatch>,
    patch: &Patch,
    titles: &BTreeSet<String>,
    newer: &BTreeSet<String>,
    nodes: usize,
    assess: &dyn Fn(&Patch) -> Assessment,
) {
    let known = planned.entry(patch.id.clone()).or_insert_with(|| PlannedPatch {
        id: patch.id.clone(),
        titles: BTreeSet::new(),
        newer: BTreeSet::new(),
        is_definition: patch.is_definition(),
        assessment: assess(patch),
        nodes: 0,
    });
    known.nodes += nodes as u32;
    known.titles.extend(titles.iter().cloned());
    known.newer.extend(newer.iter().cloned());
}
