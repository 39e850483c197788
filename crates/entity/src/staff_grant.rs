//! A product that staff gave to an account, and why.
use sea_orm::entity::prelude::*;

/// A product that staff gave to an account, and why.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_grant")]
pub struct Model {
    /// UUIDv7; the source of its entitlement.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who got it.
    pub account_id: Uuid,
    /// What was given.
    pub product_id: Uuid,
    /// Why, for colleagues.
    pub reason: String,
    /// Who gave it.
    pub granted_by: Uuid,
    /// UTC.
    pub granted_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
