//! What is printed.

/// A document, from top to bottom.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// What programs call it.
    pub title: String,
    /// BCP 47.
    pub language: String,
    /// Its parts.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Clone, Debug)]
pub enum Block {
    /// A line in large letters.
    Heading(String),
    /// Lines, one below the other.
    Lines(Vec<String>),
    /// Names and what they stand for.
    Pairs(Vec<(String, String)>),
    /// Rows and columns.
    Table(Table),
}

/// Rows and columns, with sums below.
#[derive(Clone, Debug)]
pub struct Table {
    /// From left to right.
    pub columns: Vec<Column>,
    /// A text for each column.
    pub rows: Vec<Vec<String>>,
    /// Names and amounts below the last column.
    pub sums: Vec<(String, String)>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// What stands above it.
    pub head: String,
    /// How much of the width is its own, in parts of all shares.
    pub share: f32,
    /// On which side its texts are.
    pub align: Align,
}

/// On which side a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Where its script begins.
    Start,
    /// On the right.
    Right,
}
