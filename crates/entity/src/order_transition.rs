//! One step of an order's history; append-only.
use sea_orm::entity::prelude::*;

/// One step of an order's history; append-only.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_transition")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// None at its creation.
    pub from_status: Option<crate::order::Status>,
    /// Where it came to stand.
    pub to_status: crate::order::Status,
    /// UTC.
    pub at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
