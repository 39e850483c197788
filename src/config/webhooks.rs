//! How programs elsewhere are told of events.
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

use super::lenient;

/// Seconds that an attempt may take.
const TIMEOUT: NonZeroU16 = match NonZeroU16::new(15) {
    Some(seconds) => seconds,
    None => NonZeroU16::MIN,
};

/// Outgoing webhooks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Whether endpoints may lie in private networks, and be asked without TLS.
    #[serde(deserialize_with = "lenient::number")]
    pub allow_private: bool,
    /// Seconds in which an endpoint must have answered.
    #[serde(deserialize_with = "lenient::number")]
    pub timeout: NonZeroU16,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { allow_private: false, timeout: TIMEOUT }
    }
}
