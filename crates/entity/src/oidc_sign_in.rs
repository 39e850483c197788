//! A sign-in that was sent to a provider and has not come back yet.
use sea_orm::entity::prelude::*;

/// A sign-in that was sent to a provider and has not come back yet.
///
/// Its secrets are nowhere here: nonce and code verifier are derived from what the browser's cookie holds.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oidc_sign_in")]
pub struct Model {
    /// SHA-256 of the `state`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub state_hash: Vec<u8>,
    /// The provider's name in the settings.
    pub provider: String,
    /// Where the browser goes afterwards; none to answer the session itself.
    pub return_to: Option<String>,
    /// UTC; worth nothing from then on.
    pub expires_at: DateTimeUtc,
    /// UTC; set once, when it comes back.
    pub used_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
