//! A file of a build.
use sea_orm::entity::prelude::*;

/// A file of a build.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "build_file")]
pub struct Model {
    /// The build.
    #[sea_orm(primary_key, auto_increment = false)]
    pub build_id: Uuid,
    /// A flat file name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Its bytes.
    pub object_key: String,
    /// Bytes.
    pub size: i64,
    /// Lower-case hex.
    pub sha256: String,
    /// UTC.
    pub created_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
