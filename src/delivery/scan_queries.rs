//! Every statement on what a scanner said of objects.
use chrono::{DateTime, Utc};
use entity::object_scan::{Column, Entity, Model, Verdict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};

/// Asks for an object unless it was asked for, or was judged but in one of the ways that are `doubted`. Since when it is
/// asked for; none when it is judged.
pub(super) async fn ask(
    tx: &impl ConnectionTrait,
    key: &str,
    at: DateTime<Utc>,
    doubted: &[Verdict],
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let row = Model { object_key: key.to_owned(), verdict: Verdict::Pending, asked_at: at, scanned_at: None };
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Entity::update_many()
        .col_expr(Column::Verdict, Expr::value(Verdict::Pending))
        .col_expr(Column::AskedAt, Expr::value(at))
        .col_expr(Column::ScannedAt, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::ObjectKey.eq(key))
        .filter(Column::Verdict.is_in(doubted.iter().copied()))
        .exec(tx)
        .await?;
    let pending = Entity::find_by_id(key).filter(Column::Verdict.eq(Verdict::Pending)).one(tx).await?;
    Ok(pending.map(|row| row.asked_at))
}

/// Takes back what was asked for, unless it was judged.
pub(super) async fn forget(tx: &impl ConnectionTrait, key: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(key).filter(Column::Verdict.eq(Verdict::Pending)).exec(tx).await?;
    Ok(())
}

pub(super) async fn verdict(db: &impl ConnectionTrait, key: &str) -> Result<Option<Verdict>, DbErr> {
    Ok(Entity::find_by_id(key).one(db).await?.map(|row| row.verdict))
}

pub(super) async fn verdicts(
    db: &impl ConnectionTrait,
    keys: &[&str],
) -> Result<Vec<(String, Verdict)>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::ObjectKey, Column::Verdict])
        .filter(Column::ObjectKey.is_in(keys.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// Notes what was said of an object of which nothing was known.
pub(super) async fn settle(
    tx: &impl ConnectionTrait,
    key: &str,
    verdict: Verdict,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Verdict, Expr::value(verdict))
        .col_expr(Column::ScannedAt, Expr::value(at))
        .filter(Column::ObjectKey.eq(key))
        .filter(Column::Verdict.eq(Verdict::Pending))
        .exec(tx)
        .await?;
    Ok(())
}
