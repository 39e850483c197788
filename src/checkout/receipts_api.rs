//! Receipts and credit notes, on the wire.
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::receipts::{self, Paper};
use crate::{
    accounts::Account,
    app::App,
    error::Result,
    languages::Language,
    web::{Accept, Path, pages},
};

const HTML: &str = "text/html";
const PDF: &str = "application/pdf";

/// A document for printing, as the API document shows it.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
struct Printed(#[expect(dead_code, reason = "stands for bytes in the document alone")] Vec<u8>);

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_receipt)).routes(routes!(read_credit_note))
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
    let name = receipt.order().to_owned();
    answer(&app, &accept, language, &name, receipt).await
}

/// The credit note of a refund of one of my orders: as a page, or for printing if `Accept` likes that better.
///
/// Some seconds after the refund it has its number; 409 `not_issued` until then. It stays as it was issued. What cost nothing has none.
#[utoipa::path(get, path = "/orders/{id}/credit-notes/{refund_id}", tag = "orders",
    params(("id" = Uuid, Path), ("refund_id" = Uuid, Path, description = "One of the order's `refunds`.")),
    responses((status = 200, description = "The credit note.",
        content((String = "text/html"), (inline(Printed) = "application/pdf")))))]
async fn read_credit_note(
    State(app): State<App>,
    account: Account,
    accept: Accept,
    language: Language,
    Path((id, refund)): Path<(Uuid, Uuid)>,
) -> Result<Response> {
    let note = receipts::credit_note(&app, account.id, id, refund).await?;
    let name = note.number();
    answer(&app, &accept, language, &name, note).await
}

async fn answer(
    app: &App,
    accept: &Accept,
    language: Language,
    name: &str,
    paper: impl Paper,
) -> Result<Response> {
    if accept.choose(&[HTML, PDF])? == HTML {
        let page = receipts::html(&paper, language)?;
        let policy = [(header::CONTENT_SECURITY_POLICY, pages::policy(receipts::STYLE))];
        let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
        return Ok((kept(language), policy, kind, page).into_response());
    }
    let name = [(header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}.pdf\""))];
    let pdf = receipts::pdf(app, paper, language).await?;
    Ok((kept(language), name, [(header::CONTENT_TYPE, PDF)], pdf).into_response())
}

/// Nobody but its reader keeps a document.
fn kept(language: Language) -> [(header::HeaderName, HeaderValue); 3] {
    [
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag())),
        (header::VARY, HeaderValue::from_static("Accept, Accept-Language, Authorization")),
    ]
}
