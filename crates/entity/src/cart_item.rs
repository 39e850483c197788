//! Something in an account's cart.
use sea_orm::entity::prelude::*;

/// Something in an account's cart.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_item")]
pub struct Model {
    /// Whose cart.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// What is in it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: Uuid,
    /// Minor units that the buyer chose to pay, where the price lets one choose.
    pub amount: Option<i64>,
    /// ISO 4217, of that amount.
    pub currency: Option<String>,
    /// UTC.
    pub added_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
