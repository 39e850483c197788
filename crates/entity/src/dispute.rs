//! A dispute: a bank asks the money of a payment back.
use sea_orm::entity::prelude::*;

/// Where a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// It is judged.
    #[sea_orm(string_value = "open")]
    Open,
    /// The store keeps the money.
    #[sea_orm(string_value = "won")]
    Won,
    /// The bank took the money.
    #[sea_orm(string_value = "lost")]
    Lost,
}

/// A dispute: a bank asks the money of a payment back. What ended stays, so that news of its beginning that come later
/// begin nothing.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dispute")]
pub struct Model {
    /// `stripe`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider: String,
    /// The provider's own id of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub reference: String,
    /// About which payment.
    pub payment_id: Uuid,
    /// Minor units that the bank asks, in the payment's currency; none where it was told in another.
    pub amount: Option<i64>,
    /// Where it stands.
    pub status: Status,
    /// UTC, when the store heard of it first.
    pub told_at: DateTimeUtc,
    /// UTC, when the store heard of its end.
    pub ended_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
