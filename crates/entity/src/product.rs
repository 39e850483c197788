//! Something sold: a game, a program, an e-book.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is sold.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[schema(as = ProductKind)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Kind {
    /// A game.
    #[sea_orm(string_value = "game")]
    Game,
    /// A program.
    #[sea_orm(string_value = "software")]
    Software,
    /// An e-book.
    #[sea_orm(string_value = "ebook")]
    Ebook,
}

/// Where a product stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[schema(as = ProductStatus)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// Seen by editors alone.
    #[sea_orm(string_value = "draft")]
    Draft,
    /// In the store.
    #[sea_orm(string_value = "published")]
    Published,
    /// No longer sold; owners keep it.
    #[sea_orm(string_value = "archived")]
    Archived,
}

/// Something sold: a game, a program, an e-book.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "product")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its id in the file it was imported from.
    pub external_id: Option<String>,
    /// Its name in addresses.
    pub slug: String,
    /// What it is.
    pub kind: Kind,
    /// Where it stands between draft and archive.
    pub status: Status,
    /// In the store's own language.
    pub title: String,
    /// `title` folded for sorting.
    pub sort_title: String,
    /// One or two sentences.
    pub summary: String,
    /// Markdown.
    pub description: String,
    /// Who sells it.
    pub publisher: Option<String>,
    /// Who made it.
    pub developer: Option<String>,
    /// First released.
    pub release_date: Option<Date>,
    /// Youngest age it is meant for, years.
    pub age_rating: Option<i32>,
    /// What it runs on.
    #[sea_orm(column_type = "JsonBinary")]
    pub system_requirements: Option<Json>,
    /// Addresses of pictures, the first is the cover.
    #[sea_orm(column_type = "JsonBinary")]
    pub media_urls: Json,
    /// Uploaded pictures, the cover first, as their addresses below the store's own; what `product_media` and
    /// `product_media_file` hold, kept beside for reading.
    #[sea_orm(column_type = "JsonBinary")]
    pub pictures: Json,
    /// Slugs, sorted; what `product_tag` holds, kept beside for reading.
    #[sea_orm(column_type = "JsonBinary")]
    pub tags: Json,
    /// Slugs, sorted; what `product_category` holds, kept beside for reading.
    #[sea_orm(column_type = "JsonBinary")]
    pub categories: Json,
    /// Sorted; what `product_platform` holds, kept beside for reading.
    #[sea_orm(column_type = "JsonBinary")]
    pub platforms: Json,
    /// Sorted; what `product_language` holds, kept beside for reading.
    #[sea_orm(column_type = "JsonBinary")]
    pub languages: Json,
    /// Folded words of the titles, summaries, makers and tags in every language.
    pub search_text: String,
    /// Sum of the stars of its published reviews.
    pub rating_sum: i64,
    /// How many published reviews.
    pub rating_count: i64,
    /// Stars, 0 without reviews.
    pub rating_average: f64,
    /// Published reviews of one star.
    pub stars_1: i64,
    /// Published reviews of two stars.
    pub stars_2: i64,
    /// Published reviews of three stars.
    pub stars_3: i64,
    /// Published reviews of four stars.
    pub stars_4: i64,
    /// Published reviews of five stars.
    pub stars_5: i64,
    /// Paid lines of the last 30 days.
    pub popularity: i64,
    /// Whether a buyer chooses the amount of any of its prices; what `product_price` says, kept beside for reading.
    pub pay_what_you_want: bool,
    /// Whether it is sold before it is released, and delivered from then on.
    pub preorder: bool,
    /// Raised by every edit: the entity tag of the back office.
    pub version: i64,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC.
    pub updated_at: DateTimeUtc,
    /// UTC, of the first publication.
    pub published_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
