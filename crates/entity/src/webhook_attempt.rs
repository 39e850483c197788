//! One attempt to deliver an event to an endpoint.
use sea_orm::entity::prelude::*;

/// One attempt to deliver an event to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_attempt")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The delivery.
    pub delivery_id: Uuid,
    /// UTC.
    pub at: DateTimeUtc,
    /// The HTTP status; none without an answer.
    pub status: Option<i32>,
    /// Why there was no answer: a word.
    pub error: Option<String>,
    /// The beginning of the answer.
    pub reply: Option<String>,
    /// Milliseconds.
    pub duration_ms: i64,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
