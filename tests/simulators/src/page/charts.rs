//! Renders `data_visualization` as inline SVG. Names and numbers accompany every colour.

use std::f64::consts::TAU;

use maud::{Markup, html};
use serde_json::Value;

use super::fields::{list, word};

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 44.0;
const BOTTOM: f64 = 30.0;
const TOP: f64 = 14.0;

pub(super) fn render(block: &Value) -> Markup {
    let chart = block.get("chart").unwrap_or(&Value::Null);
    html! {
        figure.chart {
            figcaption { (word(block, "title")) }
            @match word(chart, "type") {
                "pie" => { (pie(chart)) }
                kind => { (series(chart, kind)) }
            }
        }
    }
}

fn number(value: &Value) -> f64 {
    value.get("value").and_then(Value::as_f64).unwrap_or(0.0)
}

fn words(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

fn pie(chart: &Value) -> Markup {
    let segments = list(chart, "segments");
    let total: f64 = segments.iter().map(number).sum::<f64>().max(f64::MIN_POSITIVE);
    let mut from = 0.0;
    let slices: Vec<String> = segments
        .iter()
        .map(|segment| {
            let to = from + number(segment) / total;
            let path = slice(from, to);
            from = to;
            path
        })
        .collect();
    html! {
        div.pie {
            svg viewBox="-1.05 -1.05 2.1 2.1" role="img" aria-label="Pie chart" {
                @for (index, path) in slices.iter().enumerate() {
                    path class={ "slice c" (index) } d=(path) {}
                }
            }
            ul.legend {
                @for (index, segment) in segments.iter().enumerate() {
                    li {
                        i class={ "key c" (index) } {}
                        span { (word(segment, "label")) }
                        b { (words(number(segment))) }
                        small { (format!("{:.0}%", 100.0 * number(segment) / total)) }
                    }
                }
            }
        }
    }
}

/// A ring segment, clockwise from the top. A full ring is two halves.
fn slice(from: f64, to: f64) -> String {
    if to - from > 0.999 {
        return format!("{} {}", slice(0.0, 0.5), slice(0.5, 0.998));
    }
    let point = |part: f64, radius: f64| {
        let angle = part * TAU;
        format!("{:.4} {:.4}", angle.sin() * radius, -angle.cos() * radius)
    };
    let large = u8::from(to - from > 0.5);
    format!(
        "M{} A1 1 0 {large} 1 {} L{} A.58 .58 0 {large} 0 {} Z",
        point(from, 1.0),
        point(to, 1.0),
        point(to, 0.58),
        point(from, 0.58),
    )
}

/// The coordinates of a chart with axes.
struct Plane {
    categories: Vec<String>,
    top: f64,
}

impl Plane {
    fn step(&self) -> f64 {
        (WIDTH - LEFT - 8.0) / self.categories.len().max(1) as f64
    }

    fn x(&self, index: usize) -> f64 {
        LEFT + self.step() * (index as f64 + 0.5)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / self.top
    }

    fn place(&self, point: &Value) -> Option<usize> {
        self.categories.iter().position(|category| category == word(point, "label"))
    }
}

fn series(chart: &Value, kind: &str) -> Markup {
    let axis = chart.get("axis_config").unwrap_or(&Value::Null);
    let all = list(chart, "series");
    let categories = list(axis, "categories").iter().filter_map(Value::as_str);
    let values = all.iter().flat_map(|one| list(one, "data")).map(number);
    let highest = values.fold(0.0, f64::max);
    let plane =
        Plane { categories: categories.map(str::to_owned).collect(), top: round_up(highest) };
    // With many categories there is not room for every name.
    let every = plane.categories.len().div_ceil(9).max(1);
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(describe(all)) {
            @for quarter in 0..=4_u8 {
                @let value = plane.top * f64::from(quarter) / 4.0;
                line.grid x1=(LEFT) x2=(WIDTH - 4.0) y1=(plane.y(value)) y2=(plane.y(value)) {}
                text.tick x=(LEFT - 8.0) y=(plane.y(value) + 4.0) text-anchor="end" { (words(value)) }
            }
            @for (index, category) in plane.categories.iter().enumerate().filter(|(index, _)| index % every == 0) {
                text.tick x=(plane.x(index)) y=(HEIGHT - 10.0) text-anchor="middle" { (category) }
            }
            @for (index, one) in all.iter().enumerate() {
                @if kind == "bar" { (bars(&plane, one, index, all.len())) }
                @else { (line(&plane, one, index, kind == "area")) }
            }
        }
        @let labels = [word(axis, "x_label"), word(axis, "y_label")];
        @if labels.iter().any(|label| !label.is_empty()) {
            p.axes { (labels.iter().filter(|label| !label.is_empty()).copied().collect::<Vec<_>>().join(" · ")) }
        }
        ul.legend {
            @for (index, one) in all.iter().enumerate() {
                li { i class={ "key c" (index) } {} span { (word(one, "name")) } }
            }
        }
    }
}

fn bars(plane: &Plane, one: &Value, index: usize, count: usize) -> Markup {
    let width = (plane.step() * 0.72 / count as f64).min(54.0);
    html! {
        @for point in list(one, "data") {
            @if let Some(place) = plane.place(point) {
                @let value = number(point);
                @let x = plane.x(place) + (index as f64 - count as f64 / 2.0) * width;
                @let height = plane.y(0.0) - plane.y(value);
                rect class={ "c" (index) } x=(x + 1.0) y=(plane.y(value)) width=(width - 2.0) height=(height) rx="2" {
                    title { (word(one, "name")) ", " (word(point, "label")) ": " (words(value)) }
                }
                @if width > 16.0 && value > 0.0 {
                    text.value x=(x + width / 2.0) y=(plane.y(value) - 4.0) text-anchor="middle" { (words(value)) }
                }
            }
        }
    }
}

fn line(plane: &Plane, one: &Value, index: usize, is_area: bool) -> Markup {
    let points: Vec<(f64, f64, &Value)> = list(one, "data")
        .iter()
        .filter_map(|point| Some((plane.x(plane.place(point)?), plane.y(number(point)), point)))
        .collect();
    let path: Vec<String> = points.iter().map(|(x, y, _)| format!("{x:.1},{y:.1}")).collect();
    let ends = points.first().zip(points.last()).map(|(first, last)| (first.0, last.0));
    html! {
        @if let (true, Some((first, last))) = (is_area, ends) {
            polygon class={ "area c" (index) } points={ (path.join(" ")) " " (last) "," (plane.y(0.0)) " " (first) "," (plane.y(0.0)) } {}
        }
        polyline class={ "line c" (index) } points=(path.join(" ")) {}
        @for (x, y, point) in points {
            circle class={ "c" (index) } cx=(x) cy=(y) r="3.5" {
                title { (word(one, "name")) ", " (word(point, "label")) ": " (words(number(point))) }
            }
        }
    }
}

/// The next of 1, 2, 4, 5, 8 times a power of ten, whose quarters are easy to read.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 4.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0];
    let step = steps.iter().find(|&&step| step * power >= value).copied().unwrap_or(10.0);
    (step * power).max(4.0)
}

/// The whole chart in words, for people who do not see it.
fn describe(all: &[Value]) -> String {
    let one = |one: &Value| {
        let data = list(one, "data").iter();
        let data = data.map(|point| format!("{} {}", word(point, "label"), words(number(point))));
        format!("{}: {}", word(one, "name"), data.collect::<Vec<_>>().join(", "))
    };
    all.iter().map(one).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::round_up;

    #[test]
    fn axes_end_at_round_numbers() {
        for (value, top) in [(0.0, 4.0), (3.0, 4.0), (7.0, 8.0), (11.0, 20.0), (95.0, 100.0)] {
            assert!((round_up(value) - top).abs() < 1e-9, "{value}");
        }
    }
}
