//! What concerns everybody who owns or wishes for a product: told one batch after the other, each in a transaction of its
//! own, so that a hundred thousand of them hold nobody up. A row keeps up to whom it came, so a job that was cut off goes on
//! there.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::notification_fan_out::Model;
use queue::NewJob;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    kinds::Kind,
    queries::fan_outs as queries,
    tell::{News, Reach, tell},
};
use crate::{
    accounts,
    app::App,
    catalog::{self, Market, PriceDrop, Status},
    community,
    error::Result,
    library,
    values::Country,
};

/// The job that tells everybody; its payload is `{fan_out_id}`.
pub(super) const FAN_OUT: &str = "notification_fan_out";

/// Why many are told something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause {
    pub(super) kind: Kind,
    /// An event, or what took its time.
    pub(super) event: Uuid,
    pub(super) product: Uuid,
    /// What it is about.
    pub(super) subject: Uuid,
    /// When it happened, or will.
    pub(super) at: DateTime<Utc>,
}

impl Cause {
    /// That what was sold before its release can be downloaded: once of a product.
    pub(super) fn of_release(product: Uuid, at: DateTime<Utc>) -> Self {
        Self { kind: Kind::DownloadReady, event: product, product, subject: product, at }
    }
}

/// Whether everybody was told of a cause before, or is being told.
pub(super) async fn has_begun(tx: &impl ConnectionTrait, cause: &Cause) -> Result<bool> {
    Ok(!queries::begun(tx, cause.kind.as_str(), &[cause.event]).await?.is_empty())
}

/// Has everybody told whom something concerns, unless its cause had them told before or there is nobody.
pub(super) async fn begin(app: &App, tx: &impl ConnectionTrait, cause: Cause) -> Result<()> {
    if people(tx, cause.kind, cause.product, cause.at, None, 1).await?.is_empty() {
        return Ok(());
    }
    let now = app.clock.now();
    let row = Model {
        id: app.clock.new_id(),
        kind: cause.kind.as_str().to_owned(),
        event_id: cause.event,
        product_id: cause.product,
        subject_id: cause.subject,
        at: cause.at,
        reached: None,
        created_at: now,
        finished_at: None,
    };
    let id = row.id;
    if queries::insert(tx, row).await? {
        let job = NewJob::new(app.clock.new_id(), FAN_OUT, &json!({"fan_out_id": id}));
        queue::enqueue(tx, job, now).await?;
    }
    Ok(())
}

/// Tells everybody who was not told yet.
pub(super) async fn run(app: &App, id: Uuid) -> Result<()> {
    while app.db.write(async |tx| step(app, tx, id).await).await? {
        app.streams.ring().await;
    }
    app.streams.ring().await;
    app.wake.poke_notices();
    Ok(())
}

/// Tells one batch; says whether there may be another.
async fn step(app: &App, tx: &DatabaseTransaction, id: Uuid) -> Result<bool> {
    let Some(row) = queries::lock(tx, id).await? else { return Ok(false) };
    let limit = u64::from(app.config.notifications.batch.get());
    let kind = Kind::of(&row.kind);
    let batch = match kind {
        Some(kind) if still_holds(app, tx, kind, &row).await? => {
            people(tx, kind, row.product_id, row.at, row.reached, limit).await?
        }
        _ => Vec::new(),
    };
    if let Some(kind) = kind {
        let news = news(app, tx, kind, &row, &batch).await?;
        tell(app, tx, &news, Reach::Many).await?;
    }
    let more = u64::try_from(batch.len()).is_ok_and(|told| told >= limit);
    let finished = (!more).then(|| app.clock.now());
    queries::advance(tx, id, batch.last().copied(), finished).await?;
    Ok(more)
}

/// Some of those whom something concerns, by account.
async fn people(
    db: &impl ConnectionTrait,
    kind: Kind,
    product: Uuid,
    at: DateTime<Utc>,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Uuid>> {
    match kind {
        Kind::BuildReleased | Kind::DownloadReady => {
            library::owners_after(db, product, at, after, limit).await
        }
        _ => community::wishers(db, product, after, limit).await,
    }
}

/// Whether it is still worth telling.
async fn still_holds(app: &App, tx: &impl ConnectionTrait, kind: Kind, row: &Model) -> Result<bool> {
    let now = app.clock.now();
    let product = catalog::product(tx, row.product_id).await?;
    let Some(product) = product else { return Ok(false) };
    Ok(match kind {
        Kind::BuildReleased => true,
        Kind::DownloadReady => catalog::awaited(tx, &[row.product_id], now).await?.is_empty(),
        // What comes later is told on its day.
        Kind::WishlistRelease => {
            product.status == Status::Published
                && product.release_date.is_none_or(|day| day <= now.date_naive())
        }
        Kind::WishlistSaleEnding => {
            let sale = catalog::sale(tx, row.product_id, row.subject_id).await?;
            product.status == Status::Published
                && sale.is_some_and(|sale| sale.ends_at == row.at && sale.ends_at > now)
        }
        _ => product.status == Status::Published,
    })
}

/// What each of a batch is told; nothing to who owns what they wish for, or for whom nothing became cheaper.
async fn news(
    app: &App,
    tx: &impl ConnectionTrait,
    kind: Kind,
    row: &Model,
    batch: &[Uuid],
) -> Result<Vec<News>> {
    let product = row.product_id;
    let owners = match kind.is_of_wish() {
        true => library::owners_whole(tx, batch, product).await?,
        false => Default::default(),
    };
    let countries = match kind {
        Kind::WishlistPriceDrop => accounts::countries(tx, batch).await?,
        _ => HashMap::new(),
    };
    let mut drops: HashMap<Option<&String>, Option<PriceDrop>> = HashMap::new();
    let mut told = Vec::new();
    for account in batch.iter().filter(|account| !owners.contains(*account)) {
        let data = match kind {
            Kind::WishlistPriceDrop => {
                let country = countries.get(account);
                let drop = match drops.get(&country) {
                    Some(known) => *known,
                    None => {
                        let market = market(app, country);
                        let now = app.clock.now();
                        let drop = catalog::price_drop(tx, product, &market, row.at, now).await?;
                        drops.insert(country, drop);
                        drop
                    }
                };
                let Some(PriceDrop { before, after }) = drop else { continue };
                json!({"amount": after, "before": before, "currency": app.config.store.currency.as_str()})
            }
            Kind::DownloadReady => json!({"released": 1}),
            Kind::WishlistSaleEnding => json!({"at": row.at.timestamp_micros()}),
            _ => Value::Object(serde_json::Map::new()),
        };
        let (event, subject) = (row.event_id, row.subject_id);
        told.push(News { kind, event, account: *account, subject, product: Some(product), data });
    }
    Ok(told)
}

/// Where an account is shown prices.
pub(super) fn market(app: &App, country: Option<&String>) -> Market {
    let country = country.and_then(|code| Country::parse(code).ok());
    Market::asked(None, country, None, &app.config.store)
}
