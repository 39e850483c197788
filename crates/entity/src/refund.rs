//! Money that is given back.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[schema(as = RefundStatus)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// Decided; its provider is still to be told.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// The provider gives the money back.
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    /// The provider could not send the money back: people must.
    #[sea_orm(string_value = "failed")]
    Failed,
}

/// Money that is given back.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refund")]
pub struct Model {
    /// UUIDv7; the provider's idempotency key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which order.
    pub order_id: Uuid,
    /// Of which payment.
    pub payment_id: Uuid,
    /// Minor units.
    pub amount: i64,
    /// Minor units of the amount that are given back as store credit; the rest goes back by the provider.
    pub credit: i64,
    /// Minor units of that rest that the buyer's bank had taken before, by a dispute: they are sent no second time.
    pub taken: i64,
    /// ISO 4217.
    pub currency: String,
    /// Why; blank once the buyer is erased.
    pub reason: String,
    /// The buyer, or who of the staff decided it.
    pub requested_by: Uuid,
    /// Whether what was paid stays owned.
    pub keep_access: bool,
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
