//! EPUB: the archive again, entry by entry, with one page more and a package document that knows it.
use std::io::{Cursor, Read, Write};

use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{Result, Unstampable, package};

/// The first entry, stored as it is, by which programs know an EPUB.
const TYPE: (&str, &str) = ("mimetype", "application/epub+zip");
/// Where the package document is named.
const CONTAINER: &str = "META-INF/container.xml";
/// Bytes of a document that is read at most: more than the largest books need.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Stamps an EPUB with a line.
///
/// # Errors
///
/// When it is no EPUB whose package document can be found and read.
pub fn epub(book: &[u8], line: &str) -> Result<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(book))?;
    let container = text(&mut archive, CONTAINER)?;
    let place = package::place(&container).ok_or_else(|| Unstampable::new("it names no package document"))?;
    let old = text(&mut archive, &place)?;
    let folder = place.rfind('/').map_or("", |end| place.get(..=end).unwrap_or_default());
    let id = (0..)
        .map(|number: u32| format!("mist-owner-{number}"))
        .find(|id| {
            !old.contains(id.as_str()) && archive.index_for_name(&format!("{folder}{id}.xhtml")).is_none()
        })
        .ok_or_else(|| Unstampable::new("it has no room for a page"))?;
    let new = package::stamped(&old, &id, line)?;

    let mut copy = ZipWriter::new(Cursor::new(Vec::with_capacity(book.len())));
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    copy.start_file(TYPE.0, options.compression_method(CompressionMethod::Stored))?;
    copy.write_all(TYPE.1.as_bytes())?;
    let options = options.compression_method(CompressionMethod::Deflated);
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at)?;
        let name = entry.name()?.into_owned();
        match name.as_str() {
            name if name == TYPE.0 => {}
            name if name == place => {
                copy.start_file(&place, options)?;
                copy.write_all(new.as_bytes())?;
            }
            _ => copy.raw_copy_file(entry)?,
        }
    }
    copy.start_file(format!("{folder}{id}.xhtml"), options)?;
    copy.write_all(package::page(line).as_bytes())?;
    Ok(copy.finish()?.into_inner())
}

/// An entry that is text.
fn text(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<String> {
    let mut bytes = Vec::new();
    archive.by_name(name)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(Unstampable::new(format!("{name} is too long")));
    }
    String::from_utf8(bytes).map_err(|_| Unstampable::new(format!("{name} is not UTF-8")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGE: &str = r#"<?xml version="1.0"?><opf:package xmlns:opf="http://www.idpf.org/2007/opf" version="3.0">
<opf:metadata></opf:metadata><opf:manifest><opf:item id="a" href="a.xhtml"/></opf:manifest>
<opf:spine><opf:itemref idref="a"/></opf:spine></opf:package>"#;

    fn book(package: &str) -> Vec<u8> {
        let mut book = ZipWriter::new(Cursor::new(Vec::new()));
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let deflated = stored.compression_method(CompressionMethod::Deflated);
        let container =
            r#"<container><rootfiles><rootfile full-path="OEBPS/a.opf"/></rootfiles></container>"#;
        for (name, bytes, options) in [
            ("mimetype", TYPE.1, stored),
            (CONTAINER, container, deflated),
            ("OEBPS/a.opf", package, deflated),
            ("OEBPS/a.xhtml", "<html/>", deflated),
        ] {
            book.start_file(name, options).unwrap();
            book.write_all(bytes.as_bytes()).unwrap();
        }
        book.finish().unwrap().into_inner()
    }

    #[test]
    fn a_page_more_says_whose_it_is() {
        let stamped = epub(&book(PACKAGE), "Ada <& Co>").unwrap();
        assert_eq!(stamped, epub(&book(PACKAGE), "Ada <& Co>").unwrap());
        let mut archive = ZipArchive::new(Cursor::new(stamped.as_slice())).unwrap();
        assert_eq!(archive.by_index(0).unwrap().name().unwrap(), "mimetype");
        assert_eq!(archive.by_index(0).unwrap().compression(), CompressionMethod::Stored);
        assert_eq!(text(&mut archive, "OEBPS/a.xhtml").unwrap(), "<html/>");
        let page = text(&mut archive, "OEBPS/mist-owner-0.xhtml").unwrap();
        assert!(page.contains("<p>Ada &lt;&amp; Co&gt;</p>"), "{page}");
        // And once more by somebody else.
        let again = epub(&stamped, "Bob").unwrap();
        let mut archive = ZipArchive::new(Cursor::new(again.as_slice())).unwrap();
        assert!(text(&mut archive, "OEBPS/mist-owner-1.xhtml").unwrap().contains("Bob"));
        assert!(text(&mut archive, "OEBPS/mist-owner-0.xhtml").unwrap().contains("Ada"));
    }

    #[test]
    fn what_is_no_book_is_refused() {
        for bytes in [&b""[..], b"no archive", &book("<package/>"), &book("\u{feff}")] {
            assert!(epub(bytes, "Ada").is_err());
        }
    }
}
