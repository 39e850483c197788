//! A file of a build that its sender writes straight into the bucket.
use sea_orm::entity::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

/// Where such an upload stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, ToSchema)]
#[schema(as = DirectUploadStatus)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// Parts may come.
    #[sea_orm(string_value = "open")]
    Open,
    /// All bytes are there and are being read.
    #[sea_orm(string_value = "verifying")]
    Verifying,
    /// It is a file of the build.
    #[sea_orm(string_value = "verified")]
    Verified,
    /// It came to nothing.
    #[sea_orm(string_value = "refused")]
    Refused,
}

/// A file of a build that its sender writes straight into the bucket.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "direct_upload")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The build it is for.
    pub build_id: Uuid,
    /// What the file will be called.
    pub file_name: String,
    /// Bytes, as its sender says.
    pub size: i64,
    /// Where the bytes will be.
    pub object_key: String,
    /// What the bucket calls it until it is whole.
    pub multipart_id: String,
    /// Bytes of each part but the last.
    pub part_bytes: i64,
    /// Where it stands.
    pub status: Status,
    /// Why it came to nothing: a stable word.
    pub refusal: Option<String>,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC; after this no part is taken, and it is removed.
    pub expires_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
