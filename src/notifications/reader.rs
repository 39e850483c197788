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
    tell::{News, tell},
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

/// How long after a release a build may have brought it about: the row that says it was told is not kept for ever.
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
                subject: event.subject_id,
                product: product(event, kind),
                data: numbers(event),
            });
        }
    }
    tell(app, tx, &news).await
}

/// Who is told of an event, and as what.
async fn told(app: &App, tx: &DatabaseTransaction, event: &Recorded) -> Result<Vec<(Kind, Uuid)>> {
    let (kind, roles): (Kind, &[Role]) = match event.kind.as_str() {
        "order.disputed" => (Kind::OrderDisputed, &[Role::Support, Role::Admin]),
        "license_pool.low" => (Kind::LicensePoolLow, &[Role::Editor, Role::Admin]),
        "check.failed" => (Kind::CheckFailed, &[Role::Admin]),
        "review.reported" => (Kind::ReviewReported, &[Role::Support, Role::Admin]),
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
    let build = match event.kind.as_str() {
        "build.released" => build(app, tx, event).await?,
        _ => Build::Ordinary,
    };
    match build {
        Build::Ordinary => {}
        Build::HeldBack => return Ok(None),
        Build::Release(cause) => return Ok(Some(cause)),
    }
    let (kind, product, at) = match event.kind.as_str() {
        "product.price_lowered" => (Kind::WishlistPriceDrop, Some(event.subject_id), lowered_at(event)),
        "product.published" => (Kind::WishlistRelease, Some(event.subject_id), event.at),
        // What is tried out on other channels or by a few is nothing for everybody.
        "build.released" | "build.rolled_out" if builds::is_for_everybody(tx, event.subject_id).await? => {
            (Kind::BuildReleased, product(event, Kind::BuildReleased), event.at)
        }
        _ => return Ok(None),
    };
    Ok(product.map(|product| Cause { kind, event: event.id, product, subject: event.subject_id, at }))
}

/// What a new build is to those who have its product.
enum Build {
    /// A new version.
    Ordinary,
    /// Nothing yet: it was sold before its release, which is still to come.
    HeldBack,
    /// That release.
    Release(Cause),
}

async fn build(app: &App, tx: &DatabaseTransaction, event: &Recorded) -> Result<Build> {
    let Some(product) = product(event, Kind::BuildReleased) else { return Ok(Build::Ordinary) };
    if !catalog::product(tx, product).await?.is_some_and(|row| row.preorder) {
        return Ok(Build::Ordinary);
    }
    let now = app.clock.now();
    let release = catalog::releases(tx, &[product]).await?.remove(&product);
    let Some(released) = release.and_then(|release| release.come(now)) else { return Ok(Build::HeldBack) };
    let cause = Cause::of_release(product, now);
    let is_first = event.at - released < FRESH && !fan_out::has_begun(tx, &cause).await?;
    Ok(if is_first { Build::Release(cause) } else { Build::Ordinary })
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

/// The product that an event concerns.
fn product(event: &Recorded, kind: Kind) -> Option<Uuid> {
    match kind {
        Kind::LicensePoolLow => Some(event.subject_id),
        _ => event.data.get("product_id").and_then(Value::as_str).and_then(|id| id.parse().ok()),
    }
}

fn numbers(event: &Recorded) -> Value {
    let member = |name: &str| Some((name.to_owned(), event.data.get(name)?.clone()));
    json!(MEMBERS.into_iter().filter_map(member).collect::<Map<_, _>>())
}
