//! One line of the double-entry ledger; an order's lines sum to zero.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A book of the ledger.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[schema(as = LedgerAccount)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Account {
    /// Money at the payment provider.
    #[sea_orm(string_value = "provider")]
    Provider,
    /// Revenue without tax.
    #[sea_orm(string_value = "sales")]
    Sales,
    /// Tax owed.
    #[sea_orm(string_value = "tax")]
    Tax,
}

/// One line of the double-entry ledger; an order's lines sum to zero.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_entry")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What it belongs to.
    pub order_id: Uuid,
    /// The movement behind it.
    pub payment_id: Uuid,
    /// Which book.
    pub account: Account,
    /// Minor units; a debit is positive.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// UTC.
    pub at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
