//! Where licence keys of a product come from, and on how many devices each may be active.
use sea_orm::entity::prelude::*;

/// Where licence keys of a product come from, and on how many devices each may be active.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "license_policy")]
pub struct Model {
    /// The product.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: Uuid,
    /// At least 1.
    pub max_activations: i32,
    /// Whether keys are made when they are paid, instead of being taken from a pool.
    pub generated: bool,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
