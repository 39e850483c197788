//! What endpoints were told, as admins see it and have it sent again.
use chrono::{DateTime, Utc};
use entity::webhook_delivery::{Model, Status};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{queries, wire::WebhookDelivery};
use crate::{
    app::App,
    error::{NOT_FOUND, Refusal, Result},
    events::Event,
    web::{Cursor, Page, PageQuery},
};

/// What a test is called where events have their names.
const TEST: &str = "webhook.test";

const WEBHOOK_DISABLED: Refusal =
    Refusal::conflict("webhook_disabled", "This webhook is disabled; enable it first.");
const DELIVERY_IN_PROGRESS: Refusal =
    Refusal::conflict("delivery_in_progress", "This is being sent at this moment.");

/// What somebody is to be told of: something that happened, on its way.
#[derive(Clone, Debug)]
pub(super) struct News {
    pub(super) event_id: Uuid,
    pub(super) kind: String,
    pub(super) subject_id: Uuid,
    pub(super) account_id: Option<Uuid>,
    pub(super) data: Value,
    pub(super) happened_at: DateTime<Utc>,
}

impl News {
    /// The product that it concerns, where that is not its subject.
    pub(super) fn product(&self) -> Option<Uuid> {
        self.data.get("product_id").and_then(Value::as_str).and_then(|id| id.parse().ok())
    }
}

impl From<&Model> for News {
    fn from(row: &Model) -> Self {
        Self {
            event_id: row.event_id,
            kind: row.kind.clone(),
            subject_id: row.subject_id,
            account_id: row.account_id,
            data: row.data.clone(),
            happened_at: row.happened_at,
        }
    }
}

/// News on its way to an endpoint, to be sent at once.
pub(super) fn begin(app: &App, webhook: Uuid, news: News) -> Model {
    let now = app.clock.now();
    Model {
        id: app.clock.new_id(),
        webhook_id: webhook,
        event_id: news.event_id,
        kind: news.kind,
        subject_id: news.subject_id,
        account_id: news.account_id,
        data: news.data,
        happened_at: news.happened_at,
        status: Status::Pending,
        attempts: 0,
        next_attempt_at: Some(now),
        lease_until: None,
        lease_token: None,
        request: None,
        created_at: now,
        finished_at: None,
    }
}

/// A page of what an endpoint was told, the newest first; 404.
pub(super) async fn page(app: &App, webhook: Uuid, asked: &PageQuery) -> Result<Page<WebhookDelivery>> {
    let (key, list) = (&app.keys.cursor, format!("webhooks/{webhook}/deliveries"));
    let before = asked.cursor.as_deref().map(|text| Cursor::read(key, &list, text)).transpose()?;
    let rows = queries::deliveries(&app.db.read, webhook, before, asked.limit() + 1).await?;
    let page = Page::of(rows, asked.limit(), key, &list, |row| row.id)?;
    let ids: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    let mut attempts = queries::attempts(&app.db.read, &ids).await?;
    Ok(page.map(|row| {
        let attempts = attempts.remove(&row.id).unwrap_or_default();
        WebhookDelivery::of(row, attempts)
    }))
}

/// One delivery of an endpoint; 404.
pub(super) async fn one(app: &App, webhook: Uuid, id: Uuid) -> Result<WebhookDelivery> {
    let row = queries::delivery(&app.db.read, webhook, id).await?.ok_or(NOT_FOUND)?;
    let attempts = queries::attempts(&app.db.read, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(WebhookDelivery::of(row, attempts))
}

/// Tells an endpoint that this is a test; 404, 409 `webhook_disabled`.
pub(super) async fn test(app: &App, admin: Uuid, webhook: Uuid) -> Result<WebhookDelivery> {
    let news = News {
        event_id: app.clock.new_id(),
        kind: TEST.to_owned(),
        subject_id: webhook,
        account_id: None,
        data: json!({}),
        happened_at: app.clock.now(),
    };
    let row = begin(app, webhook, news);
    app.db
        .write(async |tx| {
            hold(tx, webhook).await?;
            queries::insert_deliveries(tx, vec![row.clone()]).await?;
            Ok(Event::new("webhook.tested", webhook).actor(admin).record(tx, &app.clock).await?)
        })
        .await?;
    Ok(WebhookDelivery::of(row, Vec::new()))
}

/// Sends something again, by the same `webhook-id` and the whole schedule; 404, 409 `webhook_disabled`,
/// `delivery_in_progress`.
pub(super) async fn redeliver(app: &App, admin: Uuid, webhook: Uuid, id: Uuid) -> Result<WebhookDelivery> {
    app.db
        .write(async |tx| {
            hold(tx, webhook).await?;
            queries::delivery(tx, webhook, id).await?.ok_or(NOT_FOUND)?;
            if !queries::begin_anew(tx, id, app.clock.now()).await? {
                return Err(DELIVERY_IN_PROGRESS.into());
            }
            let event = Event::new("webhook.redelivered", webhook).with("delivery_id", id.to_string());
            Ok(event.actor(admin).record(tx, &app.clock).await?)
        })
        .await?;
    one(app, webhook, id).await
}

/// Holds an endpoint that is told something.
async fn hold(tx: &DatabaseTransaction, webhook: Uuid) -> Result<()> {
    match queries::lock(tx, webhook).await?.ok_or(NOT_FOUND)?.disabled {
        None => Ok(()),
        Some(_) => Err(WEBHOOK_DISABLED.into()),
    }
}

/// Gives up what is on its way: it is told when somebody has it sent again. How many they were.
pub async fn park(tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64> {
    Ok(queries::park(tx, now).await?)
}

/// Forgets what was sent of an account. What waits is still sent: it holds ids alone, and what orders keep.
pub async fn erase(tx: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    Ok(queries::blank(tx, account).await?)
}
