//! Statements on licence keys.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{
    license_key::{ActiveModel, Column, Entity, Model, Status},
    license_policy, license_pool_low, product,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Set,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict, SelectStatement},
};
use uuid::Uuid;

/// Rows of one statement: far below the parameters that either database takes.
const ROWS: usize = 200;

/// Adds keys to a pool, but for those that are in one; says how many it added.
pub(super) async fn insert(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<u64, DbErr> {
    let mut added = 0;
    for rows in rows.chunks(ROWS) {
        let known = OnConflict::column(Column::Digest).do_nothing().to_owned();
        let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
        added += Entity::insert_many(rows).on_conflict(known).exec_without_returning(tx).await?;
    }
    Ok(added)
}

/// How many keys of a product stand where.
pub(super) async fn counts(db: &impl ConnectionTrait, product: Uuid) -> Result<Vec<(Status, i64)>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Status)
        .column_as(Column::Id.count(), "keys")
        .filter(Column::ProductId.eq(product))
        .group_by(Column::Status)
        .into_tuple()
        .all(db)
        .await
}

/// Whether the product of a statement's row has, or had, keys, or gets them made. Of its pool one row is looked at, however large
/// it is.
pub(in crate::catalog) fn is_keyed() -> Expr {
    let theirs = Expr::col((Entity, Column::ProductId)).equals((product::Entity, product::Column::Id));
    let any = Entity::find().select_only().column(Column::Id).filter(theirs).into_query();
    let theirs = Expr::col((license_policy::Entity, license_policy::Column::ProductId))
        .equals((product::Entity, product::Column::Id));
    let made = license_policy::Entity::find()
        .select_only()
        .column(license_policy::Column::ProductId)
        .filter(theirs)
        .filter(license_policy::Column::Generated.eq(true))
        .into_query();
    Expr::exists(any).or(Expr::exists(made))
}

/// Which of these products have, or had, keys, or get them made.
pub(in crate::catalog) async fn with_keys(
    db: &impl ConnectionTrait,
    products: &[Uuid],
) -> Result<HashSet<Uuid>, DbErr> {
    let found: Vec<Uuid> = product::Entity::find()
        .select_only()
        .column(product::Column::Id)
        .filter(product::Column::Id.is_in(products.iter().copied()))
        .filter(is_keyed())
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// How many keys of a pool can be bought, as far as `most`.
pub(super) async fn available(db: &impl ConnectionTrait, product: Uuid, most: u64) -> Result<usize, DbErr> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ProductId.eq(product))
        .filter(Column::Status.eq(Status::Available))
        .limit(most)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.len())
}

/// Whether it was told that a pool runs low.
pub(super) async fn is_told_low(db: &impl ConnectionTrait, product: Uuid) -> Result<bool, DbErr> {
    let row = license_pool_low::Entity::find_by_id(product).one(db).await?;
    Ok(row.is_some_and(|row| row.told_at.is_some()))
}

/// Waits until nobody else takes a key of a pool that comes near being low, and keeps others waiting until the transaction ends.
pub(super) async fn take_turns(tx: &impl ConnectionTrait, product_id: Uuid) -> Result<(), DbErr> {
    let there = OnConflict::column(license_pool_low::Column::ProductId).do_nothing().to_owned();
    let row = license_pool_low::Model { product_id, told_at: None }.into_active_model();
    license_pool_low::Entity::insert_many([row]).on_conflict(there).exec_without_returning(tx).await?;
    license_pool_low::Entity::find_by_id(product_id).lock_exclusive().one(tx).await?;
    Ok(())
}

/// Notes that it was told that a pool runs low; says whether that is news.
pub(super) async fn note_low(
    tx: &impl ConnectionTrait,
    product: Uuid,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let told = license_pool_low::ActiveModel { told_at: Set(Some(at)), ..Default::default() };
    let noted = license_pool_low::Entity::update_many()
        .set(told)
        .filter(license_pool_low::Column::ProductId.eq(product))
        .filter(license_pool_low::Column::ToldAt.is_null())
        .exec(tx)
        .await?;
    Ok(noted.rows_affected == 1)
}

/// A pool runs low no more. Its row stays, for somebody may wait for a turn at it.
pub(super) async fn forget_low(tx: &impl ConnectionTrait, product: Uuid) -> Result<(), DbErr> {
    let untold = license_pool_low::ActiveModel { told_at: Set(None), ..Default::default() };
    license_pool_low::Entity::update_many()
        .set(untold)
        .filter(license_pool_low::Column::ProductId.eq(product))
        .filter(license_pool_low::Column::ToldAt.is_not_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Where the keys of lines and grants stand.
pub(super) async fn statuses(
    db: &impl ConnectionTrait,
    sources: &[Uuid],
) -> Result<Vec<(Uuid, Status)>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::SourceId, Column::Status])
        .filter(Column::SourceId.is_in(sources.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// The next key of a pool that nobody else is taking at the moment, held until the transaction ends.
pub(super) async fn next(tx: &impl ConnectionTrait, product: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::ProductId.eq(product))
        .filter(Column::Status.eq(Status::Available))
        .order_by_asc(Column::Id)
        .limit(1)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(tx)
        .await
}

/// Takes an available key for a line or grant; false when somebody else took it.
pub(super) async fn take(
    tx: &impl ConnectionTrait,
    id: Uuid,
    source: Uuid,
    as_it: Status,
) -> Result<bool, DbErr> {
    let taken = ActiveModel { status: Set(as_it), source_id: Set(Some(source)), ..Default::default() };
    let done = Entity::update_many()
        .set(taken)
        .filter(Column::Id.eq(id))
        .filter(Column::Status.eq(Status::Available))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Moves the keys of lines or grants on that stand where they are thought to; says how many.
pub(super) async fn advance(
    tx: &impl ConnectionTrait,
    sources: &[Uuid],
    from: Status,
    to: Status,
) -> Result<u64, DbErr> {
    let mut moved = ActiveModel { status: Set(to), ..Default::default() };
    if to == Status::Available {
        moved.source_id = Set(None);
    }
    let done = Entity::update_many()
        .set(moved)
        .filter(Column::SourceId.is_in(sources.iter().copied()))
        .filter(Column::Status.eq(from))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Gives the key of a line to a grant.
pub(super) async fn hand_over(tx: &impl ConnectionTrait, from: Uuid, to: Uuid) -> Result<(), DbErr> {
    let moved = ActiveModel { source_id: Set(Some(to)), ..Default::default() };
    Entity::update_many().set(moved).filter(Column::SourceId.eq(from)).exec(tx).await?;
    Ok(())
}

/// The keys of lines and grants that are somebody's.
pub(super) async fn sold(db: &impl ConnectionTrait, sources: &[Uuid]) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::SourceId.is_in(sources.iter().copied()))
        .filter(Column::Status.eq(Status::Sold))
        .all(db)
        .await
}

/// Notes that keys were shown, if they are still somebody's and were not shown before; says how many.
pub(super) async fn note_shown(
    tx: &impl ConnectionTrait,
    ids: &[Uuid],
    at: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel { shown_at: Set(Some(at)), ..Default::default() })
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::Status.eq(Status::Sold))
        .filter(Column::ShownAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// When the keys of lines and grants were shown first.
pub(super) async fn shown(
    db: &impl ConnectionTrait,
    sources: &[Uuid],
) -> Result<Vec<(Uuid, DateTime<Utc>)>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::SourceId, Column::ShownAt])
        .filter(Column::SourceId.is_in(sources.iter().copied()))
        .filter(Column::ShownAt.is_not_null())
        .into_tuple()
        .all(db)
        .await
}

/// The keys of lines, held until the transaction ends.
pub(super) async fn lock_of(tx: &impl ConnectionTrait, sources: &[Uuid]) -> Result<(), DbErr> {
    let theirs = Entity::find().filter(Column::SourceId.is_in(sources.iter().copied()));
    theirs.order_by_asc(Column::Id).lock_exclusive().all(tx).await?;
    Ok(())
}

/// The key of a digest.
pub(super) async fn by_digest(db: &impl ConnectionTrait, digest: Vec<u8>) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Digest.eq(digest)).one(db).await
}

/// A key, held until the transaction ends.
pub(super) async fn lock(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(tx).await
}

/// What was said of a product's keys.
pub(super) async fn policy(
    db: &impl ConnectionTrait,
    product: Uuid,
) -> Result<Option<license_policy::Model>, DbErr> {
    license_policy::Entity::find_by_id(product).one(db).await
}

/// Which of these products get their keys made.
pub(super) async fn generated(db: &impl ConnectionTrait, products: &[Uuid]) -> Result<HashSet<Uuid>, DbErr> {
    let made: Vec<Uuid> = license_policy::Entity::find()
        .select_only()
        .column(license_policy::Column::ProductId)
        .filter(license_policy::Column::ProductId.is_in(products.iter().copied()))
        .filter(license_policy::Column::Generated.eq(true))
        .into_tuple()
        .all(db)
        .await?;
    Ok(made.into_iter().collect())
}

/// Says where keys of a product come from, and on how many devices each may be active.
pub(super) async fn put_policy(
    tx: &impl ConnectionTrait,
    policy: license_policy::Model,
) -> Result<(), DbErr> {
    let again = OnConflict::column(license_policy::Column::ProductId)
        .update_columns([license_policy::Column::MaxActivations, license_policy::Column::Generated])
        .to_owned();
    license_policy::Entity::insert(policy.into_active_model())
        .on_conflict(again)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The ids of the keys of lines and grants.
pub(super) fn ids_of(sources: SelectStatement) -> SelectStatement {
    Entity::find().select_only().column(Column::Id).filter(Column::SourceId.in_subquery(sources)).into_query()
}
