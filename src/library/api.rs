//! A buyer's library on the wire.
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::Uri;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::items::{self, LibraryItem, LibrarySort, Reader, Wish};
use crate::{
    accounts::Account,
    app::App,
    catalog::{Kind, Market},
    error::Result,
    values::Locale,
    web::{
        Json, Page, Path, Query,
        locale::{self, AcceptLanguage, Wanted},
        page::DEFAULT_LIMIT,
    },
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_library)).routes(routes!(read_library_item))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LibraryQuery {
    /// Words of the title, in any language.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Repeated for alternatives.
    #[param(inline)]
    kind: Option<Vec<Kind>>,
    /// Newest first unless it says otherwise.
    #[param(inline)]
    sort: Option<LibrarySort>,
    /// Texts are in it where they are translated; default: the account's, then `Accept-Language`, then the store's.
    #[param(inline)]
    locale: Option<Locale>,
    /// Items at most.
    #[param(minimum = 1, maximum = 100, default = 24)]
    limit: Option<u64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// What I own.
#[utoipa::path(get, path = "/library", tag = "library", params(LibraryQuery),
    responses((status = 200, body = Page<LibraryItem>, headers(("Link" = String, description = "The next page, if there is one.")))))]
async fn list_library(
    State(app): State<App>,
    account: Account,
    accepted: AcceptLanguage,
    uri: Uri,
    Query(query): Query<LibraryQuery>,
) -> Result<Response> {
    let reader = reader(&app, account, query.locale, accepted);
    let wish = Wish {
        q: query.q,
        kinds: query.kind,
        sort: query.sort.unwrap_or_default(),
        limit: query.limit.unwrap_or(DEFAULT_LIMIT),
        cursor: query.cursor,
    };
    let (page, language) = items::page(&app, &reader, &wish).await?;
    let mut response = page.answer(&uri);
    locale::say(response.headers_mut(), &language);
    Ok(response)
}

/// In which language a product of the library is shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ShownIn {
    /// Texts are in it where they are translated; default: the account's, then `Accept-Language`, then the store's.
    #[param(inline)]
    locale: Option<Locale>,
}

/// One product I own, with its builds.
#[utoipa::path(get, path = "/library/{product_id}", tag = "library", params(("product_id" = Uuid, Path), ShownIn),
    responses((status = 200, body = LibraryItem)))]
async fn read_library_item(
    State(app): State<App>,
    account: Account,
    accepted: AcceptLanguage,
    Path(product): Path<Uuid>,
    Query(asked): Query<ShownIn>,
) -> Result<Response> {
    let reader = reader(&app, account, asked.locale, accepted);
    let (item, language) = items::item(&app, &reader, product).await?;
    let mut response = Json::of(item).into_response();
    locale::say(response.headers_mut(), &language);
    Ok(response)
}

fn reader(app: &App, account: Account, asked: Option<Locale>, accepted: AcceptLanguage) -> Reader {
    Reader {
        account: account.id,
        market: Market::asked(None, None, Some(&account), &app.config.store),
        wanted: Wanted::new(asked, account.locale, accepted),
    }
}
