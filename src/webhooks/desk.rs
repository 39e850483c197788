//! Endpoints as admins make, change and end them.
use entity::webhook::{ActiveModel, Disabled, Model};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    DatabaseTransaction,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    health,
    kinds::Kind,
    queries,
    signing::{self, NewSecret, new_secret},
    wire::{NewWebhook, Webhook, WebhookChanges, WebhookWithSecret},
};
use crate::{
    app::App,
    error::{Error, Fault, NOT_FOUND, Refusal, Result, is_unique_violation},
    events::Event,
    web::{Cursor, Page, PageQuery},
};

/// Endpoints of a store at most: each is sent to beside the others, so that none waits for another.
const MOST_WEBHOOKS: i32 = 50;
/// What cursors of the list are bound to.
const LIST: &str = "webhooks";

const TOO_MANY_WEBHOOKS: Refusal =
    Refusal::conflict("too_many_webhooks", "A store has at most 50 webhooks; delete one first.");

/// Makes an endpoint and tells its secret; 409 `too_many_webhooks`, 422.
pub(super) async fn create(app: &App, admin: Uuid, new: NewWebhook) -> Result<WebhookWithSecret> {
    let url = judged(app, &new.url)?;
    let id = app.clock.new_id();
    let NewSecret { shown: secret, sealed } = new_secret(app, id)?;
    let events = listed(new.events);
    let row = app
        .db
        .write(async |tx| {
            let row = Model {
                id,
                slot: free_slot(tx).await?,
                url,
                events,
                disabled: None,
                secret: sealed,
                former_secret: None,
                former_until: None,
                earlier_secrets: None,
                failing_since: None,
                failed_at: None,
                created_at: app.clock.now(),
            };
            match queries::insert(tx, row.clone()).await {
                // Another was made at this moment: there may be a place beside it.
                Err(error) if is_unique_violation(&error) => return Err(Error::Contended(error)),
                inserted => inserted?,
            }
            Event::new("webhook.created", id).actor(admin).record(tx, &app.clock).await?;
            Ok(row)
        })
        .await?;
    Ok(WebhookWithSecret { webhook: row.into(), secret })
}

async fn free_slot(tx: &DatabaseTransaction) -> Result<i32> {
    let taken = queries::slots(tx).await?;
    Ok((1..=MOST_WEBHOOKS).find(|slot| !taken.contains(slot)).ok_or(TOO_MANY_WEBHOOKS)?)
}

fn judged(app: &App, url: &str) -> Result<String> {
    let target =
        app.outbound.target(url).map_err(|invalid| Error::Invalid(vec![Fault::of("url", invalid)]))?;
    Ok(target.as_str().to_owned())
}

fn listed(mut kinds: Vec<Kind>) -> Value {
    kinds.sort_unstable();
    kinds.dedup();
    json!(kinds)
}

/// A page of endpoints, the newest first.
pub(super) async fn page(app: &App, asked: &PageQuery) -> Result<Page<Webhook>> {
    let key = &app.keys.cursor;
    let before = asked.cursor.as_deref().map(|text| Cursor::read(key, LIST, text)).transpose()?;
    let rows = queries::webhooks(&app.db.read, before, asked.limit() + 1).await?;
    Ok(Page::of(rows, asked.limit(), key, LIST, |row| row.id)?.map(Webhook::from))
}

/// One endpoint; 404.
pub(super) async fn one(app: &App, id: Uuid) -> Result<Webhook> {
    Ok(queries::webhook(&app.db.read, id).await?.ok_or(NOT_FOUND)?.into())
}

/// Changes an endpoint; 404, 422. Another address or being enabled makes it begin anew.
pub(super) async fn change(app: &App, admin: Uuid, id: Uuid, changes: WebhookChanges) -> Result<Webhook> {
    let url = changes.url.as_deref().map(|url| judged(app, url)).transpose()?;
    let events = changes.events.map(listed);
    app.db
        .write(async |tx| {
            let row = queries::lock(tx, id).await?.ok_or(NOT_FOUND)?;
            if changes.enabled == Some(false) && row.disabled.is_none() {
                health::disable(tx, app, &row, Disabled::ByAdmin, Some(admin)).await?;
            }
            let mut change = ActiveModel { id: Unchanged(id), ..Default::default() };
            if changes.enabled == Some(true) {
                change.disabled = Set(None);
            }
            if url.is_some() || changes.enabled == Some(true) {
                change.failing_since = Set(None);
                change.failed_at = Set(None);
            }
            change.url = Set(url.unwrap_or(row.url));
            change.events = Set(events.unwrap_or(row.events));
            let changed = queries::update(tx, change).await?;
            Event::new("webhook.updated", id).actor(admin).record(tx, &app.clock).await?;
            Ok(changed.into())
        })
        .await
}

/// Gives an endpoint another secret, and tells it; for a day those before sign too. 404.
pub(super) async fn rotate_secret(app: &App, admin: Uuid, id: Uuid) -> Result<WebhookWithSecret> {
    let NewSecret { shown: secret, sealed } = new_secret(app, id)?;
    let row = app
        .db
        .write(async |tx| {
            let row = queries::lock(tx, id).await?.ok_or(NOT_FOUND)?;
            let change = signing::replaced(&row, sealed, app.clock.now())?;
            let changed = queries::update(tx, change).await?;
            Event::new("webhook.secret_rotated", id).actor(admin).record(tx, &app.clock).await?;
            Ok(changed)
        })
        .await?;
    Ok(WebhookWithSecret { webhook: row.into(), secret })
}

/// Deletes an endpoint with all it was told; 404.
pub(super) async fn delete(app: &App, admin: Uuid, id: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            if !queries::delete(tx, id).await? {
                return Err(NOT_FOUND.into());
            }
            Ok(Event::new("webhook.deleted", id).actor(admin).record(tx, &app.clock).await?)
        })
        .await
}
