//! One change of an account's store credit: written once, never changed but for its reason.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why store credit changed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[schema(as = CreditKind)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Kind {
    /// Staff gave it, or took it away.
    #[sea_orm(string_value = "grant")]
    Grant,
    /// An order was placed with it.
    #[sea_orm(string_value = "spent")]
    Spent,
    /// That order ended unpaid.
    #[sea_orm(string_value = "given_back")]
    GivenBack,
    /// What an order cost was given back as credit.
    #[sea_orm(string_value = "refund")]
    Refund,
    /// The account was erased.
    #[sea_orm(string_value = "closed")]
    Closed,
}

/// One change of an account's store credit.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credit_entry")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose credit.
    pub account_id: Uuid,
    /// ISO 4217.
    pub currency: String,
    /// Minor units; negative is taken away.
    pub amount: i64,
    /// Why.
    pub kind: Kind,
    /// In the words of who granted it; blank once the account is erased.
    pub reason: Option<String>,
    /// Who of the staff granted it.
    pub actor_id: Option<Uuid>,
    /// The order that it was spent on or comes from.
    pub order_id: Option<Uuid>,
    /// The refund that it is paid out for.
    pub refund_id: Option<Uuid>,
    /// UTC.
    pub at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
