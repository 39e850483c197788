//! The table of figures, each with the bound it is held to.

use std::fmt::Write;

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

    pub fn table(&self) -> String {
        let mut table = String::from(
            "# Benchmark results\n\nWritten by `cargo xtask bench` (release build; medians of several rounds; each \
             comparison ran in turn with its yardstick on the same machine).\nYardsticks: the same bytes from memory by a \
             bare axum route (`bench/`), nginx with `sendfile`, pgbench, bare Argon2id.\n\n| measured | figure | bound | holds |\n|---|---|---|---|\n",
        );
        for (what, shown, asked, holds) in &self.0 {
            let _ =
                writeln!(table, "| {what} | {shown} | {asked} | {} |", if *holds { "yes" } else { "**no**" });
        }
        table
    }
}
