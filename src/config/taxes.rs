//! Which taxes are on what is sold.
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::lenient;
use crate::values::{BasisPoints, Country};

/// Taxes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Taxes {
    /// Whether the store charges any.
    #[serde(deserialize_with = "lenient::number")]
    pub collect: bool,
    /// Whether prices include them; else they are added.
    #[serde(deserialize_with = "lenient::number")]
    pub included: bool,
    /// Rates that come before the table's: `NO:25`, `NO:ebook:0`.
    #[serde(deserialize_with = "lenient::list")]
    pub rates: Vec<OwnRate>,
    /// What becomes of an order of which too little tells where its buyer is.
    pub evidence: PlaceEvidence,
}

/// What becomes of an order of which fewer than two things say that its buyer is in the country whose tax it bears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceEvidence {
    /// Nothing.
    Off,
    /// It is placed, and counted.
    #[default]
    Warn,
    /// It is refused.
    Enforce,
}

impl Default for Taxes {
    fn default() -> Self {
        Self { collect: true, included: true, rates: Vec::new(), evidence: PlaceEvidence::default() }
    }
}

/// A rate of the store's own, of one kind of product or of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnRate {
    /// Where the buyer is.
    pub country: Country,
    /// `game`, `software` or `ebook`; none: all.
    pub kind: Option<String>,
    /// What is charged.
    pub rate: BasisPoints,
}

/// What a product may be.
const KINDS: [&str; 3] = ["game", "software", "ebook"];

impl FromStr for OwnRate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let (country, kind, rate) = match parts.as_slice() {
            [country, rate] => (*country, None, *rate),
            [country, kind, rate] if KINDS.contains(kind) => (*country, Some((*kind).to_owned()), *rate),
            _ => return Err("is not of the form `DE:19` or `DE:ebook:7`".to_owned()),
        };
        let country = Country::parse(country).map_err(|invalid| invalid.message.to_string())?;
        Ok(Self { country, kind, rate: rate.parse()? })
    }
}

impl Serialize for OwnRate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = self.kind.iter().map(|kind| format!("{kind}:")).collect::<String>();
        serializer.collect_str(&format_args!("{}:{kind}{}", self.country, self.rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_as_it_is_written() {
        for text in ["DE:19", "DE:ebook:7", "FI:25.5", "CH:8.1", "XK:0"] {
            let read = text.parse::<OwnRate>();
            if text.starts_with("XK") {
                assert!(read.is_err(), "no country of ISO 3166-1");
            } else {
                assert_eq!(serde_json::to_value(read.unwrap()).unwrap(), text);
            }
        }
        for wrong in ["DE", "DE:", "DE:x:7", "DE:101", "DE:-1", "DE:1.234", "DE:ebook:7:1"] {
            assert!(wrong.parse::<OwnRate>().is_err(), "{wrong}");
        }
    }
}
