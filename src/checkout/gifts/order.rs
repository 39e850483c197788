//! What becomes of a gift with its order: begun, paid, called off, given back.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::{
    gift::{Model, Status},
    order,
};
use queue::NewJob;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::mailed::GIFT_MAIL;
use crate::{
    accounts,
    app::App,
    checkout::queries,
    error::{Error, Refusal, Result},
    keys::sha256,
    values::{Email, Note},
};

/// Sets these tokens apart from those of other mailed links, which are made with the same key.
const PURPOSE: &[u8] = b"gift ";

const ADDRESS_NOT_PROVEN: Refusal =
    Refusal::forbidden("email_not_verified", "Prove your address first: strangers are mailed in your name.");

/// For whom an order is.
#[derive(Clone, Debug)]
pub(in crate::checkout) struct Giving {
    /// Where it is mailed.
    pub(in crate::checkout) email: Email,
    /// The buyer's words.
    pub(in crate::checkout) message: Option<Note>,
    /// Not mailed before.
    pub(in crate::checkout) deliver_at: Option<DateTime<Utc>>,
}

/// Counts an order for somebody else, by an account that may begin one; 403 `email_not_verified`, 429
/// `too_many_attempts`.
pub(in crate::checkout) async fn count(app: &App, account: Uuid) -> Result<()> {
    if !accounts::is_reached(&app.db.read, account).await? {
        return Err(ADDRESS_NOT_PROVEN.into());
    }
    accounts::deed(app, account, "gifts", app.config.checkout.gifts_per_account).await
}

/// The token of a gift. It is derived, so that it lies nowhere and a mail sent again holds the same one.
pub(super) fn token(app: &App, id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(app.keys.account_link.sign(&[PURPOSE, id.as_bytes().as_slice()].concat()))
}

/// An order that is placed is a gift, which is answered.
pub(in crate::checkout) async fn begin(
    app: &App,
    tx: &impl ConnectionTrait,
    order: &order::Model,
    giving: &Giving,
) -> Result<Model> {
    let id = app.clock.new_id();
    let row = Model {
        id,
        order_id: order.id,
        account_id: order.account_id,
        status: Status::Ordered,
        email: Some(giving.email.as_str().to_owned()),
        message: giving.message.as_ref().map(|message| message.as_str().to_owned()),
        deliver_at: giving.deliver_at,
        token_hash: sha256(token(app, id).as_bytes()),
        created_at: order.created_at,
        sent_at: None,
        claimed_by: None,
        ended_at: None,
    };
    queries::insert_gift(tx, row.clone()).await?;
    Ok(row)
}

/// The gift that an order is, if it is one.
pub(in crate::checkout) async fn of_order(db: &impl ConnectionTrait, order: Uuid) -> Result<Option<Model>> {
    Ok(queries::gifts_of_orders(db, &[order]).await?.pop())
}

/// A gift is paid: it is mailed in its time. The caller has locked the order.
pub(in crate::checkout) async fn paid(app: &App, tx: &impl ConnectionTrait, gift: &Model) -> Result<()> {
    if !queries::gift_given(tx, gift.id).await? {
        return Err(Error::unexpected("a gift was paid twice"));
    }
    schedule(app, tx, gift).await
}

/// A dispute about an order ended in the store's favour: what was not mailed meanwhile is.
pub(in crate::checkout) async fn resume(app: &App, tx: &impl ConnectionTrait, order: Uuid) -> Result<()> {
    match of_order(tx, order).await?.filter(|gift| gift.status == Status::Given && gift.sent_at.is_none()) {
        Some(gift) => schedule(app, tx, &gift).await,
        None => Ok(()),
    }
}

/// Of the jobs that mail a gift only one waits.
pub(super) fn mailing(gift: Uuid) -> String {
    format!("gift {gift}")
}

async fn schedule(app: &App, tx: &impl ConnectionTrait, gift: &Model) -> Result<()> {
    let now = app.clock.now();
    let mail = NewJob::new(app.clock.new_id(), GIFT_MAIL, &json!({"gift_id": gift.id}))
        .at(gift.deliver_at.unwrap_or(now).max(now))
        .dedupe(mailing(gift.id));
    queue::enqueue(tx, mail, now).await?;
    Ok(())
}

/// An order was not paid: if it was a gift, nobody is to be mailed.
pub(in crate::checkout) async fn called_off(tx: &impl ConnectionTrait, order: Uuid) -> Result<()> {
    Ok(queries::delete_gift(tx, order).await?)
}

/// All of an order was given back: if it was a gift, nobody is to be mailed.
pub(in crate::checkout) async fn given_back(tx: &impl ConnectionTrait, order: Uuid) -> Result<()> {
    Ok(queries::forget_recipient(tx, order).await?)
}

/// Who owns what of an order was paid and not given back: its buyer, or of a gift whoever claimed it; nobody yet, of one
/// that waits.
pub(in crate::checkout) fn owner(order: &order::Model, gift: Option<&Model>) -> Option<Uuid> {
    match gift {
        None => Some(order.account_id),
        Some(gift) => match gift.status {
            Status::Ordered | Status::Given => None,
            Status::Claimed => gift.claimed_by,
            Status::TakenBack => Some(order.account_id),
        },
    }
}

/// Whether an order is a gift that somebody else than its buyer claimed.
pub(in crate::checkout) fn is_anothers(order: &order::Model, gift: Option<&Model>) -> bool {
    owner(order, gift).is_some_and(|owner| owner != order.account_id)
}
