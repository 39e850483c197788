//! Suggestions while somebody types.
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    suggest::{Suggestion, suggest},
    visitor::Visitor,
};
use crate::{
    app::App,
    catalog::Market,
    error::Result,
    values::Locale,
    web::{Json, Page, Query},
};

/// Products when the caller names no number.
const DEFAULT_LIMIT: u64 = 8;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(suggest_products))
}

/// What was typed so far.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Typed {
    /// The beginning of a title, a tag or a publisher's name; typing errors are forgiven in titles.
    q: String,
    /// Products at most.
    #[param(minimum = 1, maximum = 100, default = 8)]
    limit: Option<u64>,
    /// Default: the account's, then `Accept-Language`, then the store's.
    #[param(inline)]
    locale: Option<Locale>,
}

/// What may be meant by what was typed so far: products, then tags and publishers. It is one page always.
#[utoipa::path(
    get,
    path = "/search/suggest",
    tag = "storefront",
    security(()),
    params(Typed),
    responses(
        (status = 200, body = Page<Suggestion>),
        (status = 304, description = "Unchanged since the `ETag` that `If-None-Match` names."),
    )
)]
async fn suggest_products(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Typed>,
) -> Result<Response> {
    let market = Market::asked(None, None, visitor.account.as_ref(), &app.config.store);
    let (wanted, limit) = (visitor.wanted(asked.locale), asked.limit.unwrap_or(DEFAULT_LIMIT));
    let (items, language) = suggest(&app, &asked.q, limit, &market, &wanted).await?;
    let page = Page { items, next_cursor: None, total: None };
    Ok(visitor.sign(Json::of(page).into_response(), &language))
}
