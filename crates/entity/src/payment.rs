//! One attempt to pay an order by a provider.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a payment stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[schema(as = PaymentStatus)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// The provider was not reached yet.
    #[sea_orm(string_value = "created")]
    Created,
    /// Waits for the buyer.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// Captured.
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    /// Refused; the buyer may try again.
    #[sea_orm(string_value = "declined")]
    Declined,
    /// Called off.
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
}

/// One attempt to pay an order by a provider.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What is paid.
    pub order_id: Uuid,
    /// From 1: part of the provider's idempotency key.
    pub attempt: i32,
    /// `mock`, `stripe`, `free`.
    pub provider: String,
    /// The provider's own id; none until it answered.
    pub provider_ref: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// Minor units asked.
    pub amount: i64,
    /// Minor units received.
    pub captured: i64,
    /// Minor units given back.
    pub refunded: i64,
    /// Minor units that banks took by lost disputes, beyond what was given back.
    pub lost: i64,
    /// ISO 4217.
    pub currency: String,
    /// Where the buyer pays.
    pub checkout_url: Option<String>,
    /// Whether the buyer pays it on the store's own page, by Stripe's Elements.
    pub elements: bool,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC, when it succeeded, failed or was cancelled.
    pub settled_at: Option<DateTimeUtc>,
    /// UTC: its provider could not close it, and is not asked to before, but for its buyer.
    pub look_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
