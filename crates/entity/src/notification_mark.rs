//! How far notifications have come.
use sea_orm::entity::prelude::*;

/// How far notifications have come: the last position that was given, and the moment until which the calendar was looked
/// through.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_mark")]
pub struct Model {
    /// What is marked.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// A position, or microseconds since 1970.
    pub last: i64,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
