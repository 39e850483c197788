//! The publisher's answer to a review.
use entity::review::ActiveModel;
use sea_orm::ActiveValue::{Set, Unchanged};
use uuid::Uuid;

use super::{
    moderation::{AdminReview, seen},
    review_queries as queries,
    reviews::event,
};
use crate::{
    app::App,
    error::{NOT_FOUND, Result},
    values::Prose,
};

/// Answers a review, replaces the answer, or takes it away.
pub(super) async fn answer(app: &App, actor: Uuid, id: Uuid, answer: Option<&Prose>) -> Result<AdminReview> {
    app.db
        .write(async |tx| {
            let row = queries::lock(tx, id).await?.filter(|row| row.removed_at.is_none()).ok_or(NOT_FOUND)?;
            if row.answer.as_deref() == answer.map(Prose::as_str) {
                return seen(tx, row).await;
            }
            let answered = ActiveModel {
                id: Unchanged(id),
                answer: Set(answer.map(Prose::to_string)),
                answered_at: Set(answer.map(|_| app.clock.now())),
                ..Default::default()
            };
            let row = queries::update(tx, answered).await?;
            event("review.answered", &row)
                .account(row.account_id)
                .actor(actor)
                .record(tx, &app.clock)
                .await?;
            seen(tx, row).await
        })
        .await
}
