//! One version of a product for one platform, processor and channel.
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

/// The processor that a build is made for.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Arch {
    /// Of 64 bits, by Intel and AMD.
    #[serde(rename = "x86_64")]
    #[sea_orm(string_value = "x86_64")]
    X86_64,
    /// Of 64 bits, by Arm.
    #[serde(rename = "aarch64")]
    #[sea_orm(string_value = "aarch64")]
    Aarch64,
    /// Whichever there is.
    #[default]
    #[serde(rename = "any")]
    #[sea_orm(string_value = "any")]
    Any,
}

/// What a build is to its product.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[schema(as = BuildKind)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Kind {
    /// The product itself.
    #[default]
    #[sea_orm(string_value = "build")]
    Build,
    /// What comes with it, such as a manual or a soundtrack.
    #[sea_orm(string_value = "extra")]
    Extra,
}

/// One version of a product for one platform, processor and channel.
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
    /// Which processor it is for.
    pub arch: Arch,
    /// The product itself, or what comes with it.
    pub kind: Kind,
    /// `stable`, `beta`, ….
    pub channel: String,
    /// Release notes, Markdown.
    pub notes: String,
    /// Where it stands.
    pub status: Status,
    /// To how many of a hundred owners it is offered once it is released.
    pub rollout_percent: i32,
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
