//! An order that is for somebody else: its lines are owned by whoever claims it.
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Where a gift stands. That its order was given back is told by the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its order waits for its payment.
    #[sea_orm(string_value = "ordered")]
    Ordered,
    /// Paid, and nobody's yet.
    #[sea_orm(string_value = "given")]
    Given,
    /// Somebody's.
    #[sea_orm(string_value = "claimed")]
    Claimed,
    /// Its buyer's own.
    #[sea_orm(string_value = "taken_back")]
    TakenBack,
}

/// An order that is for somebody else: its lines are owned by whoever claims it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "gift")]
pub struct Model {
    /// UUIDv7; its token is derived from it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The order, which is one gift.
    pub order_id: Uuid,
    /// The buyer.
    pub account_id: Uuid,
    /// Where it stands.
    pub status: Status,
    /// Where it is mailed; none once nothing is to be mailed any more.
    pub email: Option<String>,
    /// The buyer's words; none once nothing is to be mailed any more.
    pub message: Option<String>,
    /// UTC: not mailed before; none as soon as it is paid.
    pub deliver_at: Option<DateTimeUtc>,
    /// SHA-256 of the token that claims it.
    pub token_hash: Vec<u8>,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC, when it was first mailed.
    pub sent_at: Option<DateTimeUtc>,
    /// Whose it is.
    pub claimed_by: Option<Uuid>,
    /// UTC, when it was claimed or taken back.
    pub ended_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
