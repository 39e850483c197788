//! A request for a file, answered past the store, that was counted by a log.
use sea_orm::entity::prelude::*;

/// A request for a file, answered past the store, that was counted by a log.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "logged_request")]
pub struct Model {
    /// As the log calls it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub request_id: String,
    /// UTC, when it was answered.
    pub at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
