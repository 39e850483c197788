//! A shelf of the store; shelves form a tree.
use sea_orm::entity::prelude::*;

/// A shelf of the store; shelves form a tree.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "category")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its name in addresses.
    pub slug: String,
    /// In the store's own language.
    pub name: String,
    /// The shelf it stands in.
    pub parent_id: Option<Uuid>,
    /// UTC.
    pub created_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
