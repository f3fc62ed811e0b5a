//! Draws charts as pictures, for platforms and messages that cannot draw charts themselves.
//!
//! One bar for each category, all of the same length, divided by share. Colour is never the only
//! distinction: each series has its own pattern, and every part shows its count.

use std::sync::OnceLock;

use commands::view::{Chart, Series};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, register_font};
use thiserror::Error;

mod pattern;

use pattern::Pattern;

/// Latin and kana, and the kanji of our own words. Made with `pyftsubset` of fonttools from Noto
/// Sans CJK JP Regular; a test fails when our words need a glyph that it lacks.
const FONT: &[u8] = include_bytes!("../../assets/NotoSansJP-subset.otf");
const FAMILY: &str = "patchbot";

const WIDTH: u32 = 960;
const MARGIN: i32 = 24;
/// The left edge of the bars, in pixels; the categories are to the left of it.
const LEFT: i32 = 260;
const RIGHT: i32 = WIDTH as i32 - MARGIN;
const TITLE_HEIGHT: i32 = 64;
const ROW_HEIGHT: i32 = 52;
const BAR_HEIGHT: i32 = 34;
const LEGEND_HEIGHT: i32 = 60;
/// The minimum width of a part that is not empty: enough for a count of four digits.
const NARROWEST: i32 = 56;
/// The longest category name that fits beside the bars, in characters.
const LABEL_CHARS: usize = 22;
/// The maximum number of bars; nobody could read more.
const MOST: usize = 40;

const INK: RGBColor = RGBColor(0x1d, 0x1c, 0x1d);
const TRACK: RGBColor = RGBColor(0xe8, 0xe8, 0xe8);

/// Why a chart could not be drawn.
#[derive(Debug, Error)]
pub enum ChartError {
    /// The chart has nothing to show, or more than fits.
    #[error("a chart of {categories} bars in {series} parts is not drawn")]
    Shape {
        /// The number of bars.
        categories: usize,
        /// The number of parts of each bar.
        series: usize,
    },
    /// The drawing library failed.
    #[error("failed to draw: {0}")]
    Drawing(String),
    /// The PNG could not be encoded.
    #[error("failed to encode the picture")]
    Encoding(#[from] png::EncodingError),
}

/// Draws `chart` as a PNG, 960 pixels wide.
pub fn png(chart: &Chart) -> Result<Vec<u8>, ChartError> {
    let Chart { title, categories, series } = chart;
    let whole = series.iter().all(|series| series.values.len() == categories.len());
    if !whole
        || !(1..=MOST).contains(&categories.len())
        || !(1..=Pattern::ALL.len()).contains(&series.len())
    {
        return Err(ChartError::Shape { categories: categories.len(), series: series.len() });
    }
    if !font_is_there() {
        return Err(ChartError::Drawing("the font cannot be read".to_owned()));
    }
    let height = TITLE_HEIGHT + ROW_HEIGHT * categories.len() as i32 + LEGEND_HEIGHT;
    let size = (WIDTH, height.unsigned_abs());
    let mut pixels = vec![0xff; size.0 as usize * size.1 as usize * 3];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
        draw(&area, title, categories, series)
            .and_then(|()| area.present())
            .map_err(|error| ChartError::Drawing(error.to_string()))?;
    }
    encode(&pixels, size)
}

fn font_is_there() -> bool {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    *REGISTERED.get_or_init(|| register_font(FAMILY, FontStyle::Normal, FONT).is_ok())
}

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;
type Drawn<'a> = Result<(), DrawingAreaErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

fn draw<'a>(area: &Area<'a>, title: &str, categories: &[String], series: &[Series]) -> Drawn<'a> {
    area.fill(&WHITE)?;
    say(area, title, (MARGIN, TITLE_HEIGHT / 2), 34, INK, HPos::Left)?;
    for (at, category) in categories.iter().enumerate() {
        let middle = TITLE_HEIGHT + ROW_HEIGHT * at as i32 + ROW_HEIGHT / 2;
        say(area, &shortened(category), (LEFT - 16, middle), 30, INK, HPos::Right)?;
        let counts: Vec<u32> = series
            .iter()
            .map(|series| series.values.get(at).copied().unwrap_or_default())
            .collect();
        bar(area, middle, &counts)?;
    }
    let middle = TITLE_HEIGHT + ROW_HEIGHT * categories.len() as i32 + LEGEND_HEIGHT / 2;
    legend(area, middle, series)
}

fn bar<'a>(area: &Area<'a>, middle: i32, counts: &[u32]) -> Drawn<'a> {
    let (top, bottom) = (middle - BAR_HEIGHT / 2, middle + BAR_HEIGHT / 2);
    area.draw(&Rectangle::new([(LEFT, top), (RIGHT, bottom)], TRACK.filled()))?;
    let mut from = LEFT;
    for ((count, width), pattern) in counts.iter().zip(shares(counts)).zip(Pattern::ALL) {
        if width == 0 {
            continue;
        }
        let to = from + width;
        pattern.fill(area, (from, top), (to, bottom))?;
        let (center, figure) = ((from + to) / 2, count.to_string());
        let room = (6 * figure.len() as i32 + 8).min(width / 2);
        pattern.ground(area, (center - room, top), (center + room, bottom))?;
        say(area, &figure, (center, middle), 30, WHITE, HPos::Center)?;
        from = to;
    }
    Ok(())
}

/// The width of each count in pixels: proportional, but never too narrow to read.
fn shares(counts: &[u32]) -> Vec<i32> {
    let width = i64::from(RIGHT - LEFT);
    let total: i64 = counts.iter().copied().map(i64::from).sum();
    let filled = counts.iter().filter(|count| **count > 0).count() as i64;
    // The pixels that remain after each part that is not empty has its minimum.
    let free = width - filled * i64::from(NARROWEST);
    let mut shares: Vec<i32> = counts
        .iter()
        .map(|count| match i64::from(*count) {
            0 => 0,
            count => NARROWEST + (free * count / total) as i32,
        })
        .collect();
    // The largest part gets the pixels lost to rounding.
    let lost = width as i32 - shares.iter().sum::<i32>();
    if let Some(largest) = shares.iter_mut().max().filter(|largest| **largest > 0) {
        *largest += lost;
    }
    shares
}

fn legend<'a>(area: &Area<'a>, middle: i32, series: &[Series]) -> Drawn<'a> {
    let room = (RIGHT - MARGIN) / series.len().max(1) as i32;
    for ((at, series), pattern) in series.iter().enumerate().zip(Pattern::ALL) {
        let left = MARGIN + room * at as i32;
        pattern.fill(area, (left, middle - 10), (left + 28, middle + 10))?;
        say(area, &series.name, (left + 38, middle), 28, INK, HPos::Left)?;
    }
    Ok(())
}

fn say<'a>(
    area: &Area<'a>,
    text: &str,
    at: (i32, i32),
    size: i32,
    color: RGBColor,
    side: HPos,
) -> Drawn<'a> {
    let style =
        TextStyle::from((FAMILY, size).into_font()).color(&color).pos(Pos::new(side, VPos::Center));
    area.draw(&Text::new(text.to_owned(), at, style))
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LABEL_CHARS {
        return label.to_owned();
    }
    label.chars().take(LABEL_CHARS - 1).chain(['…']).collect()
}

fn encode(pixels: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, ChartError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(pixels)?;
    Ok(file)
}

#[cfg(test)]
mod tests;
