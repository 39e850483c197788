//! A copy of a file that says whose it is.
use sea_orm::entity::prelude::*;

/// A copy of a file that says whose it is, in the place of the file's own bytes.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stamped_file")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub account_id: Uuid,
    /// By what they own it.
    pub product_id: Uuid,
    /// Of the file's own bytes; lower-case hex.
    pub source_sha256: String,
    /// The bytes of the copy.
    pub object_key: String,
    /// Bytes.
    pub size: i64,
    /// Of the copy; lower-case hex.
    pub sha256: String,
    /// UTC, about when it was last asked for.
    pub used_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
