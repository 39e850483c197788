//! The table of figures, each with the bound it is held to.

use std::fmt::Write;

use crate::process::{Result, root};

/// What stands above the sections.
const HEAD: &str = "# Benchmark results\n\nRelease builds; medians of several rounds; each comparison ran in turn with its yardstick on \
    the same machine.\nYardsticks: the same bytes from memory by a bare axum route (`bench/`), nginx with `sendfile`, pgbench, bare \
    Argon2id.\n";

/// What a figure must be.
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
    None,
}

/// The figures so far.
#[derive(Default)]
pub struct Report(Vec<(String, String, String, bool)>);

impl Report {
    pub fn figure(&mut self, what: &str, shown: &str, value: f64, bound: Bound) {
        let (asked, holds) = match bound {
            Bound::AtLeast(least) => (format!("≥ {least}"), value >= least),
            Bound::AtMost(most) => (format!("≤ {most}"), value <= most),
            Bound::None => ("—".to_owned(), true),
        };
        println!("{what}: {shown} ({asked})");
        self.0.push((what.to_owned(), shown.to_owned(), asked, holds));
    }

    pub fn holds(&self) -> bool {
        self.0.iter().all(|(.., holds)| *holds)
    }

    /// Writes the figures into bench/RESULTS.md as the section of that title, in the place of an earlier one.
    pub fn write(&self, title: &str, command: &str) -> Result<()> {
        let path = root().join("bench/RESULTS.md");
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        let heading = format!("## {title}\n");
        let mut text = HEAD.to_owned();
        for section in before.split("\n## ").skip(1).map(|section| format!("## {section}")) {
            if !section.starts_with(&heading) {
                let _ = write!(text, "\n{}\n", section.trim_end());
            }
        }
        let _ = write!(text, "\n{heading}\n{}", self.table(command));
        std::fs::write(path, text)?;
        println!("{}", self.table(command));
        Ok(())
    }

    fn table(&self, command: &str) -> String {
        let mut table = format!("`{command}`\n\n| measured | figure | bound | holds |\n|---|---|---|---|\n");
        for (what, shown, asked, holds) in &self.0 {
            let _ =
                writeln!(table, "| {what} | {shown} | {asked} | {} |", if *holds { "yes" } else { "**no**" });
        }
        table
    }
}
