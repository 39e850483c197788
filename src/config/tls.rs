//! The certificate of the listener.
use std::{num::NonZeroU32, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::lenient;

/// A minute, as `http.tls.reload_seconds`.
const RELOAD_SECONDS: NonZeroU32 = match NonZeroU32::new(60) {
    Some(seconds) => seconds,
    None => NonZeroU32::MIN,
};

/// The certificate of the listener; both files or neither.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// The certificate and those that lead to its root, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// Seconds after which both are looked at again.
    #[serde(deserialize_with = "lenient::number")]
    pub reload_seconds: NonZeroU32,
}

impl Default for Tls {
    fn default() -> Self {
        Self { certificate: None, key: None, reload_seconds: RELOAD_SECONDS }
    }
}
