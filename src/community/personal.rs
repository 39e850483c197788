//! What the community holds of a person: taken along, and erased.
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{queries, report_queries, review_queries, vote_queries};
use crate::{app::App, error::Result};

/// What is on a wishlist, from behind a product.
pub async fn exported_wishlist(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = queries::all_wishes(&app.db.read, account, after, most).await?;
    let told = rows
        .into_iter()
        .map(|row| (row.product_id, json!({"product_id": row.product_id, "added_at": row.added_at})));
    Ok(told.collect())
}

/// The reviews that an account wrote, from behind one; of one taken back, that it was there.
pub async fn exported_reviews(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = review_queries::all_of(&app.db.read, account, after, most).await?;
    let told = rows.into_iter().map(|row| {
        let review = json!({
            "id": row.id, "product_id": row.product_id, "rating": row.rating, "title": row.title, "body": row.body,
            "locale": row.locale, "status": row.status, "note": row.note, "helpful_count": row.helpful_count,
            "created_at": row.created_at, "updated_at": row.updated_at, "removed_at": row.removed_at,
        });
        (row.id, review)
    });
    Ok(told.collect())
}

/// What an account found of reviews, from behind one.
pub async fn exported_votes(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = vote_queries::of_account(&app.db.read, account, after, most).await?;
    let told = rows.into_iter().map(|row| {
        let vote = json!({"review_id": row.review_id, "helpful": row.helpful, "voted_at": row.voted_at});
        (row.review_id, vote)
    });
    Ok(told.collect())
}

/// The reviews that an account reported, from behind one.
pub async fn exported_reports(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = report_queries::of_account(&app.db.read, account, after, most).await?;
    let told = rows.into_iter().map(|row| {
        let report =
            json!({"review_id": row.review_id, "reason": row.reason, "reported_at": row.reported_at});
        (row.review_id, report)
    });
    Ok(told.collect())
}

/// Takes the wishlist away, and the words that were for staff alone. Reviews and votes stay, by nobody that can be told.
pub async fn erase(tx: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    queries::unwish_all(tx, account).await?;
    review_queries::blank_notes(tx, account).await?;
    Ok(report_queries::blank_of(tx, account).await?)
}
