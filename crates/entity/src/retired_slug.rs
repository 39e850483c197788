//! A slug that a product once had: its pages redirect.
use sea_orm::entity::prelude::*;

/// A slug that a product once had: its pages redirect.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "retired_slug")]
pub struct Model {
    /// The former slug.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    /// Whose it was.
    pub product_id: Uuid,
    /// UTC.
    pub retired_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
