//! How often something may happen: `5/900` is five times in 900 seconds.
use std::{fmt, str::FromStr};

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A count and the seconds it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    most: u32,
    seconds: u32,
}

impl Rate {
    /// That often in so many seconds.
    pub const fn new(most: u32, seconds: u32) -> Self {
        Self { most, seconds }
    }

    /// How often.
    pub fn most(self) -> usize {
        usize::try_from(self.most).unwrap_or(usize::MAX)
    }

    /// In which time.
    pub fn window(self) -> TimeDelta {
        TimeDelta::seconds(self.seconds.into())
    }
}

impl FromStr for Rate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.trim().parse().ok().filter(|number: &u32| *number > 0);
        text.split_once('/')
            .and_then(|(most, seconds)| Some(Self::new(number(most)?, number(seconds)?)))
            .ok_or("must be a count and seconds, each at least 1, such as 5/900")
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.most, self.seconds)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_count_and_seconds() {
        assert_eq!("5/900".parse(), Ok(Rate::new(5, 900)));
        assert_eq!(Rate::new(5, 900).to_string(), "5/900");
        for wrong in ["", "5", "5/", "/900", "0/900", "5/0", "-5/900", "5/900/1", "5000000000/1"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
    }
}
