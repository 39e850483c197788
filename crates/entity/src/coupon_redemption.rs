//! That an order uses a coupon. The row goes when the order ends unpaid.
use sea_orm::entity::prelude::*;

/// That an order uses a coupon.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coupon_redemption")]
pub struct Model {
    /// The order: it uses one coupon at most.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: Uuid,
    /// The coupon.
    pub coupon_id: Uuid,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
