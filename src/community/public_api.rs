//! The reviews of a product as everybody reads them.
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Uri, header};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::listed::{self, Filter, ReviewPage, Sort};
use crate::{
    accounts::MaybeAccount,
    app::App,
    error::Result,
    values::{Locale, Stars},
    web::{Json, PageQuery, Path, Query, etag, page::linked},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_reviews))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReviewsQuery {
    /// Default: `-helpful`.
    #[param(inline)]
    sort: Option<Sort>,
    /// Of so many stars; given repeatedly, of any of these.
    #[param(inline)]
    rating: Option<Vec<Stars>>,
    /// Written in this language; one without a region takes every region's.
    #[param(inline)]
    locale: Option<Locale>,
    /// Items at most.
    #[param(minimum = 1, maximum = 100, default = 24)]
    limit: Option<u64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// What owners think of a product. Its owners read it of what is no longer sold, too.
#[utoipa::path(
    get, path = "/products/{id}/reviews", tag = "reviews", security(()), params(("id" = Uuid, Path), ReviewsQuery),
    responses(
        (status = 200, body = ReviewPage, headers(("Link" = String, description = "The next page, if there is one."))),
        (status = 304, description = "Unchanged since the `ETag` that `If-None-Match` names."),
    )
)]
async fn list_reviews(
    State(app): State<App>,
    MaybeAccount(account): MaybeAccount,
    uri: Uri,
    Path(product): Path<Uuid>,
    Query(query): Query<ReviewsQuery>,
) -> Result<Response> {
    let reader = account.map(|account| account.id);
    let filter = Filter { rating: query.rating, locale: query.locale };
    let asked = PageQuery { limit: query.limit, cursor: query.cursor };
    let sort = query.sort.unwrap_or_default();
    let page = listed::page(&app, product, reader, &filter, sort, &asked).await?;
    Ok(signed(page, &uri, reader.is_some()))
}

/// The answer, and who may keep it: everybody what a stranger got, nobody what somebody did.
fn signed(page: ReviewPage, uri: &Uri, known: bool) -> Response {
    let next = page.page.next_cursor.clone();
    let mut response = linked(Json::of(page).into_response(), uri, next.as_deref());
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding, Authorization"));
    if known {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    } else {
        etag::public(headers, None);
    }
    response
}
