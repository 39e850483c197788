//! The rows of objects: which bytes there are, each of them once.
use chrono::{DateTime, Utc};
use entity::{build_file, object, product_media_file, stamped_file};
use objects::{Key, Sha256, Stored, Verdict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, LockType, OnConflict, Query, SelectStatement},
};

use crate::{
    app::App,
    error::{Error, Result},
};

/// How often a row that went while it was looked at is written anew.
const ATTEMPTS: usize = 3;
/// Rows that are removed at once.
const REMOVED_AT_ONCE: u64 = 500;

/// Notes an object, and gives the name under which its bytes are kept: of equal ones the first that was noted.
pub(super) async fn keep(tx: &impl ConnectionTrait, stored: &Stored, at: DateTime<Utc>) -> Result<String> {
    let row = object::Model {
        key: stored.key.as_str().to_owned(),
        size: i64::try_from(stored.size).map_err(Error::unexpected)?,
        sha256: stored.sha256.to_hex(),
        created_at: at,
    };
    for _ in 0..ATTEMPTS {
        // Nothing happens where the name or the digest is there already.
        object::Entity::insert(row.clone().into_active_model())
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
        // Locked, so that nobody removes it as unused before a file refers to it.
        let first = object::Entity::find()
            .filter(object::Column::Sha256.eq(row.sha256.as_str()))
            .lock(LockType::KeyShare)
            .one(tx)
            .await?;
        if let Some(first) = first {
            return Ok(first.key);
        }
    }
    Err(Error::unexpected("an object's row went again and again"))
}

/// Makes what is kept of some bytes whole again, of equal ones that just came, where it is gone or cut short: before they give
/// way to it. Every file that has it, and every link to it, is whole then too.
pub async fn restore(app: &App, came: &Stored) -> Result<()> {
    let kept = object::Entity::find().filter(object::Column::Sha256.eq(came.sha256.to_hex()));
    let Some(kept) = kept.one(&app.db.read).await?.map(stored).transpose()? else { return Ok(()) };
    if kept.key == came.key || app.objects.verify_size(&kept.key, kept.size).await? == Verdict::Sound {
        return Ok(());
    }
    tracing::error!(key = %kept.key, "an object was gone or cut short; it is made again of bytes that came");
    app.objects.take(app.objects.read(&came.key, 0..came.size).await?, &kept).await?;
    Ok(())
}

/// Removes bytes that were refused a row, for whatever reason they were. Best effort: what stays is an orphan, and found. So does
/// what is named by its digest, for somebody who brought the same may be about to name it; and so it does where nobody knows
/// how the write ended.
pub async fn discard(app: &App, came: &Stored, why: &Error) {
    if !matches!(why, Error::Refused(..)) || app.objects.names_by_digest() {
        return;
    }
    if let Err(error) = app.objects.delete(&came.key).await {
        tracing::warn!(%error, key = %came.key, "what was refused was not removed");
    }
}

/// Removes bytes that turned out to be there already under another name. Best effort: what stays is an orphan, and found.
pub async fn drop_duplicate(app: &App, stored: &Stored, kept: &str) {
    if kept == stored.key.as_str() {
        return;
    }
    if let Err(error) = app.objects.delete(&stored.key).await {
        tracing::warn!(%error, key = %stored.key, "a duplicate was not removed");
    }
}

/// A page of all objects, from behind one.
pub async fn page(db: &impl ConnectionTrait, after: &str, limit: u64) -> Result<Vec<Stored>> {
    let rows = object::Entity::find()
        .filter(object::Column::Key.gt(after))
        .order_by_asc(object::Column::Key)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(stored).collect()
}

fn stored(row: object::Model) -> Result<Stored> {
    Ok(Stored {
        key: Key::parse(row.key).map_err(Error::unexpected)?,
        size: u64::try_from(row.size).map_err(Error::unexpected)?,
        sha256: Sha256::from_hex(&row.sha256).map_err(Error::unexpected)?,
    })
}

/// Those of some names that have a row.
pub async fn known(db: &impl ConnectionTrait, keys: &[Key]) -> Result<Vec<String>> {
    Ok(object::Entity::find()
        .select_only()
        .column(object::Column::Key)
        .filter(object::Column::Key.is_in(keys.iter().map(Key::as_str)))
        .into_tuple()
        .all(db)
        .await?)
}

/// Removes the rows that no file refers to and that were made before that, and says how many. Their bytes are orphans then.
pub async fn remove_unused(app: &App, before: DateTime<Utc>) -> Result<u64> {
    let mut removed = 0;
    loop {
        let batch = app.db.write(async |tx| remove_batch(tx, before).await).await?;
        removed += batch;
        if batch < REMOVED_AT_ONCE {
            return Ok(removed);
        }
    }
}

async fn remove_batch(tx: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64> {
    let unused = || {
        object::Entity::find()
            .filter(object::Column::CreatedAt.lt(before))
            .filter(Expr::not_exists(referring((build_file::Entity, build_file::Column::ObjectKey))))
            .filter(Expr::not_exists(referring((
                product_media_file::Entity,
                product_media_file::Column::ObjectKey,
            ))))
            .filter(Expr::not_exists(referring((stamped_file::Entity, stamped_file::Column::ObjectKey))))
    };
    // Locked first, and looked at again: whoever just referred to one held its lock until that was committed.
    let rows =
        unused().order_by_asc(object::Column::Key).limit(REMOVED_AT_ONCE).lock_exclusive().all(tx).await?;
    let keys: Vec<String> = rows.into_iter().map(|row| row.key).collect();
    let found = u64::try_from(keys.len()).map_err(Error::unexpected)?;
    let still: Vec<String> = unused()
        .filter(object::Column::Key.is_in(keys))
        .select_only()
        .column(object::Column::Key)
        .into_tuple()
        .all(tx)
        .await?;
    object::Entity::delete_many().filter(object::Column::Key.is_in(still)).exec(tx).await?;
    Ok(found)
}

/// The files of one table that refer to an object.
fn referring<E: sea_orm::EntityTrait, C: ColumnTrait>((table, column): (E, C)) -> SelectStatement {
    let refers = Expr::col((table, column)).equals((object::Entity, object::Column::Key));
    Query::select().expr(Expr::value(1)).from(table).and_where(refers).to_owned()
}
