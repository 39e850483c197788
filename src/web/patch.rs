//! Members of a PATCH that `null` clears and absence keeps.
use serde::{Deserialize, Deserializer};

/// Reads a member that is there: none for `null`. With `#[serde(default)]`, absence stays an outer none.
pub fn clearable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
