//! Every statement on requests that were counted by logs.
use chrono::{DateTime, Utc};
use entity::logged_request::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict,
};

/// Whether a request was not counted until now.
pub(super) async fn remember(
    tx: &impl ConnectionTrait,
    request: &str,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let row = Model { request_id: request.to_owned(), at };
    let remembered = Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(remembered == 1)
}

/// Removes those from before that.
pub(super) async fn forget(tx: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::At.lt(before)).exec(tx).await?.rows_affected)
}
