//! Importing a catalog: one product a line, any number of lines, in the same memory.
//!
//! Lines are written in batches, one transaction each. A line that can't be written fails alone: its batch is then
//! written line by line.
mod batch;
mod changes;
mod desired;
mod labels;
mod line;
mod lines;

use std::collections::HashSet;

use serde::Serialize;
use tokio::io::AsyncBufRead;
use utoipa::ToSchema;
use uuid::Uuid;

use self::{
    batch::{Outcome, Source},
    line::Wanted,
    lines::Line,
};
use super::queries;
use crate::{
    clock::Clock,
    db::Db,
    error::{Error, Refusal, Result},
    languages::Language,
};

/// Lines of one transaction at most.
const BATCH_LINES: usize = 50;
/// Bytes of the lines of one transaction, beyond which no further line joins it.
const BATCH_BYTES: usize = 1024 * 1024;
/// Bad lines that are told at most; all are counted.
const MOST_ERRORS: usize = 1000;

const LINE_TOO_LONG: Refusal = Refusal::invalid("line_too_long", "A line has at most 1 MiB.");
const INCOMPLETE: Refusal = Refusal::malformed("incomplete_body", "The lines broke off.");

/// What became of the lines of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub struct Tally {
    /// Lines that made a product.
    pub created: u64,
    /// Lines of products that were there; a product that is as its line says is left as it is.
    pub updated: u64,
    /// Lines that were refused.
    pub failed: u64,
    /// What was wrong with the first 1000 of them.
    pub errors: Vec<BadLine>,
}

/// A line that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BadLine {
    /// From 1, blank lines counted.
    pub line: u64,
    /// A stable word, such as `slug_taken`.
    pub code: String,
    /// A sentence.
    pub message: String,
}

/// Imports lines of products; `actor` is who does it, none for the command line, and is told in `language` what is wrong.
///
/// What was written before a failure of the database or of `input` stays written: the same lines can be sent again.
pub async fn import(
    db: &Db,
    clock: &Clock,
    actor: Option<Uuid>,
    language: Language,
    mut input: impl AsyncBufRead + Unpin + Send,
) -> Result<Tally> {
    let source = Source { db, clock, actor };
    let mut import = Import { source, language, tally: Tally::default(), batch: Batch::default() };
    let mut number = 0;
    while let Some(line) = lines::next(&mut input).await.map_err(|_| INCOMPLETE)? {
        number += 1;
        match line {
            Line::TooLong => import.refuse(number, &LINE_TOO_LONG.into()),
            Line::Bytes(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => {}
            Line::Bytes(bytes) => match line::read(&bytes) {
                Ok(wanted) => import.take(number, bytes.len(), wanted).await?,
                Err(error) => import.refuse(number, &error),
            },
        }
    }
    import.flush().await?;
    if import.tally.created > 0 {
        db.write(async |tx| Ok(queries::count_anew(tx).await?)).await?;
    }
    import.tally.errors.sort_by_key(|bad| bad.line);
    Ok(import.tally)
}

struct Import<'a> {
    source: Source<'a>,
    language: Language,
    tally: Tally,
    batch: Batch,
}

/// Lines that are written together: no two of one product.
#[derive(Default)]
struct Batch {
    lines: Vec<(u64, Wanted)>,
    products: HashSet<String>,
    bytes: usize,
}

impl Import<'_> {
    async fn take(&mut self, number: u64, bytes: usize, wanted: Wanted) -> Result<()> {
        let full = self.batch.lines.len() >= BATCH_LINES || self.batch.bytes >= BATCH_BYTES;
        if full || self.batch.products.contains(wanted.line.external_id.as_str()) {
            self.flush().await?;
        }
        self.batch.products.insert(wanted.line.external_id.to_string());
        self.batch.bytes += bytes;
        self.batch.lines.push((number, wanted));
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        if batch.lines.is_empty() {
            return Ok(());
        }
        match self.source.write(&batch.lines).await {
            Ok(outcomes) => self.count(&batch.lines, outcomes),
            Err(error) if is_a_lines_fault(&error) => {
                for line in batch.lines.chunks(1) {
                    match self.source.write(line).await {
                        Ok(outcomes) => self.count(line, outcomes),
                        Err(error) if is_a_lines_fault(&error) => {
                            self.count(line, vec![Outcome::Refused(error)]);
                        }
                        Err(error) => return Err(error),
                    }
                }
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn count(&mut self, lines: &[(u64, Wanted)], outcomes: Vec<Outcome>) {
        for ((number, _), outcome) in lines.iter().zip(outcomes) {
            match outcome {
                Outcome::Created => self.tally.created += 1,
                Outcome::Updated => self.tally.updated += 1,
                Outcome::Refused(error) => self.refuse(*number, &error),
            }
        }
    }

    fn refuse(&mut self, line: u64, error: &Error) {
        self.tally.failed += 1;
        if self.tally.errors.len() < MOST_ERRORS {
            self.tally.errors.push(BadLine {
                line,
                code: error.code().to_owned(),
                message: error.message(self.language),
            });
        }
    }
}

/// Whether another line might fare better.
fn is_a_lines_fault(error: &Error) -> bool {
    matches!(error, Error::Refused(..) | Error::Invalid(_))
}
