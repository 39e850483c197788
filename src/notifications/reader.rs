//! Follows the event log: what happened is told to whom it concerns. What concerns many is begun here, and told to them by
//! a job.
use chrono::{DateTime, Duration, Utc};
use futures::FutureExt;
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    fan_out::{self, Cause},
    kinds::Kind,
    tell::{News, Reach, tell},
};
use crate::{
    accounts::{self, Role},
    app::App,
    catalog::{self, builds},
    error::Result,
    events::{Reader, Recorded},
};

/// What is taken over of an event's own members: numbers, and the currency they are in.
const MEMBERS: [&str; 5] = ["amount", "currency", "available", "violations", "gifts"];

/// How long after a release something may have brought it about: the row that says it was told is not kept for ever.
const FRESH: Duration = Duration::days(1);

/// Tells accounts of what happened.
pub const NOTIFICATIONS: Reader =
    Reader { name: "notifications", apply: |app, tx, events| follow(app, tx, events).boxed() };

async fn follow(app: &App, tx: &DatabaseTransaction, events: &[Recorded]) -> Result<()> {
    let mut news = Vec::new();
    for event in events {
        if let Some(cause) = cause(app, tx, event).await? {
            fan_out::begin(app, tx, cause).await?;
        }
        for (kind, account) in told(app, tx, event).await? {
            news.push(News {
                kind,
                event: event.id,
                account,
                subject: subject(event, kind),
                product: product(event, kind),
                data: facts(event, kind),
            });
        }
    }
    tell(app, tx, &news, Reach::Few).await
}

/// Who is told of an event, and as what.
async fn told(app: &App, tx: &DatabaseTransaction, event: &Recorded) -> Result<Vec<(Kind, Uuid)>> {
    let (kind, roles): (Kind, &[Role]) = match event.kind.as_str() {
        "order.disputed" => (Kind::OrderDisputed, &[Role::Support, Role::Admin]),
        "payment.flagged" => (Kind::PaymentFlagged, &[Role::Support, Role::Admin]),
        "license_pool.low" => (Kind::LicensePoolLow, &[Role::Editor, Role::Admin]),
        "check.failed" => (Kind::CheckFailed, &[Role::Admin]),
        "review.reported" => (Kind::ReviewReported, &[Role::Support, Role::Admin]),
        // An admin who disables one knows.
        "webhook.disabled" if event.actor_id.is_none() => (Kind::WebhookDisabled, &[Role::Admin]),
        // It is told when it is released.
        "entitlement.granted" if is_awaited(app, tx, event).await? => return Ok(Vec::new()),
        name => return Ok(of_account(name).zip(event.account_id).into_iter().collect()),
    };
    let staff = accounts::holders(tx, roles).await?;
    Ok(staff.into_iter().map(|account| (kind, account)).collect())
}

/// What the account is told that an event concerns.
fn of_account(event: &str) -> Option<Kind> {
    Some(match event {
        "order.paid" => Kind::OrderPaid,
        "order.refunded" => Kind::OrderRefunded,
        "entitlement.granted" => Kind::DownloadReady,
        "gift.sent" => Kind::GiftReceived,
        "gift.claimed" => Kind::GiftClaimed,
        "review.answered" => Kind::ReviewAnswered,
        "session.new_device" => Kind::NewDevice,
        "session.reuse_detected" => Kind::TokenReused,
        "account.password_changed" | "account.password_reset" => Kind::PasswordChanged,
        "account.email_changed" => Kind::EmailChanged,
        "account.totp_enabled" => Kind::SecondFactorAdded,
        "account.totp_disabled" => Kind::SecondFactorRemoved,
        "account.recovery_code_used" => Kind::RecoveryCodeUsed,
        "account.passkey_added" => Kind::PasskeyAdded,
        "account.passkey_removed" => Kind::PasskeyRemoved,
        "account.identity_linked" => Kind::SignInLinked,
        "api_key.created" => Kind::ApiKeyCreated,
        _ => return None,
    })
}

/// What many are told because of an event.
async fn cause(app: &App, tx: &DatabaseTransaction, event: &Recorded) -> Result<Option<Cause>> {
    let (subject, at) = (event.subject_id, event.at);
    let of = |kind, event, product, at| Some(Cause { kind, event, product, subject, at });
    match event.kind.as_str() {
        "product.price_lowered" => Ok(of(Kind::WishlistPriceDrop, event.id, subject, lowered_at(event))),
        "product.published" => Ok(of(Kind::WishlistRelease, event.id, subject, at)),
        // A day that was moved, or keys that were added, may be what was waited for.
        "product.updated" | "product.license_keys_added" | "product.license_policy_changed" => {
            match waited_for(app, tx, subject, at).await? {
                Waiting::Over(cause) => Ok(Some(cause)),
                Waiting::Never | Waiting::Still => Ok(None),
            }
        }
        // What is tried out on other channels or by a few is nothing for everybody.
        "build.released" | "build.rolled_out" if builds::is_for_everybody(tx, subject).await? => {
            let Some(product) = product(event, Kind::BuildReleased) else { return Ok(None) };
            match waited_for(app, tx, product, at).await? {
                Waiting::Over(cause) => Ok(Some(cause)),
                Waiting::Still => Ok(None),
                // The build is the cause: whoever offers it to fewer and to all again tells nobody twice.
                Waiting::Never => Ok(of(Kind::BuildReleased, subject, product, at)),
            }
        }
        _ => Ok(None),
    }
}

/// Whether those who bought a product wait for its release.
enum Waiting {
    /// They don't, or were told long ago.
    Never,
    /// They do.
    Still,
    /// They did until now, which they are told.
    Over(Cause),
}

/// What those who bought a product wait for, after something that was done to it at a moment.
async fn waited_for(
    app: &App,
    tx: &DatabaseTransaction,
    product: Uuid,
    at: DateTime<Utc>,
) -> Result<Waiting> {
    if !catalog::product(tx, product).await?.is_some_and(|row| row.preorder) {
        return Ok(Waiting::Never);
    }
    let now = app.clock.now();
    let release = catalog::releases(tx, &[product]).await?.remove(&product);
    let Some(released) = release.and_then(|release| release.come(now)) else { return Ok(Waiting::Still) };
    let cause = Cause::of_release(product, now);
    let is_first = at - released < FRESH && !fan_out::has_begun(tx, &cause).await?;
    Ok(if is_first { Waiting::Over(cause) } else { Waiting::Never })
}

/// Whether what somebody came to own is delivered later.
async fn is_awaited(app: &App, tx: &DatabaseTransaction, event: &Recorded) -> Result<bool> {
    match product(event, Kind::DownloadReady) {
        Some(product) => Ok(!catalog::awaited(tx, &[product], app.clock.now()).await?.is_empty()),
        None => Ok(false),
    }
}

/// The moment from which lower prices hold.
fn lowered_at(event: &Recorded) -> DateTime<Utc> {
    let at = event.data.get("at").and_then(Value::as_i64);
    at.and_then(DateTime::from_timestamp_micros).unwrap_or(event.at)
}

/// What a notification is about: of a payment its order, where it has one.
fn subject(event: &Recorded, kind: Kind) -> Uuid {
    let order = Some("order_id").filter(|_| kind == Kind::PaymentFlagged).and_then(|name| id(event, name));
    order.unwrap_or(event.subject_id)
}

/// The product that an event concerns.
fn product(event: &Recorded, kind: Kind) -> Option<Uuid> {
    match kind {
        Kind::LicensePoolLow => Some(event.subject_id),
        _ => id(event, "product_id"),
    }
}

fn id(event: &Recorded, name: &str) -> Option<Uuid> {
    event.data.get(name).and_then(Value::as_str).and_then(|id| id.parse().ok())
}

fn facts(event: &Recorded, kind: Kind) -> Value {
    let member = |name: &str| Some((name.to_owned(), event.data.get(name)?.clone()));
    json!(MEMBERS.into_iter().chain(words(kind)).filter_map(member).collect::<Map<_, _>>())
}

/// What is taken over beside that of some events: words that say why, and where.
fn words(kind: Kind) -> impl Iterator<Item = &'static str> {
    let words: &[&str] = match kind {
        Kind::PaymentFlagged => &["reason"],
        Kind::WebhookDisabled => &["reason", "host"],
        _ => &[],
    };
    words.iter().copied()
}
