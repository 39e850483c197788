//! Every statement on the log and on the places of those who follow it.
use chrono::{DateTime, Utc};
use entity::{event, event_origin, event_reader};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Statement, sea_query::OnConflict,
};
use uuid::Uuid;

use super::record::{CHANGED_AT, MOVED};
use crate::db::Told;

/// Rows of one statement: far below the parameters that either database takes.
const ROWS: usize = 1000;

/// Writes events that have no number yet.
pub(super) async fn insert(tx: &impl ConnectionTrait, rows: Vec<event::Model>) -> Result<(), DbErr> {
    for rows in rows.chunks(ROWS) {
        let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
        event::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Whether a committed event waits for its number.
pub(super) async fn any_unnumbered(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let first = event::Entity::find().filter(event::Column::Seq.is_null()).limit(1).one(db).await?;
    Ok(first.is_some())
}

/// Committed events that wait for their number.
pub(super) async fn count_unnumbered(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    event::Entity::find().filter(event::Column::Seq.is_null()).count(db).await
}

/// Numbers at most `limit` events after `last`, oldest id first, and says how many.
pub(super) async fn number(db: &impl ConnectionTrait, last: i64, limit: u64) -> Result<i64, DbErr> {
    // SQLite would else take the index of numbers, and go through all that has none at each step; hence the plus too.
    let by = match db.get_database_backend() {
        DbBackend::Postgres => "",
        _ => "INDEXED BY event_unnumbered_idx",
    };
    let sql = format!(
        "UPDATE event SET seq = $1 + found.place FROM ( \
           SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM event {by} \
           WHERE seq IS NULL ORDER BY id LIMIT {limit} \
         ) AS found WHERE event.id = found.id AND +event.seq IS NULL"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [last.into()]);
    let rows = db.execute_raw(statement).await?.rows_affected();
    i64::try_from(rows).map_err(|_| DbErr::Type(format!("{rows} rows")))
}

/// The place of a follower, its row locked until the transaction ends and made when it is missing.
pub(super) async fn lock_place(db: &impl ConnectionTrait, name: &str) -> Result<i64, DbErr> {
    let there = event_reader::Entity::find_by_id(name).lock_exclusive();
    if let Some(row) = there.one(db).await? {
        return Ok(row.seq);
    }
    let start = event_reader::Model { name: name.to_owned(), seq: 0 };
    let first = OnConflict::column(event_reader::Column::Name).do_nothing().to_owned();
    event_reader::Entity::insert(start.into_active_model())
        .on_conflict(first)
        .exec_without_returning(db)
        .await?;
    let row = event_reader::Entity::find_by_id(name).lock_exclusive().one(db).await?;
    row.map(|row| row.seq).ok_or_else(|| DbErr::RecordNotFound(format!("the place of {name}")))
}

/// Where a follower stands; 0 before its first step.
pub(super) async fn place(db: &impl ConnectionTrait, name: &str) -> Result<i64, DbErr> {
    Ok(event_reader::Entity::find_by_id(name).one(db).await?.map_or(0, |row| row.seq))
}

/// Where everybody stands.
pub(super) async fn places(db: &impl ConnectionTrait) -> Result<Vec<event_reader::Model>, DbErr> {
    event_reader::Entity::find().all(db).await
}

/// Moves a follower on; false when it no longer stands where it was read.
pub(super) async fn advance(
    db: &impl ConnectionTrait,
    name: &str,
    from: i64,
    to: i64,
) -> Result<bool, DbErr> {
    use sea_orm::sea_query::Expr;
    let moved = event_reader::Entity::update_many()
        .col_expr(event_reader::Column::Seq, Expr::value(to))
        .filter(event_reader::Column::Name.eq(name))
        .filter(event_reader::Column::Seq.eq(from))
        .exec(db)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// The next numbered events after a place, in their order.
pub(super) async fn after(
    db: &impl ConnectionTrait,
    seq: i64,
    limit: u64,
) -> Result<Vec<event::Model>, DbErr> {
    event::Entity::find()
        .filter(event::Column::Seq.gt(seq))
        .order_by_asc(event::Column::Seq)
        .limit(limit)
        .all(db)
        .await
}

/// One event.
pub(super) async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<event::Model>, DbErr> {
    event::Entity::find_by_id(id).one(db).await
}

/// Removes at most `limit` events of before a time, none with a number beyond `read`, and says how many.
pub(super) async fn prune(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    read: i64,
    limit: u64,
) -> Result<u64, DbErr> {
    let old = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .filter(event::Column::At.lt(before).and(event::Column::Seq.lte(read)))
        .limit(limit)
        .into_query();
    let pruned = event::Entity::delete_many().filter(event::Column::Id.in_subquery(old)).exec(db).await?;
    Ok(pruned.rows_affected)
}

/// Notes from where an event was caused.
pub(super) async fn insert_origins(
    tx: &impl ConnectionTrait,
    rows: Vec<event_origin::Model>,
) -> Result<(), DbErr> {
    for rows in rows.chunks(ROWS) {
        let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
        event_origin::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Removes the origins of events, and tells them to the one who removed them.
pub(super) async fn take_origins(
    tx: &impl ConnectionTrait,
    events: &[Uuid],
) -> Result<Vec<event_origin::Model>, DbErr> {
    event_origin::Entity::delete_many()
        .filter(event_origin::Column::EventId.is_in(events.iter().copied()))
        .exec_with_returning(tx)
        .await
}

/// Removes the origins of what an account caused, and of what nobody signed in did to it.
pub(super) async fn forget_origins(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    let nobodys = event_origin::Column::ActorId.is_null().and(event_origin::Column::AccountId.eq(account));
    event_origin::Entity::delete_many()
        .filter(event_origin::Column::ActorId.eq(account).or(nobodys))
        .exec(tx)
        .await?;
    Ok(())
}

/// What an event says of the write that recorded it.
pub(super) fn told(row: &event::Model) -> Told {
    let product = row.data.get("product_id").and_then(serde_json::Value::as_str);
    let changed_at = row.data.get(CHANGED_AT).and_then(serde_json::Value::as_i64);
    Told {
        id: row.id,
        kind: row.kind.clone(),
        subject: row.subject_id,
        product: product.and_then(|id| id.parse().ok()),
        changed_at: changed_at.and_then(DateTime::from_timestamp_micros),
        moved: row.data.get(MOVED).is_some(),
    }
}
