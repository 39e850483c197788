//! What tells where the buyer of an order was: evidence for its tax (Regulation (EU) 282/2011, articles 24b and 24f).
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who says where the buyer was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[schema(as = PlaceSource)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Source {
    /// The buyer, with the order.
    #[sea_orm(string_value = "order")]
    Order,
    /// The buyer's account.
    #[sea_orm(string_value = "account")]
    Account,
    /// The network that the order came through.
    #[sea_orm(string_value = "network")]
    Network,
    /// The bank that issued the card it was paid with.
    #[sea_orm(string_value = "card")]
    Card,
}

/// What tells where the buyer of an order was.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_place")]
pub struct Model {
    /// The order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: Uuid,
    /// Who says it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: Source,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
