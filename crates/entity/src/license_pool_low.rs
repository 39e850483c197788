//! Pools of licence keys that run low, and whether that was told.
use sea_orm::entity::prelude::*;

/// A pool of licence keys that was near its end at some time.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "license_pool_low")]
pub struct Model {
    /// The product.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: Uuid,
    /// When it was told that it runs low, UTC; none: not since it was filled. Whoever takes a key near the end locks this
    /// row, for nobody sees what others are taking at the same moment.
    pub told_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
