//! The patterns of a bar's parts, which are distinguishable with and without colour.

use plotters::prelude::*;

use super::{Area, Drawn};

/// The colour and pattern of one series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Green, plain.
    Plain,
    /// Red, with rising lines.
    Rising,
    /// Grey, with horizontal lines.
    Across,
    /// Blue, with vertical lines.
    Upright,
}

impl Pattern {
    /// In the order of the series: the good ones come first, the bad ones second.
    pub(super) const ALL: [Self; 4] = [Self::Plain, Self::Rising, Self::Across, Self::Upright];

    /// The colours are dark enough for white digits: the contrast is at least 4.5 to 1 (WCAG 2.2,
    /// 1.4.3).
    fn color(self) -> RGBColor {
        match self {
            Self::Plain => RGBColor(0x1b, 0x6e, 0x3c),
            Self::Rising => RGBColor(0xb0, 0x1e, 0x2d),
            Self::Across => RGBColor(0x5a, 0x5f, 0x66),
            Self::Upright => RGBColor(0x1a, 0x5f, 0xa8),
        }
    }

    /// Fills a rectangle with the plain colour, on which digits are readable.
    pub(super) fn ground<'a>(
        self,
        area: &Area<'a>,
        (left, top): (i32, i32),
        (right, bottom): (i32, i32),
    ) -> Drawn<'a> {
        area.draw(&Rectangle::new([(left, top), (right, bottom)], self.color().filled()))
    }

    /// Fills the rectangle from `(left, top)` to `(right, bottom)`.
    pub(super) fn fill<'a>(
        self,
        area: &Area<'a>,
        (left, top): (i32, i32),
        (right, bottom): (i32, i32),
    ) -> Drawn<'a> {
        self.ground(area, (left, top), (right, bottom))?;
        let light = WHITE.mix(0.35);
        let line = |from: (i32, i32), to: (i32, i32)| {
            area.draw(&PathElement::new(vec![from, to], light.stroke_width(2)))
        };
        let tall = bottom - top;
        match self {
            Self::Plain => {}
            Self::Rising => {
                for x in (left - tall..right).step_by(12) {
                    // Clipped at both ends of the bar.
                    let (from, to) = (x.max(left), (x + tall).min(right));
                    line((from, bottom - (from - x)), (to, bottom - (to - x)))?;
                }
            }
            Self::Across => {
                for y in (top + 5..bottom).step_by(8) {
                    line((left, y), (right, y))?;
                }
            }
            Self::Upright => {
                for x in (left + 6..right).step_by(10) {
                    line((x, top), (x, bottom))?;
                }
            }
        }
        Ok(())
    }
}
