//! A line of an order that a withdrawal is from.
use sea_orm::entity::prelude::*;

/// A line of an order that a withdrawal is from.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "withdrawal_line")]
pub struct Model {
    /// The withdrawal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub withdrawal_id: Uuid,
    /// The line.
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_id: Uuid,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
