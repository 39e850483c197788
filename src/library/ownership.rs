//! Rights to products: given, held back, taken away. Access is any active row.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{
    entitlement::{Model, Source, Status},
    staff_grant,
};
use sea_orm::{ConnectionTrait, sea_query::SelectStatement};
use uuid::Uuid;

use super::queries;
use crate::{app::App, catalog, clock::Clock, error::Result, events::Event};

/// Where rights come from that order lines give.
const OF_LINES: [Source; 2] = [Source::Order, Source::Gift];

/// A right to a product, before it is given.
#[derive(Clone, Copy, Debug)]
pub struct Right {
    /// Who gets it.
    pub account: Uuid,
    /// What is owned.
    pub product: Uuid,
    /// Where it comes from.
    pub source: Source,
    /// The order line, also of a gift, or the grant: each gives one right, once.
    pub source_id: Uuid,
}

/// Whether an account owns a product.
pub async fn owns(db: &impl ConnectionTrait, account: Uuid, product: Uuid) -> Result<bool> {
    Ok(owned(db, account, &[product]).await?.contains(&product))
}

/// The first of the rights by which an account owns a product; none when it doesn't.
pub async fn first_right(db: &impl ConnectionTrait, account: Uuid, product: Uuid) -> Result<Option<Model>> {
    Ok(queries::first(db, account, product).await?)
}

/// Which of these products an account owns.
pub async fn owned(db: &impl ConnectionTrait, account: Uuid, products: &[Uuid]) -> Result<HashSet<Uuid>> {
    Ok(queries::with_right(db, account, products, &[Status::Active]).await?)
}

/// Which of these products an account owns, or would if no dispute held them back: it is sold none of them.
pub async fn held(db: &impl ConnectionTrait, account: Uuid, products: &[Uuid]) -> Result<HashSet<Uuid>> {
    Ok(queries::with_right(db, account, products, &[Status::Active, Status::Frozen]).await?)
}

/// Whether a dispute holds back what this order line gave.
pub async fn is_frozen(db: &impl ConnectionTrait, line: Uuid) -> Result<bool> {
    let rights = queries::by_sources(db, &OF_LINES, &[line]).await?;
    Ok(rights.iter().any(|right| right.status == Status::Frozen))
}

/// Which of these products an account owns, a bundle by owning all of it; what is owned of their contents may be among
/// them.
pub async fn owned_whole(
    db: &impl ConnectionTrait,
    account: Uuid,
    products: &[Uuid],
) -> Result<HashSet<Uuid>> {
    let bundles = catalog::contents(db, products).await?;
    let all: Vec<Uuid> = products.iter().chain(bundles.values().flatten()).copied().collect();
    let mut owned = owned(db, account, &all).await?;
    let whole = bundles.iter().filter(|(_, contents)| contents.iter().all(|id| owned.contains(id)));
    let whole: Vec<Uuid> = whole.map(|(bundle, _)| *bundle).collect();
    owned.extend(whole);
    Ok(owned)
}

/// Which of these accounts own a product, a bundle by owning all of it.
pub async fn owners_whole(
    db: &impl ConnectionTrait,
    accounts: &[Uuid],
    product: Uuid,
) -> Result<HashSet<Uuid>> {
    let contents = catalog::contents(db, &[product]).await?.remove(&product);
    let parts = contents.unwrap_or_else(|| vec![product]);
    let owned = queries::owners(db, accounts, &parts).await?;
    let owns_all = |account: &&Uuid| parts.iter().all(|part| owned.contains(&(**account, *part)));
    Ok(accounts.iter().filter(owns_all).copied().collect())
}

/// Which of these pairs of an account and a product are one of owner and owned; others may be among them.
pub async fn owners(db: &impl ConnectionTrait, pairs: &[(Uuid, Uuid)]) -> Result<HashSet<(Uuid, Uuid)>> {
    let (accounts, products): (Vec<Uuid>, Vec<Uuid>) = pairs.iter().copied().unzip();
    Ok(queries::owners(db, &accounts, &products).await?)
}

/// Who has owned a product since a moment or longer, by account from behind `after`: for going through all of them.
pub async fn owners_after(
    db: &impl ConnectionTrait,
    product: Uuid,
    since: DateTime<Utc>,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Uuid>> {
    Ok(queries::owners_after(db, product, since, after, limit).await?)
}

/// The ids of the products that an account owns, for statements of other slices.
pub fn owned_by(account: Uuid) -> SelectStatement {
    queries::owned_by(account)
}

/// The ids of the bundles of which an account owns everything, for statements of other slices; of those that contain a
/// product, where one is named.
pub fn bundles_of(account: Uuid, with: Option<Uuid>) -> SelectStatement {
    catalog::bundles_within(&queries::owned_by(account), with)
}

/// The order lines and grants that gave an account anything, whatever became of it, for statements of other slices.
pub fn sources_of(account: Uuid) -> SelectStatement {
    queries::sources_of(account)
}

/// Whether an account owns a product, and holds that so, and every other such question waiting, until the caller's
/// transaction ends.
pub async fn lock_owned(tx: &impl ConnectionTrait, account: Uuid, product: Uuid) -> Result<bool> {
    Ok(queries::lock_owned(tx, account, product).await? > 0)
}

/// Gives a right, and records `entitlement.granted`. A source that already gave it is an unexpected error.
pub async fn entitle(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    right: Right,
    actor: Option<Uuid>,
) -> Result<Model> {
    let row = row(clock, right);
    queries::insert(tx, vec![row.clone()]).await?;
    event("entitlement.granted", &row, actor).record(tx, clock).await?;
    Ok(row)
}

/// Gives rights by one statement; the caller records the events that are answered, `entitlement.granted` of each, beside its own.
pub async fn entitle_all(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    rights: &[Right],
    actor: Option<Uuid>,
) -> Result<Vec<Event>> {
    let rows: Vec<Model> = rights.iter().map(|right| row(clock, *right)).collect();
    let events = rows.iter().map(|row| event("entitlement.granted", row, actor)).collect();
    queries::insert(tx, rows).await?;
    Ok(events)
}

fn row(clock: &Clock, right: Right) -> Model {
    Model {
        id: clock.new_id(),
        account_id: right.account,
        product_id: right.product,
        source: right.source,
        source_id: right.source_id,
        status: Status::Active,
        granted_at: clock.now(),
        revoked_at: None,
        last_downloaded_at: None,
        download_begun_at: None,
    }
}

/// Holds the active rights of these order lines back while a dispute runs; says how many.
pub async fn freeze(tx: &impl ConnectionTrait, lines: &[Uuid]) -> Result<u64> {
    Ok(queries::move_all(tx, &OF_LINES, lines, Status::Active, Status::Frozen).await?)
}

/// Gives the rights of these order lines back that a dispute held; says how many.
pub async fn thaw(tx: &impl ConnectionTrait, lines: &[Uuid]) -> Result<u64> {
    Ok(queries::move_all(tx, &OF_LINES, lines, Status::Frozen, Status::Active).await?)
}

/// Takes the rights of these order lines away for good, whosever they are; says how many.
pub async fn revoke_lines(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    lines: &[Uuid],
    actor: Option<Uuid>,
) -> Result<usize> {
    revoke(tx, clock, &OF_LINES, lines, actor).await
}

/// Takes rights away for good, and records `entitlement.revoked` for each; says how many.
pub(super) async fn revoke(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    from: &[Source],
    sources: &[Uuid],
    actor: Option<Uuid>,
) -> Result<usize> {
    let mut revoked = 0;
    for row in queries::by_sources(tx, from, sources).await? {
        if queries::revoke(tx, row.id, clock.now()).await? {
            event("entitlement.revoked", &row, actor).record(tx, clock).await?;
            revoked += 1;
        }
    }
    Ok(revoked)
}

/// Leaves a product with an account whose money is given back: it is a gift of the staff's from here on, whose id is
/// answered.
pub async fn leave(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    account: Uuid,
    product: Uuid,
    reason: &str,
    actor: Uuid,
) -> Result<Uuid> {
    let grant = staff_grant::Model {
        id: clock.new_id(),
        account_id: account,
        product_id: product,
        reason: reason.to_owned(),
        granted_by: actor,
        granted_at: clock.now(),
    };
    queries::insert_grant(tx, &grant).await?;
    let right = Right { account, product, source: Source::Grant, source_id: grant.id };
    entitle(tx, clock, right, Some(actor)).await?;
    Ok(grant.id)
}

/// Notes that bytes of what an account owns are about to be sent, for refunds and withdrawals ask for it; false when it is
/// no longer owned. Once noted it costs a reading.
pub async fn begin_download(app: &App, account: Uuid, product: Uuid) -> Result<bool> {
    if !queries::awaits_download(&app.db.read, account, product).await? {
        return Ok(true);
    }
    app.db
        .write(async |tx| {
            // A refund that is being decided has the rights, and nothing is sent after it.
            let is_owned = lock_owned(tx, account, product).await?;
            queries::begin_download(tx, account, product, app.clock.now()).await?;
            Ok(is_owned)
        })
        .await
}

/// Notes on what an account owns that it was sent whole.
pub async fn note_download(
    tx: &impl ConnectionTrait,
    account: Uuid,
    product: Uuid,
    at: DateTime<Utc>,
) -> Result<()> {
    Ok(queries::note_download(tx, account, product, at).await?)
}

/// The rights that these order lines gave, whatever became of them.
pub async fn of_lines(db: &impl ConnectionTrait, lines: &[Uuid]) -> Result<Vec<Model>> {
    Ok(queries::by_sources(db, &OF_LINES, lines).await?)
}

/// The same; until the caller's transaction ends, no download of them begins.
pub async fn hold_lines(tx: &impl ConnectionTrait, lines: &[Uuid]) -> Result<Vec<Model>> {
    Ok(queries::lock_by_sources(tx, &OF_LINES, lines).await?)
}

/// The rights that orders gave, by id from behind `after`: for going through all of them.
pub async fn of_orders(db: &impl ConnectionTrait, after: Option<Uuid>, limit: u64) -> Result<Vec<Model>> {
    Ok(queries::from(db, &OF_LINES, after, limit).await?)
}

fn event(kind: &'static str, row: &Model, actor: Option<Uuid>) -> Event {
    let event = Event::new(kind, row.id)
        .account(row.account_id)
        .with("product_id", row.product_id.to_string())
        .with("source_id", row.source_id.to_string());
    match actor {
        Some(actor) => event.actor(actor),
        None => event,
    }
}
