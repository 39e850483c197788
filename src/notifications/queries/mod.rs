//! Every statement on what accounts are told.
pub(super) mod fan_outs;
pub(super) mod preferences;
pub(super) mod tickets;
pub(super) mod unsubscribes;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{
    notification::{ActiveModel, Column, Entity, Model},
    notification_mark,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

/// The mark of the last position that was given.
pub(super) const POSITION: &str = "position";
/// The mark of the moment until which the calendar was looked through.
pub(super) const CALENDAR: &str = "calendar";

/// A mark, held until the transaction ends.
pub(super) async fn lock_mark(tx: &impl ConnectionTrait, name: &str) -> Result<i64, DbErr> {
    let row = notification_mark::Entity::find_by_id(name).lock_exclusive().one(tx).await?;
    row.map(|row| row.last).ok_or_else(|| DbErr::RecordNotFound(format!("the mark {name}")))
}

/// A mark as it stands.
pub(super) async fn mark(db: &impl ConnectionTrait, name: &str) -> Result<i64, DbErr> {
    Ok(notification_mark::Entity::find_by_id(name).one(db).await?.map_or(0, |row| row.last))
}

/// Moves a mark on.
pub(super) async fn set_mark(tx: &impl ConnectionTrait, name: &str, last: i64) -> Result<(), DbErr> {
    let row = notification_mark::ActiveModel { name: Unchanged(name.to_owned()), last: Set(last) };
    notification_mark::Entity::update(row).exec(tx).await?;
    Ok(())
}

/// Adds notifications; a unique violation for one that is there.
pub(super) async fn insert(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// What these accounts were told of these events: event, account, kind.
pub(super) async fn told(
    tx: &impl ConnectionTrait,
    events: &[Uuid],
    accounts: &[Uuid],
) -> Result<HashSet<(Uuid, Uuid, String)>, DbErr> {
    let rows: Vec<(Uuid, Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::EventId, Column::AccountId, Column::Kind])
        .filter(Column::EventId.is_in(events.iter().copied()))
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.into_iter().collect())
}

/// What these accounts have not read yet of these things, or were mailed alone since a moment: account, kind, thing.
pub(super) async fn standing_for(
    tx: &impl ConnectionTrait,
    accounts: &[Uuid],
    subjects: &[Uuid],
    mailed_since: DateTime<Utc>,
) -> Result<HashSet<(Uuid, String, Uuid)>, DbErr> {
    let unread = Condition::all().add(Column::Shown.eq(true)).add(Column::ReadAt.is_null());
    let mailed = Condition::all().add(Column::Shown.eq(false)).add(Column::CreatedAt.gt(mailed_since));
    let rows: Vec<(Uuid, String, Uuid)> = Entity::find()
        .filter(Condition::any().add(unread).add(mailed))
        .select_only()
        .columns([Column::AccountId, Column::Kind, Column::SubjectId])
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .filter(Column::SubjectId.is_in(subjects.iter().copied()))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Of which of these products these accounts were mailed since a moment, by one of these kinds: account, product.
pub(super) async fn mailed_since(
    tx: &impl ConnectionTrait,
    accounts: &[Uuid],
    products: &[Uuid],
    kinds: &[&str],
    since: DateTime<Utc>,
) -> Result<HashSet<(Uuid, Uuid)>, DbErr> {
    let rows: Vec<(Uuid, Option<Uuid>)> = Entity::find()
        .select_only()
        .columns([Column::AccountId, Column::ProductId])
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .filter(Column::Kind.is_in(kinds.iter().copied()))
        .filter(Column::Mailed.eq(true))
        .filter(Column::CreatedAt.gt(since))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.into_iter().filter_map(|(account, product)| Some((account, product?))).collect())
}

/// One notification, whoever is told.
pub(super) async fn one(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

fn shown_to(account: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::AccountId.eq(account)).filter(Column::Shown.eq(true))
}

fn unread(rows: Select<Entity>) -> Select<Entity> {
    rows.filter(Column::ReadAt.is_null())
}

/// What an account is shown, the latest first, from before a position.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    account: Uuid,
    unread_only: bool,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let rows = if unread_only { unread(shown_to(account)) } else { shown_to(account) };
    rows.filter(Condition::all().add_option(before.map(|before| Column::Position.lt(before))))
        .order_by_desc(Column::Position)
        .limit(limit)
        .all(db)
        .await
}

/// What an account is shown behind a position, in the order in which it came.
pub(super) async fn after(
    db: &impl ConnectionTrait,
    account: Uuid,
    position: i64,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    shown_to(account)
        .filter(Column::Position.gt(position))
        .order_by_asc(Column::Position)
        .limit(limit)
        .all(db)
        .await
}

/// How much of what an account is shown it has not read.
pub(super) async fn count_unread(db: &impl ConnectionTrait, account: Uuid) -> Result<u64, DbErr> {
    unread(shown_to(account)).count(db).await
}

/// Notes that an account has read these, or all there are.
pub(super) async fn read(
    tx: &impl ConnectionTrait,
    account: Uuid,
    ids: Option<&[Uuid]>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let read = ActiveModel { read_at: Set(Some(now)), ..Default::default() };
    Entity::update_many()
        .set(read)
        .filter(Column::AccountId.eq(account))
        .filter(Column::ReadAt.is_null())
        .filter(Condition::all().add_option(ids.map(|ids| Column::Id.is_in(ids.iter().copied()))))
        .exec(tx)
        .await?;
    Ok(())
}

/// Everything that an account was told, by id from behind one.
pub(super) async fn all_of(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Condition::all().add_option(after.map(|after| Column::Id.gt(after))))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// Removes at most `limit` of what was told before `all`, or before `read` and was read or never shown; says how many.
pub(super) async fn prune(
    tx: &impl ConnectionTrait,
    read: DateTime<Utc>,
    all: DateTime<Utc>,
    limit: u64,
) -> Result<u64, DbErr> {
    let seen = Condition::any().add(Column::ReadAt.is_not_null()).add(Column::Shown.eq(false));
    let past = Condition::any()
        .add(Column::CreatedAt.lt(all))
        .add(Condition::all().add(Column::CreatedAt.lt(read)).add(seen));
    let old: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CreatedAt.lt(read.max(all)))
        .filter(past)
        .limit(limit)
        .into_tuple()
        .all(tx)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    Ok(Entity::delete_many().filter(Column::Id.is_in(old)).exec(tx).await?.rows_affected)
}

/// Removes everything that an account was told.
pub(super) async fn delete_of(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}
