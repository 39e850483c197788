//! A code that takes something off an order.
use sea_orm::entity::prelude::*;

/// A code that takes something off an order.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coupon")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// In upper case.
    pub code: String,
    /// 1 to 100; none where it takes an amount off.
    pub percent: Option<i32>,
    /// Minor units; none where it takes a percentage off.
    pub amount: Option<i64>,
    /// ISO 4217: of the amount, or the only one in which it counts; none: any.
    pub currency: Option<String>,
    /// The ids of the products it is for; none: all.
    pub products: Option<Json>,
    /// Orders in all; none: any number.
    pub max_redemptions: Option<i32>,
    /// Orders of one account; none: any number.
    pub per_account: Option<i32>,
    /// UTC, inclusive.
    pub starts_at: Option<DateTimeUtc>,
    /// UTC, exclusive.
    pub ends_at: Option<DateTimeUtc>,
    /// UTC.
    pub created_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
