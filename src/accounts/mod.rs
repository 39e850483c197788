//! Accounts: who people are, how they sign in, and what they may do.
mod access;
mod address;
mod admin_api;
mod answers;
mod api;
mod api_key_cache;
mod api_key_queries;
mod api_keys;
mod api_keys_api;
pub mod checks;
mod context;
mod devices;
mod email;
mod erase;
mod export;
mod factor_queries;
mod factors_api;
mod hashing;
mod help;
mod help_api;
mod jobs;
mod language;
mod limits;
mod link_queries;
mod links;
mod lock;
mod login;
mod mail_api;
pub mod matrix;
mod me_api;
mod names;
mod new_device;
mod notices;
mod oidc;
mod own_password;
mod pages_api;
mod passkeys;
mod password;
mod product_limit;
mod profile;
mod queries;
mod reader;
mod reauthenticate;
mod recovery;
mod register;
mod reset;
pub mod retention;
mod roles;
mod scopes;
mod second_factor;
mod session_cache;
mod sessions;
mod staff;
mod standing;
mod step_up;
mod throttle;
mod throttle_queries;
mod token_key_queries;
mod token_keys;
mod tokens;
mod totp;

pub use access::{Account, Admin, Editor, EditorOrSupport, MaybeAccount, Support, UNAUTHORIZED};
pub use address::{address, by_address, correspondent, is_reached, reached_at};
pub use entity::account::Model as Row;
pub use erase::{Farewell, agree, erase};
pub use export::{
    exported, exported_api_keys, exported_factors, exported_identities, exported_links, exported_sessions,
};
pub use hashing::Hashing;
pub use jobs::{handle, mailing};
pub use language::language;
pub use limits::{deed, visit};
pub use links::forget_links;
pub use lock::{exists, has_accounts, hold_living, is_active, lock, lock_remains};
pub use names::{countries, display_names};
pub use oidc::{Providers, forget_old};
pub use own_password::has_password;
pub use pages_api::pages;
pub use passkeys::{RelyingParty, exported_passkeys, forget_ceremonies};
pub use product_limit::Products;
pub use queries::COUNTRIES;
pub use reader::{MaybeReader, Reader};
pub use register::{EMAIL_TAKEN, NewAccount, create};
pub use roles::Role;
pub use scopes::Scope;
pub use staff::{holders, may_edit};
pub use standing::standing;
pub use throttle::prune_throttles;
pub use token_keys::{KeyStanding, ensure_token_key, forget_token_keys, rotate_token_keys, token_keys};
pub use tokens::Identity;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The routes of signing in, of one's own account, and of the back office's accounts.
pub fn routes() -> OpenApiRouter<App> {
    api::routes()
        .merge(me_api::routes())
        .merge(mail_api::routes())
        .merge(oidc::routes())
        .merge(api_keys_api::routes())
        .merge(factors_api::routes())
        .merge(passkeys::routes())
        .merge(admin_api::routes())
        .merge(help_api::routes())
}

/// The routes without a base path: the public keys of the access tokens.
pub fn well_known() -> OpenApiRouter<App> {
    api::well_known()
}
