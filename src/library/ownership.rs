//! Who owns what: any active row gives access.
use chrono::{DateTime, Utc};
use entity::entitlement::{Column, Entity, Status};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;

/// Whether an account owns a product.
pub async fn owns(db: &impl ConnectionTrait, account: Uuid, product: Uuid) -> Result<bool, DbErr> {
    Ok(active(account, product).count(db).await? > 0)
}

/// Whether an account owns a product, and holds that so, and every other such question waiting, until the caller's
/// transaction ends.
pub async fn lock_owned(tx: &impl ConnectionTrait, account: Uuid, product: Uuid) -> Result<bool, DbErr> {
    let rows = active(account, product).order_by_asc(Column::Id).lock_exclusive().all(tx).await?;
    Ok(!rows.is_empty())
}

/// Notes on what an account owns that it was downloaded; refunds ask for it.
pub async fn note_download(
    tx: &impl ConnectionTrait,
    account: Uuid,
    product: Uuid,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let earlier =
        Condition::any().add(Column::LastDownloadedAt.is_null()).add(Column::LastDownloadedAt.lt(at));
    Entity::update_many()
        .col_expr(Column::LastDownloadedAt, at.into())
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.eq(product))
        .filter(Column::Status.eq(Status::Active))
        .filter(earlier)
        .exec(tx)
        .await?;
    Ok(())
}

fn active(account: Uuid, product: Uuid) -> Select<Entity> {
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.eq(product))
        .filter(Column::Status.eq(Status::Active))
}
