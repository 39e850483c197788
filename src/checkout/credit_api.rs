//! Store credit, on the wire.
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::Uri;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::credit::{self, AdminCredit, Credit, CreditGrant, Grant};
use crate::{
    accounts::{self, Account, Support},
    app::App,
    error::{Error, Result, both},
    values::{MoneyChange, Word},
    web::{Created, IdempotencyKey, Json, PageQuery, Path, Query, idempotency::replayed, page::linked},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_credit)).routes(routes!(read_any_credit, grant_credit))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreditBody {
    /// What to add, or with a minus to take away.
    amount: MoneyChange,
    /// Why: its holder reads it.
    reason: Word,
}

/// My store credit, and how I came by it.
#[utoipa::path(get, path = "/me/credit", tag = "orders", params(PageQuery),
    responses((status = 200, body = Credit, headers(("Link" = String, description = "The next page, if there is one.")))))]
async fn read_credit(
    State(app): State<App>,
    account: Account,
    uri: Uri,
    Query(query): Query<PageQuery>,
) -> Result<Response> {
    let credit = credit::page(&app, account.id, query.limit(), query.cursor.as_deref()).await?;
    let next = credit.entries.next_cursor.clone();
    Ok(linked(Json::of(credit).into_response(), &uri, next.as_deref()))
}

/// An account's store credit, and how it came by it.
#[utoipa::path(get, path = "/admin/accounts/{id}/credit", tag = "admin", security(("bearer" = ["support"])),
    params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = AdminCredit, headers(("Link" = String, description = "The next page, if there is one.")))))]
async fn read_any_credit(
    State(app): State<App>,
    _: Support,
    Path(id): Path<Uuid>,
    uri: Uri,
    Query(query): Query<PageQuery>,
) -> Result<Response> {
    let credit = credit::admin_page(&app, id, query.limit(), query.cursor.as_deref()).await?;
    let next = credit.entries.next_cursor.clone();
    Ok(linked(Json::of(credit).into_response(), &uri, next.as_deref()))
}

/// Give an account store credit, or take some away.
///
/// 409 `insufficient_credit` where less than nothing would be left. Of the staff only admins give credit to staff.
#[utoipa::path(post, path = "/admin/accounts/{id}/credit", tag = "admin", security(("bearer" = ["support"])),
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header, description = "Kept for 24 hours.", min_length = 1, max_length = 255)),
    request_body = CreditBody,
    responses((status = 201, body = CreditGrant, headers(("Idempotent-Replayed" = String, description = "`true` when this was answered before.")))))]
async fn grant_credit(
    State(app): State<App>,
    Support(actor): Support,
    Path(account): Path<Uuid>,
    key: IdempotencyKey,
    body: Json<CreditBody>,
) -> Result<Created<CreditGrant>> {
    accounts::may_edit(&app, &actor, account).await?;
    let (once, CreditBody { amount, reason }) = both(key.once(actor.id, &body), body.read())?;
    if amount.amount == 0 {
        return Err(Error::field("amount.amount", "out_of_range", "must not be 0"));
    }
    let grant = Grant { account, amount, reason, actor: actor.id };
    let (body, again) = credit::grant(&app, &grant, once.as_ref()).await?;
    Ok(Created { body, headers: replayed(again) })
}
