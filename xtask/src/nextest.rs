//! A run of the tests, and how many passed.

use std::fmt;
use std::ops::AddAssign;

use crate::process::{Result, color, command, run_and_listen};

/// How many tests did what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Totals {
    pub fn all_passed(self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

/// Runs the workspace's tests, all or those of `args`, with these variables set.
pub fn run(args: &[&str], variables: &[(&str, &str)]) -> Result<Totals> {
    let mut nextest = command("cargo", &["nextest", "run", "--workspace", "--locked", "--no-tests", "pass"]);
    let profile = if std::env::var_os("CI").is_some() { "ci" } else { "default" };
    nextest.args(["--profile", profile, "--color", color()]).args(args);
    for (name, value) in variables {
        println!("{name}={value}");
        nextest.env(name, value);
    }
    let (status, said) = run_and_listen(&mut nextest)?;
    let totals = said.lines().filter_map(totals).next_back();
    let totals = totals.ok_or_else(|| format!("the tests didn't run to an end ({status})"))?;
    if !status.success() && totals.failed == 0 {
        return Err(format!("no test failed, but their runner did ({status})").into());
    }
    Ok(totals)
}

/// Reads `Summary [   1.234s] 10 tests run: 8 passed (1 slow), 1 failed, 1 timed out, 3 skipped`.
/// Whatever ran (or should have) and didn't pass has failed, by whatever name.
fn totals(line: &str) -> Option<Totals> {
    let plain = without_colors(line);
    let (ran, results) =
        plain.trim_start().strip_prefix("Summary [")?.split_once(']')?.1.split_once(" run:")?;
    let ran = ran.trim().trim_end_matches(" tests").trim_end_matches(" test");
    let planned: u64 = ran.rsplit('/').next()?.parse().ok()?;
    let count = |name: &str| {
        let found = results
            .split(", ")
            .find_map(|part| part.trim().split_once(' ').filter(|(_, what)| what.starts_with(name)));
        found.and_then(|(count, _)| count.parse().ok()).unwrap_or(0)
    };
    let passed: u64 = count("passed");
    Some(Totals { passed, failed: planned.saturating_sub(passed), skipped: count("skipped") })
}

fn without_colors(line: &str) -> String {
    let mut pieces = line.split("\u{1b}[");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    plain.extend(pieces.map(|piece| piece.split_once('m').map_or("", |(_, text)| text)));
    plain
}

#[cfg(test)]
mod tests {
    use super::{Totals, totals};

    #[test]
    fn whatever_ran_and_did_not_pass_has_failed() {
        let line = "     Summary [   1.234s] 10 tests run: 8 passed (1 slow, 1 leaky), 1 failed, 1 timed out, 3 skipped";
        assert_eq!(totals(line), Some(Totals { passed: 8, failed: 2, skipped: 3 }));
    }

    #[test]
    fn a_cancelled_run_has_not_passed() {
        let line = "     Summary [   0.1s] 2/5 tests run: 1 passed, 1 failed, 0 skipped";
        assert_eq!(totals(line), Some(Totals { passed: 1, failed: 4, skipped: 0 }));
    }

    #[test]
    fn colors_are_no_part_of_it() {
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.006s] \u{1b}[1m1\u{1b}[0m test run: \u{1b}[1m1\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m0\u{1b}[0m \u{1b}[33;1mskipped\u{1b}[0m";
        assert_eq!(totals(line), Some(Totals { passed: 1, failed: 0, skipped: 0 }));
    }

    #[test]
    fn other_lines_are_not_it() {
        assert_eq!(totals("        PASS [   0.005s] mist::api checkout"), None);
    }
}
