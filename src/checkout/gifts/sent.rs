//! What its giver sees of a gift, and may do with it.
use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    gift::{self, Model},
    order, order_line,
};
use queue::NewJob;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{mailed::GIFT_MAIL, order::mailing};
use crate::{
    accounts,
    app::App,
    checkout::{queries, settle},
    error::{Error, NOT_FOUND, Refusal, Result},
    library,
    web::{Cursor, Page},
};

const NOT_SENT_AGAIN: Refusal =
    Refusal::conflict("not_resendable", "This gift can't be mailed again; `reason` says why.");
const NOT_TAKEN_BACK: Refusal =
    Refusal::conflict("not_returnable", "This gift can't be taken back; `reason` says why.");
const OWNED_BY_GIVER: Refusal = Refusal::conflict(
    "already_owned",
    "You own something of this gift already, so it can't become yours: ask for a refund of its order instead.",
);

/// Where a gift stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum GiftStatus {
    /// Its mail waits for its time.
    Scheduled,
    /// It was mailed, and nobody claimed it yet.
    Sent,
    /// It is in somebody's library.
    Claimed,
    /// It is in the giver's own library.
    TakenBack,
    /// Its order was given back.
    Refunded,
}

/// A gift that I paid for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Gift {
    /// UUIDv7.
    id: Uuid,
    /// The order that paid it.
    order_id: Uuid,
    /// Where it stands. Whose it is stays between whoever claimed it and the store.
    status: GiftStatus,
    /// What is given.
    items: Vec<GiftItem>,
    /// Where it is mailed; null once nothing is to be mailed any more.
    #[schema(required)]
    email: Option<String>,
    /// What is written in the mail; null once nothing is to be mailed any more.
    #[schema(required)]
    message: Option<String>,
    /// UTC, not mailed before; null: as soon as it was paid.
    #[schema(required)]
    deliver_at: Option<DateTime<Utc>>,
    /// UTC, when it was first mailed.
    #[schema(required)]
    sent_at: Option<DateTime<Utc>>,
    /// UTC, from when on it may be taken back while nobody claimed it: counted from when it was mailed, or was to be where its
    /// mail could not be.
    take_back_from: DateTime<Utc>,
    /// UTC, when it was claimed or taken back.
    #[schema(required)]
    ended_at: Option<DateTime<Utc>>,
    /// UTC.
    created_at: DateTime<Utc>,
}

/// One product of a gift.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GiftItem {
    /// What is given.
    product_id: Uuid,
    /// As it was called when it was bought.
    title: String,
}

impl GiftItem {
    pub(super) fn of(line: &order_line::Model) -> Self {
        Self { product_id: line.product_id, title: line.title.clone() }
    }
}

/// A page of the gifts that an account paid for, newest first.
pub(super) async fn page(app: &App, account: Uuid, limit: u64, cursor: Option<&str>) -> Result<Page<Gift>> {
    let list = format!("gifts {account}");
    let after = cursor.map(|text| Cursor::read(&app.keys.cursor, &list, text)).transpose()?;
    let rows = queries::gifts_sent(&app.db.read, account, after, limit + 1).await?;
    let page = Page::of(rows, limit, &app.keys.cursor, &list, |row| row.id)?;
    Ok(Page { items: shown(app, page.items).await?, next_cursor: page.next_cursor, total: None })
}

/// 404 unless it is a gift that the account paid for.
pub(super) async fn find(app: &App, account: Uuid, id: Uuid) -> Result<Model> {
    Ok(queries::gift_of(&app.db.read, account, id).await?.ok_or(NOT_FOUND)?)
}

async fn one(app: &App, account: Uuid, id: Uuid) -> Result<Gift> {
    let row = find(app, account, id).await?;
    Ok(shown(app, vec![row]).await?.pop().ok_or(NOT_FOUND)?)
}

async fn shown(app: &App, rows: Vec<Model>) -> Result<Vec<Gift>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.order_id).collect();
    let orders = queries::orders_by_id(&app.db.read, &ids).await?;
    let orders: HashMap<Uuid, order::Status> =
        orders.into_iter().map(|order| (order.id, order.status)).collect();
    let mut items: HashMap<Uuid, Vec<GiftItem>> = HashMap::new();
    for line in queries::lines(&app.db.read, &ids).await? {
        items.entry(line.order_id).or_default().push(GiftItem::of(&line));
    }
    let gift = |row: Model| Gift {
        status: stands(&row, orders.get(&row.order_id).copied()),
        items: items.remove(&row.order_id).unwrap_or_default(),
        take_back_from: take_back_from(app, &row),
        id: row.id,
        order_id: row.order_id,
        email: row.email,
        message: row.message,
        deliver_at: row.deliver_at,
        sent_at: row.sent_at,
        ended_at: row.ended_at,
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(gift).collect())
}

fn stands(row: &Model, order: Option<order::Status>) -> GiftStatus {
    match row.status {
        _ if order == Some(order::Status::Refunded) => GiftStatus::Refunded,
        gift::Status::Claimed => GiftStatus::Claimed,
        gift::Status::TakenBack => GiftStatus::TakenBack,
        _ if row.sent_at.is_some() => GiftStatus::Sent,
        gift::Status::Ordered | gift::Status::Given => GiftStatus::Scheduled,
    }
}

fn take_back_from(app: &App, row: &Model) -> DateTime<Utc> {
    row.sent_at.unwrap_or(due_at(row)) + TimeDelta::days(app.config.checkout.gift_unclaimed_days.into())
}

/// When a gift is to be mailed.
fn due_at(row: &Model) -> DateTime<Utc> {
    row.deliver_at.map_or(row.created_at, |at| at.max(row.created_at))
}

/// Has a gift mailed again that nobody claimed, also one whose mail was refused; 409 `not_resendable` with its `reason`, 429 `too_many_attempts`.
pub(super) async fn resend(app: &App, account: Uuid, id: Uuid) -> Result<Gift> {
    let seen = find(app, account, id).await?;
    accounts::deed(app, account, "gift resends", app.config.checkout.gift_resends_per_account).await?;
    app.db
        .write(async |tx| {
            let (_, gift) = unclaimed(tx, &seen, NOT_SENT_AGAIN).await?;
            let now = app.clock.now();
            if gift.sent_at.is_none() && now < due_at(&gift) {
                return Err(NOT_SENT_AGAIN.with("reason", "scheduled"));
            }
            // One that waits for a mail server is not joined by another.
            let mail =
                NewJob::new(app.clock.new_id(), GIFT_MAIL, &json!({"gift_id": id})).dedupe(mailing(id));
            queue::enqueue(tx, mail, now).await?;
            Ok(())
        })
        .await?;
    app.wake.poke();
    one(app, account, id).await
}

/// Makes a gift that nobody claimed in time its giver's own; 409 `not_returnable` with its `reason`, `already_owned`.
pub(super) async fn take_back(app: &App, account: Uuid, id: Uuid) -> Result<Gift> {
    let seen = find(app, account, id).await?;
    app.db
        .write(async |tx| {
            let (order, gift) = unclaimed(tx, &seen, NOT_TAKEN_BACK).await?;
            let now = app.clock.now();
            if now < take_back_from(app, &gift) {
                return Err(NOT_TAKEN_BACK.with("reason", "too_early"));
            }
            let mut lines = queries::lines(tx, &[order.id]).await?;
            lines.retain(|line| !line.refunded);
            let products: Vec<Uuid> = lines.iter().map(|line| line.product_id).collect();
            let owned = library::held(tx, account, &products).await?;
            if !owned.is_empty() {
                return Err(OWNED_BY_GIVER.with("products", owned));
            }
            if !queries::gift_taken_back(tx, gift.id, now).await? {
                return Err(Error::unexpected("a gift was claimed while its order was locked"));
            }
            settle::entitle(app, tx, account, &lines, Some(account)).await
        })
        .await?;
    app.wake.poke();
    one(app, account, id).await
}

/// A gift as it stands once its giver and its order are locked; refused unless it is still to be claimed.
async fn unclaimed(
    tx: &impl ConnectionTrait,
    seen: &Model,
    refusal: Refusal,
) -> Result<(order::Model, Model)> {
    let order = settle::locked_order_of(tx, seen.account_id, seen.order_id).await?;
    let gift = queries::gift(tx, seen.id).await?.ok_or(NOT_FOUND)?;
    let reason = match (gift.status, order.status) {
        (_, order::Status::Refunded) => "refunded",
        (gift::Status::Claimed, _) => "claimed",
        (gift::Status::TakenBack, _) => "taken_back",
        (_, order::Status::Disputed) => "disputed",
        _ => return Ok((order, gift)),
    };
    Err(refusal.with("reason", reason))
}
