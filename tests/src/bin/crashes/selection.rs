//! The selection of points, out of all that exist.

use std::collections::BTreeMap;

use stories::{CrashPoint, Moment};

/// The first word: `SendCommand`, `commit`.
fn kind(point: &CrashPoint) -> &str {
    point.what.split(' ').next().unwrap_or_default()
}

/// This many points, spread as evenly as possible over all kinds and moments, so that what happens
/// a hundred times in a story does not displace what happens once. In the order of the story.
pub(crate) fn spread(all: &[CrashPoint], wanted: usize) -> Vec<CrashPoint> {
    let mut kinds: BTreeMap<(&str, Moment), Vec<usize>> = BTreeMap::new();
    for (place, point) in all.iter().enumerate() {
        kinds.entry((kind(point), point.moment)).or_default().push(place);
    }
    let mut chosen: Vec<usize> = Vec::new();
    let mut turn = 0;
    while chosen.len() < wanted.min(all.len()) {
        let round = kinds.values().filter_map(|places| places.get(turn));
        chosen.extend(round.take(wanted - chosen.len()));
        turn += 1;
    }
    chosen.sort_unstable();
    chosen.into_iter().filter_map(|place| all.get(place).cloned()).collect()
}

/// How many points there are of each kind.
pub(crate) fn summary(all: &[CrashPoint]) -> String {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for point in all {
        *kinds.entry(kind(point)).or_default() += 1;
    }
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    format!("{} points from the click to the last verdict: {}", all.len(), kinds.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_point_is_not_pushed_out_by_a_common_one() {
        let point = |text: &str| text.parse::<CrashPoint>().expect("a name");
        let mut all: Vec<CrashPoint> =
            (1..50).map(|n| point(&format!("chat.update #{n} after"))).collect();
        all.push(point("PutObject #1 after"));
        let chosen = spread(&all, 3);
        assert_eq!(chosen.len(), 3);
        assert!(chosen.contains(&point("PutObject #1 after")));
        assert_eq!(spread(&all, 50), all);
    }
}
