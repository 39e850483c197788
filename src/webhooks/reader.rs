//! Follows the event log: what endpoints asked to be told of is put on its way to each of them, once.
use entity::webhook_delivery::Model;
use futures::FutureExt;
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value};

use super::{
    deliveries::{News, begin},
    kinds::Kind,
    queries,
    wire::kinds,
};
use crate::{
    app::App,
    error::Result,
    events::{Reader, Recorded},
};

/// What is taken over of an event's own members.
const MEMBERS: [&str; 2] = ["product_id", "refund_id"];

/// Puts events on their way to the endpoints that asked for them. What happened before an endpoint was made, or while
/// it was disabled, it is not told.
pub const WEBHOOKS: Reader =
    Reader { name: "webhooks", apply: |app, tx, events| take_over(app, tx, events).boxed() };

async fn take_over(app: &App, tx: &DatabaseTransaction, events: &[Recorded]) -> Result<()> {
    let told: Vec<(&Recorded, Kind)> =
        events.iter().filter_map(|event| Some((event, Kind::of(&event.kind)?))).collect();
    if told.is_empty() {
        return Ok(());
    }
    let mut rows: Vec<Model> = Vec::new();
    for webhook in queries::hold_enabled(tx).await? {
        let asked = kinds(&webhook);
        let its = told.iter().filter(|(event, kind)| asked.contains(kind) && event.at >= webhook.created_at);
        rows.extend(its.map(|(event, kind)| begin(app, webhook.id, news(event, *kind))));
    }
    for rows in rows.chunks(ROWS) {
        queries::insert_deliveries(tx, rows.to_vec()).await?;
    }
    Ok(())
}

/// Rows of one statement: both databases bound how many values it may hold.
const ROWS: usize = 500;

/// What is told of an event.
pub(super) fn news(event: &Recorded, kind: Kind) -> News {
    let member = |name: &str| Some((name.to_owned(), event.data.get(name)?.clone()));
    let data: Map<String, Value> = MEMBERS.into_iter().filter_map(member).collect();
    News {
        event_id: event.id,
        kind: event.kind.clone(),
        subject_id: event.subject_id,
        account_id: event.account_id.filter(|_| kind.tells_account()),
        data: Value::Object(data),
        happened_at: event.at,
    }
}
