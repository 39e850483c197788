//! A link mailed to prove an address or to replace a forgotten password; at most one of each purpose is live.
use sea_orm::entity::prelude::*;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Purpose {
    /// Proves the address of the account.
    #[sea_orm(string_value = "verify")]
    Verify,
    /// Proves the address that is to become the account's.
    #[sea_orm(string_value = "change")]
    Change,
    /// Replaces a forgotten password.
    #[sea_orm(string_value = "reset")]
    Reset,
}

/// A link mailed to prove an address or to replace a forgotten password; at most one of each purpose is live.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_link")]
pub struct Model {
    /// UUIDv7; its token is derived from it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub account_id: Uuid,
    /// What it is for.
    pub purpose: Purpose,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// The one address it is mailed to and good for.
    pub email: String,
    /// The address that a change gives up.
    pub replaces: Option<String>,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC; of no use after it.
    pub expires_at: DateTimeUtc,
    /// UTC; set once, by its use, by a newer link, or by what makes it void.
    pub ended_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
