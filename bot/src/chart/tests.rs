use std::collections::BTreeSet;

use super::*;

fn chart(names: [&str; 3], rows: &[(&str, [u32; 3])]) -> Chart {
    let series = names.into_iter().enumerate().map(|(at, name)| Series {
        name: name.to_owned(),
        values: rows.iter().filter_map(|(_, values)| values.get(at).copied()).collect(),
    });
    Chart {
        title: "Nodes by compliance".into(),
        categories: rows.iter().map(|(name, _)| (*name).to_owned()).collect(),
        series: series.collect(),
    }
}

fn pixels(file: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("a frame");
    (info.width, info.height, pixels)
}

#[test]
fn every_part_that_is_not_empty_can_be_read() {
    let check = |counts: [u32; 3]| {
        let shares = shares(&counts);
        let all: i32 = shares.iter().sum();
        assert_eq!(all, if counts == [0; 3] { 0 } else { RIGHT - LEFT }, "{counts:?}");
        for (count, share) in counts.iter().zip(shares) {
            assert!(if *count == 0 { share == 0 } else { share >= NARROWEST }, "{counts:?}");
        }
    };
    check([0, 0, 0]);
    check([1, 0, 0]);
    check([100_000, 1, 1]);
    check([7, 3, 2]);
    check([u32::MAX, u32::MAX, 1]);
}

#[test]
fn a_chart_becomes_a_picture_with_all_its_colours() {
    let names = ["compliant", "not compliant", "unknown"];
    let chart = chart(names, &[("verification", [6, 0, 0]), ("production", [10, 1, 1])]);
    let file = png(&chart).expect("it is drawn");
    let (width, height, pixels) = pixels(&file);
    assert_eq!((width, height), (WIDTH, 228));
    let seen: BTreeSet<&[u8]> = pixels.chunks(3).collect();
    for color in [[0x1b, 0x6e, 0x3c], [0xb0, 0x1e, 0x2d], [0x5a, 0x5f, 0x66], [0xff; 3]] {
        assert!(seen.contains(color.as_slice()), "{color:x?} is not there");
    }
    if let Some(folder) = std::env::var_os("PATCHBOT_PICTURES") {
        std::fs::write(std::path::Path::new(&folder).join("chart.png"), file).expect("written");
    }
}

#[test]
fn what_cannot_be_shown_is_not_drawn() {
    let names = ["a", "b", "c"];
    assert!(matches!(png(&chart(names, &[])), Err(ChartError::Shape { .. })));
    let mut crooked = chart(names, &[("x", [1, 2, 3])]);
    crooked.series.push(Series { name: "d".into(), values: vec![] });
    assert!(matches!(png(&crooked), Err(ChartError::Shape { .. })));
}

/// A letter without a glyph would appear as an empty box.
#[test]
fn the_font_has_every_letter_of_our_charts() {
    let words = [
        include_str!("../../../commands/locales/en/compliance.ftl"),
        include_str!("../../../commands/locales/ja/compliance.ftl"),
    ];
    let face = ttf_parser::Face::parse(FONT, 0).expect("the font can be read");
    let letters: BTreeSet<char> =
        words.iter().flat_map(|text| text.chars()).filter(|c| c.is_alphanumeric()).collect();
    let missing: Vec<char> =
        letters.into_iter().filter(|c| face.glyph_index(*c).is_none()).collect();
    assert!(missing.is_empty(), "the font lacks {missing:?}: make it again");
}
