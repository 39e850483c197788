//! Accounts: who people are, how they sign in, and what they may do.
mod access;
mod answers;
mod api;
mod hashing;
mod login;
mod queries;
mod register;
mod roles;
mod session_cache;
mod sessions;
mod tokens;

pub use access::{Account, Admin, Editor, MaybeAccount, Support};
pub use entity::account::Model as Row;
pub use hashing::Hashing;
pub use register::{EMAIL_TAKEN, NewAccount, create};
pub use roles::Role;
pub use tokens::Identity;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The routes of signing in and of one's own account.
pub fn routes() -> OpenApiRouter<App> {
    api::routes()
}
