//! Every statement on the keys of the access tokens.
use chrono::{DateTime, Utc};
use entity::token_key::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, sea_query::OnConflict,
};

/// Every key, the oldest first.
pub(super) async fn keys(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::Ordinal).all(db).await
}

/// The newest key.
pub(super) async fn newest(db: &impl ConnectionTrait) -> Result<Option<Model>, DbErr> {
    Entity::find().order_by_desc(Column::Ordinal).one(db).await
}

/// A key of a store that has none of its ordinal; whoever comes second writes nothing.
pub(super) async fn insert_first(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let first = OnConflict::column(Column::Ordinal).do_nothing().to_owned();
    Entity::insert(row.into_active_model()).on_conflict(first).exec_without_returning(tx).await?;
    Ok(())
}

/// A new key; a unique violation when somebody else made one of its ordinal.
pub(super) async fn insert(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Says when keys verify nothing any more: those whose end is open, or `all` of them.
pub(super) async fn end(tx: &impl ConnectionTrait, at: DateTime<Utc>, all: bool) -> Result<(), DbErr> {
    let mut ended = Entity::update_many().set(ActiveModel { ends_at: Set(Some(at)), ..Default::default() });
    if !all {
        ended = ended.filter(Column::EndsAt.is_null());
    }
    ended.exec(tx).await?;
    Ok(())
}

/// Removes the keys that ended by then; says how many.
pub(super) async fn delete_ended(tx: &impl ConnectionTrait, by: DateTime<Utc>) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::EndsAt.lte(by)).exec(tx).await?.rows_affected)
}
