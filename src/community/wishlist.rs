//! A wishlist: what an account would like to own, without what it owns already.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::wishlist_item::Model;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::queries::{self, Place};
use crate::{
    accounts,
    app::App,
    catalog::{self, Market, ProductSummary, Status, listing::language_of},
    error::{NOT_FOUND, Refusal, Result},
    library,
    values::Locale,
    web::{Cursor, Page, PageQuery, locale::Wanted},
};

/// Most products of a wishlist.
const MOST_WISHES: u64 = 500;

const ALREADY_OWNED: Refusal = Refusal::conflict("already_owned", "You own this already.");
const WISHLIST_FULL: Refusal = Refusal::conflict("wishlist_full", "A wishlist holds at most 500 products.");

/// A product of a wishlist.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WishlistItem {
    /// What is wished for.
    pub product: ProductSummary,
    /// UTC.
    pub added_at: DateTime<Utc>,
}

/// Whose wishlist, and how its products are shown.
pub(super) struct Wisher {
    pub(super) account: Uuid,
    pub(super) market: Market,
    pub(super) wanted: Wanted,
}

/// A page of a wishlist, newest first, and the language of its texts. What is owned is left out, and so is what is not in
/// the store at present.
pub(super) async fn page(
    app: &App,
    wisher: &Wisher,
    asked: &PageQuery,
) -> Result<(Page<WishlistItem>, Locale)> {
    let (key, list) = (&app.keys.cursor, format!("wishlist {}", wisher.account));
    let after = asked.cursor.as_deref().map(|text| Cursor::read::<Place>(key, &list, text)).transpose()?;
    let there = catalog::published_ids();
    let owned = [library::owned_by(wisher.account), library::bundles_of(wisher.account, None)];
    let rows = queries::wishes(&app.db.read, wisher.account, there, owned, after, asked.limit() + 1).await?;
    let page = Page::of(rows, asked.limit(), key, &list, |row| (row.added_at, row.product_id))?;
    let (items, language) = shown(app, wisher, &page.items).await?;
    Ok((Page { items, next_cursor: page.next_cursor, total: None }, language))
}

async fn shown(app: &App, wisher: &Wisher, rows: &[Model]) -> Result<(Vec<WishlistItem>, Locale)> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.product_id).collect();
    let mut products =
        catalog::summaries(app, &app.db.read, &ids, &wisher.market, &wisher.wanted, app.clock.now()).await?;
    let texts = products.values().map(|(_, language)| language.clone()).collect();
    let language = language_of(texts, &wisher.wanted, &app.config.store.locale);
    let items = rows.iter().filter_map(|row| {
        let (mut product, _) = products.remove(&row.product_id)?;
        (product.owned, product.wishlisted) = (Some(false), Some(true));
        Some(WishlistItem { product, added_at: row.added_at })
    });
    Ok((items.collect(), language))
}

/// Puts a product on a wishlist, where it may be already. The account's lock, under which rights are given too, holds
/// that it isn't owned and how long the list is.
pub(super) async fn put(app: &App, account: Uuid, product: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            accounts::lock(tx, account).await?;
            let row = catalog::product(tx, product).await?;
            row.filter(|row| row.status == Status::Published).ok_or(NOT_FOUND)?;
            if library::owned_whole(tx, account, &[product]).await?.contains(&product) {
                return Err(ALREADY_OWNED.into());
            }
            queries::wish(tx, account, product, app.clock.now()).await?;
            if queries::count_wishes(tx, account).await? > MOST_WISHES {
                return Err(WISHLIST_FULL.into());
            }
            Ok(())
        })
        .await
}

/// Takes a product off a wishlist, if it is on it; 404 for what was never in the store.
pub(super) async fn take_off(app: &App, account: Uuid, product: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            let row = catalog::product(tx, product).await?;
            row.filter(|row| row.status != Status::Draft).ok_or(NOT_FOUND)?;
            Ok(queries::unwish(tx, account, product).await?)
        })
        .await
}

/// Which of these products are on an account's wishlist.
pub async fn wished(db: &impl ConnectionTrait, account: Uuid, products: &[Uuid]) -> Result<HashSet<Uuid>> {
    Ok(queries::wished(db, account, products).await?)
}
