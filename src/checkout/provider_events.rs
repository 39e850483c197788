//! What a payment provider tells by itself: kept once, acknowledged at once, and applied by a job in the transaction of its
//! effect.
use chrono::{DateTime, Utc};
use entity::{order_place::Source, payment, provider_event};
use payments::{Event, NewRefund, Stripe};
use queue::NewJob;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::{
    close, disputes,
    open::told,
    queries,
    settle::{self, Captured, Taken},
    stripe_news::{News, What, news},
};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result},
    events, failpoint,
    values::Country,
};

/// The job that applies an event; its payload is `{event_id}`.
pub(super) const APPLY_EVENT: &str = "apply_provider_event";
/// The job that sends money back that no order waits for; its payload is `{payment_id, amount}`.
pub(super) const RETURN_MONEY: &str = "return_money";

const INVALID_SIGNATURE: Refusal = Refusal::malformed(
    "invalid_signature",
    "The signature is none of this store's secrets, or older than five minutes.",
);

/// Reads an event of Stripe's from the bytes that came; 400 `invalid_signature`.
pub(super) fn read(app: &App, signature: Option<&str>, body: &[u8]) -> Result<Event> {
    let (stripe, signature) = app.payments.stripe().zip(signature).ok_or(INVALID_SIGNATURE)?;
    Ok(stripe.event(signature, body, app.clock.now().timestamp()).map_err(|_| INVALID_SIGNATURE)?)
}

/// Keeps an event and the job that applies it; one that was told before changes nothing.
pub(super) async fn keep(app: &App, event: &Event) -> Result<()> {
    let (news, now) = (news(event), app.clock.now());
    let row = provider_event::Model {
        id: app.clock.new_id(),
        provider: Stripe::NAME.to_owned(),
        event_id: event.id.clone(),
        kind: event.kind.clone(),
        news: news.as_ref().map(serde_json::to_value).transpose().map_err(Error::unexpected)?,
        received_at: now,
        applied_at: news.is_none().then_some(now),
        outcome: news.is_none().then(|| Outcome::Ignored.as_str().to_owned()),
    };
    app.db
        .write(async |tx| {
            let (id, waits) = (row.id, row.applied_at.is_none());
            if queries::insert_event(tx, row.clone()).await? && waits {
                let job = NewJob::new(app.clock.new_id(), APPLY_EVENT, &json!({"event_id": id}));
                queue::enqueue(tx, job, now).await?;
            }
            Ok(())
        })
        .await?;
    failpoint::reach("event_kept");
    app.wake.poke();
    Ok(())
}

/// Removes the events that were received before a moment and applied; says how many.
pub async fn forget_provider_events(app: &App, before: DateTime<Utc>) -> Result<u64> {
    app.db.write(async |tx| Ok(queries::forget_events(tx, before).await?)).await
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is done, now or before.
    Applied,
    /// It changes nothing.
    Ignored,
    /// Its money goes back: nothing waits for it.
    Returned,
    /// It is about no payment of this store, or about two.
    UnknownPayment,
    /// It is about play money where the store takes real, or the other way round.
    OtherMode,
    /// Its amount or currency is not what the order asks.
    WrongAmount,
    /// More was given back at the provider than by the store.
    RefundedElsewhere,
    /// Money that was to go back could not be sent.
    RefundFailed,
    /// The bank asks money back of which some became store credit already.
    DisputedCredit,
    /// The store keeps that money: what was taken of the credit meanwhile is the buyer's again.
    DisputedCreditWon,
}

impl Outcome {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Ignored => "ignored",
            Self::Returned => "returned",
            Self::UnknownPayment => "unknown_payment",
            Self::OtherMode => "other_mode",
            Self::WrongAmount => "wrong_amount",
            Self::RefundedElsewhere => "refunded_elsewhere",
            Self::RefundFailed => "refund_failed",
            Self::DisputedCredit => "disputed_credit",
            Self::DisputedCreditWon => "disputed_credit_won",
        }
    }

    /// Whether people must look at it.
    const fn is_flagged(self) -> bool {
        !matches!(self, Self::Applied | Self::Ignored | Self::Returned)
    }
}

/// Applies an event that was kept; again it changes nothing.
pub(super) async fn apply(app: &App, id: Uuid) -> Result<()> {
    let row = queries::event(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    let Some(news) = row.news.filter(|_| row.applied_at.is_none()) else { return Ok(()) };
    let mut news: News = serde_json::from_value(news).map_err(Error::unexpected)?;
    find_payment(app, &mut news).await?;
    let paid = news.intent.as_deref().filter(|_| news.what == What::Received);
    let card = card(app, paid).await;
    failpoint::reach("event_read");
    let outcome = app
        .db
        .write(async |tx| {
            let outcome = apply_in(app, tx, &news, card.as_ref()).await?;
            if !queries::applied(tx, id, outcome.as_str(), app.clock.now()).await? {
                return Ok(Outcome::Ignored);
            }
            if outcome.is_flagged() {
                let flag = events::Event::new("payment.flagged", news.payment.unwrap_or(id));
                flag.with("reason", outcome.as_str()).record(tx, &app.clock).await?;
            }
            Ok(outcome)
        })
        .await?;
    failpoint::reach("event_applied");
    app.wake.poke();
    metrics::counter!("mist_provider_events_total", "outcome" => outcome.as_str()).increment(1);
    if outcome.is_flagged() {
        tracing::warn!(
            event = row.event_id,
            kind = row.kind,
            outcome = outcome.as_str(),
            "a payment needs a look"
        );
    }
    Ok(())
}

/// A dispute names its payment intent alone: Stripe is asked whose that is.
async fn find_payment(app: &App, news: &mut News) -> Result<()> {
    if news.payment.is_some() || news.session.is_some() {
        return Ok(());
    }
    let (Some(stripe), Some(intent)) = (app.payments.stripe(), &news.intent) else { return Ok(()) };
    news.payment = stripe.payment_of(intent).await.map_err(told)?.and_then(|id| id.parse().ok());
    Ok(())
}

/// The country of the card that brought the money: evidence for the tax, and no money waits for it.
pub(super) async fn card(app: &App, intent: Option<&str>) -> Option<Country> {
    match app.payments.stripe()?.card_country(intent?).await {
        Ok(country) => Country::parse(&country?).ok(),
        Err(error) => {
            tracing::info!(%error, "the country of a card could not be asked for");
            None
        }
    }
}

async fn apply_in(
    app: &App,
    tx: &impl ConnectionTrait,
    news: &News,
    card: Option<&Country>,
) -> Result<Outcome> {
    if app.payments.stripe().is_none_or(|stripe| stripe.is_live() != news.live) {
        return Ok(Outcome::OtherMode);
    }
    let Some(payment) = payment(tx, news).await? else { return Ok(Outcome::UnknownPayment) };
    match news.what {
        What::Received => {
            if let Some(session) = news.session.as_deref().filter(|_| payment.provider_ref.is_none()) {
                // The answer that named it was lost: without it no money could be given back.
                queries::note_session(tx, payment.id, session).await?;
            }
            let captured = Captured {
                amount: news.amount.unwrap_or_default(),
                currency: news.currency.clone().unwrap_or_default(),
            };
            received(app, tx, &payment, &captured, card).await
        }
        What::Declined => {
            settle::locked(tx, payment.id).await?;
            Ok(done(queries::declined(tx, payment.id).await?))
        }
        What::Failed => ended(app, tx, &payment, entity::order::Status::Failed).await,
        What::Expired => ended(app, tx, &payment, entity::order::Status::Expired).await,
        // The intent under a hosted session is Stripe's own affair: the session tells of its end.
        What::Cancelled if !payment.elements => Ok(Outcome::Ignored),
        What::Cancelled => ended(app, tx, &payment, entity::order::Status::Cancelled).await,
        What::Disputed | What::DisputeWon | What::DisputeLost => disputed(app, tx, &payment, news.what).await,
        What::Refunded => {
            let (_, payment) = settle::locked(tx, payment.id).await?;
            let elsewhere = news.amount.is_some_and(|amount| amount > payment.refunded);
            // What was returned of a payment that no order waited for is not counted with it.
            let counted = payment.status == payment::Status::Succeeded;
            Ok(if elsewhere && counted { Outcome::RefundedElsewhere } else { Outcome::Ignored })
        }
        What::RefundFailed => Ok(Outcome::RefundFailed),
    }
}

fn done(changed: bool) -> Outcome {
    if changed { Outcome::Applied } else { Outcome::Ignored }
}

/// The payment that news are about: the one that the store named, and none other by its session.
async fn payment(tx: &impl ConnectionTrait, news: &News) -> Result<Option<payment::Model>> {
    let named = match news.payment {
        Some(id) => queries::payment(tx, id).await?,
        None => None,
    };
    let by_session = match &news.session {
        Some(session) => queries::payment_of(tx, Stripe::NAME, session).await?,
        None => None,
    };
    let named = named.filter(|payment| payment.provider == Stripe::NAME);
    Ok(match (named, by_session, &news.session) {
        (Some(named), Some(other), _) => (named.id == other.id).then_some(named),
        // Its session is noted a moment later, or the payment has another one.
        (Some(named), None, Some(_)) => Some(named).filter(|payment| payment.provider_ref.is_none()),
        // One that is paid by Elements is known by its intent.
        (Some(named), None, None) if named.elements && named.provider_ref.is_some() => {
            Some(named).filter(|payment| news.intent.is_none() || payment.provider_ref == news.intent)
        }
        (Some(named), None, None) => Some(named),
        (None, other, _) => other.filter(|_| news.payment.is_none()),
    })
}

/// Takes money that a provider received, or sees to it that it goes back.
pub(super) async fn received(
    app: &App,
    tx: &impl ConnectionTrait,
    payment: &payment::Model,
    captured: &Captured,
    card: Option<&Country>,
) -> Result<Outcome> {
    match settle::take(app, tx, payment.id, captured).await? {
        Taken::Paid => {
            if let Some(country) = card {
                queries::insert_place(tx, payment.order_id, Source::Card, country).await?;
            }
            Ok(Outcome::Applied)
        }
        Taken::WrongAmount => Ok(Outcome::WrongAmount),
        Taken::Late | Taken::AlreadyOwned => {
            let payload = json!({"payment_id": payment.id, "amount": captured.amount});
            queue::enqueue(tx, NewJob::new(app.clock.new_id(), RETURN_MONEY, &payload), app.clock.now())
                .await?;
            let returned = events::Event::new("payment.returned", payment.id);
            returned.with("amount", captured.amount).record(tx, &app.clock).await?;
            Ok(Outcome::Returned)
        }
    }
}

/// Closes an order that its provider has closed; one that is paid stays so.
pub(super) async fn ended(
    app: &App,
    tx: &impl ConnectionTrait,
    payment: &payment::Model,
    to: entity::order::Status,
) -> Result<Outcome> {
    let (order, payment) = settle::locked(tx, payment.id).await?;
    if !queries::OPEN.contains(&payment.status) {
        return Ok(Outcome::Ignored);
    }
    Ok(done(close::close_in(app, tx, &order, to).await?))
}

async fn disputed(
    app: &App,
    tx: &impl ConnectionTrait,
    payment: &payment::Model,
    what: What,
) -> Result<Outcome> {
    let (order, payment) = settle::locked(tx, payment.id).await?;
    let (id, spent) = (order.id, order.credit);
    if payment.status != payment::Status::Succeeded {
        return Ok(Outcome::UnknownPayment);
    }
    let changed = match what {
        What::DisputeWon => disputes::won(app, tx, &order).await?,
        What::DisputeLost => {
            // Told before the dispute itself: events come in any order.
            let opened = disputes::open(app, tx, &order).await?;
            let order = if opened { settle::locked_order(tx, order.id).await? } else { order };
            disputes::lost(app, tx, &order).await?
        }
        _ => disputes::open(app, tx, &order).await?,
    };
    let as_credit: i64 = queries::refunds(tx, &[id]).await?.iter().map(|refund| refund.credit).sum();
    // More than was spent of it: what was captured became credit, which the buyer would have twice.
    Ok(match what {
        _ if as_credit <= spent => done(changed),
        What::DisputeWon => Outcome::DisputedCreditWon,
        _ => Outcome::DisputedCredit,
    })
}

/// Sends money back that no order waits for; again it is the same refund.
pub(super) async fn return_money(app: &App, payment: Uuid, amount: i64) -> Result<()> {
    let payment = queries::payment(&app.db.read, payment).await?.ok_or(NOT_FOUND)?;
    let provider = app.payments.named(&payment.provider);
    let provider = provider
        .ok_or_else(|| Error::unavailable(format!("the provider {} is not set up", payment.provider)))?;
    let reference = payment.provider_ref.as_deref();
    let reference =
        reference.ok_or_else(|| Error::unavailable("a payment whose session is not noted yet"))?;
    let key = format!("return-{}", payment.id);
    let asked = NewRefund { key: &key, reference, amount };
    let standing = provider.refund(&asked).await.map_err(told)?;
    failpoint::reach("money_returned");
    match standing {
        payments::RefundStanding::Accepted => Ok(()),
        payments::RefundStanding::Failed => {
            Err(Error::unexpected(format!("{} could not send money back", payment.provider)))
        }
    }
}
