//! One opaque refresh token of a session, stored hashed; at most one of a session is live.
use sea_orm::entity::prelude::*;

/// One opaque refresh token of a session, stored hashed; at most one of a session is live.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    /// SHA-256 of the token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    /// The family.
    pub session_id: Uuid,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC; a used token that comes again kills its family.
    pub used_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
