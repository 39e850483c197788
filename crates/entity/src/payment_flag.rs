//! Why people must look at the payment of an order.
use sea_orm::entity::prelude::*;

/// Why people must look at the payment of an order.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_flag")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which order.
    pub order_id: Uuid,
    /// Of which payment.
    pub payment_id: Uuid,
    /// The outcome's name, such as `wrong_amount`.
    pub reason: String,
    /// UTC.
    pub at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
