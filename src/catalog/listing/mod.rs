//! Lists of products: filtered, sorted, paged, each page by one statement (two where texts are
//! translated, and a few more for what is on sale).
mod admin_api;
mod costs;
mod filters;
mod find;
mod labels;
mod parameters;
mod reach;
mod row;
mod sort;
mod spelling;
mod sql;
mod statements;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

pub use filters::Filters;
pub use find::{Found, find};
pub use labels::{Label, LabelKind, labels};
pub use parameters::ListParameters;
pub use reach::{Reach, reach};
pub use row::Listed;
pub use sort::{By, Sort};

pub(super) use admin_api::routes;

use super::{Market, ProductSummary, Status, pricing};
use crate::{
    app::App,
    error::Result,
    values::Locale,
    web::{Cursor, Page, locale::Wanted},
};
use sort::Place;
use statements::Reader;
pub use statements::language_of;

/// Which products, in which order, and which part of them.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// Which products.
    pub filters: Filters,
    /// In which order.
    pub sort: Sort,
    /// Whether to count all of them.
    pub count: bool,
    /// Items at most.
    pub limit: u64,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A page of products, each in the best language there is for the reader.
pub struct Listing {
    /// The products.
    pub page: Page<Listed>,
    /// The language of the texts: the reader's best of those that occur, else the store's.
    pub locale: Locale,
}

/// A page of products as a market sees them.
///
/// Pages follow each other by keyset: what is inserted meanwhile is neither skipped nor repeated. 400 `invalid_cursor` for a cursor of another list.
pub async fn list(
    app: &App,
    query: ListQuery,
    market: &Market,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Listing> {
    let (db, key) = (&app.db.read, &app.keys.cursor);
    let ListQuery { mut filters, sort, count, limit, cursor } = query;
    let name = name(&filters, sort, market)?;
    let after: Option<Place> = cursor.map(|text| Cursor::read(key, &name, &text)).transpose()?;
    spelling::resolve(db, &mut filters).await?;
    let reader = Reader { db, filters: &filters, sort, market, now };
    let rows = reader.page(after, limit.saturating_add(1)).await?;
    let mut page = Page::of(rows, limit, key, &name, |(_, place)| place.clone())?.map(|(listed, _)| listed);
    price(db, &mut page.items, market, now).await?;
    if count {
        page.total = Some(reader.total().await?);
    }
    let own = &app.config.store.locale;
    let texts = statements::translate(db, &mut page.items, wanted, own).await?;
    let locale = language_of(texts, wanted, own);
    page.items.iter_mut().for_each(|item| item.summary.locate(app));
    Ok(Listing { page, locale })
}

/// Says of those that are on sale, or of which buyers choose the amount, all of their prices of a moment.
async fn price(
    db: &impl ConnectionTrait,
    items: &mut [Listed],
    market: &Market,
    now: DateTime<Utc>,
) -> Result<()> {
    let open = items.iter().filter(|item| !item.is_priced && item.summary.price.is_some());
    let ids: Vec<Uuid> = open.map(|item| item.summary.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let mut prices = pricing::prices(db, &ids, market, now).await?;
    for item in items {
        item.summary.price = prices.remove(&item.summary.id).or(item.summary.price.take());
    }
    Ok(())
}

/// Published products of these ids, in no order, in the best language there is for the reader, with the prices of a
/// moment; and the language of each one's texts. What is no longer there is left out.
pub async fn shown(
    app: &App,
    ids: &[Uuid],
    market: &Market,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Vec<(ProductSummary, Locale)>> {
    let db = &app.db.read;
    let filters = Filters::default();
    let sort = Sort { by: By::Price, descending: false };
    let rows = Reader { db, filters: &filters, sort, market, now }.these(ids).await?;
    let mut items: Vec<Listed> = rows.into_iter().map(|(listed, _)| listed).collect();
    items.retain(|item| item.status == Status::Published);
    price(db, &mut items, market, now).await?;
    let texts = statements::translate(db, &mut items, wanted, &app.config.store.locale).await?;
    items.iter_mut().for_each(|item| item.summary.locate(app));
    Ok(items.into_iter().map(|item| item.summary).zip(texts).collect())
}

/// What a cursor is bound to: everything that says which products come in which order.
pub fn name(filters: &Filters, sort: Sort, market: &Market) -> Result<String> {
    let filters = serde_json::to_string(filters).map_err(crate::error::Error::unexpected)?;
    Ok(format!("products {sort} {} {} {filters}", market.currency, market.country))
}
