//! Something an account would like to own.
use sea_orm::entity::prelude::*;

/// Something an account would like to own.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "wishlist_item")]
pub struct Model {
    /// Whose wish.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// What is wished for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: Uuid,
    /// UTC.
    pub added_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
