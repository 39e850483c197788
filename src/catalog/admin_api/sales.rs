//! Sales of a product, and how its prices came about.
use axum::{
    extract::{OriginalUri, State},
    response::Response,
};
use http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    accounts::Editor,
    app::App,
    catalog::{
        product,
        sales::{self, NewSale, PriceChange, Sale},
    },
    error::{NOT_FOUND, Result},
    web::{Created, Json, Page, PageQuery, Path, Query, if_match::IfMatch},
};

/// The routes of sales.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_sales, create_sale))
        .routes(routes!(end_sale))
        .routes(routes!(list_price_history))
}

/// The sales of a product, past ones too, the latest first.
#[utoipa::path(
    get, path = "/admin/products/{id}/sales", tag = "catalog administration",
    params(("id" = Uuid, Path, description = "The product."), PageQuery),
    responses((status = 200, body = Page<Sale>)),
    security(("bearer" = ["editor"])),
)]
async fn list_sales(
    State(app): State<App>,
    _: Editor,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<Uuid>,
    Query(asked): Query<PageQuery>,
) -> Result<Response> {
    Ok(sales::page(&app, id, &asked).await?.answer(&uri))
}

/// Plan a sale. It begins and ends by itself.
#[utoipa::path(
    post, path = "/admin/products/{id}/sales", tag = "catalog administration",
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is edited, or `*`."),
    ),
    request_body = NewSale,
    responses((status = 201, body = Sale)),
    security(("bearer" = ["editor"])),
)]
async fn create_sale(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    asked: IfMatch,
    body: Json<NewSale>,
) -> Result<Created<Sale>> {
    let row = product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    asked.honour(row.version)?;
    let body = sales::create(&app, editor.id, id, &asked, &body.read()?).await?;
    Ok(Created { body, headers: Vec::new() })
}

/// End a sale: one that runs stops now and is kept, one to come is removed.
#[utoipa::path(
    delete, path = "/admin/products/{id}/sales/{sale_id}", tag = "catalog administration",
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("sale_id" = Uuid, Path, description = "The sale."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is edited, or `*`."),
    ),
    responses((status = 204, description = "It doesn't run, and won't.")),
    security(("bearer" = ["editor"])),
)]
async fn end_sale(
    State(app): State<App>,
    Editor(editor): Editor,
    Path((id, sale)): Path<(Uuid, Uuid)>,
    asked: IfMatch,
) -> Result<StatusCode> {
    sales::end(&app, editor.id, id, sale, &asked).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The prices of a product as they were set, changed and taken away, the latest first. Sales are not among them.
#[utoipa::path(
    get, path = "/admin/products/{id}/price-history", tag = "catalog administration",
    params(("id" = Uuid, Path, description = "The product."), PageQuery),
    responses((status = 200, body = Page<PriceChange>)),
    security(("bearer" = ["editor"])),
)]
async fn list_price_history(
    State(app): State<App>,
    _: Editor,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<Uuid>,
    Query(asked): Query<PageQuery>,
) -> Result<Response> {
    Ok(sales::history(&app, id, &asked).await?.answer(&uri))
}
