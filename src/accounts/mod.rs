//! Accounts: who people are, how they sign in, and what they may do.
mod access;
mod session_cache;
mod tokens;

pub use access::{Account, Admin, Editor, MaybeAccount, Support};
pub use tokens::Identity;
