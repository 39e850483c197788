//! What a product is to another: its add-on, its edition, or the bundle that holds it.
use sea_orm::entity::prelude::*;

/// What a product is to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Kind {
    /// It adds to the other.
    #[sea_orm(string_value = "adds_to")]
    AddsTo,
    /// It is another edition of it.
    #[sea_orm(string_value = "edition_of")]
    EditionOf,
    /// It is a bundle that holds it.
    #[sea_orm(string_value = "contains")]
    Contains,
}

/// What a product is to another.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_relation")]
pub struct Model {
    /// The product.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: Uuid,
    /// What it is to the other.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Kind,
    /// The other.
    #[sea_orm(primary_key, auto_increment = false)]
    pub related_id: Uuid,
    /// From 0, in the order in which its editor named them.
    pub position: i32,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
