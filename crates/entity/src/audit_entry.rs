//! What somebody did, kept for whoever has to answer for it.
use sea_orm::entity::prelude::*;

/// What somebody did, kept for whoever has to answer for it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    /// That of the event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// UTC.
    pub at: DateTimeUtc,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// Whose account it concerns.
    pub account_id: Option<Uuid>,
    /// Such as `product.published`.
    pub action: String,
    /// What kind of thing it was done to, such as `product`.
    pub subject_type: String,
    /// Which one.
    pub subject_id: Uuid,
    /// From where, while that is kept.
    pub ip: Option<String>,
    /// Ids and numbers.
    #[sea_orm(column_type = "JsonBinary")]
    pub details: Json,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
