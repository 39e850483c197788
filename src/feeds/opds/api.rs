//! The catalog of e-books on the wire.
use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    FEED, PUBLICATION,
    asking::Guest,
    authentication::{self, Authentication},
    catalog::{self, Reader},
    wire::{Feed, Publication},
};
use crate::{
    app::App,
    catalog::{
        Market,
        listing::{ListParameters, Sort},
    },
    error::{Error, Result},
    values::{Country, Currency, Locale, Slug},
    web::{Path, Query, etag, page::linked, query::NoParameters},
};

/// A cover for what has none.
const COVER: &[u8] = include_bytes!("cover.png");
/// Seconds that what only a new version changes may be kept.
const LASTING: u32 = 86_400;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read_catalog))
        .routes(routes!(read_publication))
        .routes(routes!(read_authentication))
        .routes(routes!(read_cover))
}

/// Which e-books, in which market and language.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CatalogParameters {
    /// Words: each must begin a word of the titles, summaries, makers or tags, in any language.
    #[param(max_length = 200)]
    query: Option<String>,
    /// By slug.
    #[param(inline)]
    tag: Option<Slug>,
    /// This or what stands below it, by slug.
    #[param(inline)]
    category: Option<Slug>,
    /// What it is written in, exactly: `pt` doesn't find `pt-BR`.
    #[param(inline)]
    language: Option<Locale>,
    /// What costs nothing, or what costs something.
    free: Option<bool>,
    /// What is reduced at present, or what isn't.
    on_sale: Option<bool>,
    /// As in the list of products.
    #[param(inline)]
    sort: Option<Sort>,
    /// Prices are in it; default: the store's.
    #[param(inline)]
    currency: Option<Currency>,
    /// Prices are for it; default: the account's, else the store's.
    #[param(inline)]
    country: Option<Country>,
    /// Texts are in it where they are translated; default: the account's, then `Accept-Language`, then the store's.
    #[param(inline)]
    locale: Option<Locale>,
    /// Publications at most.
    #[param(minimum = 1, maximum = 100, default = 24)]
    limit: Option<u64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl CatalogParameters {
    /// Whether nothing in particular is asked for.
    fn whole(&self) -> bool {
        let filters = [self.query.is_some(), self.tag.is_some(), self.category.is_some()];
        let more =
            [self.language.is_some(), self.free.is_some(), self.on_sale.is_some(), self.sort.is_some()];
        !filters.into_iter().chain(more).any(|given| given)
    }

    fn list(self) -> ListParameters {
        ListParameters {
            q: self.query,
            tag: self.tag.map(|tag| vec![tag]),
            category: self.category.map(|category| vec![category]),
            language: self.language.map(|language| vec![language]),
            free: self.free,
            on_sale: self.on_sale,
            sort: self.sort,
            limit: self.limit,
            cursor: self.cursor,
            ..ListParameters::default()
        }
    }
}

/// The e-books that are sold in a market, for e-readers (OPDS 2.0).
///
/// The first page of the whole catalog leads to other feeds; `search` is a template; pages follow each other by `next`.
/// HTTP Basic with an API key as the password is taken as well as a token.
#[utoipa::path(
    get, path = "/opds", tag = "opds", security(()), params(CatalogParameters),
    responses(
        (status = 200, body = Feed, content_type = "application/opds+json"),
        (status = 304, description = "Unchanged since the `ETag` that `If-None-Match` names."),
        (status = 401, body = Authentication, content_type = "application/opds-authentication+json", description = "The credential is no good."),
    )
)]
async fn read_catalog(
    State(app): State<App>,
    Guest(visitor): Guest,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<CatalogParameters>,
) -> Result<Response> {
    let (account, store) = (visitor.account.as_ref(), &app.config.store);
    let market = Market::asked(asked.currency.clone(), asked.country.clone(), account, store);
    let wanted = visitor.wanted(asked.locale.clone());
    let reader = Reader { market, wanted, uri, now: app.clock.now() };
    let whole = asked.whole();
    let (feed, language, next) = catalog::feed(&app, &reader, asked.list(), whole).await?;
    let response = linked(json(FEED, &feed), &reader.uri, next.as_deref());
    visitor.sign_prices(&app, response, &language, reader.now).await
}

/// In which market and language a publication is shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PublicationParameters {
    /// The price is in it; default: the store's.
    #[param(inline)]
    currency: Option<Currency>,
    /// The price is for it; default: the account's, else the store's.
    #[param(inline)]
    country: Option<Country>,
    /// Texts are in it where they are translated; default: the account's, then `Accept-Language`, then the store's.
    #[param(inline)]
    locale: Option<Locale>,
}

/// One e-book that is sold in a market (OPDS 2.0).
#[utoipa::path(
    get, path = "/opds/publications/{product_id}", tag = "opds", security(()),
    params(("product_id" = Uuid, Path), PublicationParameters),
    responses(
        (status = 200, body = Publication, content_type = "application/opds-publication+json"),
        (status = 304, description = "Unchanged since the `ETag` that `If-None-Match` names."),
        (status = 401, body = Authentication, content_type = "application/opds-authentication+json", description = "The credential is no good."),
    )
)]
async fn read_publication(
    State(app): State<App>,
    Guest(visitor): Guest,
    OriginalUri(uri): OriginalUri,
    Path(product_id): Path<Uuid>,
    Query(asked): Query<PublicationParameters>,
) -> Result<Response> {
    let store = &app.config.store;
    let market = Market::asked(asked.currency, asked.country, visitor.account.as_ref(), store);
    let reader = Reader { market, wanted: visitor.wanted(asked.locale), uri, now: app.clock.now() };
    let (publication, language) = catalog::publication(&app, &reader, product_id).await?;
    visitor.sign_prices(&app, json(PUBLICATION, &publication), &language, reader.now).await
}

/// How an e-reader signs in (Authentication for OPDS).
#[utoipa::path(
    get, path = "/opds/authentication", tag = "opds", security(()),
    responses((status = 200, body = Authentication, content_type = "application/opds-authentication+json")),
)]
async fn read_authentication(
    State(app): State<App>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Response {
    let mut response = json(authentication::MEDIA_TYPE, &authentication::document(&app));
    etag::lasting(response.headers_mut(), LASTING);
    response
}

/// A plain cover, for e-books that have none.
#[utoipa::path(
    get, path = "/opds/cover.png", tag = "opds", security(()),
    responses((status = 200, body = String, content_type = "image/png")),
)]
async fn read_cover(Query(NoParameters {}): Query<NoParameters>) -> Response {
    let mut response =
        ([(header::CONTENT_TYPE, HeaderValue::from_static("image/png"))], COVER).into_response();
    etag::lasting(response.headers_mut(), LASTING);
    response
}

/// JSON of a media type of its own.
pub(super) fn json(kind: &'static str, document: &impl Serialize) -> Response {
    match serde_json::to_vec(document) {
        Ok(bytes) => ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], bytes).into_response(),
        Err(error) => Error::unexpected(error).into_response(),
    }
}
