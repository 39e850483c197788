//! One attempt to deliver, from the claim to what is written of it.
use std::time::Instant;

use entity::{
    webhook::Model as Webhook,
    webhook_attempt,
    webhook_delivery::{Model, Status},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{
    deliveries::News,
    facts,
    health::{self, Sign},
    queries::{self, Ending},
    schedule, signing,
};
use crate::{
    app::App,
    error::{Error, Result},
    outbound::{Answer, Failure},
};

/// What is kept of an answer, in characters.
const REPLY_KEPT: usize = 2_000;
/// Attempts of one delivery that are kept: more than a schedule has, for it may be begun anew.
const ATTEMPTS_KEPT: u64 = 20;

/// Sends a delivery that this process has claimed, and writes down how that went.
pub(super) async fn attempt(app: &App, delivery: &Model) -> Result<()> {
    let Some(webhook) = queries::webhook(&app.db.read, delivery.webhook_id).await? else { return Ok(()) };
    let at = app.clock.now();
    let body = facts::message(app, &News::from(delivery)).await?;
    let headers = headers(app, &webhook, delivery, &body)?;
    let begun = Instant::now();
    let outcome = match app.outbound.target(&webhook.url) {
        Ok(target) => app.outbound.post(&target, headers, body.clone().into()).await,
        // It was allowed by other settings.
        Err(_) => Err(Failure::Refused),
    };
    let row = webhook_attempt::Model {
        id: app.clock.new_id(),
        delivery_id: delivery.id,
        at,
        status: outcome.as_ref().ok().map(|answer| answer.status.as_u16().into()),
        error: outcome.as_ref().err().map(|failure| failure.as_str().to_owned()),
        reply: outcome.as_ref().ok().map(kept),
        duration_ms: i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX),
    };
    settle(app, delivery, sign(&outcome), row, body).await
}

fn headers(app: &App, webhook: &Webhook, delivery: &Model, body: &str) -> Result<HeaderMap> {
    let (id, timestamp) = (delivery.event_id, app.clock.now().timestamp());
    let signature = signing::signature(app, webhook, id, timestamp, body)?;
    let mut signature = HeaderValue::try_from(signature).map_err(Error::unexpected)?;
    signature.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("webhook-id", HeaderValue::try_from(id.to_string()).map_err(Error::unexpected)?);
    headers.insert("webhook-timestamp", HeaderValue::from(timestamp));
    headers.insert("webhook-signature", signature);
    Ok(headers)
}

fn sign(outcome: &Result<Answer, Failure>) -> Sign {
    match outcome {
        Ok(answer) if answer.status.is_success() => Sign::Well,
        Ok(answer) if answer.status == StatusCode::GONE => Sign::Gone,
        _ => Sign::Failed,
    }
}

/// The beginning of an answer as it can be stored: PostgreSQL's text can't hold NUL.
fn kept(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    text.chars().filter(|c| *c != '\0').take(REPLY_KEPT).collect()
}

/// Nothing is written when somebody else sends it by now, or the endpoint is gone.
async fn settle(
    app: &App,
    delivery: &Model,
    sign: Sign,
    attempt: webhook_attempt::Model,
    request: String,
) -> Result<()> {
    app.db
        .write(async |tx| {
            let Some(webhook) = queries::lock(tx, delivery.webhook_id).await? else { return Ok(()) };
            let told_on = health::note(tx, app, &webhook, sign).await?;
            let next_attempt_at = match sign {
                Sign::Failed if told_on => schedule::next(app, delivery.attempts),
                _ => None,
            };
            let status = match (sign, next_attempt_at) {
                (Sign::Well, _) => Status::Delivered,
                (_, Some(_)) => Status::Pending,
                (_, None) => Status::Failed,
            };
            let finished_at = next_attempt_at.is_none().then(|| app.clock.now());
            let ending = Ending { status, next_attempt_at, finished_at, request };
            if queries::settle(tx, delivery.id, delivery.lease_token, ending).await? {
                queries::insert_attempt(tx, attempt, ATTEMPTS_KEPT).await?;
            }
            Ok(())
        })
        .await
}
