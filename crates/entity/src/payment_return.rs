//! Money that no order waits for, and that goes back.
use sea_orm::entity::prelude::*;

/// Where a return stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// Its provider is still to be told.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// The provider gives the money back.
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    /// The provider could not send it back: people must.
    #[sea_orm(string_value = "failed")]
    Failed,
}

/// Money that no order waits for, and that goes back: once for each payment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_return")]
pub struct Model {
    /// Of which payment.
    #[sea_orm(primary_key, auto_increment = false)]
    pub payment_id: Uuid,
    /// Minor units that were received.
    pub amount: i64,
    /// ISO 4217, as it was received.
    pub currency: String,
    /// Where it stands.
    pub status: Status,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC, when the provider took it, or said that it could not.
    pub settled_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
