//! Everybody's orders, on the wire.
use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use entity::order::Status;
use http::Uri;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    orders::{self, AdminOrder},
    queries::Search,
};
use crate::{
    accounts::Support,
    app::App,
    error::Result,
    web::{Json, Page, Path, Query, page::DEFAULT_LIMIT},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_all_orders)).routes(routes!(read_any_order))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OrdersQuery {
    /// The beginning of an order's number, the buyer's whole e-mail address, or the id of an order or an account.
    #[param(max_length = 254)]
    q: Option<String>,
    /// Alternatives, separated by commas.
    #[param(inline, explode = false, style = Form)]
    status: Option<Vec<Status>>,
    /// Made at this time or later.
    #[param(inline)]
    from: Option<DateTime<Utc>>,
    /// Made before this time.
    #[param(inline)]
    to: Option<DateTime<Utc>>,
    /// Items at most.
    #[param(minimum = 1, maximum = 100, default = 24)]
    limit: Option<u64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Everybody's orders, newest first.
#[utoipa::path(get, path = "/admin/orders", tag = "admin", security(("bearer" = ["support"])), params(OrdersQuery),
    responses((status = 200, body = Page<AdminOrder>, headers(("Link" = String, description = "The next page, if there is one.")))))]
async fn list_all_orders(
    State(app): State<App>,
    _: Support,
    uri: Uri,
    Query(query): Query<OrdersQuery>,
) -> Result<Response> {
    let sought = match &query.q {
        Some(q) => orders::sought(&app, q).await?,
        None => None,
    };
    let search = Search { sought, status: query.status, from: query.from, to: query.to };
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    Ok(orders::search(&app, &search, limit, query.cursor.as_deref()).await?.answer(&uri))
}

/// Anybody's order.
#[utoipa::path(get, path = "/admin/orders/{id}", tag = "admin", security(("bearer" = ["support"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = AdminOrder)))]
async fn read_any_order(
    State(app): State<App>,
    _: Support,
    Path(id): Path<Uuid>,
) -> Result<Json<AdminOrder>> {
    Ok(Json::of(orders::any(&app, id).await?))
}
