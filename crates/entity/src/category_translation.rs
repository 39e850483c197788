//! A category's name in another language.
use sea_orm::entity::prelude::*;

/// A category's name in another language.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "category_translation")]
pub struct Model {
    /// The category.
    #[sea_orm(primary_key, auto_increment = false)]
    pub category_id: Uuid,
    /// BCP 47.
    #[sea_orm(primary_key, auto_increment = false)]
    pub locale: String,
    /// Its name.
    pub name: String,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
