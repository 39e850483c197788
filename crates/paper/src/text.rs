//! From letters to glyphs: fonts and scripts told apart, directions ordered, lines broken, each run shaped.
use std::ops::Range;

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};
use unicode_bidi::BidiInfo;
use unicode_script::{Script, UnicodeScript};

use crate::fonts::Cases;

/// A line of text, ready to be drawn.
pub(crate) struct Line {
    /// From left to right.
    pub(crate) runs: Vec<Run>,
    /// In sizes of the letters.
    pub(crate) width: f32,
    /// Whether it begins on the right.
    pub(crate) rtl: bool,
}

/// Letters of one font, script and direction.
pub(crate) struct Run {
    pub(crate) font: usize,
    pub(crate) text: String,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    /// In sizes of the letters.
    pub(crate) width: f32,
}

/// A text as lines that are no wider than so many sizes of the letters, but for what can't be broken.
pub(crate) fn lines(cases: &mut Cases<'_>, text: &str, width: f32) -> Vec<Line> {
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let bidi = BidiInfo::new(&text, None);
    let broken: Vec<Range<usize>> = broken(cases, &text, width);
    broken.into_iter().map(|range| line(cases, &bidi, range)).collect()
}

/// Where the lines of a text begin and end, without the spaces at their ends.
fn broken(cases: &mut Cases<'_>, text: &str, width: f32) -> Vec<Range<usize>> {
    let (mut lines, mut begin, mut end, mut used) = (Vec::new(), 0, 0, 0.0);
    for unit in units(cases, text, width) {
        let letters = text.get(unit.clone()).unwrap_or_default();
        let visible = measure(cases, letters.trim_end());
        if used + visible > width && end > begin {
            lines.push(begin..end);
            (begin, used) = (unit.start, 0.0);
        }
        used += measure(cases, letters);
        end = unit.end;
    }
    lines.push(begin..end);
    let trimmed = lines.into_iter().map(|range| {
        let visible = text.get(range.clone()).unwrap_or_default().trim_end().len();
        range.start..range.start + visible
    });
    trimmed.collect()
}

/// What may stand alone on a line: words, or the letters of one that is too long.
fn units(cases: &mut Cases<'_>, text: &str, width: f32) -> Vec<Range<usize>> {
    let (mut units, mut begin) = (Vec::new(), 0);
    for (end, _) in unicode_linebreak::linebreaks(text) {
        let word = text.get(begin..end).unwrap_or_default();
        if measure(cases, word.trim_end()) <= width {
            units.push(begin..end);
        } else {
            let letters = word.char_indices().map(|(at, letter)| begin + at..begin + at + letter.len_utf8());
            units.extend(letters);
        }
        begin = end;
    }
    units
}

fn measure(cases: &mut Cases<'_>, text: &str) -> f32 {
    let runs = segments(cases, text)
        .into_iter()
        .filter_map(|(range, font)| shape(cases, font, text.get(range)?, None).map(|run| run.width));
    runs.sum()
}

fn line(cases: &mut Cases<'_>, bidi: &BidiInfo<'_>, range: Range<usize>) -> Line {
    let mut line = Line { runs: Vec::new(), width: 0.0, rtl: false };
    let Some(paragraph) = bidi.paragraphs.first().filter(|_| !range.is_empty()) else { return line };
    line.rtl = paragraph.level.is_rtl();
    let (levels, runs) = bidi.visual_runs(paragraph, range);
    for run in runs {
        let rtl = levels.get(run.start).is_some_and(|level| level.is_rtl());
        let text = bidi.text.get(run).unwrap_or_default();
        let mut segments = segments(cases, text);
        if rtl {
            segments.reverse();
        }
        for (range, font) in segments {
            let direction = if rtl { Direction::RightToLeft } else { Direction::LeftToRight };
            let letters = text.get(range).unwrap_or_default();
            if let Some(run) = shape(cases, font, letters, Some(direction)) {
                line.width += run.width;
                line.runs.push(run);
            }
        }
    }
    line
}

/// The parts of a text that are each of one script and font, in the order of writing.
fn segments(cases: &mut Cases<'_>, text: &str) -> Vec<(Range<usize>, usize)> {
    let mut segments: Vec<(Range<usize>, usize)> = Vec::new();
    let mut script = None;
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        let own = Some(letter.script()).filter(|own| !matches!(own, Script::Common | Script::Inherited));
        let last = segments.last_mut();
        let font = match &last {
            // Marks go with their letter; spaces and signs with what they stand beside, where its font has them.
            Some((_, font)) if letter.script() == Script::Inherited => *font,
            Some((_, font)) if own.is_none() && cases.has(*font, letter) => *font,
            _ => cases.of(letter),
        };
        let same_script = own.is_none() || script.is_none() || own == script;
        script = own.or(script);
        match last {
            Some((range, other)) if *other == font && same_script => range.end = end,
            _ => segments.push((at..end, font)),
        }
    }
    segments
}

/// The glyphs of letters of one script, in one font.
fn shape(cases: &Cases<'_>, font: usize, text: &str, direction: Option<Direction>) -> Option<Run> {
    let loaded = cases.font(font)?;
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    if let Some(direction) = direction {
        buffer.set_direction(direction);
    }
    let shaped = loaded.shape(buffer)?;
    let mut clusters: Vec<usize> = shaped.glyph_infos().iter().map(|info| info.cluster as usize).collect();
    clusters.sort_unstable();
    let size = loaded.font.units_per_em();
    #[expect(clippy::cast_precision_loss, reason = "distances within a font are small")]
    let part = |distance: i32| distance as f32 / size;
    let (mut glyphs, mut width) = (Vec::new(), 0.0);
    for (info, place) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
        let begin = info.cluster as usize;
        let behind = clusters.partition_point(|cluster| *cluster <= begin);
        let end = clusters.get(behind).copied().unwrap_or(text.len());
        width += part(place.x_advance);
        glyphs.push(KrillaGlyph::new(
            GlyphId::new(info.glyph_id),
            part(place.x_advance),
            part(place.x_offset),
            part(place.y_offset),
            part(place.y_advance),
            begin..end,
            None,
        ));
    }
    Some(Run { font, text: text.to_owned(), glyphs, width })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fonts;

    /// The texts of the runs of each line, from left to right.
    fn set(text: &str, width: f32) -> Vec<String> {
        let fonts = Fonts::new(vec!["/nowhere".into()]);
        let mut cases = Cases::new(&fonts).unwrap();
        let lines = lines(&mut cases, text, width);
        for line in &lines {
            assert!(line.width <= width + 1.0, "{}", line.width);
        }
        lines
            .iter()
            .map(|line| line.runs.iter().map(|run| run.text.as_str()).collect::<Vec<_>>().join("|"))
            .collect()
    }

    #[test]
    fn lines_are_broken_between_words_and_only_then_within() {
        assert_eq!(set("one two three", 100.0), ["one two three"]);
        assert_eq!(set("one two three", 4.4), ["one two", "three"]);
        assert_eq!(set("aaaaaaaaaa", 3.0).concat(), "aaaaaaaaaa");
        assert_eq!(set("", 3.0), [""]);
    }

    #[test]
    fn what_runs_from_right_to_left_begins_on_the_right() {
        assert_eq!(set("שלום abc", 100.0), ["abc|שלום "]);
        assert_eq!(set("abc שלום", 100.0), ["abc |שלום"]);
        let fonts = Fonts::new(vec!["/nowhere".into()]);
        let mut cases = Cases::new(&fonts).unwrap();
        let rtl = |cases: &mut Cases<'_>, text| lines(cases, text, 100.0)[0].rtl;
        assert!(rtl(&mut cases, "שלום abc") && !rtl(&mut cases, "abc שלום"));
        // Letters are joined: three of them are fewer or other glyphs than each alone.
        let joined = &lines(&mut cases, "ببب", 100.0)[0].runs[0];
        let ids: Vec<u32> = joined.glyphs.iter().map(|glyph| glyph.glyph_id.to_u32()).collect();
        assert!(ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
    }

    #[test]
    fn marks_stay_with_their_letter_and_scripts_are_told_apart() {
        assert_eq!(set("Ве\u{301}дьмак Witcher", 100.0), ["Ве\u{301}дьмак |Witcher"]);
    }
}
