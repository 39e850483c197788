//! Pages to print: PDF of headings, lines and tables, with text of any script.
//!
//! Text is shaped, runs from right to left where it does, and is broken between lines as its language has it. What the
//! built-in font lacks is printed with fonts found on the machine; those are looked for when they are first needed.
mod document;
mod fonts;
mod layout;
mod print;
mod text;

pub use document::{Align, Block, Column, Document, Table};
pub use fonts::Fonts;
pub use print::print;

/// Why a document could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The built-in font can't be read.
    #[error("the built-in font can't be read")]
    Font,
    /// The PDF can't be written.
    #[error("the PDF can't be written: {0}")]
    Pdf(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> Document {
        let column = |head: &str, share, align| Column { head: head.to_owned(), share, align };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let row = |title: &str| vec![title.to_owned(), "1,234.00 USD".to_owned()];
        let columns = vec![column("Product", 3.0, Align::Start), column("Total", 1.0, Align::Right)];
        let titles = ["Moby-Dick", "שלום (עולם) 2 a", "مرحبا بالعالم", "Ве\u{301}дьмак", "", "a\u{0}\nb"];
        let mut rows: Vec<_> = titles.iter().map(|title| row(title)).collect();
        rows.push(row(&"und so weiter ".repeat(20)));
        rows.push(row(&"W".repeat(200)));
        let table = Table { columns, rows, sums: vec![pair("Total", "1,234.00 USD")] };
        Document {
            title: "Receipt".to_owned(),
            language: "en".to_owned(),
            blocks: vec![
                Block::Lines(vec!["Seller".to_owned(), "Street 1".to_owned()]),
                Block::Heading("Receipt".to_owned()),
                Block::Pairs(vec![pair("Order", "M-1"), pair("Bought by", "עדה")]),
                Block::Table(table),
            ],
        }
    }

    #[test]
    fn the_same_document_is_the_same_bytes() {
        let fonts = Fonts::new(vec!["/nowhere".into()]);
        let (once, again) = (print(&receipt(), &fonts).unwrap(), print(&receipt(), &fonts).unwrap());
        assert!(once.starts_with(b"%PDF-") && once.len() < 60_000, "{}", once.len());
        assert_eq!(once, again);
    }

    #[test]
    fn a_font_says_what_it_lacks() {
        let fonts = Fonts::new(vec!["/nowhere".into()]);
        assert!(fonts.cover("Größe, цена, שלום, مرحبا\n"));
        assert!(!fonts.cover("領収書"));
    }
}
