//! Statements on how accounts want to be told.
use entity::notification_preference::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use uuid::Uuid;

/// What these accounts chose.
pub(in crate::notifications) async fn of(
    db: &impl ConnectionTrait,
    accounts: &[Uuid],
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .order_by_asc(Column::Kind)
        .all(db)
        .await
}

/// Writes what an account chose.
pub(in crate::notifications) async fn put(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let again = OnConflict::columns([Column::AccountId, Column::Kind])
        .update_columns([Column::Email, Column::InApp])
        .to_owned();
    Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Forgets what an account chose.
pub(in crate::notifications) async fn delete_of(
    tx: &impl ConnectionTrait,
    account: Uuid,
) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}
