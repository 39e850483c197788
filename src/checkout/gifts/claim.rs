//! Claiming: who has the link takes a gift into an account, once.
use chrono::{DateTime, Utc};
use entity::{
    gift::{Model, Status},
    order, order_line,
};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::sent::GiftItem;
use crate::{
    accounts,
    app::App,
    checkout::{queries, quote::ALREADY_OWNED},
    error::{Error, Refusal, Result},
    events::{self, Event},
    keys::sha256,
    library::{self, Right, Source},
};

/// Alike for a token that never was and for one that is of no use any more.
const INVALID_GIFT: Refusal =
    Refusal::not_found("invalid_gift", "This gift is unknown, was claimed, or is not to be had any more.");
const GIFT_HELD_BACK: Refusal =
    Refusal::conflict("gift_held_back", "This gift can't be claimed at present; try again later.");

/// A gift that I claimed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClaimedGift {
    /// UUIDv7.
    id: Uuid,
    /// What is in my library now.
    items: Vec<GiftItem>,
    /// UTC.
    claimed_at: DateTime<Utc>,
}

/// Takes a gift into an account; again into the same one is the same. 404 `invalid_gift`, 409 `already_owned`,
/// `gift_held_back`: the gift can be claimed afterwards as before.
pub(super) async fn claim(app: &App, claimer: Uuid, token: &str) -> Result<ClaimedGift> {
    let hash = sha256(token.as_bytes());
    let claimed = app
        .db
        .write(async |tx| {
            accounts::lock(tx, claimer).await?;
            let gift = queries::gift_of_token(tx, &hash).await?.ok_or(INVALID_GIFT)?;
            // Whatever else ends a gift holds its order too.
            let order = queries::locked_order(tx, gift.order_id).await?.ok_or(INVALID_GIFT)?;
            let gift = queries::gift_of_token(tx, &hash).await?.ok_or(INVALID_GIFT)?;
            claim_in(app, tx, claimer, &order, &gift).await
        })
        .await?;
    app.wake.poke();
    Ok(claimed)
}

async fn claim_in(
    app: &App,
    tx: &impl ConnectionTrait,
    claimer: Uuid,
    order: &order::Model,
    gift: &Model,
) -> Result<ClaimedGift> {
    let mut lines = queries::lines(tx, &[order.id]).await?;
    lines.retain(|line| !line.refunded);
    if lines.is_empty() {
        return Err(INVALID_GIFT.into());
    }
    let claimed = |at: DateTime<Utc>| ClaimedGift {
        id: gift.id,
        items: lines.iter().map(GiftItem::of).collect(),
        claimed_at: at,
    };
    match (gift.status, gift.ended_at) {
        (Status::Given, _) => {}
        (Status::Claimed, Some(at)) if gift.claimed_by == Some(claimer) => return Ok(claimed(at)),
        _ => return Err(INVALID_GIFT.into()),
    }
    match order.status {
        order::Status::Paid | order::Status::PartiallyRefunded => {}
        order::Status::Disputed => return Err(GIFT_HELD_BACK.into()),
        _ => return Err(INVALID_GIFT.into()),
    }
    let products: Vec<Uuid> = lines.iter().map(|line| line.product_id).collect();
    let owned = library::held(tx, claimer, &products).await?;
    if !owned.is_empty() {
        return Err(ALREADY_OWNED.with("products", owned));
    }
    let now = app.clock.now();
    if !queries::gift_claimed(tx, gift.id, claimer, now).await? {
        return Err(Error::unexpected("a gift was claimed while its order was locked"));
    }
    let right = |line: &order_line::Model| Right {
        account: claimer,
        product: line.product_id,
        source: Source::Gift,
        source_id: line.id,
    };
    let rights: Vec<Right> = lines.iter().map(right).collect();
    let mut events = library::entitle_all(tx, &app.clock, &rights, None).await?;
    // Who claimed it is not the giver's to know.
    events.push(Event::new("gift.claimed", gift.id).account(gift.account_id));
    events::record_all(tx, events, &app.clock).await?;
    Ok(claimed(now))
}
