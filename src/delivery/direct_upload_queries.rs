//! Every statement on uploads straight into the bucket.
use chrono::{DateTime, Utc};
use entity::direct_upload::{Column, Entity, Model, Status};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

pub(super) async fn insert(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// How many of a build are open or being read; stable once the build is locked.
pub(super) async fn count_open(tx: &impl ConnectionTrait, build: Uuid) -> Result<u64, DbErr> {
    let open = Column::Status.is_in([Status::Open, Status::Verifying]);
    Entity::find().filter(Column::BuildId.eq(build)).filter(open).count(tx).await
}

/// Bytes of those of some builds that are being read, or are open and still in their time.
pub(super) async fn coming(
    tx: &impl ConnectionTrait,
    builds: &[Uuid],
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let open = Column::Status.eq(Status::Open).and(Column::ExpiresAt.gt(now));
    // PostgreSQL's sum of whole numbers is none of them.
    let bytes = Entity::find()
        .select_only()
        .expr(Expr::col(Column::Size).sum().cast_as("bigint"))
        .filter(Column::BuildId.is_in(builds.iter().copied()))
        .filter(Column::Status.eq(Status::Verifying).or(open))
        .into_tuple::<Option<i64>>()
        .one(tx)
        .await?;
    Ok(bytes.flatten().unwrap_or_default())
}

pub(super) async fn count_verifying(tx: &impl ConnectionTrait, build: Uuid) -> Result<u64, DbErr> {
    let reading = Column::Status.eq(Status::Verifying);
    Entity::find().filter(Column::BuildId.eq(build)).filter(reading).count(tx).await
}

/// Those of a build that are being read.
pub(super) async fn verifying(db: &impl ConnectionTrait, build: Uuid) -> Result<Vec<Uuid>, DbErr> {
    let reading = Column::Status.eq(Status::Verifying);
    let rows =
        Entity::find().select_only().column(Column::Id).filter(Column::BuildId.eq(build)).filter(reading);
    rows.into_tuple().all(db).await
}

/// An upload to a build.
pub(super) async fn upload(db: &impl ConnectionTrait, build: Uuid, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).filter(Column::BuildId.eq(build)).one(db).await
}

pub(super) async fn known(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Whether it stood there until now and stands here from now on.
pub(super) async fn settle(
    tx: &impl ConnectionTrait,
    id: Uuid,
    from: Status,
    to: Status,
    refusal: Option<&str>,
) -> Result<bool, DbErr> {
    let changed = Entity::update_many()
        .col_expr(Column::Status, Expr::value(to))
        .col_expr(Column::Refusal, Expr::value(refusal))
        .filter(Column::Id.eq(id))
        .filter(Column::Status.eq(from))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Whether there was one that is no file.
pub(super) async fn delete_unused(tx: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    let deleted = Entity::delete_by_id(id).filter(Column::Status.ne(Status::Verified)).exec(tx).await?;
    Ok(deleted.rows_affected == 1)
}

pub(super) async fn delete(tx: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Some that are past their time and are not being read.
pub(super) async fn expired(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::ExpiresAt.lte(now))
        .filter(Column::Status.ne(Status::Verifying))
        .order_by_asc(Column::ExpiresAt)
        .limit(limit)
        .all(db)
        .await
}

/// Whether it still stood as it was seen, and is gone now.
pub(super) async fn delete_expired(tx: &impl ConnectionTrait, seen: &Model) -> Result<bool, DbErr> {
    let deleted = Entity::delete_by_id(seen.id).filter(Column::Status.eq(seen.status)).exec(tx).await?;
    Ok(deleted.rows_affected == 1)
}

/// Those of some objects that become files yet.
pub(super) async fn awaited(db: &impl ConnectionTrait, keys: &[&str]) -> Result<Vec<String>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::ObjectKey)
        .filter(Column::ObjectKey.is_in(keys.iter().copied()))
        .filter(Column::Status.is_in([Status::Open, Status::Verifying]))
        .into_tuple()
        .all(db)
        .await
}
