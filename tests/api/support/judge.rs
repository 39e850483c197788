//! Libraries of others that judge what the store makes: `tests/judge.py`, which `cargo xtask test` installs.
use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;

/// What they say of something.
pub fn judge(asked: &Value) -> Value {
    let python =
        std::env::var("MIST_TEST_JUDGE").expect("MIST_TEST_JUDGE: run this by `cargo xtask test FILTER`");
    let mut program = Command::new(python)
        .arg("tests/judge.py")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success(), "tests/judge.py failed");
    serde_json::from_slice(&output.stdout).unwrap()
}
