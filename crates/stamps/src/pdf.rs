//! PDF: a line at the foot of each page, beside all that is drawn there already.
use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary, text_string, xref::XrefType};

use crate::{Result, Unstampable};

/// The name of the line's font among those of a page.
const FONT: &str = "MistOwner";
/// Size of the letters in points, and the least they shrink to on narrow pages.
const LETTERS: f32 = 7.0;
const SMALLEST: f32 = 3.0;
/// Points from the left and lower edge.
const MARGIN: f32 = 14.0;
/// The width of a letter of the font on average, by its size.
const WIDTH: f32 = 0.55;
/// Tables that a page inherits from at most.
const DEEPEST: usize = 64;
/// A page that does not say its size: letter paper.
const PAPER: [f32; 4] = [0.0, 0.0, 612.0, 792.0];

/// Stamps a PDF with a line, of which letters outside of Latin-1 are shown as question marks; programs read it whole.
///
/// # Errors
///
/// When it is no PDF, has no pages, or is encrypted.
pub fn pdf(document: &[u8], line: &str) -> Result<Vec<u8>> {
    let mut document = Document::load_mem(document)?;
    if document.is_encrypted() || document.was_encrypted() {
        return Err(Unstampable::new("it is encrypted"));
    }
    let pages: BTreeSet<ObjectId> = document.page_iter().collect();
    if pages.is_empty() {
        return Err(Unstampable::new("it has no pages"));
    }
    let font = document.try_add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    })?;
    let before = document.try_add_object(Stream::new(Dictionary::new(), b"q\n".to_vec()))?;
    for page in pages {
        draw(&mut document, page, font, before, line)?;
    }
    note(&mut document, line)?;
    let mut bytes = Vec::new();
    match document.reference_table.cross_reference_type {
        XrefType::CrossReferenceStream => document.save_modern(&mut bytes)?,
        XrefType::CrossReferenceTable => document.save_to(&mut bytes)?,
    }
    Ok(bytes)
}

/// Draws the line on a page. What was drawn before stands between `before` and the end of its state, so that nothing of it
/// moves the line.
fn draw(document: &mut Document, page: ObjectId, font: ObjectId, before: ObjectId, line: &str) -> Result<()> {
    let letters: Vec<u8> = line.chars().map(win_ansi).collect();
    let [left, lower, right, _] = visible(document, page);
    let room = (right - left - 2.0 * MARGIN).max(1.0);
    let size = (room / (WIDTH * letters.len().max(1) as f32)).clamp(SMALLEST, LETTERS);
    let hex: String = letters.iter().map(|letter| format!("{letter:02X}")).collect();
    let (x, y) = (left + MARGIN, lower + MARGIN);
    let drawn = format!("\nQ\n/Artifact BMC\nq 0.4 g BT /{FONT} {size} Tf {x} {y} Td <{hex}> Tj ET Q\nEMC\n");
    let after = document.try_add_object(Stream::new(Dictionary::new(), drawn.into_bytes()))?;

    let named = document.get_or_create_resources(page)?.as_dict_mut()?;
    if !named.has(b"Font") {
        named.set("Font", Dictionary::new());
    }
    let fonts = named.get_mut(b"Font")?;
    match fonts.as_reference() {
        Ok(elsewhere) => document.get_dictionary_mut(elsewhere)?.set(FONT, font),
        Err(_) => fonts.as_dict_mut()?.set(FONT, font),
    }

    let old = document.get_dictionary(page)?.get(b"Contents").ok().cloned();
    let mut contents = vec![Object::Reference(before)];
    match old {
        None => {}
        Some(Object::Array(streams)) => contents.extend(streams),
        Some(Object::Reference(id)) => match document.get_object(id)? {
            Object::Array(streams) => contents.extend(streams.iter().cloned()),
            _ => contents.push(Object::Reference(id)),
        },
        Some(_) => return Err(Unstampable::new("a page has odd contents")),
    }
    contents.push(Object::Reference(after));
    document.get_dictionary_mut(page)?.set("Contents", contents);
    Ok(())
}

/// The part of a page that is seen: left, lower, right, upper.
fn visible(document: &Document, page: ObjectId) -> [f32; 4] {
    let inherited = |name: &[u8]| {
        let mut table = document.get_dictionary(page).ok()?;
        for _ in 0..DEEPEST {
            if let Ok(found) = table.get(name) {
                return area(document, found);
            }
            table = document.get_dict_in_dict(table, b"Parent").ok()?;
        }
        None
    };
    inherited(b"CropBox").or_else(|| inherited(b"MediaBox")).unwrap_or(PAPER)
}

fn area(document: &Document, found: &Object) -> Option<[f32; 4]> {
    let (_, found) = document.dereference(found).ok()?;
    let numbers =
        found.as_array().ok()?.iter().map(|number| document.dereference(number).ok()?.1.as_float().ok());
    let [a, b, c, d]: [f32; 4] = numbers.collect::<Option<Vec<f32>>>()?.try_into().ok()?;
    // Any two opposite corners may be named.
    Some([a.min(c), b.min(d), a.max(c), b.max(d)])
}

/// Notes the line among what programs show of a document.
fn note(document: &mut Document, line: &str) -> Result<()> {
    let known = document.trailer.get(b"Info").ok().cloned();
    let id = match known {
        Some(Object::Reference(id)) if document.get_dictionary(id).is_ok() => id,
        Some(Object::Dictionary(inside)) => document.try_add_object(inside)?,
        _ => document.try_add_object(Dictionary::new())?,
    };
    document.get_dictionary_mut(id)?.set("Owner", text_string(line));
    document.trailer.set("Info", id);
    Ok(())
}

/// The byte of a letter in WinAnsiEncoding.
fn win_ansi(letter: char) -> u8 {
    match letter {
        '€' => 0x80,
        '…' => 0x85,
        'Š' => 0x8a,
        'Œ' => 0x8c,
        'Ž' => 0x8e,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        '—' => 0x97,
        'š' => 0x9a,
        'œ' => 0x9c,
        'ž' => 0x9e,
        'Ÿ' => 0x9f,
        ' '..='~' | '\u{a0}'..='ÿ' => u8::try_from(u32::from(letter)).unwrap_or(b'?'),
        _ => b'?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pages, of which the second inherits all that it can, and moves whatever is drawn after it.
    fn document() -> Vec<u8> {
        let mut document = Document::with_version("1.5");
        let pages = document.new_object_id();
        let contents = document.add_object(Stream::new(Dictionary::new(), b"5 0 0 5 300 300 cm".to_vec()));
        let page = |more: Dictionary| {
            let mut page = dictionary! { "Type" => "Page", "Parent" => pages, "Contents" => contents };
            page.extend(&more);
            page
        };
        let own = page(dictionary! { "MediaBox" => vec![300.into(), 0.into(), 0.into(), 200.into()] });
        let own = document.add_object(own);
        let inheriting = document.add_object(page(Dictionary::new()));
        let fonts = document.add_object(dictionary! { "F1" => Dictionary::new() });
        let all = dictionary! {
            "Type" => "Pages", "Kids" => vec![own.into(), inheriting.into()], "Count" => 2,
            "Resources" => dictionary! { "Font" => fonts },
            "MediaBox" => vec![0.into(), 0.into(), 612.into(), 792.into()],
        };
        document.objects.insert(pages, Object::Dictionary(all));
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
        document.trailer.set("Root", catalog);
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn each_page_says_whose_it_is() {
        let stamped = pdf(&document(), "Ada Ł · 7").unwrap();
        assert_eq!(stamped, pdf(&document(), "Ada Ł · 7").unwrap());
        let stamped = Document::load_mem(&stamped).unwrap();
        assert_eq!(stamped.page_iter().count(), 2);
        for page in stamped.page_iter() {
            let drawn = String::from_utf8(stamped.get_page_content(page)).unwrap();
            assert!(drawn.starts_with("q\n") && drawn.contains("300 300 cm") && drawn.contains("\nQ\n"));
            assert!(drawn.contains("<416461203F20B72037> Tj"), "{drawn}");
            let fonts = stamped.get_page_fonts(page).unwrap();
            assert!(fonts.contains_key(&b"F1"[..]) && fonts.contains_key(FONT.as_bytes()));
        }
        let info =
            stamped.get_dictionary(stamped.trailer.get(b"Info").unwrap().as_reference().unwrap()).unwrap();
        assert_eq!(lopdf::decode_text_string(info.get(b"Owner").unwrap()).unwrap(), "Ada Ł · 7");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for bytes in [&b""[..], b"%PDF-1.7", b"no document at all"] {
            assert!(pdf(bytes, "Ada").is_err());
        }
    }
}
