//! Reviews on the wire: one's own, votes and reports.
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    reports,
    reviews::{self, NewReview},
    shown::Review,
    votes,
};
use crate::{
    accounts::Account,
    app::App,
    error::Result,
    values::{Locale, Prose, Stars, Word},
    web::{
        Empty, Json, Path,
        locale::{AcceptLanguage, Wanted},
    },
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read_my_review, put_my_review, delete_my_review))
        .routes(routes!(put_vote, delete_vote))
        .routes(routes!(report_review))
}

/// What I think of a product I own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReviewBody {
    /// Stars.
    rating: Stars,
    /// One line, at most 200 characters.
    #[schema(nullable = false)]
    title: Option<Word>,
    /// Plain text, at most 10,000 characters.
    #[schema(nullable = false)]
    body: Option<Prose>,
}

impl ReviewBody {
    fn written_in(self, locale: Locale) -> NewReview {
        NewReview { rating: self.rating, title: self.title, body: self.body, locale }
    }
}

/// The language somebody uses the store in.
fn language(app: &App, account: &Account, accepted: AcceptLanguage) -> Locale {
    let first = Wanted::new(None, account.locale.clone(), accepted).languages().into_iter().next();
    first.and_then(|tag| tag.parse().ok()).unwrap_or_else(|| app.config.store.locale.clone())
}

/// My review of a product, also when support hid it.
#[utoipa::path(get, path = "/products/{id}/reviews/mine", tag = "reviews", params(("id" = Uuid, Path)),
    responses((status = 200, body = Review)))]
async fn read_my_review(
    State(app): State<App>,
    account: Account,
    Path(product): Path<Uuid>,
) -> Result<Json<Review>> {
    Ok(Json::of(reviews::mine(&app, account.id, product).await?))
}

/// Review a product I own, or replace my review of it.
///
/// 403 `not_owned` for what I don't own; 429 `too_many_attempts` beyond so many an hour. What support hid stays hidden.
#[utoipa::path(put, path = "/products/{id}/reviews/mine", tag = "reviews", params(("id" = Uuid, Path)),
    responses((status = 200, body = Review, description = "Replaced."), (status = 201, body = Review)))]
async fn put_my_review(
    State(app): State<App>,
    account: Account,
    accepted: AcceptLanguage,
    Path(product): Path<Uuid>,
    body: Json<ReviewBody>,
) -> Result<Response> {
    reviews::may_write(&app, account.id, product).await?;
    let new = body.read()?.written_in(language(&app, &account, accepted));
    let (review, is_new) = reviews::write(&app, account.id, product, &new).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json::of(review)).into_response())
}

/// Take my review of a product back, owned or not.
#[utoipa::path(delete, path = "/products/{id}/reviews/mine", tag = "reviews", params(("id" = Uuid, Path)),
    responses((status = 204)))]
async fn delete_my_review(
    State(app): State<App>,
    account: Account,
    Path(product): Path<Uuid>,
    _: Empty,
) -> Result<StatusCode> {
    reviews::remove(&app, account.id, product).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a review helped.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VoteBody {
    /// It did, or it didn't.
    helpful: bool,
}

/// Say whether a review helps me. 403 `own_review` for my own.
#[utoipa::path(put, path = "/reviews/{id}/vote", tag = "reviews", params(("id" = Uuid, Path)),
    responses((status = 204)))]
async fn put_vote(
    State(app): State<App>,
    account: Account,
    Path(review): Path<Uuid>,
    body: Json<VoteBody>,
) -> Result<StatusCode> {
    votes::find(&app, account.id, review).await?;
    let helpful = body.read()?.helpful;
    votes::vote(&app, account.id, review, Some(helpful)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take my vote on a review back.
#[utoipa::path(delete, path = "/reviews/{id}/vote", tag = "reviews", params(("id" = Uuid, Path)),
    responses((status = 204)))]
async fn delete_vote(
    State(app): State<App>,
    account: Account,
    Path(review): Path<Uuid>,
    _: Empty,
) -> Result<StatusCode> {
    votes::vote(&app, account.id, review, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is wrong with a review.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReportBody {
    /// One line, at most 200 characters.
    reason: Word,
}

/// Tell support of a review that shouldn't be there; once per account, whoever repeats it changes nothing.
///
/// 403 `own_review` for my own; 429 `too_many_attempts` beyond so many an hour.
#[utoipa::path(post, path = "/reviews/{id}/report", tag = "reviews", params(("id" = Uuid, Path)),
    responses((status = 202, description = "Support will look at it.")))]
async fn report_review(
    State(app): State<App>,
    account: Account,
    Path(review): Path<Uuid>,
    body: Json<ReportBody>,
) -> Result<StatusCode> {
    votes::find(&app, account.id, review).await?;
    let reason = body.read()?.reason;
    reports::report(&app, account.id, review, &reason).await?;
    Ok(StatusCode::ACCEPTED)
}
