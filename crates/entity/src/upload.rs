//! A file of a build that comes in parts.
use sea_orm::entity::prelude::*;

/// A file of a build that comes in parts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "upload")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The build it is for.
    pub build_id: Uuid,
    /// What the file will be called.
    pub file_name: String,
    /// `Upload-Metadata` as it was sent.
    pub metadata: String,
    /// Bytes of the whole file.
    pub length: i64,
    /// Bytes that came and are durable.
    pub received: i64,
    /// Lower-case hex; once all bytes came.
    pub sha256: Option<String>,
    /// UTC; when it became a file of the build.
    pub completed_at: Option<DateTimeUtc>,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC; it is removed after this.
    pub expires_at: DateTimeUtc,
    /// What the store of bytes must know of those that count.
    pub state: Option<String>,
    /// Whose turn it is to write, where the bytes themselves lock nobody out.
    pub writer: Option<Uuid>,
    /// UTC; until when it is.
    pub writer_until: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
