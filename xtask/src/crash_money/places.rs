//! The places between two steps of a payment, as the store's own sources name them.

use std::fs;
use std::path::Path;

use crate::process::{Result, root};

/// How a place stands in the sources.
const CALL: &str = "failpoint::reach(\"";
/// Where they are.
const FOLDER: &str = "src/checkout";
/// Reached by `mist reconcile`, for the store itself looks too seldom.
const RECONCILERS: &str = "payment_looked_at";

/// Each place, how often it was tried and how often it was reached.
pub(super) struct Places {
    all: Vec<(String, u32, u32)>,
    turn: usize,
}

impl Places {
    pub(super) fn read() -> Result<Self> {
        let mut names = Vec::new();
        below(&root().join(FOLDER), &mut names)?;
        names.sort();
        names.dedup();
        Ok(Self { all: names.into_iter().map(|name| (name, 0, 0)).collect(), turn: 0 })
    }

    /// One after the other.
    pub(super) fn next(&mut self) -> Option<String> {
        let at = self.turn % self.all.len().max(1);
        self.turn += 1;
        self.all.get(at).map(|(name, ..)| name.clone())
    }

    pub(super) fn note(&mut self, place: &str, reached: bool) {
        if let Some((_, tried, hits)) = self.all.iter_mut().find(|(name, ..)| name == place) {
            *tried += 1;
            *hits += u32::from(reached);
        }
    }

    /// What was tried and never reached.
    pub(super) fn never_reached(&self) -> Vec<String> {
        let never = self.all.iter().filter(|(_, tried, hits)| *tried > 0 && *hits == 0);
        never.map(|(name, ..)| name.clone()).collect()
    }

    /// What there were too few rounds for.
    pub(super) fn not_tried(&self) -> Vec<&str> {
        self.all.iter().filter(|(_, tried, _)| *tried == 0).map(|(name, ..)| name.as_str()).collect()
    }

    pub(super) fn print(&self) {
        for (name, tried, hits) in &self.all {
            println!("ended at {name}: {hits} of {tried} times");
        }
    }
}

/// The places of the sources in a folder and in those in it.
fn below(folder: &Path, names: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            below(&path, names)?;
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let code = fs::read_to_string(path)?;
            names.extend(
                code.split(CALL).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned),
            );
        }
    }
    Ok(())
}

pub(super) fn is_reconcilers(place: &str) -> bool {
    place == RECONCILERS
}
