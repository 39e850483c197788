//! A key by which a program acts as an account, within its scopes.
use sea_orm::entity::prelude::*;

/// A key by which a program acts as an account, within its scopes.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    /// Which key; no secret.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub account_id: Uuid,
    /// As its owner calls it.
    pub name: String,
    /// Its first characters, by which its owner knows it again.
    pub prefix: String,
    /// SHA-256 of the key.
    #[sea_orm(unique)]
    pub token_hash: Vec<u8>,
    /// What it may do: names of scopes, a space between.
    pub scopes: String,
    /// The products it is limited to: ids, a space between; none if it isn't limited.
    pub products: Option<String>,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC, to the minute or so; none if it never was.
    pub last_used_at: Option<DateTimeUtc>,
    /// UTC; none if it doesn't end by itself.
    pub expires_at: Option<DateTimeUtc>,
    /// UTC; set once, by its owner.
    pub revoked_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
