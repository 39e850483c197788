//! How far the numbers of a series have come in a year.
use sea_orm::entity::prelude::*;

/// How far the numbers of a series have come in a year.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invoice_counter")]
pub struct Model {
    /// `INV` or `CN`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub series: String,
    /// UTC.
    #[sea_orm(primary_key, auto_increment = false)]
    pub year: i32,
    /// The last number that was given.
    pub last: i64,
    /// UTC: up to which payment or refund all were numbered.
    pub until: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
