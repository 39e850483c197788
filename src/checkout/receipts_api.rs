//! Receipts, on the wire.
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::receipts;
use crate::{
    accounts::Account,
    app::App,
    error::Result,
    languages::Language,
    web::{Accept, Path, pages},
};

const HTML: &str = "text/html";
const PDF: &str = "application/pdf";

/// A receipt for printing, as the API document shows it.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
struct Printed(#[expect(dead_code, reason = "stands for bytes in the document alone")] Vec<u8>);

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_receipt))
}

/// The receipt of one of my orders: as a page, or for printing if `Accept` likes that better.
///
/// It is in the account's language, else that of `Accept-Language`. Some seconds after the payment it is an invoice with
/// a number, and shows the credit notes of what was given back. 409 `not_paid`.
#[utoipa::path(get, path = "/orders/{id}/receipt", tag = "orders", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The receipt.", 
        content((String = "text/html"), (inline(Printed) = "application/pdf")))))]
async fn read_receipt(
    State(app): State<App>,
    account: Account,
    accept: Accept,
    language: Language,
    Path(id): Path<Uuid>,
) -> Result<Response> {
    let receipt = receipts::receipt(&app, account.id, id).await?;
    if accept.choose(&[HTML, PDF])? == HTML {
        let page = receipts::html(&receipt, language)?;
        let policy = [(header::CONTENT_SECURITY_POLICY, pages::policy(receipts::STYLE))];
        let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
        return Ok((kept(language), policy, kind, page).into_response());
    }
    let name = [(header::CONTENT_DISPOSITION, format!("inline; filename=\"{}.pdf\"", receipt.order()))];
    let pdf = receipts::pdf(&app, receipt, language).await?;
    Ok((kept(language), name, [(header::CONTENT_TYPE, PDF)], pdf).into_response())
}

/// Nobody but its reader keeps a receipt.
fn kept(language: Language) -> [(header::HeaderName, HeaderValue); 3] {
    [
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag())),
        (header::VARY, HeaderValue::from_static("Accept, Accept-Language, Authorization")),
    ]
}
