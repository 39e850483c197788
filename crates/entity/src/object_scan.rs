//! What a scanner said of an object.
use sea_orm::entity::prelude::*;

/// What is known of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Verdict {
    /// Nothing yet.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// Nothing was found in it.
    #[sea_orm(string_value = "clean")]
    Clean,
    /// Something was.
    #[sea_orm(string_value = "infected")]
    Infected,
    /// Nothing, though it was tried for hours.
    #[sea_orm(string_value = "failed")]
    Failed,
}

/// What a scanner said of an object; equal bytes are one object, and are scanned once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "object_scan")]
pub struct Model {
    /// The object.
    #[sea_orm(primary_key, auto_increment = false)]
    pub object_key: String,
    /// What was said.
    pub verdict: Verdict,
    /// UTC.
    pub asked_at: DateTimeUtc,
    /// UTC.
    pub scanned_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
