//! A document for printing.
use paper::{Align, Block, Column, Document, Fonts, Table};
use tokio::sync::Semaphore;

use super::{Paper, written::Written};
use crate::{
    app::App,
    config::Store,
    error::{Error, Result},
    languages::Language,
    leisure::at_leisure,
};

/// Documents that are printed at once for those who wait, and as many for mails; the next ones wait.
const PRESSES: usize = 2;

/// What prints, and its fonts.
pub struct Printer {
    fonts: Fonts,
    presses: Semaphore,
    /// Those of mails, lest somebody who waits for a document waits for them.
    mailing: Semaphore,
}

impl Printer {
    /// With the fonts of the settings.
    pub fn new(settings: &Store) -> Self {
        let fonts = Fonts::new(settings.receipt_fonts.clone());
        Self { fonts, presses: Semaphore::new(PRESSES), mailing: Semaphore::new(PRESSES) }
    }
}

/// A document as a PDF in a language: in English where no font has the letters of that language.
pub(in crate::checkout) async fn pdf(app: &App, paper: impl Paper, language: Language) -> Result<Vec<u8>> {
    let _press = app.printer.presses.acquire().await.map_err(Error::unexpected)?;
    tokio::task::spawn_blocking(print(app, paper, language)).await.map_err(Error::unexpected)?
}

/// The same for a mail: those who buy meanwhile go first.
pub(in crate::checkout) async fn mailed_pdf(
    app: &App,
    paper: impl Paper,
    language: Language,
) -> Result<Vec<u8>> {
    let _press = app.printer.mailing.acquire().await.map_err(Error::unexpected)?;
    at_leisure(print(app, paper, language)).await?
}

fn print(
    app: &App,
    paper: impl Paper,
    language: Language,
) -> impl FnOnce() -> Result<Vec<u8>> + Send + 'static {
    let printing = app.clone();
    move || {
        let fonts = &printing.printer.fonts;
        let (written, language) = match paper.write(language) {
            written if fonts.cover(&written.words()) => (written, language),
            _ => (paper.write(Language::english()), Language::english()),
        };
        paper::print(&document(written, language), fonts).map_err(Error::unexpected)
    }
}

impl Written {
    /// What the store itself says in it.
    fn words(&self) -> String {
        let named = self.about.iter().chain(&self.sums).chain(&self.refunds).map(|(name, _)| name.as_str());
        named.chain(self.columns.iter().map(String::as_str)).chain([self.title.as_str()]).collect()
    }
}

fn document(written: Written, language: Language) -> Document {
    let [product, price, discount, total] = written.columns;
    let amount = |head| Column { head, share: 1.2, align: Align::Right };
    let table = Table {
        columns: vec![
            Column { head: product, share: 3.0, align: Align::Start },
            amount(price),
            amount(discount),
            amount(total),
        ],
        rows: written.rows.into_iter().map(Vec::from).collect(),
        sums: written.sums.into_iter().chain(written.refunds).collect(),
    };
    Document {
        title: written.title.clone(),
        language: language.tag().to_owned(),
        blocks: vec![
            Block::Lines(written.seller),
            Block::Heading(written.title),
            Block::Pairs(written.about),
            Block::Table(table),
        ],
    }
}
