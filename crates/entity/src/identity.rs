//! Who somebody is at an OpenID Connect provider, and whose account that is.
use sea_orm::entity::prelude::*;

/// Who somebody is at an OpenID Connect provider, and whose account that is.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose account signs in by it.
    pub account_id: Uuid,
    /// The provider: the `iss` of its tokens.
    pub issuer: String,
    /// Who it is there: the `sub` of its tokens; with the issuer it is unique and never given to anybody else.
    pub subject: String,
    /// UTC.
    pub created_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
