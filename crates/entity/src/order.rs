//! A purchase, from quote to payment and after.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an order stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[schema(as = OrderStatus)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// Waits for its payment.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// Captured in full; its products are owned.
    #[sea_orm(string_value = "paid")]
    Paid,
    /// Some lines were given back.
    #[sea_orm(string_value = "partially_refunded")]
    PartiallyRefunded,
    /// All was given back.
    #[sea_orm(string_value = "refunded")]
    Refunded,
    /// The payment can no longer succeed.
    #[sea_orm(string_value = "failed")]
    Failed,
    /// Called off before payment.
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
    /// Not paid in time.
    #[sea_orm(string_value = "expired")]
    Expired,
    /// The buyer's bank asks the money back.
    #[sea_orm(string_value = "disputed")]
    Disputed,
}

/// A purchase, from quote to payment and after.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What people quote.
    pub number: String,
    /// The buyer.
    pub account_id: Uuid,
    /// Where it stands.
    pub status: Status,
    /// ISO 4217.
    pub currency: String,
    /// ISO 3166-1 alpha-2, as the buyer stated.
    pub country: String,
    /// Minor units, the sum of the lines' unit prices.
    pub subtotal: i64,
    /// Minor units.
    pub discount: i64,
    /// Minor units.
    pub tax: i64,
    /// Whether the prices include the tax; else it was added to them.
    pub tax_included: bool,
    /// Minor units: what is paid.
    pub total: i64,
    /// Minor units of the total that are paid by store credit; the rest is captured.
    pub credit: i64,
    /// UTC: consent that delivery begins at once and the right of withdrawal ends with it (Directive 2011/83/EU, article 16 m).
    pub immediate_delivery_accepted_at: DateTimeUtc,
    /// Where the provider sends the buyer after payment.
    pub success_url: Option<String>,
    /// Where the provider sends the buyer who gives up.
    pub cancel_url: Option<String>,
    /// The code of the coupon that it uses.
    pub coupon: Option<String>,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC; unpaid by then it expires.
    pub expires_at: DateTimeUtc,
    /// UTC.
    pub paid_at: Option<DateTimeUtc>,
    /// UTC, of the last refund.
    pub refunded_at: Option<DateTimeUtc>,
    /// From where it was placed, while that is kept.
    pub ip: Option<String>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
