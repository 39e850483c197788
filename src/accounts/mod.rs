//! Accounts: who people are, how they sign in, and what they may do.
mod access;
pub mod checks;
mod lock;
mod session_cache;
mod tokens;

pub use access::{Account, Admin, Editor, MaybeAccount, Support};
pub use lock::{exists, lock};
pub use tokens::Identity;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The routes of signing in and of one's own account.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
