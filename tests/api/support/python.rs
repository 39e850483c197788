//! Servers of others in Python that the tests start: each tells in one line of JSON how it is reached.
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Mutex,
};

use serde_json::Value;

/// A running server, which ends with its standard input.
pub struct Running {
    child: Child,
    said: Mutex<BufReader<ChildStdout>>,
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
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let told = document(&mut said).unwrap_or_else(|| panic!("{script} did not start"));
        Self { child, said: Mutex::new(said), told }
    }

    /// What it answers to a line of standard input.
    pub fn ask(&self, asked: &Value) -> Value {
        let mut said = self.said.lock().unwrap();
        writeln!(self.child.stdin.as_ref().unwrap(), "{asked}").unwrap();
        document(&mut *said).unwrap_or_else(|| panic!("no answer to {asked}"))
    }

    /// One thing that it told.
    pub fn text(&self, name: &str) -> &str {
        self.told[name].as_str().unwrap()
    }
}

/// The next line that is a document.
fn document(said: &mut impl BufRead) -> Option<Value> {
    let line = said.lines().map(Result::unwrap).find(|line| line.starts_with('{'))?;
    Some(serde_json::from_str(&line).unwrap())
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
