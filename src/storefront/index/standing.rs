//! What the operator is told of the indexes below a data folder, and how one is asked to be built anew.
use search::Standing;

use super::{document::VERSION, home::places};
use crate::{
    config::Config,
    error::{Error, Result},
};

/// An index below this data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexStanding {
    /// The folder's number.
    pub name: String,
    /// Whether a process answers from it now.
    pub is_held: bool,
    /// How it stood at its last commit; none where it can't be read.
    pub found: Option<Standing>,
    /// Whether this version of the store can use it.
    pub is_of_this_version: bool,
}

impl IndexStanding {
    /// The last event of the log that it shows.
    pub fn place(&self) -> Option<i64> {
        self.found.as_ref()?.note.as_deref()?.parse().ok()
    }
}

/// The indexes below the data folder of some settings, whether or not a store is running.
pub fn indexes(config: &Config) -> Result<Vec<IndexStanding>> {
    let mut standings = Vec::new();
    for place in places(&config.folder("index"))? {
        let found = Standing::of(&place.folder).map_err(Error::unexpected)?;
        standings.push(IndexStanding {
            name: place.folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            is_held: place.is_held,
            is_of_this_version: found.as_ref().is_some_and(|found| found.version == VERSION),
            found,
        });
    }
    Ok(standings)
}

/// Asks every copy that answers from an index below this data folder to build it anew while it serves; says how many
/// there are. They do so within a second.
pub fn ask_to_rebuild(config: &Config) -> Result<usize> {
    let mut asked = 0;
    for place in places(&config.folder("index"))?.iter().filter(|place| place.is_held) {
        place.ask_anew()?;
        asked += 1;
    }
    Ok(asked)
}
