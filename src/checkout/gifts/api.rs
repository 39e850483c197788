//! Gifts, on the wire.
use axum::{extract::State, response::Response};
use chrono::{DateTime, TimeDelta, Utc};
use http::Uri;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    claim::{self, ClaimedGift},
    order::Giving,
    sent::{self, Gift},
};
use crate::{
    accounts::Account,
    app::App,
    error::{Fault, Result},
    languages::Sentence,
    values::{Email, Note},
    web::{Empty, Json, Page, PageQuery, Path, Query},
};

/// How far ahead a gift may be scheduled.
const FURTHEST: TimeDelta = TimeDelta::days(366);

pub(in crate::checkout) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_gifts))
        .routes(routes!(claim_gift))
        .routes(routes!(resend_gift))
        .routes(routes!(take_gift_back))
}

/// For whom an order is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckoutGift)]
pub(in crate::checkout) struct GiftBody {
    /// Where the link is mailed that claims it.
    email: Email,
    /// What is written in the mail.
    message: Option<Note>,
    /// UTC, at most 366 days ahead: not mailed before. One that is past is now; default: as soon as it is paid.
    deliver_at: Option<DateTime<Utc>>,
}

impl GiftBody {
    /// What of it no state of the store could make right.
    pub(in crate::checkout) fn fault(&self, now: DateTime<Utc>) -> Option<Fault> {
        self.deliver_at.filter(|at| *at - now > FURTHEST)?;
        let rule = Sentence::from("must be at most { $most } days ahead").with("most", FURTHEST.num_days());
        Some(Fault::new("gift.deliver_at", "out_of_range", rule))
    }
}

impl From<GiftBody> for Giving {
    fn from(body: GiftBody) -> Self {
        Self { email: body.email, message: body.message, deliver_at: body.deliver_at }
    }
}

/// The token of a mailed gift.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GiftClaim {
    /// As it stands in the link.
    #[schema(min_length = 1, max_length = 200)]
    token: String,
}

/// The gifts that I paid for, newest first.
#[utoipa::path(get, path = "/gifts", tag = "gifts", params(PageQuery),
    responses((status = 200, body = Page<Gift>, headers(("Link" = String, description = "The next page, if there is one.")))))]
async fn list_gifts(
    State(app): State<App>,
    account: Account,
    uri: Uri,
    Query(query): Query<PageQuery>,
) -> Result<Response> {
    Ok(sent::page(&app, account.id, query.limit(), query.cursor.as_deref()).await?.answer(&uri))
}

/// Take a gift into my library, by the token that was mailed.
///
/// It can be claimed once; claimed again by the same account, it answers the same. 404 `invalid_gift`; 409 `already_owned` with
/// the `products`, after which the gift can still be claimed by somebody else, and `gift_held_back`.
#[utoipa::path(post, path = "/gifts/claim", tag = "gifts", request_body = GiftClaim,
    responses((status = 200, body = ClaimedGift)))]
async fn claim_gift(
    State(app): State<App>,
    account: Account,
    body: Json<GiftClaim>,
) -> Result<Json<ClaimedGift>> {
    Ok(Json::of(claim::claim(&app, account.id, &body.read()?.token).await?))
}

/// Have a gift mailed again that nobody claimed.
///
/// The link in it is the same. 409 `not_resendable` with its `reason`: `scheduled`, `claimed`, `taken_back`, `refunded`,
/// `disputed`; 429 `too_many_attempts`.
#[utoipa::path(post, path = "/gifts/{id}/resend", tag = "gifts", params(("id" = Uuid, Path)),
    responses((status = 200, body = Gift)))]
async fn resend_gift(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
    body: Empty,
) -> Result<Json<Gift>> {
    sent::find(&app, account.id, id).await?;
    body.read()?;
    Ok(Json::of(sent::resend(&app, account.id, id).await?))
}

/// Take a gift that nobody claimed into my own library.
///
/// From 30 days after it was mailed, or was to be, on, unless the store says otherwise. 409 `not_returnable` with its `reason`:
/// `too_early`, `claimed`, `taken_back`, `refunded`, `disputed`; `already_owned` with the `products`.
#[utoipa::path(post, path = "/gifts/{id}/take-back", tag = "gifts", params(("id" = Uuid, Path)),
    responses((status = 200, body = Gift)))]
async fn take_gift_back(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
    body: Empty,
) -> Result<Json<Gift>> {
    sent::find(&app, account.id, id).await?;
    body.read()?;
    Ok(Json::of(sent::take_back(&app, account.id, id).await?))
}
