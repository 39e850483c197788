//! How far something is: bars in a terminal, a line for a file at its beginning and its end elsewhere.
use std::io::{IsTerminal, Write, stderr};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::sizes::bytes;

const TEMPLATE: &str = "{msg:28!} {bar:24} {decimal_bytes:>11} of {decimal_total_bytes:>11}  {decimal_bytes_per_sec:>13}  {eta:>4}";

/// Tells on standard error how far things are.
pub struct Progress {
    bars: Option<MultiProgress>,
}

impl Progress {
    /// Bars where standard error is a terminal, else lines.
    pub fn on_stderr() -> Self {
        Self { bars: stderr().is_terminal().then(MultiProgress::new) }
    }

    /// Says something.
    pub fn say(&self, line: &str) {
        // Best effort: whoever closed standard error does not want to know.
        let _ = match &self.bars {
            Some(bars) => bars.println(line),
            None => writeln!(stderr(), "{line}"),
        };
    }

    pub(crate) fn begin(&self, name: &str, size: u64, done: u64) -> Bar {
        if self.bars.is_none() {
            let rest = if done > 0 { format!(", from {} on", bytes(done)) } else { String::new() };
            self.say(&format!("{name}: {}{rest}", bytes(size)));
        }
        let bar = self.bars.as_ref().map(|bars| {
            let bar = ProgressBar::new(size).with_message(name.to_owned()).with_position(done);
            // The template is a constant; were it wrong, the bar would be a plain one.
            if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
                bar.set_style(style);
            }
            bars.add(bar)
        });
        Bar(bar)
    }
}

/// How far one file is.
#[derive(Clone)]
pub(crate) struct Bar(Option<ProgressBar>);

impl Bar {
    pub(crate) fn advance(&self, bytes: u64) {
        if let Some(bar) = &self.0 {
            bar.inc(bytes);
        }
    }

    pub(crate) fn set(&self, bytes: u64) {
        if let Some(bar) = &self.0 {
            bar.set_position(bytes);
        }
    }

    pub(crate) fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish();
        }
    }
}
