//! The public reviews of a product, in pages, and what they come to.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    review_pages::{self, Place},
    reviewed::readable,
    shown::{Review, shown},
};
use crate::{
    app::App,
    catalog::{Histogram, Product},
    error::{Error, Result},
    values::{Locale, Stars},
    web::{Cursor, Page, PageQuery},
};

/// In which order reviews come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReviewSort)]
pub(super) enum Sort {
    /// What most surely helps first; of equals the newest.
    #[default]
    #[serde(rename = "-helpful")]
    Helpful,
    /// The newest first.
    #[serde(rename = "-created_at")]
    Newest,
    /// The fewest stars first; of equals the newest.
    #[serde(rename = "rating")]
    Worst,
    /// The most stars first; of equals the newest.
    #[serde(rename = "-rating")]
    Best,
}

/// Which reviews are listed; what is absent rules nothing out.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Filter {
    /// Of any of these stars.
    pub(super) rating: Option<Vec<Stars>>,
    /// In this language; one without a region takes every region's.
    pub(super) locale: Option<Locale>,
}

/// A page of reviews, and what all published reviews of the product come to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReviewPage {
    #[serde(flatten)]
    pub(super) page: Page<Review>,
    /// Of every published review, whatever the filters.
    summary: Summary,
}

/// What the published reviews of a product come to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewSummary)]
pub(super) struct Summary {
    /// Stars from 1 to 5, 0 without reviews.
    average: f64,
    /// Published reviews.
    count: i64,
    /// Reviews by their stars, `1` to `5`.
    histogram: BTreeMap<String, i64>,
}

impl Summary {
    fn of(product: &Product) -> Self {
        let counts = (1..).zip(Histogram::of(product).counts());
        Self {
            average: product.rating_average,
            count: product.rating_count,
            histogram: counts.map(|(stars, count): (i32, i64)| (stars.to_string(), count)).collect(),
        }
    }
}

/// A page of the published reviews of a product, for who may read them.
pub(super) async fn page(
    app: &App,
    product: Uuid,
    reader: Option<Uuid>,
    filter: &Filter,
    sort: Sort,
    asked: &PageQuery,
) -> Result<ReviewPage> {
    let db = &app.db.read;
    let product = readable(db, product, reader).await?;
    let list = serde_json::to_string(&("reviews", product.id, filter, sort)).map_err(Error::unexpected)?;
    let key = &app.keys.cursor;
    let after = asked.cursor.as_deref().map(|text| Cursor::read::<Place>(key, &list, text)).transpose()?;
    let limit = asked.limit();
    let rows = review_pages::published(db, product.id, filter, sort, after, limit.saturating_add(1)).await?;
    let page = Page::of(rows, limit, key, &list, Place::of)?;
    let items = shown(db, page.items).await?;
    let page = Page { items, next_cursor: page.next_cursor, total: None };
    Ok(ReviewPage { page, summary: Summary::of(&product) })
}
