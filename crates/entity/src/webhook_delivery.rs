//! One event on its way to one endpoint.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a delivery stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[schema(as = WebhookDeliveryStatus)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// Is tried, or tried again.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// The endpoint took it.
    #[sea_orm(string_value = "delivered")]
    Delivered,
    /// It was given up.
    #[sea_orm(string_value = "failed")]
    Failed,
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The endpoint.
    pub webhook_id: Uuid,
    /// The event; unique within the endpoint, and its `webhook-id`.
    pub event_id: Uuid,
    /// What happened.
    pub kind: String,
    /// To what.
    pub subject_id: Uuid,
    /// Whose it is, where the endpoint is told.
    pub account_id: Option<Uuid>,
    /// Ids alone.
    #[sea_orm(column_type = "JsonBinary")]
    pub data: Json,
    /// UTC; when it happened.
    pub happened_at: DateTimeUtc,
    /// Where it stands.
    pub status: Status,
    /// Since it was last begun; counted when claimed.
    pub attempts: i32,
    /// UTC; none when it is over.
    pub next_attempt_at: Option<DateTimeUtc>,
    /// UTC; until then whoever bears the token sends it.
    pub lease_until: Option<DateTimeUtc>,
    /// Who sends it.
    pub lease_token: Option<Uuid>,
    /// The body of the last attempt.
    pub request: Option<String>,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC.
    pub finished_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
