//! Atom feeds and the sitemap on the wire.
use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Uri, header};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    atom,
    news::{self, Asked, Channel},
    sitemap,
};
use crate::{
    app::App,
    catalog::Market,
    error::Result,
    storefront::Visitor,
    values::{Country, Currency, Locale},
    web::{Query, page::linked},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(new_feed)).routes(routes!(sales_feed)).routes(routes!(read_sitemap))
}

/// In which market and language a feed is, and which part of it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FeedParameters {
    /// Prices are in it; default: the store's.
    #[param(inline)]
    currency: Option<Currency>,
    /// Prices are for it; default: the account's, else the store's.
    #[param(inline)]
    country: Option<Country>,
    /// Texts are in it where they are translated; default: the account's, then `Accept-Language`, then the store's.
    #[param(inline)]
    locale: Option<Locale>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// New products as an Atom feed, the newest first.
///
/// Pages of at most 50 entries follow each other by `rel="next"` (RFC 5005).
#[utoipa::path(
    get, path = "/feeds/new.atom", tag = "feeds", security(()), params(FeedParameters),
    responses(
        (status = 200, body = String, content_type = "application/atom+xml"),
        (status = 304, description = "Unchanged since the `ETag` that `If-None-Match` names."),
    )
)]
async fn new_feed(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<FeedParameters>,
) -> Result<Response> {
    feed(&app, &visitor, Channel::New, &uri, asked).await
}

/// Reduced products as an Atom feed, the most popular first: what they cost and until when.
///
/// An entry is a product's sale, so its next one is news again. Pages of at most 50 entries follow each other by
/// `rel="next"` (RFC 5005).
#[utoipa::path(
    get, path = "/feeds/sales.atom", tag = "feeds", security(()), params(FeedParameters),
    responses(
        (status = 200, body = String, content_type = "application/atom+xml"),
        (status = 304, description = "Unchanged since the `ETag` that `If-None-Match` names."),
    )
)]
async fn sales_feed(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<FeedParameters>,
) -> Result<Response> {
    feed(&app, &visitor, Channel::Sales, &uri, asked).await
}

async fn feed(
    app: &App,
    visitor: &Visitor,
    channel: Channel,
    uri: &Uri,
    asked: FeedParameters,
) -> Result<Response> {
    let FeedParameters { currency, country, locale, cursor } = asked;
    let market = Market::asked(currency, country, visitor.account.as_ref(), &app.config.store);
    let asked = Asked { market, wanted: visitor.wanted(locale.clone()), locale, cursor };
    let now = app.clock.now();
    let (feed, language, next) = news::page(app, channel, asked, uri, now).await?;
    let response = linked(xml(atom::MEDIA_TYPE, feed.document()?), uri, next.as_deref());
    visitor.sign_prices(app, response, &language, now).await
}

/// Which part of the sitemap.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SitemapParameters {
    /// As the index says it.
    cursor: Option<String>,
}

/// The pages of all published products for search engines.
///
/// Where they are more than one sitemap holds (50,000), it is an index of sitemaps.
#[utoipa::path(
    get, path = "/feeds/sitemap.xml", tag = "feeds", security(()), params(SitemapParameters),
    responses(
        (status = 200, body = String, content_type = "application/xml"),
        (status = 304, description = "Unchanged since the `ETag` that `If-None-Match` names."),
    )
)]
async fn read_sitemap(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<SitemapParameters>,
) -> Result<Response> {
    let document = sitemap::document(&app, asked.cursor.as_deref()).await?;
    Ok(visitor.sign(xml(sitemap::MEDIA_TYPE, document), &app.config.store.locale))
}

fn xml(media_type: &'static str, document: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))], document).into_response()
}
