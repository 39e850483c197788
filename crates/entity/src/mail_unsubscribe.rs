//! By what an account takes back that it is mailed a kind of things.
use sea_orm::entity::prelude::*;

/// By what an account takes back that it is mailed a kind of things. The token is derived from the id.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail_unsubscribe")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who is mailed.
    pub account_id: Uuid,
    /// What, such as `wishlist_price_drop`.
    pub kind: String,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// UTC.
    pub created_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
