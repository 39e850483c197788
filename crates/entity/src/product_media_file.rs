//! One size of an uploaded picture.
use sea_orm::entity::prelude::*;

/// One size of an uploaded picture.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_media_file")]
pub struct Model {
    /// The picture.
    #[sea_orm(primary_key, auto_increment = false)]
    pub media_id: Uuid,
    /// A file name that says the longer side, such as `640.jpg`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Its bytes.
    pub object_key: String,
    /// Bytes.
    pub size: i64,
    /// Lower-case hex.
    pub sha256: String,
    /// RFC 6838.
    pub media_type: String,
    /// Pixels.
    pub width: i32,
    /// Pixels.
    pub height: i32,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
