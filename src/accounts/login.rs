//! Signing in by password.
use super::Row;

/// Whether signing in to an account asks for more than its password. No kind of second factor can be set up yet.
pub(super) const fn asks_second_factor(_: &Row) -> bool {
    false
}
