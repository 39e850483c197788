//! The program itself, as an operator runs it.
use std::process::Output;

use tokio::process::Command;

use super::{TestApp, logs};

/// The program without a setting from outside: the tests' own variables would be unknown ones. It logs all it can.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mist"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MIST_") {
            command.env_remove(name);
        }
    }
    command.env("RUST_LOG", logs::FILTER);
    command
}

/// Whether the program succeeded, and what it said, in which no secret may be.
pub fn said(output: Output) -> (bool, String) {
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(logs::leaks_in_answer(&said), Vec::<String>::new(), "the program tells secrets");
    (output.status.success(), said)
}

impl TestApp {
    /// The program over this store's folder and database.
    pub fn program(&self) -> Command {
        let config = &self.app.config;
        let mut command = program();
        command
            .arg("--data-dir")
            .arg(&config.data_dir)
            .env("MIST_DATABASE__URL", config.database.url.as_str())
            .current_dir(&config.data_dir);
        command
    }

    /// Runs the program to its end; whether it succeeded, and what it said.
    pub async fn run(&self, arguments: &[&str]) -> (bool, String) {
        said(self.program().args(arguments).output().await.unwrap())
    }
}
