//! Every statement on builds and their files.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    build::{self, Arch, Kind, Status},
    build_file, product,
    product_platform::Platform,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, OnConflict, Query},
};
use uuid::Uuid;

use super::{BuildFile, DEFAULT_CHANNEL, ReleasedBuild, Wanted};
use crate::values::Slug;

/// For what builds are made, as a part of other slices' statements: `id` and `platform`.
pub const PLATFORMS: &str = "SELECT id, platform FROM build";

/// What publishers call builds, as a part of other slices' statements: `id` and `version`.
pub const VERSIONS: &str = "SELECT id, version FROM build";

pub(super) async fn insert(tx: &impl ConnectionTrait, row: build::Model) -> Result<(), DbErr> {
    build::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

pub(super) async fn build(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<build::Model>, DbErr> {
    build::Entity::find_by_id(id).one(db).await
}

/// What publishers call builds.
pub(super) async fn versions(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, DbErr> {
    build::Entity::find()
        .select_only()
        .columns([build::Column::Id, build::Column::Version])
        .filter(build::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// A build that nobody else changes until the transaction ends.
pub(super) async fn lock(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<build::Model>, DbErr> {
    build::Entity::find_by_id(id).lock_exclusive().one(tx).await
}

/// Builds of a product, newest first, from the one made before `before`.
pub(super) async fn builds(
    db: &impl ConnectionTrait,
    product: Uuid,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<build::Model>, DbErr> {
    let mut rows = build::Entity::find().filter(build::Column::ProductId.eq(product));
    if let Some(before) = before {
        rows = rows.filter(build::Column::Id.lt(before));
    }
    rows.order_by_desc(build::Column::Id).limit(limit).all(db).await
}

pub(super) async fn delete(tx: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    build::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Whether it was a draft and is released now.
pub(super) async fn release(tx: &impl ConnectionTrait, id: Uuid, at: DateTime<Utc>) -> Result<bool, DbErr> {
    let changed = build::Entity::update_many()
        .col_expr(build::Column::Status, Expr::value(Status::Released))
        .col_expr(build::Column::ReleasedAt, Expr::value(at))
        .filter(build::Column::Id.eq(id))
        .filter(build::Column::Status.eq(Status::Draft))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Whether it was released and is withdrawn now.
pub(super) async fn withdraw(tx: &impl ConnectionTrait, id: Uuid, at: DateTime<Utc>) -> Result<bool, DbErr> {
    let changed = build::Entity::update_many()
        .col_expr(build::Column::Status, Expr::value(Status::Withdrawn))
        .col_expr(build::Column::WithdrawnAt, Expr::value(at))
        .filter(build::Column::Id.eq(id))
        .filter(build::Column::Status.eq(Status::Released))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Whether it was offered to another number of owners and is offered to this one now.
pub(super) async fn roll_out(tx: &impl ConnectionTrait, id: Uuid, percent: i32) -> Result<bool, DbErr> {
    let changed = build::Entity::update_many()
        .col_expr(build::Column::RolloutPercent, Expr::value(percent))
        .filter(build::Column::Id.eq(id))
        .filter(build::Column::RolloutPercent.ne(percent))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Gives a build other notes.
pub(super) async fn note(tx: &impl ConnectionTrait, id: Uuid, notes: &str) -> Result<(), DbErr> {
    build::Entity::update_many()
        .col_expr(build::Column::Notes, Expr::value(notes))
        .filter(build::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The builds of products that are released, newest first.
pub(super) async fn released(
    db: &impl ConnectionTrait,
    products: &[Uuid],
) -> Result<Vec<build::Model>, DbErr> {
    offered(products).all(db).await
}

/// The released builds that fit, newest first: ids, and to how many of a hundred owners each is offered.
pub(super) async fn fitting(
    db: &impl ConnectionTrait,
    product: Uuid,
    wanted: &Wanted,
) -> Result<Vec<(Uuid, i32)>, DbErr> {
    let mut rows = offered(&[product]);
    rows = match wanted.id {
        Some(id) => rows.filter(build::Column::Id.eq(id)),
        None => rows.filter(build::Column::Kind.eq(Kind::Build)),
    };
    if let Some(arch) = wanted.arch {
        rows = rows.filter(build::Column::Arch.is_in([arch, Arch::Any]));
    }
    if let Some(platform) = wanted.platform {
        rows = rows.filter(build::Column::Platform.is_in([platform, Platform::Any]));
    }
    let unnamed = wanted.id.is_none().then_some(DEFAULT_CHANNEL);
    if let Some(channel) = wanted.channel.as_ref().map(Slug::as_str).or(unnamed) {
        rows = rows.filter(build::Column::Channel.eq(channel));
    }
    let columns = [build::Column::Id, build::Column::RolloutPercent];
    rows.select_only().columns(columns).into_tuple().all(db).await
}

/// A build of a product that was released, whether or not it still is.
pub(super) async fn once_released(
    db: &impl ConnectionTrait,
    product: Uuid,
    id: Uuid,
) -> Result<Option<build::Model>, DbErr> {
    build::Entity::find_by_id(id)
        .filter(build::Column::ProductId.eq(product))
        .filter(build::Column::Status.ne(Status::Draft))
        .one(db)
        .await
}

/// The build of a version that was released beside another.
pub(super) async fn of_version(
    db: &impl ConnectionTrait,
    product: Uuid,
    beside: &ReleasedBuild,
    version: &str,
) -> Result<Option<build::Model>, DbErr> {
    build::Entity::find()
        .filter(build::Column::ProductId.eq(product))
        .filter(build::Column::Version.eq(version))
        .filter(build::Column::Platform.eq(beside.platform))
        .filter(build::Column::Channel.eq(beside.channel.as_str()))
        .filter(build::Column::Arch.eq(beside.arch))
        .filter(build::Column::Kind.eq(beside.kind))
        .filter(build::Column::Status.ne(Status::Draft))
        .one(db)
        .await
}

fn offered(products: &[Uuid]) -> Select<build::Entity> {
    build::Entity::find()
        .filter(build::Column::ProductId.is_in(products.iter().copied()))
        .filter(build::Column::Status.eq(Status::Released))
        .order_by_desc(build::Column::ReleasedAt)
        .order_by_desc(build::Column::Id)
}

/// The files of builds, by name.
pub(super) async fn files(
    db: &impl ConnectionTrait,
    builds: &[Uuid],
) -> Result<HashMap<Uuid, Vec<BuildFile>>, DbErr> {
    if builds.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = build_file::Entity::find()
        .filter(build_file::Column::BuildId.is_in(builds.iter().copied()))
        .order_by_asc(build_file::Column::Name)
        .all(db)
        .await?;
    let mut files: HashMap<Uuid, Vec<BuildFile>> = HashMap::new();
    for row in rows {
        files.entry(row.build_id).or_default().push(row.into());
    }
    Ok(files)
}

pub(super) async fn file_rows(
    db: &impl ConnectionTrait,
    build: Uuid,
) -> Result<Vec<build_file::Model>, DbErr> {
    let rows = build_file::Entity::find().filter(build_file::Column::BuildId.eq(build));
    rows.order_by_asc(build_file::Column::Name).all(db).await
}

pub(super) async fn file(
    db: &impl ConnectionTrait,
    build: Uuid,
    name: &str,
) -> Result<Option<build_file::Model>, DbErr> {
    build_file::Entity::find_by_id((build, name.to_owned())).one(db).await
}

/// Bytes of the files of all builds of a product.
pub(super) async fn bytes(db: &impl ConnectionTrait, product: Uuid) -> Result<i64, DbErr> {
    let builds = Query::select()
        .column(build::Column::Id)
        .from(build::Entity)
        .and_where(build::Column::ProductId.eq(product))
        .to_owned();
    // PostgreSQL's sum of whole numbers is none of them.
    let bytes = build_file::Entity::find()
        .select_only()
        .expr(Expr::col(build_file::Column::Size).sum().cast_as("bigint"))
        .filter(build_file::Column::BuildId.in_subquery(builds))
        .into_tuple::<Option<i64>>()
        .one(db)
        .await?;
    Ok(bytes.flatten().unwrap_or_default())
}

pub(super) async fn count_files(db: &impl ConnectionTrait, build: Uuid) -> Result<u64, DbErr> {
    build_file::Entity::find().filter(build_file::Column::BuildId.eq(build)).count(db).await
}

/// Adds a file, or puts it in place of the one of that name.
pub(super) async fn put_file(tx: &impl ConnectionTrait, row: build_file::Model) -> Result<(), DbErr> {
    let replaced = OnConflict::columns([build_file::Column::BuildId, build_file::Column::Name])
        .update_columns([
            build_file::Column::ObjectKey,
            build_file::Column::Size,
            build_file::Column::Sha256,
            build_file::Column::CreatedAt,
        ])
        .to_owned();
    build_file::Entity::insert(row.into_active_model())
        .on_conflict(replaced)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Whether there was such a file.
pub(super) async fn delete_file(tx: &impl ConnectionTrait, build: Uuid, name: &str) -> Result<bool, DbErr> {
    let deleted = build_file::Entity::delete_by_id((build, name.to_owned())).exec(tx).await?;
    Ok(deleted.rows_affected == 1)
}

/// The builds of a product.
pub(super) async fn of_product(db: &impl ConnectionTrait, product: Uuid) -> Result<Vec<Uuid>, DbErr> {
    build::Entity::find()
        .select_only()
        .column(build::Column::Id)
        .filter(build::Column::ProductId.eq(product))
        .into_tuple()
        .all(db)
        .await
}

pub(super) async fn lock_product(tx: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    product::Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    Ok(())
}

pub(super) async fn touch_product(
    tx: &impl ConnectionTrait,
    id: Uuid,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    product::Entity::update_many()
        .col_expr(product::Column::Version, Expr::col(product::Column::Version).add(1))
        .col_expr(product::Column::UpdatedAt, Expr::value(at))
        .filter(product::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
