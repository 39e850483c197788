//! What accounts are told.
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

use super::lenient;

/// Notifications.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notifications {
    /// Streams of one account that each copy keeps open at once.
    #[serde(deserialize_with = "lenient::number")]
    pub streams_per_account: NonZeroU16,
    /// Seconds in which nothing is told on a stream until a sign of life is.
    #[serde(deserialize_with = "lenient::number")]
    pub heartbeat: NonZeroU16,
    /// People who are told of one thing in one transaction.
    #[serde(deserialize_with = "lenient::number")]
    pub batch: NonZeroU16,
    /// Days for which is kept what was read.
    #[serde(deserialize_with = "lenient::number")]
    pub read_days: NonZeroU16,
    /// Days for which is kept what was not.
    #[serde(deserialize_with = "lenient::number")]
    pub keep_days: NonZeroU16,
}

const fn at_least_one(number: u16) -> NonZeroU16 {
    match NonZeroU16::new(number) {
        Some(number) => number,
        None => NonZeroU16::MIN,
    }
}

impl Default for Notifications {
    fn default() -> Self {
        const {
            Self {
                streams_per_account: at_least_one(5),
                heartbeat: at_least_one(15),
                batch: at_least_one(500),
                read_days: at_least_one(90),
                keep_days: at_least_one(365),
            }
        }
    }
}
