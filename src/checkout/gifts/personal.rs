//! What gifts hold of a person: taken along, and erased.
use entity::gift::Model;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{app::App, checkout::queries, error::Result};

/// The gifts that an account ordered, from behind one. Whose they are now is not the giver's.
pub async fn exported_gifts_sent(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let told = |row: Model| {
        let gift = json!({
            "id": row.id, "order_id": row.order_id, "status": row.status, "email": row.email,
            "message": row.message, "deliver_at": row.deliver_at, "created_at": row.created_at,
            "sent_at": row.sent_at, "ended_at": row.ended_at,
        });
        (row.id, gift)
    };
    Ok(queries::gifts_ordered(&app.db.read, account, after, most).await?.into_iter().map(told).collect())
}

/// The gifts that an account claimed, from behind one. Whose they were is not the claimer's.
pub async fn exported_gifts_claimed(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let told = |row: Model| (row.id, json!({"id": row.id, "claimed_at": row.ended_at}));
    Ok(queries::gifts_claimed(&app.db.read, account, after, most).await?.into_iter().map(told).collect())
}

/// Takes from the gifts of a buyer what leads to whom they were for. What was mailed can be claimed all the same.
pub(in crate::checkout) async fn erase(tx: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    Ok(queries::forget_recipients(tx, account).await?)
}
