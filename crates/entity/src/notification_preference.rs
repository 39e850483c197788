//! How an account wants to be told of a kind of things.
use sea_orm::entity::prelude::*;

/// How an account wants to be told of a kind of things; without a row, as the store does by default.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_preference")]
pub struct Model {
    /// Whose choice.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// Of what, such as `order_paid`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// By mail.
    pub email: bool,
    /// In the store.
    pub in_app: bool,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
