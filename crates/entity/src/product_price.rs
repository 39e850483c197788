//! What a product costs in a currency, everywhere or in one country.
use sea_orm::entity::prelude::*;

/// What a product costs in a currency, everywhere or in one country.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_price")]
pub struct Model {
    /// What is sold.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: Uuid,
    /// ISO 4217.
    #[sea_orm(primary_key, auto_increment = false)]
    pub currency: String,
    /// ISO 3166-1 alpha-2, or empty: everywhere else.
    #[sea_orm(primary_key, auto_increment = false)]
    pub country: String,
    /// Minor units, 0 is free; what is paid by who chooses nothing.
    pub amount: i64,
    /// Minor units: the least that a buyer may choose; none where there is nothing to choose.
    pub minimum_amount: Option<i64>,
    /// Minor units: what a buyer is proposed to choose.
    pub suggested_amount: Option<i64>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
