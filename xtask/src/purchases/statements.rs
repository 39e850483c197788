//! What a purchase asks of PostgreSQL, by its own log, and pgbench asking as much.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::process::Command;

use crate::process::Result;

/// Clients of pgbench: as many as buy at once.
const CLIENTS: &str = "--client=16";
/// 100,000 rows each: so many that updates seldom meet.
const SCALE: &str = "--scale=16";

/// Statements of one purchase.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Statements {
    /// Inside of transactions that write.
    pub(super) reads: f64,
    /// Outside of them, each its own.
    pub(super) lone_reads: f64,
    pub(super) inserts: f64,
    pub(super) updates: f64,
    pub(super) commits: f64,
}

impl Statements {
    /// Of a part of PostgreSQL's log that was written with `log_statement=all`.
    pub(super) fn of(log: &str) -> Self {
        let (mut counted, mut open) = (Self::default(), HashSet::new());
        for line in log.lines() {
            let Some((process, statement)) = statement(line) else { continue };
            let verb = statement.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "BEGIN" => {
                    open.insert(process.to_owned());
                }
                "COMMIT" | "ROLLBACK" => {
                    open.remove(process);
                    counted.commits += 1.0;
                }
                "INSERT" => counted.inserts += 1.0,
                "UPDATE" | "DELETE" => counted.updates += 1.0,
                "SELECT" | "WITH" if open.contains(process) => counted.reads += 1.0,
                "SELECT" | "WITH" => counted.lone_reads += 1.0,
                _ => {}
            }
        }
        counted
    }

    /// What is left of many purchases for one, without what the store did anyway meanwhile.
    pub(super) fn each(self, idle: Self, purchases: f64) -> Self {
        let one = |all: f64, idle: f64| ((all - idle) / purchases).max(0.0).round();
        Self {
            reads: one(self.reads, idle.reads),
            lone_reads: one(self.lone_reads, idle.lone_reads),
            inserts: one(self.inserts, idle.inserts),
            updates: one(self.updates, idle.updates),
            commits: one(self.commits, idle.commits),
        }
    }

    /// All of them, without the begin and end of transactions.
    pub(super) fn all(self) -> f64 {
        self.reads + self.lone_reads + self.inserts + self.updates
    }

    /// The same as a script of pgbench.
    fn script(self) -> String {
        let mut script = String::new();
        let mut say = |times: f64, statement: &str| {
            #[expect(clippy::cast_possible_truncation, reason = "a small whole number")]
            for _ in 0..times as i64 {
                let _ = writeln!(script, "\\set aid random(1, 100000 * :scale)\n{statement}");
            }
        };
        let read = "SELECT abalance FROM pgbench_accounts WHERE aid = :aid;";
        let update = "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid;";
        let insert = "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (1, 1, :aid, 1, CURRENT_TIMESTAMP);";
        say(self.lone_reads, read);
        let commits = self.commits.max(1.0);
        let part = |all: f64, number: f64| {
            (all * (number + 1.0) / commits).floor() - (all * number / commits).floor()
        };
        let mut number = 0.0;
        while number < commits {
            say(1.0, "BEGIN;");
            say(part(self.reads, number), read);
            say(part(self.inserts, number), insert);
            say(part(self.updates, number), update);
            say(1.0, "END;");
            number += 1.0;
        }
        script
    }
}

/// The process and the statement of a line of the log: `… [123] LOG:  execute sqlx_s_1: SELECT …`.
fn statement(line: &str) -> Option<(&str, &str)> {
    let (before, said) = line.split_once(" LOG:  ")?;
    let process = before.rsplit_once('[')?.1.trim_end_matches(']');
    let statement = match said.strip_prefix("statement: ") {
        Some(statement) => statement,
        None => said.strip_prefix("execute ")?.split_once(": ")?.1,
    };
    Some((process, statement))
}

/// Prepares the tables of pgbench.
pub(super) fn prepare(database: &str) -> Result<()> {
    let output = pgbench()?.args(["--initialize", "--quiet", SCALE, database]).output()?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
    }
}

/// How often a second pgbench does what so many statements are.
pub(super) fn rate(database: &str, seconds: u32, statements: Statements) -> Result<f64> {
    let script = tempfile::NamedTempFile::new()?;
    std::fs::write(script.path(), statements.script())?;
    let mut pgbench = pgbench()?;
    pgbench.args([
        CLIENTS,
        "--protocol=prepared",
        "--no-vacuum",
        "--max-tries=5",
        &format!("--time={seconds}"),
    ]);
    let output = pgbench.arg("--file").arg(script.path()).arg(database).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = rate.and_then(|rate| rate.split_whitespace().next());
    let complained = String::from_utf8_lossy(&output.stderr);
    Ok(rate.ok_or_else(|| format!("pgbench said nothing: {complained}"))?.parse()?)
}

fn pgbench() -> Result<Command> {
    Ok(Command::new(crate::postgres::programs().ok_or("PostgreSQL is not installed")?.join("pgbench")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_tells_what_was_asked_inside_and_outside_of_transactions() {
        let log = "2026-11-27 12:00:00.000 UTC [7] LOG:  statement: BEGIN\n\
            2026-11-27 12:00:00.000 UTC [7] LOG:  execute sqlx_s_1: SELECT 1 FROM account\n\
            2026-11-27 12:00:00.000 UTC [8] LOG:  execute sqlx_s_2: SELECT 2\n\
            2026-11-27 12:00:00.000 UTC [7] LOG:  execute sqlx_s_3: INSERT INTO orders\n\
            2026-11-27 12:00:00.000 UTC [7] DETAIL:  parameters: $1 = 'x'\n\
            2026-11-27 12:00:00.000 UTC [7] LOG:  statement: COMMIT\n";
        let counted = Statements::of(log);
        assert_eq!(
            (counted.reads, counted.lone_reads, counted.inserts, counted.commits),
            (1.0, 1.0, 1.0, 1.0)
        );
        assert_eq!(counted.script().matches("SELECT").count(), 2);
        assert_eq!(counted.script().matches("END;").count(), 1);
    }
}
