//! How often two products were bought together lately.
use sea_orm::entity::prelude::*;

/// How often a product was bought together with another lately.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_affinity")]
pub struct Model {
    /// The product.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: Uuid,
    /// The other.
    #[sea_orm(primary_key, auto_increment = false)]
    pub related_id: Uuid,
    /// Paid orders with both.
    pub orders: i64,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
