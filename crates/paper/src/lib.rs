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
