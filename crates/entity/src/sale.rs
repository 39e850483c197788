//! A time in which a product costs less.
use sea_orm::entity::prelude::*;

/// A time in which a product costs less. It begins and ends by the clock alone.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sale")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What is sold.
    pub product_id: Uuid,
    /// What is taken off the price, 1 to 100.
    pub percent: i32,
    /// UTC, inclusive.
    pub starts_at: DateTimeUtc,
    /// UTC, exclusive.
    pub ends_at: DateTimeUtc,
    /// UTC.
    pub created_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
