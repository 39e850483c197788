//! Every statement on throttles.
use chrono::{DateTime, Utc};
use entity::throttle::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::OnConflict,
};

/// The row of a bucket, made if it is missing, held against other writers until the transaction ends.
pub(super) async fn lock(
    tx: &impl ConnectionTrait,
    bucket: &[u8],
    now: DateTime<Utc>,
) -> Result<Model, DbErr> {
    let row = ActiveModel { bucket: Set(bucket.to_vec()), attempts: Set("[]".to_owned()), until: Set(now) };
    let same = OnConflict::column(Column::Bucket).update_column(Column::Bucket).to_owned();
    Entity::insert(row).on_conflict(same).exec_with_returning(tx).await
}

/// Writes what counts of a bucket that is held.
pub(super) async fn store(
    tx: &impl ConnectionTrait,
    bucket: &[u8],
    attempts: String,
    until: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = ActiveModel { bucket: Unchanged(bucket.to_vec()), attempts: Set(attempts), until: Set(until) };
    Entity::update(row).exec(tx).await?;
    Ok(())
}

/// Removes rows of which nothing counts any more, at most so many, and says how many.
pub(super) async fn prune(tx: &impl ConnectionTrait, now: DateTime<Utc>, most: u64) -> Result<u64, DbErr> {
    let past = Entity::find()
        .select_only()
        .column(Column::Bucket)
        .filter(Column::Until.lte(now))
        .limit(most)
        .into_query();
    // Judged again by the row itself: it may have been counted in since it was found.
    let gone = Entity::delete_many()
        .filter(Column::Bucket.in_subquery(past))
        .filter(Column::Until.lte(now))
        .exec(tx)
        .await?;
    Ok(gone.rows_affected)
}
