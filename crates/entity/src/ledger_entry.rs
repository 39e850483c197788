//! One line of the double-entry ledger; the lines of an order, and those of a grant, sum to zero.
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
    /// Store credit that is owed to those who hold it.
    #[sea_orm(string_value = "credit")]
    Credit,
    /// Store credit that open orders hold.
    #[sea_orm(string_value = "credit_reserved")]
    CreditReserved,
    /// What credit that staff granted costs, less what lapsed of it.
    #[sea_orm(string_value = "goodwill")]
    Goodwill,
    /// Money that banks took by disputes, for which nothing was given back.
    #[sea_orm(string_value = "losses")]
    Losses,
}

/// One line of the double-entry ledger; the lines of an order, and those of a grant, sum to zero.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_entry")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What it belongs to, if to an order.
    pub order_id: Option<Uuid>,
    /// The movement behind it, of an order.
    pub payment_id: Option<Uuid>,
    /// Which book.
    pub account: Account,
    /// Minor units; a debit is positive.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// UTC.
    pub at: DateTimeUtc,
    /// The change of store credit behind it, where that belongs to no order.
    pub credit_entry_id: Option<Uuid>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
