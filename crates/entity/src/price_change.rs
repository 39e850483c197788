//! A price as it was set, changed or taken away.
use sea_orm::entity::prelude::*;

/// A price as it was set, changed or taken away; sales are not among them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "price_change")]
pub struct Model {
    /// What is sold.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: Uuid,
    /// ISO 4217.
    #[sea_orm(primary_key, auto_increment = false)]
    pub currency: String,
    /// ISO 3166-1 alpha-2, or empty: everywhere else.
    #[sea_orm(primary_key, auto_increment = false)]
    pub country: String,
    /// UTC, from when on it held.
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: DateTimeUtc,
    /// Minor units; none when the price was taken away.
    pub amount: Option<i64>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
