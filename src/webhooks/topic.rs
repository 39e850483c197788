//! Follows the event log: what the topic is told of is published by a job for each event, at least once.
use futures::FutureExt;
use queue::{Handlers, JobError, NewJob};
use sea_orm::{ActiveEnum, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{deliveries::News, facts, kinds::Kind, reader::news};
use crate::{
    app::App,
    catalog,
    error::Result,
    events::{self, Reader, Recorded},
};

/// The job that publishes an event.
pub const PUBLISH: &str = "event_publish";

#[derive(Deserialize, Serialize)]
struct Publish {
    event_id: Uuid,
}

/// Has events published, once there is a topic: what happened before it is not told.
pub const TOPIC: Reader = Reader { name: "topic", apply: |app, tx, events| enqueue(app, tx, events).boxed() };

async fn enqueue(app: &App, tx: &DatabaseTransaction, events: &[Recorded]) -> Result<()> {
    if app.topic.is_none() {
        return Ok(());
    }
    let asked = events.iter().filter(|event| asked(app, &event.kind));
    let jobs = asked.map(|event| NewJob::new(app.clock.new_id(), PUBLISH, &Publish { event_id: event.id }));
    queue::enqueue_all(tx, jobs.collect(), app.clock.now()).await?;
    Ok(())
}

fn asked(app: &App, kind: &str) -> bool {
    let events = &app.config.topic.events;
    Kind::of(kind).is_some() && (events.is_empty() || events.iter().any(|event| event == kind))
}

/// Adds the handler of that job.
pub fn handle(handlers: Handlers, app: &App) -> Handlers {
    let app = app.clone();
    handlers.on(PUBLISH, move |payload| {
        let app = app.clone();
        async move {
            let job: Publish = serde_json::from_value(payload)?;
            publish(&app, job.event_id).await.map_err(JobError::from)
        }
    })
}

/// Publishes an event: the message that endpoints get, and what subscribers filter by as its attributes.
async fn publish(app: &App, id: Uuid) -> Result<()> {
    let Some(topic) = &app.topic else { return Ok(()) };
    let Some(event) = events::find(app, id).await? else { return Ok(()) };
    let Some(kind) = Kind::of(&event.kind) else { return Ok(()) };
    let news = news(&event, kind);
    topic.publish(&facts::message(app, &news).await?, &attributes(app, &news, kind).await?).await
}

/// Of a message that comes twice the event is the same.
async fn attributes(app: &App, news: &News, kind: Kind) -> Result<Vec<(&'static str, String)>> {
    let mut attributes = vec![("type", kind.as_str().to_owned()), ("event_id", news.event_id.to_string())];
    if let Some(account) = news.account_id {
        attributes.push(("account_id", account.to_string()));
    }
    let product = match kind {
        Kind::ProductPublished => Some(news.subject_id),
        _ => news.product(),
    };
    if let Some(id) = product {
        attributes.push(("product_id", id.to_string()));
        if let Some(row) = catalog::product(&app.db.read, id).await? {
            attributes.push(("product_kind", row.kind.to_value()));
        }
    }
    Ok(attributes)
}
