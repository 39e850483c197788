//! What somebody who has begun to type may mean: products, tags and publishers.
use std::collections::HashMap;

use search::{By, Filters, Named, Query, Sort, Words};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    cards::{names, shown},
    index::ask,
    list::priced,
};
use crate::{
    app::App,
    catalog::{Kind, Market, ProductSummary, listing::LabelKind},
    error::{Error, Result},
    values::Locale,
    web::locale::Wanted,
};

/// Tags at most, and publishers at most, whatever the limit: products are what is looked for.
const MOST_LABELS: usize = 5;

/// Something that may be meant.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Suggestion {
    /// A product.
    Product {
        /// Its title, in the reader's language where there is a translation.
        text: String,
        /// UUIDv7.
        id: Uuid,
        /// Its name in addresses.
        slug: String,
        /// What it is.
        kind: Kind,
        /// A picture.
        cover_url: Option<String>,
    },
    /// A tag: `tag` of the list of products takes its slug.
    Tag {
        /// Its name, in the reader's language where there is a translation.
        text: String,
        /// Its name in addresses.
        slug: String,
        /// Published products that bear it.
        product_count: u64,
    },
    /// A publisher: `publisher` of the list of products takes the text.
    Publisher {
        /// Its name.
        text: String,
        /// Published products of theirs.
        product_count: u64,
    },
}

impl Suggestion {
    fn of(product: ProductSummary) -> Self {
        Self::Product {
            text: product.title,
            id: product.id,
            slug: product.slug,
            kind: product.kind,
            cover_url: product.cover_url,
        }
    }
}

/// What a text may be the beginning of: at most `limit` products, the best first, then tags and publishers, those with
/// the most products first; and the language of the texts. Nothing for a blank text.
pub(super) async fn suggest(
    app: &App,
    text: &str,
    limit: u64,
    market: &Market,
    wanted: &Wanted,
) -> Result<(Vec<Suggestion>, Locale)> {
    let own = &app.config.store.locale;
    let Some(words) = Words::of(text) else { return Ok((Vec::new(), own.clone())) };
    let (now, limit) = (app.clock.now(), usize::try_from(limit).unwrap_or(usize::MAX));
    let snapshot = app.read_model.snapshot(app).await?;
    let names = names(app, LabelKind::Tag, wanted).await?;
    let begun = names.iter().filter(|(slug, tag)| words.begin(&tag.name) || words.begin(slug));
    let tags: HashMap<String, String> = begun.map(|(slug, tag)| (slug.clone(), tag.name.clone())).collect();
    let asked = Query {
        words: Some(words.clone()),
        languages: wanted.searched(own),
        filters: Filters::default(),
        market: priced(market),
        now: now.timestamp_micros(),
        sort: Sort { by: By::Relevance, descending: true },
        after: None,
        limit,
        facets: Vec::new(),
        count: false,
    };
    let found = ask(snapshot, move |snapshot| {
        let named = snapshot.occurring(Named::Tag, MOST_LABELS, |slug| tags.contains_key(slug));
        let publishers = snapshot.occurring(Named::Publisher, MOST_LABELS, |name| words.begin(name));
        snapshot.search(&asked).map(|found| (found, named, tags, publishers))
    });
    let (found, named, mut tags, publishers) = found.await?.map_err(Error::unexpected)?;

    let hits: Vec<Uuid> = found.hits.iter().map(|hit| hit.id).collect();
    let bearers = publishers.iter().map(|publisher| publisher.bearer).filter(|bearer| !hits.contains(bearer));
    let ids: Vec<Uuid> = hits.iter().copied().chain(bearers).collect();
    let (products, locale) = shown(app, &ids, market, wanted, now).await?;
    let published_by = |bearer| products.iter().find(|one| one.id == bearer)?.publisher.clone();
    let publishers: Vec<Suggestion> = publishers
        .into_iter()
        .filter_map(|found| {
            Some(Suggestion::Publisher { text: published_by(found.bearer)?, product_count: found.documents })
        })
        .collect();
    let products = products.into_iter().filter(|one| hits.contains(&one.id)).map(Suggestion::of);
    let tags = named.into_iter().filter_map(|found| {
        let text = tags.remove(&found.label)?;
        Some(Suggestion::Tag { text, slug: found.label, product_count: found.documents })
    });
    Ok((products.chain(tags).chain(publishers).collect(), locale))
}
