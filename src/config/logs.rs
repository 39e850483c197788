//! How the log is written.
use serde::{Deserialize, Serialize};

/// The log, on standard error; `RUST_LOG` says how much of it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Logs {
    /// `text`: lines for people; `json`: an object a line, for programs.
    pub format: LogFormat,
}

/// The forms of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}
