//! Every statement on uploads that come in parts.
use chrono::{DateTime, Utc};
use entity::upload::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

pub(super) async fn insert(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// How many uploads to a build are no file yet; stable once the build is locked.
pub(super) async fn count_open(tx: &impl ConnectionTrait, build: Uuid) -> Result<u64, DbErr> {
    Entity::find().filter(Column::BuildId.eq(build)).filter(Column::CompletedAt.is_null()).count(tx).await
}

/// Bytes of the uploads to some builds that are no file yet and still in their time.
pub(super) async fn coming(
    tx: &impl ConnectionTrait,
    builds: &[Uuid],
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    // PostgreSQL's sum of whole numbers is none of them.
    let bytes = Entity::find()
        .select_only()
        .expr(Expr::col(Column::Length).sum().cast_as("bigint"))
        .filter(Column::BuildId.is_in(builds.iter().copied()))
        .filter(Column::CompletedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .into_tuple::<Option<i64>>()
        .one(tx)
        .await?;
    Ok(bytes.flatten().unwrap_or_default())
}

/// The uploads to a build that are no file yet and still in their time, newest first, from the one begun before `before`.
pub(super) async fn open(
    db: &impl ConnectionTrait,
    build: Uuid,
    now: DateTime<Utc>,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::BuildId.eq(build))
        .filter(Column::CompletedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .filter(Condition::all().add_option(before.map(|before| Column::Id.lt(before))))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// How many uploads are no file yet.
pub(super) async fn count_all_open(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().filter(Column::CompletedAt.is_null()).count(db).await
}

/// An upload to a build.
pub(super) async fn upload(db: &impl ConnectionTrait, build: Uuid, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).filter(Column::BuildId.eq(build)).one(db).await
}

/// Moves the end of what came, with what must be known of it; false when the upload is gone, or somebody else moved it.
pub(super) async fn advance(
    tx: &impl ConnectionTrait,
    row: &Model,
    received: i64,
    state: Option<&str>,
    expires_at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let changed = Entity::update_many()
        .col_expr(Column::Received, Expr::value(received))
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::ExpiresAt, Expr::value(expires_at))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Received.eq(row.received))
        .filter(Column::Sha256.is_null())
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Notes the digest of all bytes, after which none comes; false when the upload is gone.
pub(super) async fn seal(tx: &impl ConnectionTrait, id: Uuid, sha256: &str) -> Result<bool, DbErr> {
    let changed = Entity::update_many()
        .col_expr(Column::Sha256, Expr::value(sha256))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Whether it was open until now and is a file of its build from now on.
pub(super) async fn complete(tx: &impl ConnectionTrait, id: Uuid, at: DateTime<Utc>) -> Result<bool, DbErr> {
    let changed = Entity::update_many()
        .col_expr(Column::CompletedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::CompletedAt.is_null())
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Whether there was such an upload.
pub(super) async fn delete(tx: &impl ConnectionTrait, build: Uuid, id: Uuid) -> Result<bool, DbErr> {
    let deleted = Entity::delete_by_id(id).filter(Column::BuildId.eq(build)).exec(tx).await?;
    Ok(deleted.rows_affected == 1)
}

/// Removes what is past its time.
pub(super) async fn delete_expired(tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(tx).await?.rows_affected)
}

/// Takes the turn to write, or keeps it; false when it is another's, or the upload gone.
pub(super) async fn take_turn(
    tx: &impl ConnectionTrait,
    id: Uuid,
    writer: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let free = Column::Writer.is_null().or(Column::WriterUntil.lte(now)).or(Column::Writer.eq(writer));
    let changed = Entity::update_many()
        .col_expr(Column::Writer, Expr::value(writer))
        .col_expr(Column::WriterUntil, Expr::value(until))
        .filter(Column::Id.eq(id))
        .filter(free)
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Gives the turn to write back, if it still is theirs.
pub(super) async fn end_turn(tx: &impl ConnectionTrait, id: Uuid, writer: Uuid) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Writer, Expr::value(None::<Uuid>))
        .col_expr(Column::WriterUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::Id.eq(id))
        .filter(Column::Writer.eq(writer))
        .exec(tx)
        .await?;
    Ok(())
}

/// Those of some uploads that are no file yet.
pub(super) async fn known(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Uuid>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::CompletedAt.is_null())
        .into_tuple()
        .all(db)
        .await
}
