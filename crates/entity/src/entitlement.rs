//! The right of an account to a product, by one source; access is any active row.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an entitlement comes from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[schema(as = EntitlementSource)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Source {
    /// A paid order line.
    #[sea_orm(string_value = "order")]
    Order,
    /// Given by staff.
    #[sea_orm(string_value = "grant")]
    Grant,
    /// A paid order line of somebody else's, claimed as a gift.
    #[sea_orm(string_value = "gift")]
    Gift,
}

/// Whether an entitlement gives access.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[schema(as = EntitlementStatus)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// Gives access.
    #[sea_orm(string_value = "active")]
    Active,
    /// Held back while a dispute runs.
    #[sea_orm(string_value = "frozen")]
    Frozen,
    /// Taken back.
    #[sea_orm(string_value = "revoked")]
    Revoked,
}

/// The right of an account to a product, by one source; access is any active row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entitlement")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The owner.
    pub account_id: Uuid,
    /// What is owned.
    pub product_id: Uuid,
    /// Where it comes from.
    pub source: Source,
    /// The order line or the grant.
    pub source_id: Uuid,
    /// Whether it gives access.
    pub status: Status,
    /// UTC.
    pub granted_at: DateTimeUtc,
    /// UTC.
    pub revoked_at: Option<DateTimeUtc>,
    /// UTC; when a file of it was sent whole last.
    pub last_downloaded_at: Option<DateTimeUtc>,
    /// UTC; before the first byte of a file of it was sent.
    pub download_begun_at: Option<DateTimeUtc>,
}

impl Model {
    /// Whether anything of what it gives has left for its owner: then the sale can't be undone by the buyer (Directive
    /// 2011/83/EU, article 16(m): performance has begun).
    pub fn is_delivered(&self) -> bool {
        self.download_begun_at.is_some() || self.last_downloaded_at.is_some()
    }
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
