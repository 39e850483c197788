//! One product of an order, as it was sold: never changed but for refunds.
use sea_orm::entity::prelude::*;

/// One product of an order, as it was sold: never changed but for refunds.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_line")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// From 0.
    pub position: i32,
    /// What was sold.
    pub product_id: Uuid,
    /// The bundle it was bought in.
    pub bundle_id: Option<Uuid>,
    /// As it was called then.
    pub title: String,
    /// Minor units.
    pub unit_price: i64,
    /// Minor units.
    pub discount: i64,
    /// Minor units, included in the total.
    pub tax: i64,
    /// Hundredths of a percent: at which the tax was charged.
    pub tax_rate: i32,
    /// Minor units.
    pub total: i64,
    /// Whether it was sold before it was released.
    pub preordered: bool,
    /// Whether it was sold with a licence key: it gets one with its payment, whatever is said of the product meanwhile.
    pub with_key: bool,
    /// Whether it was given back.
    pub refunded: bool,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
