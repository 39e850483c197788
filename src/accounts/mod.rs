//! Accounts: who people are, how they sign in, and what they may do.
mod access;
mod address;
mod admin_api;
mod answers;
mod api;
mod api_key_cache;
mod api_keys;
mod api_keys_api;
pub mod checks;
mod hashing;
mod lock;
mod login;
pub mod matrix;
mod me_api;
mod password;
mod profile;
mod queries;
mod register;
mod roles;
mod scopes;
mod session_cache;
mod sessions;
mod staff;
mod step_up;
mod tokens;

pub use access::{Account, Admin, Editor, MaybeAccount, Support};
pub use address::address;
pub use entity::account::Model as Row;
pub use hashing::Hashing;
pub use lock::{exists, has_accounts, lock};
pub use register::{EMAIL_TAKEN, NewAccount, create};
pub use roles::Role;
pub use scopes::Scope;
pub use tokens::Identity;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The routes of signing in, of one's own account, and of the back office's accounts.
pub fn routes() -> OpenApiRouter<App> {
    api::routes().merge(me_api::routes()).merge(api_keys_api::routes()).merge(admin_api::routes())
}

/// The routes without a base path: the public keys of the access tokens.
pub fn well_known() -> OpenApiRouter<App> {
    api::well_known()
}
