//! What is in a library, with everything its owner may download.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Source,
    queries::{self, Owned, Place},
};
use crate::{
    app::App,
    catalog::{
        self, Kind, Market, ProductSummary,
        builds::{self, ReleasedBuild},
        licenses,
        listing::language_of,
    },
    error::{NOT_FOUND, Result},
    values::Locale,
    web::{Cursor, Page, locale::Wanted},
};

/// One product of a library.
#[derive(Debug, Serialize, ToSchema)]
pub struct LibraryItem {
    /// What is owned.
    pub product: ProductSummary,
    /// UTC, of the earliest right to it.
    pub granted_at: DateTime<Utc>,
    /// Where that right comes from.
    pub source: Source,
    /// Licence keys that came with it.
    pub license_keys: Vec<String>,
    /// What may be downloaded, newest first.
    pub builds: Vec<ReleasedBuild>,
    /// `true` until the release of what was sold before it: until then there is nothing to download, and no key is shown. Left
    /// out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub preordered: Option<bool>,
    /// UTC.
    #[schema(required)]
    pub last_downloaded_at: Option<DateTime<Utc>>,
}

/// The order of a library.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub enum LibrarySort {
    /// Newest first.
    #[default]
    #[serde(rename = "-granted_at")]
    Newest,
    /// Oldest first.
    #[serde(rename = "granted_at")]
    Oldest,
    /// By title, from A.
    #[serde(rename = "title")]
    Title,
    /// By title, from Z.
    #[serde(rename = "-title")]
    TitleBackwards,
}

/// Which part of a library is asked for.
pub struct Wish {
    /// Words of the title, in any language.
    pub q: Option<String>,
    /// Any of these.
    pub kinds: Option<Vec<Kind>>,
    /// In which order.
    pub sort: LibrarySort,
    /// Items at most.
    pub limit: u64,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Whose library, and how its products are shown.
pub struct Reader {
    /// Whose library it is.
    pub account: Uuid,
    /// Where prices are asked for.
    pub market: Market,
    /// In which languages texts are wanted.
    pub wanted: Wanted,
}

/// A page of a library, and the language of its texts.
pub async fn page(app: &App, reader: &Reader, wish: &Wish) -> Result<(Page<LibraryItem>, Locale)> {
    let list = format!("library {} {:?} {:?} {:?}", reader.account, wish.q, wish.kinds, wish.sort);
    let place = place(app, &list, wish)?;
    let shelf = catalog::shelf(wish.q.as_deref(), wish.kinds.as_deref());
    let rows = queries::page(&app.db.read, reader.account, shelf, place, wish.limit + 1).await?;
    let page = Page::of(rows, wish.limit, &app.keys.cursor, &list, |row| place_of(row, wish.sort))?;
    let (items, language) = shown(app, reader, &page.items).await?;
    Ok((Page { items, next_cursor: page.next_cursor, total: None }, language))
}

/// One product of a library, and the language of its texts; 404 unless it is owned.
pub async fn item(app: &App, reader: &Reader, product: Uuid) -> Result<(LibraryItem, Locale)> {
    let row = queries::item(&app.db.read, reader.account, catalog::shelf(None, None), product).await?;
    let row = row.ok_or(NOT_FOUND)?;
    let (mut items, language) = shown(app, reader, &[row]).await?;
    Ok((items.pop().ok_or(NOT_FOUND)?, language))
}

fn place(app: &App, list: &str, wish: &Wish) -> Result<Place> {
    let cursor = wish.cursor.as_deref();
    let descending = matches!(wish.sort, LibrarySort::Newest | LibrarySort::TitleBackwards);
    Ok(match wish.sort {
        LibrarySort::Newest | LibrarySort::Oldest => {
            let after = cursor.map(|text| Cursor::read(&app.keys.cursor, list, text)).transpose()?;
            Place::Granted { descending, after }
        }
        LibrarySort::Title | LibrarySort::TitleBackwards => {
            let after = cursor.map(|text| Cursor::read(&app.keys.cursor, list, text)).transpose()?;
            Place::Title { descending, after }
        }
    })
}

fn place_of(row: &Owned, sort: LibrarySort) -> serde_json::Value {
    match sort {
        LibrarySort::Newest | LibrarySort::Oldest => serde_json::json!([row.granted_at, row.product_id]),
        LibrarySort::Title | LibrarySort::TitleBackwards => {
            serde_json::json!([row.sort_title, row.product_id])
        }
    }
}

async fn shown(app: &App, reader: &Reader, rows: &[Owned]) -> Result<(Vec<LibraryItem>, Locale)> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.product_id).collect();
    let mut products =
        catalog::summaries(app, &app.db.read, &ids, &reader.market, &reader.wanted, app.clock.now()).await?;
    let awaited = catalog::awaited(&app.db.read, &ids, app.clock.now()).await?;
    let there: Vec<Uuid> = ids.iter().filter(|id| !awaited.contains(*id)).copied().collect();
    let mut builds = builds::offered_to(app, reader.account, &there).await?;
    let mut keys = license_keys(app, reader.account, &there).await?;
    let texts = products.values().map(|(_, language)| language.clone()).collect();
    let language = language_of(texts, &reader.wanted, &app.config.store.locale);
    let items = rows.iter().filter_map(|row| {
        let (mut product, _) = products.remove(&row.product_id)?;
        product.owned = Some(true);
        Some(LibraryItem {
            product,
            granted_at: row.granted_at,
            source: row.source,
            license_keys: keys.remove(&row.product_id).unwrap_or_default(),
            builds: builds.remove(&row.product_id).unwrap_or_default(),
            preordered: awaited.contains(&row.product_id).then_some(true),
            last_downloaded_at: row.last_downloaded_at,
        })
    });
    Ok((items.collect(), language))
}

/// The licence keys of what is owned, by product.
async fn license_keys(app: &App, account: Uuid, products: &[Uuid]) -> Result<HashMap<Uuid, Vec<String>>> {
    let sources = queries::sources(&app.db.read, account, products).await?;
    let ids: Vec<Uuid> = sources.iter().map(|(_, source)| *source).collect();
    let mut keys = licenses::show(app, &ids).await?;
    let mut found: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (product, source) in sources {
        found.entry(product).or_default().extend(keys.remove(&source));
    }
    Ok(found)
}
