//! The builds that owners may download.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{build, build_file, product_platform::Platform};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::Result;

/// A released build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReleasedBuild {
    /// UUIDv7.
    pub id: Uuid,
    /// As the publisher names it.
    pub version: String,
    /// What it runs on.
    pub platform: Platform,
    /// `stable`, `beta`, ….
    pub channel: String,
    /// UTC.
    #[schema(required)]
    pub released_at: Option<DateTime<Utc>>,
    /// By name.
    pub files: Vec<ReleasedFile>,
}

/// A file of a released build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReleasedFile {
    /// A flat file name.
    pub name: String,
    /// Bytes.
    #[schema(minimum = 0)]
    pub size: i64,
    /// Lower-case hex.
    pub sha256: String,
}

/// The released builds of products, newest first.
pub async fn released_builds(
    db: &impl ConnectionTrait,
    products: &[Uuid],
) -> Result<HashMap<Uuid, Vec<ReleasedBuild>>> {
    let builds = build::Entity::find()
        .filter(build::Column::ProductId.is_in(products.iter().copied()))
        .filter(build::Column::Status.eq(build::Status::Released))
        .order_by_desc(build::Column::ReleasedAt)
        .order_by_desc(build::Column::Id)
        .all(db)
        .await?;
    let mut files: HashMap<Uuid, Vec<ReleasedFile>> = HashMap::new();
    let rows = build_file::Entity::find()
        .filter(build_file::Column::BuildId.is_in(builds.iter().map(|build| build.id)))
        .order_by_asc(build_file::Column::Name)
        .all(db)
        .await?;
    for row in rows {
        let file = ReleasedFile { name: row.name, size: row.size, sha256: row.sha256 };
        files.entry(row.build_id).or_default().push(file);
    }
    let mut released: HashMap<Uuid, Vec<ReleasedBuild>> = HashMap::new();
    for row in builds {
        let build = ReleasedBuild {
            files: files.remove(&row.id).unwrap_or_default(),
            id: row.id,
            version: row.version,
            platform: row.platform,
            channel: row.channel,
            released_at: row.released_at,
        };
        released.entry(row.product_id).or_default().push(build);
    }
    Ok(released)
}
