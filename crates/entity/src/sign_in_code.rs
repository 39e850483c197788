//! A code that a frontend swaps for a session, once.
use sea_orm::entity::prelude::*;

/// A code that a frontend swaps for a session, once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_code")]
pub struct Model {
    /// SHA-256 of the code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code_hash: Vec<u8>,
    /// Who signed in.
    pub account_id: Uuid,
    /// UTC; worth nothing from then on.
    pub expires_at: DateTimeUtc,
    /// UTC; set once.
    pub used_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
