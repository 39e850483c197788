//! Pages become a PDF.
use krilla::{
    Document as Pdf,
    color::rgb,
    geom::{PathBuilder, Point},
    metadata::Metadata,
    page::PageSettings,
    paint::Stroke,
    surface::Surface,
};

use crate::{
    Error,
    document::Document,
    fonts::{Cases, Fonts},
    layout::{self, Mark, PAGE},
    text::Line,
};

/// Points.
const RULE: f32 = 0.6;

/// A document as a PDF, with what it uses of its fonts.
pub fn print(document: &Document, fonts: &Fonts) -> Result<Vec<u8>, Error> {
    let mut cases = Cases::new(fonts)?;
    let pages = layout::pages(&mut cases, document);
    let mut pdf = Pdf::new();
    let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| Error::Pdf("A4".to_owned()))?;
    for marks in pages {
        let mut page = pdf.start_page_with(settings.clone());
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, &cases, mark);
        }
        surface.finish();
        page.finish();
    }
    let about = Metadata::new().title(document.title.clone()).language(document.language.clone());
    pdf.set_metadata(about);
    pdf.finish().map_err(|error| Error::Pdf(format!("{error:?}")))
}

fn draw(surface: &mut Surface<'_>, cases: &Cases<'_>, mark: Mark) {
    match mark {
        Mark::Text { x, y, size, line } => write(surface, cases, (x, y), size, line),
        Mark::Rule { x, y, width } => {
            let mut path = PathBuilder::new();
            path.move_to(x, y);
            path.line_to(x + width, y);
            let stroke = Stroke { paint: rgb::Color::new(0, 0, 0).into(), width: RULE, ..Stroke::default() };
            surface.set_stroke(Some(stroke));
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
            surface.set_stroke(None);
        }
    }
}

fn write(surface: &mut Surface<'_>, cases: &Cases<'_>, (mut x, y): (f32, f32), size: f32, line: Line) {
    for run in line.runs {
        if let Some(loaded) = cases.font(run.font) {
            let start = Point::from_xy(x, y);
            surface.draw_glyphs(start, &run.glyphs, loaded.font.clone(), &run.text, size, false);
        }
        x += run.width * size;
    }
}
