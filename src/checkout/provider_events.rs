//! What a payment provider tells by itself: kept once, acknowledged at once, and applied by a job in the transaction of its
//! effect.
use chrono::{DateTime, Utc};
use entity::{order_place::Source, payment, provider_event};
use payments::{Event, Stripe};
use queue::NewJob;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::{
    close, disputes, give_back,
    open::told,
    outcome::Outcome,
    queries, reconcile, returns,
    settle::{self, Captured, Taken},
    stripe_news::{News, What, news},
};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result},
    failpoint,
    values::Country,
};

/// The job that applies an event; its payload is `{event_id}`.
pub(super) const APPLY_EVENT: &str = "apply_provider_event";

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
                queue::enqueue(tx, applying(app, id), now).await?;
            }
            Ok(())
        })
        .await?;
    failpoint::reach("event_kept");
    app.wake.poke();
    Ok(())
}

/// The job that applies an event: one at a time.
fn applying(app: &App, event: Uuid) -> NewJob {
    let job = NewJob::new(app.clock.new_id(), APPLY_EVENT, &json!({"event_id": event}));
    job.dedupe(format!("{APPLY_EVENT} {event}"))
}

/// Has events applied whose jobs were given up; says how many.
pub(super) async fn take_up(app: &App, events: &[Uuid]) -> Result<u64> {
    let now = app.clock.now();
    let jobs = || events.iter().map(|event| applying(app, *event)).collect::<Vec<_>>();
    let taken_up = app.db.write(async |tx| Ok(queue::enqueue_all(tx, jobs(), now).await?)).await?;
    app.wake.poke();
    Ok(taken_up)
}

/// Removes the events that were received before a moment and applied; says how many.
pub async fn forget_provider_events(app: &App, before: DateTime<Utc>) -> Result<u64> {
    app.db.write(async |tx| Ok(queries::forget_events(tx, before).await?)).await
}

/// Applies an event that was kept; again it changes nothing.
pub(super) async fn apply(app: &App, id: Uuid) -> Result<()> {
    let row = queries::event(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    let Some(news) = row.news.filter(|_| row.applied_at.is_none()) else { return Ok(()) };
    let mut news: News = serde_json::from_value(news).map_err(Error::unexpected)?;
    find_payment(app, &mut news).await?;
    hear_of_its_money(app, &news).await?;
    let paid = news.intent.as_deref().filter(|_| news.what == What::Received);
    let card = card(app, paid).await;
    failpoint::reach("event_read");
    let outcome = app
        .db
        .write(async |tx| {
            let about = payment(tx, &news).await?;
            let outcome = apply_in(app, tx, &news, about.as_ref(), card.as_ref()).await?;
            if !queries::applied(tx, id, outcome.as_str(), app.clock.now()).await? {
                return Ok(Outcome::Ignored);
            }
            outcome.flag(app, tx, about.as_ref(), news.payment.unwrap_or(id)).await?;
            Ok(outcome)
        })
        .await?;
    failpoint::reach("event_applied");
    app.wake.poke();
    outcome.count();
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

/// News of money that the store has not heard of yet wait until it has: events come in any order, and some never.
async fn hear_of_its_money(app: &App, news: &News) -> Result<()> {
    if !news.what.is_of_money_received() || is_other_mode(app, news) {
        return Ok(());
    }
    let is_open = |payment: &payment::Model| queries::OPEN.contains(&payment.status);
    let Some(payment) = payment(&app.db.read, news).await?.filter(is_open) else { return Ok(()) };
    reconcile::look(app, &payment).await?;
    match queries::payment(&app.db.read, payment.id).await? {
        Some(payment) if is_open(&payment) => {
            Err(Error::unavailable(format!("the money of payment {} is not known yet", payment.id)))
        }
        _ => Ok(()),
    }
}

fn is_other_mode(app: &App, news: &News) -> bool {
    app.payments.stripe().is_none_or(|stripe| stripe.is_live() != news.live)
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
    about: Option<&payment::Model>,
    card: Option<&Country>,
) -> Result<Outcome> {
    if is_other_mode(app, news) {
        return Ok(Outcome::OtherMode);
    }
    let Some(payment) = about else { return Ok(Outcome::UnknownPayment) };
    match news.what {
        What::Received => {
            let named = if payment.elements { &news.intent } else { &news.session };
            if let Some(reference) = named.as_deref().filter(|_| payment.provider_ref.is_none()) {
                // The answer that named it was lost: without it no money could be given back.
                queries::note_session(tx, payment.id, reference).await?;
            }
            let Some((amount, currency)) = news.amount.zip(news.currency.clone()) else {
                return Ok(Outcome::WrongAmount);
            };
            received(app, tx, payment, &Captured { amount, currency }, card).await
        }
        What::Declined => {
            settle::locked(tx, payment.id).await?;
            Ok(done(queries::declined(tx, payment.id).await?))
        }
        What::Failed => ended(app, tx, payment, entity::order::Status::Failed).await,
        What::Expired => ended(app, tx, payment, entity::order::Status::Expired).await,
        // The intent under a hosted session is Stripe's own affair: the session tells of its end.
        What::Cancelled if !payment.elements => Ok(Outcome::Ignored),
        What::Cancelled => ended(app, tx, payment, entity::order::Status::Cancelled).await,
        What::Disputed | What::DisputeWon | What::DisputeLost => {
            disputes::take(app, tx, payment.id, news).await
        }
        What::Refunded => {
            let (_, payment) = settle::locked(tx, payment.id).await?;
            let elsewhere = news.amount.is_some_and(|amount| amount > payment.refunded);
            // What was returned of a payment that no order waited for is not counted with it.
            let counted = payment.status == payment::Status::Succeeded;
            Ok(if elsewhere && counted { Outcome::RefundedElsewhere } else { Outcome::Ignored })
        }
        What::RefundFailed => give_back::failed(app, tx, payment, news.refund.as_deref()).await,
    }
}

pub(super) fn done(changed: bool) -> Outcome {
    if changed { Outcome::Applied } else { Outcome::Ignored }
}

/// The payment that news are about: the one that the store named, and none other by its session.
async fn payment(db: &impl ConnectionTrait, news: &News) -> Result<Option<payment::Model>> {
    let named = match news.payment {
        Some(id) => queries::payment(db, id).await?,
        None => None,
    };
    let by_session = match &news.session {
        Some(session) => queries::payment_of(db, Stripe::NAME, session).await?,
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
        // Nothing waits for it either: its order was called off.
        Taken::WrongAmount if captured.amount > 0 => {
            let goes_back = returns::begin(app, tx, payment.id, captured).await?;
            Ok(if goes_back { Outcome::WrongAmount } else { Outcome::Ignored })
        }
        Taken::WrongAmount | Taken::Contradicted => Ok(Outcome::WrongAmount),
        Taken::Late | Taken::AlreadyOwned => {
            let goes_back = returns::begin(app, tx, payment.id, captured).await?;
            Ok(if goes_back { Outcome::Returned } else { Outcome::Ignored })
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
