//! Reviews as support sees them, on the wire.
use axum::{extract::State, response::Response};
use entity::review::Status;
use http::Uri;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    answers,
    moderation::{self, AdminReview, Judgement, Standing},
};
use crate::{
    accounts::{EditorOrSupport, Support},
    app::App,
    error::Result,
    values::Prose,
    web::{Empty, Json, Page, PageQuery, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_all_reviews))
        .routes(routes!(judge_review))
        .routes(routes!(put_answer, delete_answer))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AllReviewsQuery {
    /// Alternatives, separated by commas; default: all.
    #[param(inline, explode = false, style = Form)]
    status: Option<Vec<Standing>>,
    /// Items at most.
    #[param(minimum = 1, maximum = 100, default = 24)]
    limit: Option<u64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Everybody's reviews, newest first.
#[utoipa::path(get, path = "/admin/reviews", tag = "admin", security(("bearer" = ["support"])), params(AllReviewsQuery),
    responses((status = 200, body = Page<AdminReview>, headers(("Link" = String, description = "The next page, if there is one.")))))]
async fn list_all_reviews(
    State(app): State<App>,
    _: Support,
    uri: Uri,
    Query(query): Query<AllReviewsQuery>,
) -> Result<Response> {
    let asked = PageQuery { limit: query.limit, cursor: query.cursor };
    let any_of = query.status.unwrap_or_else(|| Standing::ALL.to_vec());
    Ok(moderation::page(&app, &any_of, &asked).await?.answer(&uri))
}

/// What support decides of a review.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct JudgementBody {
    /// Whether it is shown from now on.
    status: Status,
    /// For staff; left out, what was noted stays.
    #[schema(nullable = false)]
    note: Option<Prose>,
}

/// Show or hide a review. Its reports are closed; an edit by its author doesn't show it again.
#[utoipa::path(patch, path = "/admin/reviews/{id}", tag = "admin", security(("bearer" = ["support"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = AdminReview)))]
async fn judge_review(
    State(app): State<App>,
    Support(actor): Support,
    Path(id): Path<Uuid>,
    body: Json<JudgementBody>,
) -> Result<Json<AdminReview>> {
    moderation::find(&app, id).await?;
    let body = body.read()?;
    let judgement = Judgement { status: body.status, note: body.note };
    Ok(Json::of(moderation::judge(&app, actor.id, id, &judgement).await?))
}

/// The publisher's answer to a review.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerBody {
    /// Plain text, at most 10,000 characters.
    body: Prose,
}

/// Answer a review, or replace the answer.
#[utoipa::path(put, path = "/admin/reviews/{id}/answer", tag = "admin", security(("bearer" = ["editor"]), ("bearer" = ["support"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = AdminReview)))]
async fn put_answer(
    State(app): State<App>,
    EditorOrSupport(actor): EditorOrSupport,
    Path(id): Path<Uuid>,
    body: Json<AnswerBody>,
) -> Result<Json<AdminReview>> {
    moderation::find(&app, id).await?;
    let body = body.read()?.body;
    Ok(Json::of(answers::answer(&app, actor.id, id, Some(&body)).await?))
}

/// Take the answer to a review away.
#[utoipa::path(delete, path = "/admin/reviews/{id}/answer", tag = "admin", security(("bearer" = ["editor"]), ("bearer" = ["support"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = AdminReview)))]
async fn delete_answer(
    State(app): State<App>,
    EditorOrSupport(actor): EditorOrSupport,
    Path(id): Path<Uuid>,
    _: Empty,
) -> Result<Json<AdminReview>> {
    Ok(Json::of(answers::answer(&app, actor.id, id, None).await?))
}
