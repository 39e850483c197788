//! What pages of products say, kept in memory until the catalog changes, and no longer than an answer to strangers: another page
//! of the same product, for a reader of the same market and languages, asks the database nothing.
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use uuid::Uuid;

use super::cards::{SHARE, next_boundary, reader};
use crate::{
    app::App,
    catalog::{
        Market, ProductDetail,
        listing::{Found, find},
        product_detail,
    },
    config,
    error::{NOT_FOUND, Result},
    web::{etag::KEPT, locale::Wanted},
};

/// Pages by reader and by what the product is called in the address. Each holds while the generation of answers lasts in which it
/// was read.
pub(super) struct Pages(Cache<(Arc<str>, Box<str>), Arc<Kept>>);

struct Kept {
    /// The state of the catalog that it shows.
    generation: u64,
    /// UTC, exclusive: how long it holds, which is not beyond the next beginning or end of a sale.
    until: DateTime<Utc>,
    detail: ProductDetail,
    /// Bytes of its text, of which memory takes about as many.
    bytes: usize,
}

/// What a name leads to.
pub(super) enum Named {
    /// A published product.
    Product(Box<ProductDetail>),
    /// The present slug of one that had this one before.
    Moved(String),
}

impl Pages {
    /// None yet, and in all no more than the settings let.
    pub(super) fn new(settings: &config::Storefront) -> Self {
        let weight = |(reader, name): &(Arc<str>, Box<str>), kept: &Arc<Kept>| {
            let bytes = (size_of::<Kept>() + reader.len() + name.len()).saturating_add(kept.bytes);
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(settings.cache_bytes / SHARE).weigher(weight).build())
    }
}

/// What a product's id, slug or former slug leads to, as a reader sees it at a moment. 404 for no published product.
pub(super) async fn open(
    app: &App,
    name: &str,
    market: &Market,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Named> {
    let Pages(pages) = app.read_model.pages();
    let generation = app.answers.generation();
    // However an id is written.
    let name = Uuid::try_parse(name).map_or_else(|_| name.to_owned(), |id| id.to_string());
    let key = (reader(market, wanted), name.as_str().into());
    let holds = |kept: &Arc<Kept>| kept.generation == generation && now < kept.until;
    if let Some(kept) = pages.get(&key).filter(holds) {
        return Ok(Named::Product(Box::new(kept.detail.clone())));
    }
    let opened = match find(&app.db.read, &name, market).await?.ok_or(NOT_FOUND)? {
        Found::Product(opened) => *opened,
        Found::Moved(slug) => return Ok(Named::Moved(slug)),
    };
    let detail = product_detail(app, opened, market, wanted, now).await?;
    // One that is sold before it is released is so until a moment that no boundary tells.
    if detail.preorder.is_none() && generation == app.answers.generation() && app.read_model.is_ready() {
        let until = now + TimeDelta::seconds(KEPT.into());
        let until = next_boundary(app, now).await?.map_or(until, |next| next.min(until));
        let bytes = serde_json::to_vec(&detail).map_or(usize::MAX, |text| text.len());
        pages.insert(key, Arc::new(Kept { generation, until, detail: detail.clone(), bytes }));
    }
    Ok(Named::Product(Box::new(detail)))
}
