//! The places between two steps of a payment, as the store's own sources name them.

use std::fs;

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
        let mut all = Vec::new();
        for entry in fs::read_dir(root().join(FOLDER))? {
            let path = entry?.path();
            if path.extension().is_some_and(|kind| kind == "rs") {
                let code = fs::read_to_string(path)?;
                let names = code.split(CALL).skip(1).filter_map(|rest| rest.split('"').next());
                all.extend(names.map(|name| (name.to_owned(), 0, 0)));
            }
        }
        all.sort();
        Ok(Self { all, turn: 0 })
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

    pub(super) fn print(&self) {
        for (name, tried, hits) in &self.all {
            println!("ended at {name}: {hits} of {tried} times");
        }
    }
}

pub(super) fn is_reconcilers(place: &str) -> bool {
    place == RECONCILERS
}
