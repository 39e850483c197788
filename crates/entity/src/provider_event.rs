//! What a payment provider told by itself, once however often it was told.
use sea_orm::entity::prelude::*;

/// What a payment provider told by itself.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_event")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `stripe`.
    pub provider: String,
    /// The provider's own id of it.
    pub event_id: String,
    /// As the provider names it.
    pub kind: String,
    /// What of it concerns an order; null for what is of no interest. It holds nothing of a person.
    #[sea_orm(column_type = "JsonBinary")]
    pub news: Option<Json>,
    /// UTC.
    pub received_at: DateTimeUtc,
    /// UTC; null until it was applied.
    pub applied_at: Option<DateTimeUtc>,
    /// What became of it: `applied`, `ignored`, `returned`, or why people must look at it.
    pub outcome: Option<String>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
