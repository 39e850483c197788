//! Servers of others in Python that the tests start: each tells in one line of JSON how it is reached.
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

/// A running server, which ends with its standard input.
pub struct Running {
    child: Child,
    /// What it told of itself.
    pub told: Value,
}

impl Running {
    /// Starts a script by the Python that a variable of `cargo xtask test` names.
    pub fn start(variable: &str, script: &str) -> Self {
        let python = std::env::var(variable)
            .unwrap_or_else(|_| panic!("{variable}: run this by `cargo xtask test FILTER`"));
        let mut child = Command::new(python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let told =
            lines.find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("{script} did not start"));
        Self { child, told: serde_json::from_str(&told).unwrap() }
    }

    /// One thing that it told.
    pub fn text(&self, name: &str) -> &str {
        self.told[name].as_str().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
