//! Signing in through an OpenID Connect provider: authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 9700).
//!
//! A sign-in begins (`begin`) with a cookie for the browser and a row for all copies, comes back (`finish`), is proven
//! by the provider's token (`exchange`, `id_token`), becomes an account (`admission`) and ends in a session, or in a
//! code that a frontend swaps for one (`code`).
mod admission;
mod api;
mod begin;
mod code;
mod exchange;
mod fetch;
mod finish;
mod id_token;
mod provider;
mod queries;
mod retention;
mod return_to;

pub use provider::Providers;
pub use retention::forget_old;

pub(super) use api::routes;
pub(super) use queries::{forget_account, identities};
