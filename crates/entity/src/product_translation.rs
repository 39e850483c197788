//! A product's texts in another language.
use sea_orm::entity::prelude::*;

/// A product's texts in another language.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_translation")]
pub struct Model {
    /// What is described.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: Uuid,
    /// BCP 47.
    #[sea_orm(primary_key, auto_increment = false)]
    pub locale: String,
    /// Its title.
    pub title: String,
    /// Falls back to the product's own.
    pub summary: Option<String>,
    /// Markdown; falls back to the product's own.
    pub description: Option<String>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
