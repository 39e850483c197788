//! Categories and tags as visitors see them.
use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    labels::{CategoryNode, TagCount, categories, tags},
    visitor::Visitor,
};
use crate::{
    app::App,
    error::Result,
    values::Locale,
    web::{Json, Page, PageQuery, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_categories)).routes(routes!(list_tags))
}

/// In which language names are.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NamedIn {
    /// Default: the account's, then `Accept-Language`, then the store's.
    #[param(inline)]
    locale: Option<Locale>,
}

/// The tree of categories, whole, by name.
#[utoipa::path(
    get,
    path = "/categories",
    tag = "storefront",
    security(()),
    params(NamedIn),
    responses(
        (status = 200, body = Page<CategoryNode>),
        (status = 304, description = "Unchanged since the `ETag` that `If-None-Match` names."),
    )
)]
async fn list_categories(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<NamedIn>,
) -> Result<Response> {
    let wanted = visitor.wanted(asked.locale);
    let (items, language) = categories(&app, &wanted).await?;
    let page = Page { items, next_cursor: None, total: None };
    Ok(visitor.sign(Json::of(page).into_response(), &language))
}

/// What is asked of the list of tags.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TagParameters {
    /// Names are in it; default: the account's, then `Accept-Language`, then the store's.
    #[param(inline)]
    locale: Option<Locale>,
    /// Items at most.
    #[param(minimum = 1, maximum = 100, default = 24)]
    limit: Option<u64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Tags, by slug.
#[utoipa::path(
    get,
    path = "/tags",
    tag = "storefront",
    security(()),
    params(TagParameters),
    responses(
        (status = 200, body = Page<TagCount>),
        (status = 304, description = "Unchanged since the `ETag` that `If-None-Match` names."),
    )
)]
async fn list_tags(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<TagParameters>,
) -> Result<Response> {
    let wanted = visitor.wanted(asked.locale);
    let page = PageQuery { limit: asked.limit, cursor: asked.cursor };
    let (page, language) = tags(&app, &page, &wanted).await?;
    Ok(visitor.sign(page.answer(&uri), &language))
}
