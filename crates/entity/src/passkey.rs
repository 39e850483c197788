//! A passkey by which an account is signed in to.
use sea_orm::entity::prelude::*;

/// A passkey by which an account is signed in to.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkey")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub account_id: Uuid,
    /// What its authenticator calls it; no two passkeys share one.
    pub credential_id: Vec<u8>,
    /// Public key, counter and flags, as the library writes them in JSON.
    pub credential: String,
    /// As its owner calls it.
    pub name: String,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC.
    pub last_used_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
