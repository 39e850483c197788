//! What an endpoint is told: what happened, by ids, and what everybody may know of it, read when it is sent.
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{deliveries::News, kinds::Kind};
use crate::{
    app::App,
    catalog::{self, Status},
    checkout,
    error::{Error, Result},
};

/// The body of a message. It names nobody: accounts are told by their ids.
pub(super) async fn message(app: &App, news: &News) -> Result<String> {
    let data = data(app, news).await?;
    serde_json::to_string(&json!({"type": news.kind, "timestamp": news.happened_at, "data": data}))
        .map_err(Error::unexpected)
}

async fn data(app: &App, news: &News) -> Result<Map<String, Value>> {
    let mut data = news.data.as_object().cloned().unwrap_or_default();
    let mut tell = |name: &str, value: Value| data.insert(name.to_owned(), value);
    if let Some(account) = news.account_id {
        tell("account_id", json!(account));
    }
    let product = news.product();
    match Kind::of(&news.kind) {
        None => {
            tell("webhook_id", json!(news.subject_id));
        }
        Some(Kind::AccountCreated) => {}
        Some(Kind::ProductPublished) => {
            tell("product_id", json!(news.subject_id));
            tell("product", product_facts(app, Some(news.subject_id)).await?);
        }
        Some(Kind::BuildReleased) => {
            tell("build_id", json!(news.subject_id));
            tell("build", build_facts(app, news.subject_id).await?);
            tell("product", product_facts(app, product).await?);
        }
        Some(Kind::OrderPaid | Kind::OrderRefunded | Kind::OrderDisputed) => {
            tell("order_id", json!(news.subject_id));
            tell("order", json!(checkout::read_order(app, news.subject_id).await?));
        }
        Some(Kind::EntitlementGranted | Kind::EntitlementRevoked) => {
            tell("entitlement_id", json!(news.subject_id));
            tell("product", product_facts(app, product).await?);
        }
        Some(Kind::ReviewReported) => {
            tell("review_id", json!(news.subject_id));
        }
    }
    Ok(data)
}

/// What is public of a product; null when it is not, or not any more.
async fn product_facts(app: &App, id: Option<Uuid>) -> Result<Value> {
    let Some(id) = id else { return Ok(Value::Null) };
    let row = catalog::product(&app.db.read, id).await?.filter(|row| row.status == Status::Published);
    Ok(row.map_or(
        Value::Null,
        |row| json!({"id": row.id, "slug": row.slug, "kind": row.kind, "title": row.title}),
    ))
}

async fn build_facts(app: &App, id: Uuid) -> Result<Value> {
    match catalog::builds::find(&app.db.read, id).await {
        Ok(build) => Ok(json!({
            "id": build.id,
            "version": build.version,
            "platform": build.platform,
            "channel": build.channel,
            "released_at": build.released_at,
        })),
        Err(Error::Refused(..)) => Ok(Value::Null),
        Err(error) => Err(error),
    }
}
