//! A wishlist on the wire.
use axum::{extract::State, response::Response};
use http::{StatusCode, Uri};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::wishlist::{self, Wisher, WishlistItem};
use crate::{
    accounts::Account,
    app::App,
    catalog::Market,
    error::Result,
    values::Locale,
    web::{
        Empty, Page, PageQuery, Path, Query,
        locale::{self, AcceptLanguage, Wanted},
    },
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_wishlist)).routes(routes!(put_wish, delete_wish))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WishlistQuery {
    /// Texts are in it where they are translated; default: the account's, then `Accept-Language`, then the store's.
    #[param(inline)]
    locale: Option<Locale>,
    /// Items at most.
    #[param(minimum = 1, maximum = 100, default = 24)]
    limit: Option<u64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// What I would like to own, newest first, without what I own or what is no longer sold.
#[utoipa::path(get, path = "/wishlist", tag = "wishlist", params(WishlistQuery),
    responses((status = 200, body = Page<WishlistItem>, headers(("Link" = String, description = "The next page, if there is one.")))))]
async fn list_wishlist(
    State(app): State<App>,
    account: Account,
    accepted: AcceptLanguage,
    uri: Uri,
    Query(query): Query<WishlistQuery>,
) -> Result<Response> {
    let wisher = Wisher {
        account: account.id,
        market: Market::asked(None, None, Some(&account), &app.config.store),
        wanted: Wanted::new(query.locale, account.locale, accepted),
    };
    let asked = PageQuery { limit: query.limit, cursor: query.cursor };
    let (page, language) = wishlist::page(&app, &wisher, &asked).await?;
    let mut response = page.answer(&uri);
    locale::say(response.headers_mut(), &language);
    Ok(response)
}

/// Put a product on my wishlist.
#[utoipa::path(put, path = "/wishlist/{product_id}", tag = "wishlist", params(("product_id" = Uuid, Path)),
    responses((status = 204)))]
async fn put_wish(
    State(app): State<App>,
    account: Account,
    Path(product): Path<Uuid>,
    _: Empty,
) -> Result<StatusCode> {
    wishlist::put(&app, account.id, product).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a product off my wishlist.
#[utoipa::path(delete, path = "/wishlist/{product_id}", tag = "wishlist", params(("product_id" = Uuid, Path)),
    responses((status = 204)))]
async fn delete_wish(
    State(app): State<App>,
    account: Account,
    Path(product): Path<Uuid>,
    _: Empty,
) -> Result<StatusCode> {
    wishlist::take_off(&app, account.id, product).await?;
    Ok(StatusCode::NO_CONTENT)
}
