//! Importing a catalog: one product a line, any number of lines, in the same memory.
//!
//! Lines are written in batches, one transaction each. A line that can't be written fails alone: its batch is then
//! written line by line.
mod batch;
mod batches;
mod changes;
mod desired;
mod labels;
mod line;
mod lines;
mod sales;

use serde::Serialize;
use tokio::io::AsyncBufRead;
use utoipa::ToSchema;
use uuid::Uuid;

use self::{
    batch::{Outcome, Source},
    batches::Batches,
    line::Wanted,
};
use super::queries;
use crate::{
    clock::Clock,
    db::Db,
    error::{Error, Result},
    languages::Language,
};

/// Bad lines that are told at most; all are counted.
const MOST_ERRORS: usize = 1000;

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
    input: impl AsyncBufRead + Unpin + Send,
) -> Result<Tally> {
    let mut import = Import { source: Source { db, clock, actor }, language, tally: Tally::default() };
    let mut batches = Batches::of(input);
    let mut batch = batches.next().await;
    while !batch.is_empty() {
        // The next lines are read while these are written.
        let (written, next) = tokio::join!(import.write(batch.lines), batches.next());
        written?;
        for (number, error) in &batch.refused {
            import.refuse(*number, error);
        }
        batch.failure.map_or(Ok(()), Err)?;
        batch = next;
    }
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
}

impl Import<'_> {
    async fn write(&mut self, lines: Vec<(u64, Wanted)>) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        match self.source.write(&lines).await {
            Ok(outcomes) => self.count(&lines, outcomes),
            Err(error) if is_a_lines_fault(&error) => {
                for line in lines.chunks(1) {
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
