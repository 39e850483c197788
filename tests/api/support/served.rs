//! The program serving a store beside the test, as an operator runs it.
use std::{fs::File, path::PathBuf, process::Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout},
};

use super::{TestApp, logs, program};

/// `mist serve` beside the test, until it is dropped; then its log is looked through as every store's is.
pub struct Served {
    process: Child,
    log: PathBuf,
    said: Lines<BufReader<ChildStdout>>,
}

impl Served {
    /// Over the database and folder of a test's store; `metrics` is where its metrics are.
    pub fn new(app: &TestApp, metrics: &str) -> Self {
        Self::with(app, metrics, &[])
    }

    /// The same with settings of its own, as variables.
    pub fn with(app: &TestApp, metrics: &str, settings: &[(&str, &str)]) -> Self {
        let config = &app.app.config;
        let log = config.data_dir.join("serve.log");
        let mut process = program()
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(&config.data_dir)
            .env("MIST_DATABASE__URL", config.database.url.as_str())
            .env("MIST_METRICS__LISTEN", metrics)
            .envs(settings.iter().copied())
            .current_dir(&config.data_dir)
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, log, said }
    }

    /// The rest of the next line that begins so.
    pub async fn says(&mut self, beginning: &str) -> String {
        loop {
            let line = self.said.next_line().await.unwrap().expect("it ended");
            if let Some(rest) = line.trim().strip_prefix(beginning) {
                return rest.trim().to_owned();
            }
        }
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Tells it to stop, and waits until it has; how it ended.
    pub async fn stop(&mut self) -> Option<i32> {
        let id = i32::try_from(self.process.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), Signal::TERM).unwrap();
        self.process.wait().await.unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that has ended is no longer there.
        let _ended = self.process.start_kill();
        logs::take_down(&std::fs::read_to_string(&self.log).unwrap());
    }
}
