//! The store's e-books as an OPDS feed: those that are sold in the reader's market.
use chrono::{DateTime, Utc};
use http::Uri;
use uuid::Uuid;

use super::{
    CATALOG, FEED, LIBRARY, PUBLICATION, authentication,
    publication::{Names, acquired, images, metadata, offered},
    wire::{FacetGroup, Feed, FeedMetadata, Link, LinkPrice, Properties, Publication},
};
use crate::{
    app::App,
    catalog::{
        self, Kind, Market, Price, ProductSummary, Status,
        builds::{self, ReleasedBuild},
        listing::{ListParameters, shown},
    },
    error::{Error, NOT_FOUND, Result},
    feeds::addresses,
    storefront::{self, Facet, FacetValue, Facets},
    values::Locale,
    web::{locale::Wanted, page::DEFAULT_LIMIT},
};

/// Links of one facet at most, those to the most e-books.
const MOST_LINKS: usize = 20;
/// The facets of the first page.
const FACETS: [Facet; 3] = [Facet::Category, Facet::Tag, Facet::Language];
const BUY: &str = "http://opds-spec.org/acquisition/buy";

/// For whom a feed is made.
pub(super) struct Reader {
    pub(super) market: Market,
    pub(super) wanted: Wanted,
    /// Where it was asked for.
    pub(super) uri: Uri,
    pub(super) now: DateTime<Utc>,
}

/// A page of the e-books that are asked for, the language of its texts, and where the next begins; `whole` says that
/// nothing in particular is.
pub(super) async fn feed(
    app: &App,
    reader: &Reader,
    asked: ListParameters,
    whole: bool,
) -> Result<(Feed, Locale, Option<String>)> {
    let (limit, first) = (asked.limit.unwrap_or(DEFAULT_LIMIT), asked.cursor.is_none());
    let asked =
        // What has no price is not sold here.
        ListParameters { kind: Some(vec![Kind::Ebook]), price_min: Some(0), count: Some(true), ..asked };
    let query = asked.query(&[Status::Published]).map_err(named)?;
    let facets = if first { &FACETS[..] } else { &[] };
    let Reader { market, wanted, uri, now } = reader;
    let (found, language) = storefront::list(app, query, facets, market, wanted, *now).await?;
    let next = found.page.next_cursor;
    let metadata = FeedMetadata {
        number_of_items: found.page.total,
        items_per_page: Some(limit),
        ..FeedMetadata::titled(&app.config.store.name)
    };
    let feed = Feed {
        metadata,
        links: links(app, uri, next.as_deref()),
        navigation: if whole && first { navigation(app, uri) } else { Vec::new() },
        facets: found.facets.map(|facets| groups(app, uri, facets)).unwrap_or_default(),
        publications: publications(app, reader, &found.page.items).await?,
    };
    Ok((feed, language, next))
}

/// One e-book that is sold in the reader's market, and the language of its texts; 404.
pub(super) async fn publication(app: &App, reader: &Reader, id: Uuid) -> Result<(Publication, Locale)> {
    let Reader { market, wanted, now, .. } = reader;
    let (product, language) = shown(app, &[id], market, wanted, *now).await?.pop().ok_or(NOT_FOUND)?;
    if product.kind != Kind::Ebook || product.price.is_none() {
        return Err(NOT_FOUND.into());
    }
    let found = publications(app, reader, &[product]).await?.pop();
    Ok((found.ok_or(NOT_FOUND)?, language))
}

/// Faults of what the list calls `q` are faults of `query` here.
fn named(error: Error) -> Error {
    let Error::Invalid(mut faults) = error else { return error };
    for fault in &mut faults {
        if fault.field == "q" {
            "query".clone_into(&mut fault.field);
        }
    }
    Error::Invalid(faults)
}

async fn publications(app: &App, reader: &Reader, products: &[ProductSummary]) -> Result<Vec<Publication>> {
    let ids: Vec<Uuid> = products.iter().map(|product| product.id).collect();
    let imprints = catalog::imprints(&app.db.read, &ids).await?;
    let builds = builds::released_of(&app.db.read, &ids).await?;
    let names = Names::read(app, &reader.wanted).await?;
    let publication = |product: &ProductSummary| {
        let price = product.price.as_ref()?;
        let build = builds.get(&product.id).and_then(|builds| offered(builds));
        Some(Publication {
            metadata: metadata(product, imprints.get(&product.id)?, &names),
            links: vec![itself(app, reader, product.id), buy(app, reader, product, price, build)],
            images: images(app, product),
        })
    };
    Ok(products.iter().filter_map(publication).collect())
}

fn itself(app: &App, reader: &Reader, id: Uuid) -> Link {
    let path = format!("{CATALOG}/publications/{id}");
    Link::new("self", PUBLICATION, addresses::beside(app, &reader.uri, &path, None))
}

fn buy(
    app: &App,
    reader: &Reader,
    product: &ProductSummary,
    price: &Price,
    build: Option<&ReleasedBuild>,
) -> Link {
    let page = addresses::product(app, &product.slug);
    #[expect(clippy::cast_precision_loss, reason = "amounts are below 2^53")]
    let value = price.amount as f64 / 10_f64.powi(reader.market.currency.exponent().cast_signed());
    let properties = Properties {
        price: Some(LinkPrice { value, currency: price.currency.clone() }),
        indirect_acquisition: acquired(build),
        ..Properties::default()
    };
    Link { properties: Some(properties), ..Link::new(BUY, page.kind, page.url) }
}

fn links(app: &App, uri: &Uri, next: Option<&str>) -> Vec<Link> {
    let template = addresses::beside(app, uri, CATALOG, None);
    let mark = if template.contains('?') { '&' } else { '?' };
    let search = Link::new("search", FEED, format!("{template}{{{mark}query}}"));
    let mut links = vec![
        Link::new("self", FEED, addresses::here(app, uri)),
        Link::new("start", FEED, addresses::beside(app, uri, CATALOG, None)),
        Link::new("first", FEED, addresses::changed(app, uri, "cursor", None)),
        Link { templated: true, ..search },
        Link::new("http://opds-spec.org/shelf", FEED, addresses::beside(app, uri, LIBRARY, None)),
        authentication::link(app),
    ];
    links
        .extend(next.map(|next| Link::new("next", FEED, addresses::changed(app, uri, "cursor", Some(next)))));
    links
}

fn navigation(app: &App, uri: &Uri) -> Vec<Link> {
    let to = |rel, title, parameter| {
        Link::new(rel, FEED, addresses::beside(app, uri, CATALOG, Some(parameter))).titled(title)
    };
    let mine = addresses::beside(app, uri, LIBRARY, None);
    vec![
        to("http://opds-spec.org/sort/new", "New", ("sort", "-created_at")),
        to("http://opds-spec.org/sort/popular", "Popular", ("sort", "-popularity")),
        to("http://opds-spec.org/featured", "On sale", ("on_sale", "true")),
        to("subsection", "Free", ("free", "true")),
        to("subsection", "By title", ("sort", "title")),
        Link::new("http://opds-spec.org/shelf", FEED, mine).titled("My library"),
    ]
}

fn groups(app: &App, uri: &Uri, facets: Facets) -> Vec<FacetGroup> {
    let group = |title: &str, name: &str, values: Option<Vec<FacetValue>>| {
        let values = values.unwrap_or_default().into_iter().filter(|value| value.count > 0);
        let link = |value: FacetValue| Link {
            href: addresses::changed(app, uri, name, Some(&value.value)),
            kind: Some(FEED),
            rel: addresses::says(uri, name, &value.value).then_some("self"),
            title: Some(value.label),
            properties: Some(Properties { number_of_items: Some(value.count), ..Properties::default() }),
            ..Link::default()
        };
        let links: Vec<Link> = values.take(MOST_LINKS).map(link).collect();
        (!links.is_empty()).then(|| FacetGroup { metadata: FeedMetadata::titled(title), links })
    };
    let groups = [
        group("Category", "category", facets.category),
        group("Tag", "tag", facets.tag),
        group("Language", "language", facets.language),
    ];
    groups.into_iter().flatten().collect()
}
