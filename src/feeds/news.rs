//! What there is to tell of the catalog: new products, and those that are reduced.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use http::Uri;
use uuid::Uuid;

use super::{
    addresses,
    atom::{Entry, EntryPrice, EntrySale, Feed},
};
use crate::{
    app::App,
    catalog::{
        self, Imprint, Market, Price, ProductSummary, RunningSale, Status,
        listing::{By, ListParameters, Sort},
    },
    error::Result,
    keys::sha256,
    storefront,
    values::{Locale, Money},
    web::locale::Wanted,
};

/// Entries of one page of a feed.
const MOST_ENTRIES: u64 = 50;

/// Which feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// Products in the order of their publication, the newest first.
    New,
    /// Products on which a sale runs, the most popular first.
    Sales,
}

/// For whom a feed is made, and which part of it.
pub(super) struct Asked {
    pub(super) market: Market,
    pub(super) wanted: Wanted,
    /// The language that the address names.
    pub(super) locale: Option<Locale>,
    pub(super) cursor: Option<String>,
}

/// A page of a feed, the language of its texts, and where the next begins.
pub(super) async fn page(
    app: &App,
    channel: Channel,
    asked: Asked,
    uri: &Uri,
    now: DateTime<Utc>,
) -> Result<(Feed, Locale, Option<String>)> {
    let Asked { market, wanted, locale, cursor } = asked;
    let (found, language) = match channel {
        Channel::New => {
            storefront::newest(app, MOST_ENTRIES, cursor.as_deref(), &market, &wanted, now).await?
        }
        Channel::Sales => {
            let query = reduced(cursor).query(&[Status::Published])?;
            let (found, language) = storefront::list(app, query, &[], &market, &wanted, now).await?;
            (found.page, language)
        }
    };
    let ids: Vec<Uuid> = found.items.iter().map(|product| product.id).collect();
    let imprints = catalog::imprints(&app.db.read, &ids).await?;
    let sales = catalog::running_sales(&app.db.read, &ids, now).await?;
    let next_cursor = found.next_cursor;
    let feed = Feed {
        id: channel.id(app, &market, locale.as_ref()),
        title: format!("{}: {}", app.config.store.name, channel.title()),
        language: language.to_string(),
        author: app.config.store.name.clone(),
        address: addresses::here(app, uri),
        first: addresses::changed(app, uri, "cursor", None),
        next: next_cursor.as_deref().map(|cursor| addresses::changed(app, uri, "cursor", Some(cursor))),
        entries: entries(app, channel, found.items, &imprints, &sales, &market),
    };
    Ok((feed, language, next_cursor))
}

fn reduced(cursor: Option<String>) -> ListParameters {
    ListParameters {
        on_sale: Some(true),
        sort: Some(Sort { by: By::Popularity, descending: true }),
        limit: Some(MOST_ENTRIES),
        cursor,
        ..ListParameters::default()
    }
}

impl Channel {
    fn title(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Sales => "sales",
        }
    }

    /// The same for every page, as long as the store has its address and the reader asks for the same.
    fn id(self, app: &App, market: &Market, locale: Option<&Locale>) -> Uuid {
        let locale = locale.map_or("", Locale::as_str);
        let text = format!(
            "{} {} {} {locale} {}",
            self.title(),
            market.currency,
            market.country,
            app.public_url("/")
        );
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(sha256(text.as_bytes())).for_each(|(byte, digest)| *byte = digest);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}

fn entries(
    app: &App,
    channel: Channel,
    products: Vec<ProductSummary>,
    imprints: &HashMap<Uuid, Imprint>,
    sales: &HashMap<Uuid, RunningSale>,
    market: &Market,
) -> Vec<Entry> {
    let entry = |product: ProductSummary| {
        let (imprint, sale) = (imprints.get(&product.id)?, sales.get(&product.id));
        let price = product.price.as_ref().map(|price| shown(price, sale, market));
        let mut entry = Entry {
            id: product.id,
            published_at: imprint.published_at,
            updated_at: imprint.updated_at,
            address: addresses::product(app, &product.slug),
            author: product.developer.or(product.publisher),
            title: product.title,
            summary: product.summary,
            categories: product.tags,
            price,
        };
        if channel == Channel::Sales {
            // A product's next sale is news of its own.
            let sale = sale?;
            entry.id = sale.id;
            entry.published_at = sale.starts_at;
            entry.updated_at = sale.starts_at.max(imprint.updated_at);
        }
        Some(entry)
    };
    products.into_iter().filter_map(entry).collect()
}

fn shown(price: &Price, sale: Option<&RunningSale>, market: &Market) -> EntryPrice {
    let currency = &market.currency;
    let show = |amount| {
        let money = Money { amount, currency: currency.clone() };
        format!("{} {currency}", money.digits("", "."))
    };
    let sale = sale.zip(price.sale_ends_at).map(|(sale, ends_at)| EntrySale {
        price: show(price.amount),
        starts_at: sale.starts_at,
        ends_at,
    });
    EntryPrice { base: show(price.base_amount), sale }
}
