//! The coupon that lies in an account's cart.
use sea_orm::entity::prelude::*;

/// The coupon that lies in an account's cart.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_coupon")]
pub struct Model {
    /// Whose cart.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// The coupon.
    pub coupon_id: Uuid,
    /// UTC.
    pub added_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
