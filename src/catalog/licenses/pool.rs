//! Keys go into a pool or are made, are held for an order, become somebody's, come back or are revoked.
use std::collections::{BTreeSet, HashMap, HashSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::{
    license_key::{Model, Status},
    license_policy,
};
use sea_orm::{ConnectionTrait, sea_query::SelectStatement};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{generated, queries};
use crate::{
    app::App,
    catalog::edit::{finish, locked},
    error::{Error, Result},
    events::Event,
    values::LicenseKey,
    web::if_match::IfMatch,
};

/// Keys of a pool that may be taken at the same moment at most: a database serves fewer buyers at once.
const AT_ONCE: u64 = 64;

/// How many keys of a product stand where. The keys themselves are never shown to staff.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(super) struct Pool {
    /// Can be bought.
    pub available: i64,
    /// Held for orders that are not paid yet.
    pub reserved: i64,
    /// Somebody's.
    pub sold: i64,
    /// Were somebody's, and are nobody's any more.
    pub revoked: i64,
    /// Devices on which a key may be active.
    pub max_activations: i64,
    /// Whether keys are made when they are paid, and none is taken from the pool.
    pub generated: bool,
}

/// Where keys of a product come from, and on how many devices each may be active.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Policy {
    /// Devices on which a key may be active.
    pub max_activations: i64,
    /// Whether keys are made when they are paid, instead of being taken from the pool.
    pub generated: bool,
    /// The Ed25519 key by which keys that were made are verified, base64url.
    pub public_key: String,
}

/// What became of keys that were put in.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(super) struct Added {
    /// In the pool now.
    pub added: u64,
    /// Were in a pool already, or stood in the list twice.
    pub duplicates: u64,
}

/// Whether there is a key for a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// One is held for it, or will be made.
    Fine,
    /// None is left.
    OutOfKeys,
}

/// Puts keys into a product's pool; 404, 412.
pub(super) async fn add(
    app: &App,
    editor: Uuid,
    product_id: Uuid,
    asked: &IfMatch,
    keys: &[LicenseKey],
) -> Result<Added> {
    let now = app.clock.now();
    let rows = keys.iter().map(|key| row(app, product_id, key, now)).collect::<Result<Vec<_>>>()?;
    app.db
        .write(async |tx| {
            locked(tx, product_id, asked).await?;
            let added = queries::insert(tx, rows.clone()).await?;
            filled(tx, app, product_id).await?;
            finish(tx, app, editor, product_id, "product.license_keys_added").await?;
            let given = u64::try_from(keys.len()).map_err(Error::unexpected)?;
            Ok(Added { added, duplicates: given.saturating_sub(added) })
        })
        .await
}

fn row(app: &App, product_id: Uuid, key: &LicenseKey, added_at: DateTime<Utc>) -> Result<Model> {
    let id = app.clock.new_id();
    Ok(Model {
        id,
        product_id,
        digest: digest(app, key),
        sealed: app.master.seal(&seal_name(id), key.as_str().as_bytes())?,
        status: Status::Available,
        source_id: None,
        added_at,
        shown_at: None,
    })
}

fn digest(app: &App, key: &LicenseKey) -> Vec<u8> {
    app.keys.license.sign(key.as_str().as_bytes())
}

/// What binds a sealed key to its row.
fn seal_name(id: Uuid) -> String {
    format!("license_key {id}")
}

/// How a product's pool stands.
pub(super) async fn pool(app: &App, product: Uuid) -> Result<Pool> {
    let db = &app.db.read;
    let Policy { max_activations, generated, .. } = policy(app, db, product).await?;
    let mut pool = Pool { max_activations, generated, ..Pool::default() };
    for (status, keys) in queries::counts(db, product).await? {
        match status {
            Status::Available => pool.available = keys,
            Status::Reserved => pool.reserved = keys,
            Status::Sold => pool.sold = keys,
            Status::Revoked => pool.revoked = keys,
        }
    }
    Ok(pool)
}

/// What holds for a product's keys: as was said, else as the settings say.
pub(super) async fn policy(app: &App, db: &impl ConnectionTrait, product: Uuid) -> Result<Policy> {
    let said = queries::policy(db, product).await?;
    let usual = i64::from(app.config.licenses.max_activations.get());
    Ok(Policy {
        max_activations: said.as_ref().map_or(usual, |said| said.max_activations.into()),
        generated: said.is_some_and(|said| said.generated),
        public_key: URL_SAFE_NO_PAD.encode(app.keys.license_signer.public_key()),
    })
}

/// Says where keys of a product come from, none: as before, and on how many devices each may be active; 404, 412.
pub(super) async fn set_policy(
    app: &App,
    editor: Uuid,
    product_id: Uuid,
    asked: &IfMatch,
    (max_activations, generated): (i32, Option<bool>),
) -> Result<()> {
    app.db
        .write(async |tx| {
            locked(tx, product_id, asked).await?;
            let generated = match generated {
                Some(generated) => generated,
                None => queries::policy(tx, product_id).await?.is_some_and(|said| said.generated),
            };
            queries::put_policy(tx, license_policy::Model { product_id, max_activations, generated }).await?;
            finish(tx, app, editor, product_id, "product.license_policy_changed").await
        })
        .await
}

/// Holds a key of a product that is sold with keys for an order line; one that is made waits for the payment.
pub async fn reserve(tx: &impl ConnectionTrait, app: &App, product: Uuid, line: Uuid) -> Result<Reserved> {
    if !queries::generated(tx, &[product]).await?.is_empty() {
        return Ok(Reserved::Fine);
    }
    let held = take_next(tx, app, product, line, Status::Reserved).await?;
    Ok(if held { Reserved::Fine } else { Reserved::OutOfKeys })
}

/// Gives a key of a product to a grant, if there is one or it is made.
pub async fn take(tx: &impl ConnectionTrait, app: &App, product: Uuid, grant: Uuid) -> Result<()> {
    if !queries::generated(tx, &[product]).await?.is_empty() {
        return make(tx, app, &[(product, grant)]).await;
    }
    take_next(tx, app, product, grant, Status::Sold).await.map(drop)
}

async fn take_next(
    tx: &impl ConnectionTrait,
    app: &App,
    product: Uuid,
    source: Uuid,
    status: Status,
) -> Result<bool> {
    let Some(key) = queries::next(tx, product).await? else { return Ok(false) };
    if !queries::take(tx, key.id, source, status).await? {
        return Err(Error::unexpected("a licence key was taken while it was locked"));
    }
    tell_if_low(tx, app, product).await?;
    Ok(true)
}

/// Records once that a pool of which a key was just taken runs low.
async fn tell_if_low(tx: &impl ConnectionTrait, app: &App, product: Uuid) -> Result<()> {
    let near = app.config.licenses.low_pool.saturating_add(AT_ONCE);
    if left(tx, near, product).await? > near || queries::is_told_low(tx, product).await? {
        return Ok(());
    }
    // What others are taking at this moment still counts as left: near the mark keys are taken one after the other.
    queries::take_turns(tx, product).await?;
    let low = app.config.licenses.low_pool;
    let left = left(tx, low, product).await?;
    if left <= low && queries::note_low(tx, product, app.clock.now()).await? {
        Event::new("license_pool.low", product).with("available", left).record(tx, &app.clock).await?;
    }
    Ok(())
}

/// How many keys of a pool can be bought, as far as one more than `mark`.
async fn left(tx: &impl ConnectionTrait, mark: u64, product: Uuid) -> Result<u64> {
    Ok(queries::available(tx, product, mark.saturating_add(1)).await? as u64)
}

/// Keys came into a pool: when it runs low again, that is told again.
async fn filled(tx: &impl ConnectionTrait, app: &App, product: Uuid) -> Result<()> {
    let low = app.config.licenses.low_pool;
    if left(tx, low, product).await? > low {
        queries::forget_low(tx, product).await?;
    }
    Ok(())
}

/// The keys that are held for lines, each of its product, are their buyer's; a line that holds none and was sold with one to be
/// made gets it now, wherever keys of its product come from meanwhile.
///
/// A line is told with whether it says that it was sold with a key. One that an older copy wrote doesn't say so: for it counts
/// what its product is now.
pub async fn assign(tx: &impl ConnectionTrait, app: &App, lines: &[(Uuid, Uuid, bool)]) -> Result<()> {
    let ids: Vec<Uuid> = lines.iter().map(|(_, line, _)| *line).collect();
    let sold = queries::advance(tx, &ids, Status::Reserved, Status::Sold).await?;
    if sold == lines.len() as u64 {
        return Ok(());
    }
    let silent: Vec<Uuid> =
        lines.iter().filter(|(.., says_so)| !says_so).map(|(product, ..)| *product).collect();
    let generated = if silent.is_empty() { HashSet::new() } else { queries::generated(tx, &silent).await? };
    let promised: Vec<(Uuid, Uuid)> = lines
        .iter()
        .filter(|(product, _, says_so)| *says_so || generated.contains(product))
        .map(|(product, line, _)| (*product, *line))
        .collect();
    if promised.is_empty() {
        return Ok(());
    }
    let held: HashSet<Uuid> = match sold {
        0 => HashSet::new(),
        _ => statuses(tx, &ids).await?.into_iter().map(|(line, _)| line).collect(),
    };
    make(tx, app, &promised.into_iter().filter(|(_, line)| !held.contains(line)).collect::<Vec<_>>()).await
}

/// Makes a key for each line or grant of a product.
async fn make(tx: &impl ConnectionTrait, app: &App, sources: &[(Uuid, Uuid)]) -> Result<()> {
    let now = app.clock.now();
    let made = sources.iter().map(|(product, source)| {
        let key = generated::mint(&app.keys.license_signer, *product, now)?;
        let pooled = row(app, *product, &key, now)?;
        Ok(Model { status: Status::Sold, source_id: Some(*source), ..pooled })
    });
    let made = made.collect::<Result<Vec<_>>>()?;
    if queries::insert(tx, made).await? == sources.len() as u64 {
        Ok(())
    } else {
        Err(Error::unexpected("a licence key was made that there is already"))
    }
}

/// The keys that are held for lines, each of its product, can be bought again.
pub async fn give_back(tx: &impl ConnectionTrait, app: &App, lines: &[(Uuid, Uuid)]) -> Result<()> {
    let ids: Vec<Uuid> = lines.iter().map(|(_, line)| *line).collect();
    if queries::advance(tx, &ids, Status::Reserved, Status::Available).await? > 0 {
        let products: BTreeSet<Uuid> = lines.iter().map(|(product, _)| *product).collect();
        for product in products {
            filled(tx, app, product).await?;
        }
    }
    Ok(())
}

/// The keys of lines or grants are nobody's any more, and are never sold again.
pub async fn revoke(tx: &impl ConnectionTrait, sources: &[Uuid]) -> Result<()> {
    queries::advance(tx, sources, Status::Sold, Status::Revoked).await?;
    Ok(())
}

/// The key of a line is a grant's from here on.
pub async fn move_to(tx: &impl ConnectionTrait, line: Uuid, grant: Uuid) -> Result<()> {
    Ok(queries::hand_over(tx, line, grant).await?)
}

/// Shows the keys of lines and grants to their owner: by those, and only what nobody takes back at the same moment. From here
/// on they are delivered.
pub async fn show(app: &App, sources: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let mut rows = queries::sold(&app.db.read, sources).await?;
    let unseen: Vec<Uuid> = rows.iter().filter(|row| row.shown_at.is_none()).map(|row| row.id).collect();
    if !unseen.is_empty() {
        let now = app.clock.now();
        let seen = app.db.write(async |tx| Ok(queries::note_shown(tx, &unseen, now).await?)).await?;
        if seen < unseen.len() as u64 {
            // Some were taken back meanwhile, or shown to their owner elsewhere.
            rows = queries::sold(&app.db.read, sources).await?;
            rows.retain(|row| row.shown_at.is_some());
        }
    }
    opened(app, rows)
}

fn opened(app: &App, rows: Vec<Model>) -> Result<HashMap<Uuid, String>> {
    let mut keys = HashMap::new();
    for row in rows {
        let opened = app.master.open(&seal_name(row.id), &row.sealed)?;
        if let Some(source) = row.source_id {
            keys.insert(source, String::from_utf8(opened).map_err(Error::unexpected)?);
        }
    }
    Ok(keys)
}

/// Keeps the keys of lines as they are until the transaction ends: who is about to show one waits.
pub async fn hold(tx: &impl ConnectionTrait, lines: &[Uuid]) -> Result<()> {
    Ok(queries::lock_of(tx, lines).await?)
}

/// When the keys of lines and grants were shown first, by those; those that were not are missing.
pub async fn shown(db: &impl ConnectionTrait, sources: &[Uuid]) -> Result<Vec<(Uuid, DateTime<Utc>)>> {
    Ok(queries::shown(db, sources).await?)
}

/// The row of a key that was ever sold, with on how many devices it may be active.
pub async fn find(app: &App, db: &impl ConnectionTrait, key: &LicenseKey) -> Result<Option<(Model, i64)>> {
    let made = generated::canonical(&app.keys.license_signer, key);
    let row = queries::by_digest(db, digest(app, made.as_ref().unwrap_or(key))).await?;
    let Some(row) = row.filter(|row| matches!(row.status, Status::Sold | Status::Revoked)) else {
        return Ok(None);
    };
    let most = policy(app, db, row.product_id).await?.max_activations;
    Ok(Some((row, most)))
}

/// A key as it stands while nobody else changes it, until the transaction ends.
pub async fn lock(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>> {
    Ok(queries::lock(tx, id).await?)
}

/// Where the keys of lines and grants stand, by those.
pub async fn statuses(db: &impl ConnectionTrait, sources: &[Uuid]) -> Result<Vec<(Uuid, Status)>> {
    Ok(queries::statuses(db, sources).await?)
}

/// The ids of the keys of lines and grants, for statements of other slices.
pub fn ids_of(sources: SelectStatement) -> SelectStatement {
    queries::ids_of(sources)
}
