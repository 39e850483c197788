//! One version of a product for one platform and channel.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a build stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[schema(as = BuildStatus)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// Files may still come and go.
    #[sea_orm(string_value = "draft")]
    Draft,
    /// Immutable and offered.
    #[sea_orm(string_value = "released")]
    Released,
    /// Immutable and no longer offered.
    #[sea_orm(string_value = "withdrawn")]
    Withdrawn,
}

/// One version of a product for one platform and channel.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "build")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What it is a build of.
    pub product_id: Uuid,
    /// As the publisher names it.
    pub version: String,
    /// What it runs on.
    pub platform: crate::product_platform::Platform,
    /// `stable`, `beta`, ….
    pub channel: String,
    /// Release notes, Markdown.
    pub notes: String,
    /// Where it stands.
    pub status: Status,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC; the newest build is by this.
    pub released_at: Option<DateTimeUtc>,
    /// UTC.
    pub withdrawn_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
