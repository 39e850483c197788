//! What an owner thinks of a product.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a review is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[schema(as = ReviewStatus)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// Everybody sees it, and it counts.
    #[sea_orm(string_value = "published")]
    Published,
    /// Support took it out of sight.
    #[sea_orm(string_value = "hidden")]
    Hidden,
}

/// What an owner thinks of a product.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of what.
    pub product_id: Uuid,
    /// Whose.
    pub account_id: Uuid,
    /// Stars, 1 to 5.
    pub rating: i32,
    /// One line.
    pub title: Option<String>,
    /// Plain text.
    pub body: Option<String>,
    /// BCP 47: the language its author used the store in.
    pub locale: String,
    /// Whether it is shown.
    pub status: Status,
    /// What support noted of it; for staff and its author's export.
    pub note: Option<String>,
    /// The publisher's answer.
    pub answer: Option<String>,
    /// UTC, of the answer.
    pub answered_at: Option<DateTimeUtc>,
    /// Votes that found it helpful.
    pub helpful_count: i64,
    /// Votes that didn't.
    pub unhelpful_count: i64,
    /// How helpful it is at least, by its votes: billionths.
    pub score: i64,
    /// Reports that nobody has judged yet.
    pub open_reports: i64,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC.
    pub updated_at: DateTimeUtc,
    /// UTC: its author took it back while it was hidden. The row stays, so that what is written anew is hidden too.
    pub removed_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
