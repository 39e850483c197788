//! Statements on what mails are unsubscribed by.
use entity::mail_unsubscribe::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict,
};
use uuid::Uuid;

/// What an account unsubscribes from a kind by, if it was ever mailed of it.
pub(in crate::notifications) async fn of(
    db: &impl ConnectionTrait,
    account: Uuid,
    kind: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::AccountId.eq(account)).filter(Column::Kind.eq(kind)).one(db).await
}

/// Adds it unless there is one.
pub(in crate::notifications) async fn insert(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let once = OnConflict::columns([Column::AccountId, Column::Kind]).do_nothing().to_owned();
    Entity::insert(row.into_active_model()).on_conflict(once).exec_without_returning(tx).await?;
    Ok(())
}

/// That of a token's digest.
pub(in crate::notifications) async fn of_token(
    db: &impl ConnectionTrait,
    hash: &[u8],
) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::TokenHash.eq(hash)).one(db).await
}

/// Removes those of an account.
pub(in crate::notifications) async fn delete_of(
    tx: &impl ConnectionTrait,
    account: Uuid,
) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}
