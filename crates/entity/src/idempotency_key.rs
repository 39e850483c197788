//! A caller's key for a request that must happen once, kept for a day.
use sea_orm::entity::prelude::*;

/// A caller's key for a request that must happen once, kept for a day.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// Whose key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// As sent.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// SHA-256 of method, path and canonical JSON.
    pub fingerprint: Vec<u8>,
    /// What the request made: an order, a refund, a grant.
    pub subject_id: Uuid,
    /// The answer's HTTP status, once there is one.
    pub status: Option<i32>,
    /// UTC; until then the first request is still running.
    pub lease_until: DateTimeUtc,
    /// UTC.
    pub created_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
