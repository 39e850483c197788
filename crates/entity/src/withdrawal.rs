//! A buyer's withdrawal from an order: stated first, then confirmed (Directive 2011/83/EU, article 11a).
use sea_orm::entity::prelude::*;

/// A buyer's withdrawal from an order: stated first, then confirmed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "withdrawal")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// From which order.
    pub order_id: Uuid,
    /// By which the money goes back, once it is confirmed.
    pub refund_id: Option<Uuid>,
    /// UTC.
    pub prepared_at: DateTimeUtc,
    /// UTC, when the buyer confirmed it: then it was received.
    pub confirmed_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
