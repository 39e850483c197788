//! How licence keys are kept and asked for.
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

use super::{Rate, lenient};

/// Devices on which a licence key may be active.
const MAX_ACTIVATIONS: NonZeroU16 = match NonZeroU16::new(5) {
    Some(devices) => devices,
    None => NonZeroU16::MIN,
};

/// Licence keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Licenses {
    /// Devices on which a key may be active where its product says nothing.
    #[serde(deserialize_with = "lenient::number")]
    pub max_activations: NonZeroU16,
    /// Questions about licence keys that one address (IPv6: /64) may ask.
    pub calls_per_address: Rate,
    /// Keys left in a pool from which on `license_pool.low` is recorded, once until it is filled again.
    #[serde(deserialize_with = "lenient::number")]
    pub low_pool: u64,
}

impl Default for Licenses {
    fn default() -> Self {
        Self { max_activations: MAX_ACTIVATIONS, calls_per_address: Rate::new(60, 60), low_pool: 10 }
    }
}
