//! The catalog: products with their texts, prices, labels and builds, as those who keep it see them.
mod admin_api;
mod admin_product;
mod bought_together;
pub mod builds;
mod categories;
pub mod checks;
mod contents;
mod create;
mod derived;
mod detail;
mod drops;
mod edit;
mod import;
mod imprint;
pub mod licenses;
pub mod listing;
mod lowest;
mod markdown;
pub mod media;
mod media_checks;
pub mod object_rows;
mod occasions;
mod offer;
mod popularity;
mod price;
mod pricing;
mod publish;
mod published;
mod queries;
mod ratings;
mod relations;
mod release;
mod requirements;
mod sales;
mod shelf;
mod slugs;
pub mod stamped;
mod summary;
mod tags;
mod texts;

use utoipa_axum::router::OpenApiRouter;

pub use bought_together::{bought_with, bought_with_others, set_bought_together};
pub use categories::{Category, NewCategory, create as create_category, translate as translate_category};
pub use detail::{BuildSummary, Opened, ProductDetail, product_detail};
pub use drops::{PriceDrop, price_drop};
pub use entity::{
    product::{Kind, Model as Product, Status},
    product_platform::Platform,
};
pub use import::{BadLine, Tally, import};
pub use imprint::{Imprint, RunningSale, imprints, running_sales};
pub use occasions::{SaleSpan, released_in, sale, sales_begun, sales_ending};
pub use offer::{Offer, offers, was_published};
pub use popularity::set_popularity;
pub use price::{Market, Price, Unfit};
pub use pricing::next_boundary;
pub use published::{Findable, LabelNames, Published, changed_at, published, published_after, standing_in};
pub use queries::parts::RUNS_ON;
pub use ratings::{Histogram, lock_rating, products_after, rate};
pub use relations::{bundles_within, contents};
pub use release::{Release, awaited, preorders_of_days, releases, releases_come};
pub use shelf::{Shelf, published_ids, shelf};
pub use summary::{
    ProductSummary, Rating, has_products, known, product, product_by_slug, statuses, summaries, summaries_of,
};
pub use tags::{NewTag, Tag, create as create_tag, translate as translate_tag};

use crate::app::App;

/// The routes of the back office's catalog.
pub fn routes() -> OpenApiRouter<App> {
    admin_api::routes().merge(listing::routes())
}

/// The routes whose bodies are as long as they flow: the import.
pub fn streams() -> OpenApiRouter<App> {
    admin_api::streams()
}
