//! What happened, written in the transaction in which it happened.
use sea_orm::entity::prelude::*;

/// What happened, written in the transaction in which it happened.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The order in which readers see it; given after the commit.
    pub seq: Option<i64>,
    /// Such as `order.paid`.
    pub kind: String,
    /// What it happened to.
    pub subject_id: Uuid,
    /// Whose it concerns.
    pub account_id: Option<Uuid>,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// Ids and numbers, never names or addresses.
    #[sea_orm(column_type = "JsonBinary")]
    pub data: Json,
    /// UTC.
    pub at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
