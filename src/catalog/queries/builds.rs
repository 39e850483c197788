//! What a product's builds are in short.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{build, build_file};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::catalog::builds::{DEFAULT_CHANNEL, rollout::EVERYBODY};

/// The newest builds of a product that every owner is offered, with the bytes of their files, at most `most` of them.
pub(in crate::catalog) async fn released(
    db: &impl ConnectionTrait,
    product: Uuid,
    most: u64,
) -> Result<Vec<(build::Model, i64)>, DbErr> {
    let builds = build::Entity::find()
        .filter(build::Column::ProductId.eq(product))
        .filter(build::Column::Status.eq(build::Status::Released))
        .filter(build::Column::RolloutPercent.eq(EVERYBODY))
        .order_by_desc(build::Column::ReleasedAt)
        .order_by_desc(build::Column::Id)
        .limit(most)
        .all(db)
        .await?;
    if builds.is_empty() {
        return Ok(Vec::new());
    }
    let sizes: Vec<(Uuid, i64)> = build_file::Entity::find()
        .select_only()
        .column(build_file::Column::BuildId)
        .column_as(build_file::Column::Size.sum().cast_as("BIGINT"), "bytes")
        .filter(build_file::Column::BuildId.is_in(builds.iter().map(|build| build.id)))
        .group_by(build_file::Column::BuildId)
        .into_tuple()
        .all(db)
        .await?;
    let sizes: HashMap<Uuid, i64> = sizes.into_iter().collect();
    Ok(builds
        .into_iter()
        .map(|build| {
            let size = sizes.get(&build.id).copied().unwrap_or_default();
            (build, size)
        })
        .collect())
}

/// Which of these products have a released build, extras aside.
pub(in crate::catalog) async fn with_released(
    db: &impl ConnectionTrait,
    products: &[Uuid],
) -> Result<HashSet<Uuid>, DbErr> {
    let rows: Vec<Uuid> = build::Entity::find()
        .select_only()
        .column(build::Column::ProductId)
        .distinct()
        .filter(build::Column::ProductId.is_in(products.iter().copied()))
        .filter(build::Column::Status.eq(build::Status::Released))
        .filter(build::Column::Kind.eq(build::Kind::Build))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// When each of these products first had a build for everybody's channel, extras aside. One that was withdrawn since counts:
/// nobody is made to wait again for what they were given.
pub(in crate::catalog) async fn first_released(
    db: &impl ConnectionTrait,
    products: &[Uuid],
) -> Result<HashMap<Uuid, DateTime<Utc>>, DbErr> {
    let rows: Vec<(Uuid, Option<DateTime<Utc>>)> = build::Entity::find()
        .select_only()
        .column(build::Column::ProductId)
        .column_as(build::Column::ReleasedAt.min(), "first")
        .filter(build::Column::ProductId.is_in(products.iter().copied()))
        .filter(build::Column::ReleasedAt.is_not_null())
        .filter(build::Column::Kind.eq(build::Kind::Build))
        .filter(build::Column::Channel.eq(DEFAULT_CHANNEL))
        .group_by(build::Column::ProductId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|(product, first)| Some((product, first?))).collect())
}
