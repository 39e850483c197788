//! A key that signs access tokens.
use sea_orm::entity::prelude::*;

/// A key that signs access tokens from some time on, and verifies them until its last one is over.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token_key")]
pub struct Model {
    /// From 1, one more with every rotation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i32,
    /// Ed25519 in PKCS#8, under the master key.
    pub sealed: Vec<u8>,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC: before, it is published and signs nothing.
    pub signs_from: DateTimeUtc,
    /// UTC: from then on it verifies nothing; none while it is the newest.
    pub ends_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
