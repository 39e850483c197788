//! Statements on activations.
use entity::license_activation::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, sea_query::SelectStatement,
};
use uuid::Uuid;

/// On how many devices a key is active.
pub(super) async fn count(db: &impl ConnectionTrait, key: Uuid) -> Result<u64, DbErr> {
    Entity::find().filter(Column::KeyId.eq(key)).count(db).await
}

/// The activation of a key on a device.
pub(super) async fn on(
    db: &impl ConnectionTrait,
    key: Uuid,
    fingerprint: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::KeyId.eq(key)).filter(Column::Fingerprint.eq(fingerprint)).one(db).await
}

/// Writes an activation.
pub(super) async fn insert(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Ends the activation of a key on a device; false when there is none.
pub(super) async fn delete(tx: &impl ConnectionTrait, key: Uuid, fingerprint: &str) -> Result<bool, DbErr> {
    let these =
        Entity::delete_many().filter(Column::KeyId.eq(key)).filter(Column::Fingerprint.eq(fingerprint));
    Ok(these.exec(tx).await?.rows_affected == 1)
}

/// The activations of keys, by id from behind one.
pub(super) async fn of_keys(
    db: &impl ConnectionTrait,
    keys: SelectStatement,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let behind = after.map(|id| Column::Id.gt(id));
    Entity::find()
        .filter(Column::KeyId.in_subquery(keys))
        .filter(Condition::all().add_option(behind))
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Ends the activations of keys.
pub(super) async fn delete_of(tx: &impl ConnectionTrait, keys: SelectStatement) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::KeyId.in_subquery(keys)).exec(tx).await?;
    Ok(())
}
