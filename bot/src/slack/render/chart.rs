//! Charts: Slack's own, two in a message, and otherwise as lines.

use std::collections::BTreeSet;

use commands::view::Chart;
use slack_morphism::prelude::*;

use crate::chat::clamp::{clamp, length};
use crate::slack::mrkdwn::bare;

pub(super) const IN_A_MESSAGE: usize = 2;
const TITLE: usize = 50;
const LABEL: usize = 20;
const SERIES: usize = 6;
const CATEGORIES: usize = 12;

/// A chart of Slack's own kind.
pub(super) struct Native {
    pub(super) title: String,
    pub(super) chart: SlackChart,
    /// How many characters it takes from the budget of the message.
    pub(super) length: usize,
}

/// The chart; `None` if Slack would refuse it or omit something that matters.
pub(super) fn native(chart: &Chart) -> Option<Native> {
    let fits = (1..=SERIES).contains(&chart.series.len())
        && (1..=CATEGORIES).contains(&chart.categories.len())
        && chart.series.iter().all(|series| series.values.len() == chart.categories.len());
    if !fits {
        return None;
    }
    let title = clamp(&bare(&chart.title), TITLE);
    let categories = labels(&chart.categories)?;
    let names: Vec<String> = chart.series.iter().map(|series| series.name.clone()).collect();
    let names = labels(&names)?;
    let total = |labels: &[String]| labels.iter().map(|label| length(label)).sum::<usize>();
    // Every series repeats the categories.
    let length = length(&title) + total(&names) + total(&categories) * (names.len() + 1);
    let series = names.into_iter().zip(&chart.series).map(|(name, series)| {
        let points = categories.iter().zip(&series.values);
        let points =
            points.map(|(label, value)| SlackChartDataPoint::new(label.clone(), (*value).into()));
        SlackChartDataSeries::new(name, points.collect())
    });
    let series = series.collect();
    let chart = SlackSeriesChart::new(series, SlackChartAxisConfig::new(categories.clone()));
    (!title.trim().is_empty()).then_some(Native { title, chart: SlackChart::Bar(chart), length })
}

/// The labels, cut to fit; `None` if two of them would be equal or one would be empty.
fn labels(all: &[String]) -> Option<Vec<String>> {
    let short: Vec<String> = all.iter().map(|label| clamp(&bare(label), LABEL)).collect();
    let different: BTreeSet<&String> = short.iter().collect();
    let fine = different.len() == short.len() && short.iter().all(|label| !label.trim().is_empty());
    fine.then_some(short)
}
