//! A minted download link: which file, for whom, until when.
use sea_orm::entity::prelude::*;

/// A minted download link: which file, for whom, until when.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "download_grant")]
pub struct Model {
    /// UUIDv7, part of the link.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who may download.
    pub account_id: Uuid,
    /// What is owned.
    pub product_id: Uuid,
    /// The build.
    pub build_id: Uuid,
    /// The file.
    pub file_name: String,
    /// Its bytes.
    pub object_key: String,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC; also signed into the link.
    pub expires_at: DateTimeUtc,
    /// UTC, when the whole file had been sent, by one response or several.
    pub delivered_at: Option<DateTimeUtc>,
    /// Bytes sent over it, up to the size of its file.
    pub delivered_bytes: i64,
    /// From where it was asked for, while that is kept.
    pub ip: Option<String>,
    /// Bytes sent over it, those that were sent again too.
    pub sent_bytes: i64,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
