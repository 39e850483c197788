//! Lines gathered into batches, read ahead of the one that is being written.
use std::collections::HashSet;

use tokio::io::AsyncBufRead;

use super::{
    line::{self, Wanted},
    lines::{self, Line},
};
use crate::error::{Error, Refusal};

/// Lines of one transaction at most.
const BATCH_LINES: usize = 100;
/// Bytes of the lines of one transaction, beyond which no further line joins it.
const BATCH_BYTES: usize = 1024 * 1024;

const LINE_TOO_LONG: Refusal = Refusal::invalid("line_too_long", "A line has at most 1 MiB.");
const INCOMPLETE: Refusal = Refusal::malformed("incomplete_body", "The lines broke off.");

/// The lines of a stream in batches.
pub(super) struct Batches<R> {
    input: R,
    number: u64,
    /// A line that was read and belongs to the next batch.
    held: Option<Numbered>,
}

/// Lines that are written together: no two of one product.
#[derive(Default)]
pub(super) struct Batch {
    /// By their numbers, from 1, blank lines counted.
    pub lines: Vec<(u64, Wanted)>,
    /// Lines that say nothing that can be written.
    pub refused: Vec<(u64, Error)>,
    /// Why no line can be read behind these.
    pub failure: Option<Error>,
    products: HashSet<String>,
    bytes: usize,
}

/// A line that can be written.
struct Numbered {
    number: u64,
    bytes: usize,
    wanted: Wanted,
}

impl<R: AsyncBufRead + Unpin + Send> Batches<R> {
    pub(super) fn of(input: R) -> Self {
        Self { input, number: 0, held: None }
    }

    /// The next batch, empty at the end of the stream.
    pub(super) async fn next(&mut self) -> Batch {
        let mut batch = Batch::default();
        if let Some(held) = self.held.take() {
            batch.add(held);
        }
        while !batch.is_full() {
            let line = match lines::next(&mut self.input).await {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(_) => {
                    batch.failure = Some(INCOMPLETE.into());
                    break;
                }
            };
            self.number += 1;
            match read(self.number, &line) {
                None => {}
                Some(Err(error)) => batch.refused.push((self.number, error)),
                Some(Ok(line)) if batch.has(&line) => {
                    self.held = Some(line);
                    break;
                }
                Some(Ok(line)) => batch.add(line),
            }
        }
        batch
    }
}

impl Batch {
    /// Whether the stream has ended.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.refused.is_empty() && self.failure.is_none()
    }

    fn is_full(&self) -> bool {
        self.lines.len() + self.refused.len() >= BATCH_LINES || self.bytes >= BATCH_BYTES
    }

    fn has(&self, line: &Numbered) -> bool {
        self.products.contains(line.wanted.line.external_id.as_str())
    }

    fn add(&mut self, line: Numbered) {
        self.products.insert(line.wanted.line.external_id.to_string());
        self.bytes += line.bytes;
        self.lines.push((line.number, line.wanted));
    }
}

/// What a line says; none of a blank one.
fn read(number: u64, line: &Line) -> Option<Result<Numbered, Error>> {
    match line {
        Line::TooLong => Some(Err(LINE_TOO_LONG.into())),
        Line::Bytes(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => None,
        Line::Bytes(bytes) => {
            Some(line::read(bytes).map(|wanted| Numbered { number, bytes: bytes.len(), wanted }))
        }
    }
}
