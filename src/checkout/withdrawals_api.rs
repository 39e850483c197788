//! Withdrawing from an order, on the wire.
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    orders,
    withdrawals::{self, Withdrawal},
};
use crate::{
    accounts::Account,
    app::App,
    error::Result,
    languages::Language,
    web::{Empty, Json, Path},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(prepare_withdrawal)).routes(routes!(confirm_withdrawal))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithdrawalBody {
    /// Products of the order; default: all that can be withdrawn from.
    #[schema(min_items = 1, max_items = 200)]
    items: Option<Vec<Uuid>>,
}

/// State from what of an order I withdraw: the first of two steps, which has no effect yet.
///
/// Within 14 days of the purchase and without a reason; the answer shows the statement, what goes back, and what was lost
/// by delivery. 409 `not_withdrawable` with its `reason`: `not_paid`, `disputed`, `already_refunded`, `claimed` of a
/// gift, `too_late`, `delivered`.
#[utoipa::path(post, path = "/orders/{id}/withdrawal", tag = "orders", params(("id" = Uuid, Path)),
    request_body = WithdrawalBody, responses((status = 200, body = Withdrawal)))]
async fn prepare_withdrawal(
    State(app): State<App>,
    account: Account,
    language: Language,
    Path(id): Path<Uuid>,
    body: Json<WithdrawalBody>,
) -> Result<Json<Withdrawal>> {
    orders::find(&app, account.id, id).await?;
    let WithdrawalBody { items } = body.read()?;
    withdrawals::prepare(&app, account.id, id, items.as_deref()).await?;
    Ok(Json::of(withdrawals::show(&app, id, language).await?))
}

/// Confirm a withdrawal that I stated: it is received, and the money goes back.
///
/// A mail acknowledges it with its content and the time of its receipt. Confirmed again it changes nothing. 409
/// `withdrawal_not_prepared`; `not_withdrawable` for what was delivered or claimed since it was stated.
#[utoipa::path(post, path = "/orders/{id}/withdrawal/confirm", tag = "orders", params(("id" = Uuid, Path)),
    responses((status = 200, body = Withdrawal)))]
async fn confirm_withdrawal(
    State(app): State<App>,
    account: Account,
    language: Language,
    Path(id): Path<Uuid>,
    body: Empty,
) -> Result<Json<Withdrawal>> {
    orders::find(&app, account.id, id).await?;
    body.read()?;
    withdrawals::confirm(&app, account.id, id).await?;
    Ok(Json::of(withdrawals::show(&app, id, language).await?))
}
