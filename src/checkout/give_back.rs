//! Money on its way back: a provider is asked under a key that makes it once, however often and however late it is asked.
use chrono::{DateTime, TimeDelta, Utc};
use entity::{payment, refund};
use payments::{NewRefund, RefundStanding};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{open::told, outcome::Outcome, queries, returns};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Result},
    failpoint,
};

/// The job that tells the provider to give money back; its payload is `{refund_id}`.
pub(super) const GIVE_BACK: &str = "give_back";

/// How old a refund is before its provider may have forgotten its key. Stripe says that it keeps one for a day at least.
const KEY_AGE: TimeDelta = TimeDelta::hours(12);

/// Asks the provider of a payment to give money back, under a key that was first asked at a moment.
pub(super) async fn ask(
    app: &App,
    payment: &payment::Model,
    key: &str,
    amount: i64,
    since: DateTime<Utc>,
) -> Result<RefundStanding> {
    let provider = app.payments.named(&payment.provider);
    let provider = provider
        .ok_or_else(|| Error::unavailable(format!("the provider {} is not set up", payment.provider)))?;
    let reference = payment.provider_ref.as_deref();
    let reference =
        reference.ok_or_else(|| Error::unavailable("a payment whose session is not noted yet"))?;
    let is_old = app.clock.now() - since >= KEY_AGE;
    provider.refund(&NewRefund { key, reference, amount, is_old }).await.map_err(told)
}

/// Tells the provider to give the money of a refund back; telling it again is the same refund. What the provider says it
/// can't send is flagged and not asked again.
pub(super) async fn give_back(app: &App, refund: Uuid) -> Result<()> {
    let refund = queries::refund(&app.db.read, refund).await?.ok_or(NOT_FOUND)?;
    if refund.status != refund::Status::Pending {
        return Ok(());
    }
    let payment = queries::payment(&app.db.read, refund.payment_id).await?.ok_or(NOT_FOUND)?;
    let (key, amount) = (refund.id.to_string(), refund.amount - refund.credit - refund.taken);
    let standing = ask(app, &payment, &key, amount, refund.created_at).await?;
    failpoint::reach("refund_sent");
    let outcome = app
        .db
        .write(async |tx| match standing {
            RefundStanding::Accepted => {
                queries::refund_settled(tx, refund.id, app.clock.now()).await?;
                Ok(Outcome::Applied)
            }
            RefundStanding::Failed => {
                let outcome = refund_failed(app, tx, &payment, refund.id).await?;
                outcome.flag(app, tx, Some(&payment), refund.id).await?;
                Ok(outcome)
            }
        })
        .await?;
    failpoint::reach("refund_settled");
    app.wake.poke();
    outcome.note(payment.id);
    Ok(())
}

/// Takes the news that money of a payment could not be sent back: of a refund or of a return by its key, or of a refund that
/// was made elsewhere.
pub(super) async fn failed(
    app: &App,
    tx: &impl ConnectionTrait,
    payment: &payment::Model,
    key: Option<&str>,
) -> Result<Outcome> {
    match key {
        Some(key) if key == returns::key(payment.id) => returns::failed(app, tx, payment.id).await,
        Some(key) => match key.parse() {
            Ok(refund) => refund_failed(app, tx, payment, refund).await,
            Err(_) => Ok(Outcome::RefundFailed),
        },
        None => Ok(Outcome::RefundFailed),
    }
}

async fn refund_failed(
    app: &App,
    tx: &impl ConnectionTrait,
    payment: &payment::Model,
    refund: Uuid,
) -> Result<Outcome> {
    if queries::refund_failed(tx, payment.id, refund, app.clock.now()).await? {
        return Ok(Outcome::RefundFailed);
    }
    let known = queries::refund(tx, refund).await?.filter(|row| row.payment_id == payment.id);
    Ok(if known.is_some() { Outcome::Ignored } else { Outcome::RefundFailed })
}
