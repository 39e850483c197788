//! What a product runs on.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a product or a build runs on.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Platform {
    /// Microsoft Windows.
    #[sea_orm(string_value = "windows")]
    Windows,
    /// Apple macOS.
    #[sea_orm(string_value = "macos")]
    Macos,
    /// Linux.
    #[sea_orm(string_value = "linux")]
    Linux,
    /// Android.
    #[sea_orm(string_value = "android")]
    Android,
    /// Apple iOS.
    #[sea_orm(string_value = "ios")]
    Ios,
    /// A browser.
    #[sea_orm(string_value = "web")]
    Web,
    /// Anything, such as an e-book.
    #[sea_orm(string_value = "any")]
    Any,
}

/// What a product runs on.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_platform")]
pub struct Model {
    /// The product.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: Uuid,
    /// The platform.
    #[sea_orm(primary_key, auto_increment = false)]
    pub platform: Platform,
    /// The memory it needs there at least, in megabytes, where its requirements say so: kept beside them for reading.
    pub memory_mb: Option<i64>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
