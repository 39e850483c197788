//! What `mist push` and `mist pull` have in common: which store, with which key, and how the program ends.
use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use courier::{ApiKey, Error, Result, Store};

use super::say_error;

/// Where the key is looked for when no file is named. On a command line every user of the machine could read it.
const VARIABLE: &str = "MIST_API_KEY";

/// The store that is asked.
#[derive(Args)]
pub(crate) struct Server {
    /// The address of the store.
    #[arg(long = "server", value_name = "URL")]
    address: String,
    /// The file that holds the API key; default: the variable MIST_API_KEY.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Send the key over plain HTTP, where anybody on the way can read it.
    #[arg(long)]
    insecure_http: bool,
}

impl Server {
    pub(crate) fn open(&self) -> Result<Store> {
        let key = match &self.key_file {
            Some(file) => ApiKey::read(file)?,
            None => {
                let text = std::env::var(VARIABLE).map_err(|_| {
                    Error::Usage(format!("there is no API key: set {VARIABLE} or --key-file"))
                })?;
                ApiKey::new(&text)?
            }
        };
        Store::new(&self.address, key, self.insecure_http)
    }
}

/// How the program ends.
pub(crate) fn ended(outcome: Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_error(&error.to_string());
            ExitCode::from(error.exit_code())
        }
    }
}

/// A text from a store in one line of a terminal: nothing in it may move the cursor or colour what follows.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_does_not_command_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\r\nc"), "a[2Jbc");
    }
}
