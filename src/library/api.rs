//! A buyer's library on the wire.
use axum::{extract::State, response::Response};
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
    web::{
        Json, Page, Path, Query,
        locale::{AcceptLanguage, Wanted},
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
    let wish = Wish {
        q: query.q,
        kinds: query.kind,
        sort: query.sort.unwrap_or_default(),
        limit: query.limit.unwrap_or(DEFAULT_LIMIT),
        cursor: query.cursor,
    };
    Ok(items::page(&app, &reader(&app, account, accepted), &wish).await?.answer(&uri))
}

/// One product I own, with its builds.
#[utoipa::path(get, path = "/library/{product_id}", tag = "library", params(("product_id" = Uuid, Path)),
    responses((status = 200, body = LibraryItem)))]
async fn read_library_item(
    State(app): State<App>,
    account: Account,
    accepted: AcceptLanguage,
    Path(product): Path<Uuid>,
) -> Result<Json<LibraryItem>> {
    Ok(Json::of(items::item(&app, &reader(&app, account, accepted), product).await?))
}

fn reader(app: &App, account: Account, accepted: AcceptLanguage) -> Reader {
    Reader {
        account: account.id,
        market: Market::asked(None, None, Some(&account), &app.config.store),
        wanted: Wanted::new(None, account.locale, accepted),
    }
}
