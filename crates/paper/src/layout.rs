//! Where everything stands: blocks become lines and rules on pages of A4.
use crate::{
    document::{Align, Block, Column, Document, Table},
    fonts::Cases,
    text::{self, Line},
};

/// A4, in points.
pub(crate) const PAGE: (f32, f32) = (595.0, 842.0);
/// Left free on every side.
const MARGIN: f32 = 56.0;
/// Letters of everything but headings.
pub(crate) const SIZE: f32 = 9.5;
const HEADING: f32 = 17.0;
/// From one line to the next, in sizes of the letters.
const LEADING: f32 = 1.4;
/// From a line's top to its letters' feet, in sizes of the letters.
const ASCENT: f32 = 1.0;
/// Between blocks.
const GAP: f32 = 14.0;
/// Between a table's rows, above and below.
const PADDING: f32 = 3.0;
/// Between columns.
const GUTTER: f32 = 8.0;
/// What of the width the names of pairs have.
const NAMES: f32 = 0.3;
/// What of the width the names of sums have; the amounts have the rest.
const SUMS: f32 = 0.75;

/// Something on a page.
pub(crate) enum Mark {
    /// Letters whose feet are there.
    Text { x: f32, y: f32, size: f32, line: Line },
    /// A thin line to the right.
    Rule { x: f32, y: f32, width: f32 },
}

/// A box that text is put into.
#[derive(Clone, Copy)]
struct Cell {
    x: f32,
    width: f32,
    align: Align,
}

/// The pages of a document.
pub(crate) fn pages(cases: &mut Cases<'_>, document: &Document) -> Vec<Vec<Mark>> {
    let mut layout = Layout { cases, pages: vec![Vec::new()], y: MARGIN };
    for block in &document.blocks {
        layout.block(block);
        layout.y += GAP;
    }
    layout.number();
    layout.pages
}

struct Layout<'a, 'b> {
    cases: &'a mut Cases<'b>,
    pages: Vec<Vec<Mark>>,
    y: f32,
}

/// The width between the margins.
fn whole() -> f32 {
    PAGE.0 - 2.0 * MARGIN
}

impl Layout<'_, '_> {
    fn block(&mut self, block: &Block) {
        let all = Cell { x: MARGIN, width: whole(), align: Align::Start };
        match block {
            Block::Heading(text) => self.row(&[(all, text)], HEADING),
            Block::Lines(lines) => lines.iter().for_each(|line| self.row(&[(all, line)], SIZE)),
            Block::Pairs(pairs) => {
                let name = Cell { width: whole() * NAMES - GUTTER, ..all };
                let value = Cell { x: MARGIN + whole() * NAMES, width: whole() * (1.0 - NAMES), ..all };
                pairs.iter().for_each(|(one, other)| self.row(&[(name, one), (value, other)], SIZE));
            }
            Block::Table(table) => self.table(table),
        }
    }

    fn table(&mut self, table: &Table) {
        let cells = cells(&table.columns);
        let heads: Vec<_> =
            cells.iter().copied().zip(table.columns.iter().map(|column| &column.head)).collect();
        self.row(&heads, SIZE);
        self.rule();
        for row in &table.rows {
            let texts: Vec<_> = cells.iter().copied().zip(row).collect();
            self.row(&texts, SIZE);
        }
        self.rule();
        let right = Align::Right;
        let name = Cell { x: MARGIN, width: whole() * SUMS - GUTTER, align: right };
        let amount = Cell { x: MARGIN + whole() * SUMS, width: whole() * (1.0 - SUMS), align: right };
        table.sums.iter().for_each(|(one, other)| self.row(&[(name, one), (amount, other)], SIZE));
    }

    /// Texts side by side, on the next page if they don't fit on this one.
    fn row(&mut self, texts: &[(Cell, &String)], size: f32) {
        let set: Vec<(Cell, Vec<Line>)> = texts
            .iter()
            .map(|(cell, text)| (*cell, text::lines(self.cases, text, cell.width / size)))
            .collect();
        let most = set.iter().map(|(_, lines)| lines.len()).max().unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "lines of a row are few")]
        let height = most as f32 * size * LEADING + 2.0 * PADDING;
        if self.y + height > PAGE.1 - MARGIN {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
        for (cell, lines) in set {
            let mut y = self.y + PADDING + size * ASCENT;
            for line in lines {
                let right = cell.align == Align::Right || line.rtl;
                let x = if right { cell.x + cell.width - line.width * size } else { cell.x };
                self.put(Mark::Text { x, y, size, line });
                y += size * LEADING;
            }
        }
        self.y += height;
    }

    fn rule(&mut self) {
        self.put(Mark::Rule { x: MARGIN, y: self.y, width: whole() });
    }

    fn put(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Numbers the pages, if there are several.
    fn number(&mut self) {
        let all = self.pages.len();
        if all == 1 {
            return;
        }
        for (index, page) in self.pages.iter_mut().enumerate() {
            let number = format!("{} / {all}", index + 1);
            for line in text::lines(self.cases, &number, whole()) {
                let x = (PAGE.0 - line.width * SIZE) / 2.0;
                page.push(Mark::Text { x, y: PAGE.1 - MARGIN / 2.0, size: SIZE, line });
            }
        }
    }
}

/// Where the columns stand.
fn cells(columns: &[Column]) -> Vec<Cell> {
    let all: f32 = columns.iter().map(|column| column.share).sum();
    let mut x = MARGIN;
    let cells = columns.iter().map(|column| {
        let width = whole() * column.share / all;
        let cell = Cell { x, width: width - GUTTER, align: column.align };
        x += width;
        // What is on the right ends at the margin.
        if column.align == Align::Right { Cell { x: cell.x + GUTTER, ..cell } } else { cell }
    });
    cells.collect()
}
