//! Products as visitors see them.
use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use http::{StatusCode, Uri, header};
use serde::Deserialize;
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    facets::Facet,
    list::{ProductPage, list},
    pages::{self, Named},
    related::related,
    visitor::Visitor,
};
use crate::{
    app::App,
    catalog::{
        Market, ProductDetail, ProductSummary, Status,
        listing::{Found, ListParameters, find},
    },
    community,
    error::{Error, NOT_FOUND, Result},
    library,
    values::{Country, Currency, Locale},
    web::{Json, Page, Path, Query, page::linked},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_products))
        .routes(routes!(read_product))
        .routes(routes!(list_related))
}

/// What stands before the name of a product in its address.
const PRODUCTS: &str = "/products/";

/// The parameters of a list, and what only the public one answers.
#[derive(Deserialize)]
struct PublicListParameters {
    #[serde(default)]
    facets: Vec<Facet>,
    #[serde(flatten)]
    list: ListParameters,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only documents the parameter")]
struct FacetsParameter {
    /// By what to count the products, separated by commas. Of each, the 200 values that the most products have are told.
    #[param(inline, style = Form, explode = false)]
    facets: Option<Vec<Facet>>,
}

impl IntoParams for PublicListParameters {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        [ListParameters::into_params(&place), FacetsParameter::into_params(&place)].concat()
    }
}

/// Published products, filtered, sorted, in pages. `Link` leads to the next page.
#[utoipa::path(
    get,
    path = "/products",
    tag = "storefront",
    security(()),
    params(PublicListParameters),
    responses(
        (status = 200, body = ProductPage),
        (status = 304, description = "Unchanged since the `ETag` that `If-None-Match` names."),
    )
)]
async fn list_products(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<PublicListParameters>,
) -> Result<Response> {
    let market = asked.list.market(visitor.account.as_ref(), &app.config.store);
    let wanted = visitor.wanted(asked.list.locale.clone());
    let (query, now) = (asked.list.query(&[Status::Published])?, app.clock.now());
    let (mut page, locale) = list(&app, query, &asked.facets, &market, &wanted, now).await?;
    mark_own(&app, &visitor, page.page.items.iter_mut()).await?;
    let next = page.page.next_cursor.clone();
    let response = linked(Json::of(page).into_response(), &uri, next.as_deref());
    visitor.sign_prices(&app, response, &locale, now).await
}

/// In which market and language a product is shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ShownIn {
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

impl ShownIn {
    fn market(&self, app: &App, visitor: &Visitor) -> Market {
        let (currency, country) = (self.currency.clone(), self.country.clone());
        Market::asked(currency, country, visitor.account.as_ref(), &app.config.store)
    }
}

/// A published product by its id or slug. A former slug redirects to the present one.
#[utoipa::path(
    get,
    path = "/products/{product}",
    tag = "storefront",
    security(()),
    params(("product" = String, Path, description = "Id or slug."), ShownIn),
    responses(
        (status = 200, body = ProductDetail),
        (status = 304, description = "Unchanged since the `ETag` that `If-None-Match` names."),
        (status = 308, description = "It has another slug now.", headers(("Location" = String))),
    )
)]
async fn read_product(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Path(name): Path<String>,
    Query(asked): Query<ShownIn>,
) -> Result<Response> {
    let market = asked.market(&app, &visitor);
    let (wanted, now) = (visitor.wanted(asked.locale), app.clock.now());
    match pages::open(&app, &name, &market, &wanted, now).await? {
        Named::Product(detail) => show(&app, visitor, *detail, now).await,
        Named::Moved(slug) => moved(&uri, &slug),
    }
}

/// What goes with a product: what is bought together with it, then what bears the same tags. At most 24, in one page.
#[utoipa::path(
    get,
    path = "/products/{product}/related",
    tag = "storefront",
    security(()),
    params(("product" = String, Path, description = "Id or slug."), ShownIn),
    responses(
        (status = 200, body = Page<ProductSummary>),
        (status = 304, description = "Unchanged since the `ETag` that `If-None-Match` names."),
        (status = 308, description = "It has another slug now.", headers(("Location" = String))),
    )
)]
async fn list_related(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Path(name): Path<String>,
    Query(asked): Query<ShownIn>,
) -> Result<Response> {
    let market = asked.market(&app, &visitor);
    let opened = match find(&app.db.read, &name, &market).await?.ok_or(NOT_FOUND)? {
        Found::Product(opened) => opened,
        Found::Moved(slug) => return moved(&uri, &slug),
    };
    let (wanted, now) = (visitor.wanted(asked.locale), app.clock.now());
    let (mut items, locale) = related(&app, opened.product(), &market, &wanted, now).await?;
    mark_own(&app, &visitor, items.iter_mut()).await?;
    let page = Page { items, next_cursor: None, total: None };
    visitor.sign_prices(&app, Json::of(page).into_response(), &locale, now).await
}

async fn show(
    app: &App,
    visitor: Visitor,
    mut detail: ProductDetail,
    now: DateTime<Utc>,
) -> Result<Response> {
    mark_own(app, &visitor, std::iter::once(&mut detail.summary)).await?;
    let language = Locale::parse(&detail.locale).unwrap_or_else(|_| app.config.store.locale.clone());
    visitor.sign_prices(app, Json::of(detail).into_response(), &language, now).await
}

/// The same address with the present slug in place of a former one, however that was written.
fn moved(uri: &Uri, slug: &str) -> Result<Response> {
    let (before, name) = uri.path().split_once(PRODUCTS).unwrap_or((uri.path(), ""));
    let behind = name.find('/').and_then(|end| name.get(end..)).unwrap_or_default();
    let path = format!("{before}{PRODUCTS}{slug}{behind}");
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = http::HeaderValue::try_from(format!("{path}{query}")).map_err(Error::unexpected)?;
    Ok((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response())
}

/// Tells who is signed in which of the products they own, and which they wish for.
async fn mark_own(
    app: &App,
    visitor: &Visitor,
    products: impl Iterator<Item = &mut ProductSummary>,
) -> Result<()> {
    let Some(account) = &visitor.account else { return Ok(()) };
    let products: Vec<&mut ProductSummary> = products.collect();
    let ids: Vec<_> = products.iter().map(|product| product.id).collect();
    let owned = library::owned_whole(&app.db.read, account.id, &ids).await?;
    let wished = community::wished(&app.db.read, account.id, &ids).await?;
    for product in products {
        product.owned = Some(owned.contains(&product.id));
        // What was bought is off the list at once, though its row goes a moment later.
        product.wishlisted = Some(wished.contains(&product.id) && !owned.contains(&product.id));
    }
    Ok(())
}
