//! Statements on what many are told.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::notification_fan_out::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;

/// Adds one; false when its cause brought one of the kind about before.
pub(in crate::notifications) async fn insert(tx: &impl ConnectionTrait, row: Model) -> Result<bool, DbErr> {
    let once = OnConflict::columns([Column::EventId, Column::Kind]).do_nothing().to_owned();
    let rows = Entity::insert(row.into_active_model()).on_conflict(once).exec_without_returning(tx).await?;
    Ok(rows == 1)
}

/// Which of these causes brought one of a kind about.
pub(in crate::notifications) async fn begun(
    db: &impl ConnectionTrait,
    kind: &str,
    causes: &[Uuid],
) -> Result<HashSet<Uuid>, DbErr> {
    let rows: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::EventId)
        .filter(Column::Kind.eq(kind))
        .filter(Column::EventId.is_in(causes.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// One that is not finished, held until the transaction ends.
pub(in crate::notifications) async fn lock(
    tx: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).filter(Column::FinishedAt.is_null()).lock_exclusive().one(tx).await
}

/// Notes up to whom it came, or that it is finished.
pub(in crate::notifications) async fn advance(
    tx: &impl ConnectionTrait,
    id: Uuid,
    reached: Option<Uuid>,
    finished_at: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    let reached = reached.map_or(NotSet, |reached| Set(Some(reached)));
    let row = ActiveModel { id: Unchanged(id), reached, finished_at: Set(finished_at), ..Default::default() };
    Entity::update(row).exec(tx).await?;
    Ok(())
}

/// Removes at most `limit` of those that were finished before a time, and says how many.
pub(in crate::notifications) async fn prune(
    tx: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, DbErr> {
    let old: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::FinishedAt.lt(before))
        .limit(limit)
        .into_tuple()
        .all(tx)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    Ok(Entity::delete_many().filter(Column::Id.is_in(old)).exec(tx).await?.rows_affected)
}
