//! The cart on the wire.
use axum::{
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use http::request::Parts;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    cart::{self, Shopper},
    quote::{Quote, Selected},
};
use crate::{
    accounts::Account,
    app::App,
    catalog::Market,
    error::{Error, Result},
    values::{Country, Currency},
    web::{
        Empty, Json, Path, Query,
        locale::{self, AcceptLanguage, Wanted},
    },
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read_cart))
        .routes(routes!(put_cart_item, delete_cart_item))
        .routes(routes!(put_cart_coupon, delete_cart_coupon))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MarketQuery {
    /// The store's, unless it says otherwise.
    #[param(inline)]
    currency: Option<Currency>,
    /// The account's, unless it says otherwise; else the store's.
    #[param(inline)]
    country: Option<Country>,
}

/// Who shops, where, in which language.
impl FromRequestParts<App> for Shopper {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let account = Account::from_request_parts(parts, app).await?;
        let Query(query) = Query::<MarketQuery>::from_request_parts(parts, app).await?;
        let accepted = AcceptLanguage::from_request_parts(parts, app).await?;
        let market = Market::asked(query.currency, query.country, Some(&account), &app.config.store);
        Ok(Self { account: account.id, market, wanted: Wanted::new(None, account.locale, accepted) })
    }
}

/// What a cart costs, and in which language it is shown.
fn answer(quote: Quote) -> Response {
    let language = quote.language.clone();
    let mut response = Json::of(quote).into_response();
    locale::say(response.headers_mut(), &language);
    response
}

/// My cart and what it costs.
#[utoipa::path(get, path = "/cart", tag = "cart", params(MarketQuery), responses((status = 200, body = Quote)))]
async fn read_cart(State(app): State<App>, shopper: Shopper) -> Result<Response> {
    Ok(answer(cart::read(&app, &shopper).await?))
}

/// Something for the cart.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CartItemBody {
    /// What I choose to pay, minor units of the currency, where the price lets me choose; default: the price's `amount`.
    #[schema(nullable = false, minimum = 0, maximum = 1_000_000_000)]
    amount: Option<i64>,
}

/// Put a product into my cart.
///
/// 422 `nothing_to_choose` for an amount where the product has a price, `out_of_range` for one below the least.
#[utoipa::path(put, path = "/cart/items/{product_id}", tag = "cart", params(("product_id" = Uuid, Path), MarketQuery),
    responses((status = 200, body = Quote)))]
async fn put_cart_item(
    State(app): State<App>,
    shopper: Shopper,
    Path(product): Path<Uuid>,
    body: Option<Json<CartItemBody>>,
) -> Result<Response> {
    let body = match body.map(Json::read).transpose() {
        Ok(body) => body.unwrap_or_default(),
        // What isn't there is told before what is wrong with the body.
        Err(fault) => return Err(cart::require_known(&app.db.read, product).await.err().unwrap_or(fault)),
    };
    Ok(answer(cart::put(&app, &shopper, Selected { product, amount: body.amount }).await?))
}

/// Take a product out of my cart.
#[utoipa::path(delete, path = "/cart/items/{product_id}", tag = "cart", params(("product_id" = Uuid, Path), MarketQuery),
    responses((status = 200, body = Quote)))]
async fn delete_cart_item(
    State(app): State<App>,
    shopper: Shopper,
    Path(product): Path<Uuid>,
    body: Empty,
) -> Result<Response> {
    body.read()?;
    Ok(answer(cart::take_out(&app, &shopper, product).await?))
}

/// A coupon for the cart.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CartCoupon {
    /// Its code, in any case.
    #[schema(min_length = 1, max_length = 100)]
    code: String,
}

/// Lay a coupon into my cart, in place of the one in there.
///
/// 422 `invalid_coupon` with its `reason`: `unknown`, `not_started`, `ended`, `wrong_currency`, `wrong_products`,
/// `used_up`, `used_by_account`; 429 `too_many_attempts`.
#[utoipa::path(put, path = "/cart/coupon", tag = "cart", params(MarketQuery), responses((status = 200, body = Quote)))]
async fn put_cart_coupon(
    State(app): State<App>,
    shopper: Shopper,
    body: Json<CartCoupon>,
) -> Result<Response> {
    Ok(answer(cart::put_coupon(&app, &shopper, &body.read()?.code).await?))
}

/// Take the coupon out of my cart.
#[utoipa::path(delete, path = "/cart/coupon", tag = "cart", params(MarketQuery), responses((status = 200, body = Quote)))]
async fn delete_cart_coupon(State(app): State<App>, shopper: Shopper, body: Empty) -> Result<Response> {
    body.read()?;
    Ok(answer(cart::take_coupon_out(&app, &shopper).await?))
}
