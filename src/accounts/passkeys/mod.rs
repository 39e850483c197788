//! Passkeys (Web Authentication Level 3): registered by who is signed in, and signed in by instead of a password.
//!
//! Both are ceremonies of two steps: what the first asks is a sealed row that the second uses up (`ceremony`).
mod api;
mod ceremony;
mod login;
mod own;
mod queries;
mod relying_party;

pub use ceremony::forget_ceremonies;
pub use own::exported_passkeys;
pub use relying_party::RelyingParty;

pub(super) use api::routes;
pub(super) use queries::delete_passkeys_of;
