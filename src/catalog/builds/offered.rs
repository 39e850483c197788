//! The builds that owners are offered: which, and what has changed since the one they have.
use std::collections::HashMap;

use entity::{
    build::{self, Arch},
    product_platform::Platform,
};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    queries, rollout,
    wire::{BuildFile, Earlier, ReleasedBuild, Update},
};
use crate::{app::App, catalog::stamped, error::Result, values::Slug};

/// Which released build is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// This one alone, be it the product itself or an extra of it.
    pub id: Option<Uuid>,
    /// One that runs there; a build for anything runs everywhere.
    pub platform: Option<Platform>,
    /// One for that processor, or for any.
    pub arch: Option<Arch>,
    /// Of this channel; any when a build is named, else the default one.
    pub channel: Option<Slug>,
}

/// The builds of products that are offered to everybody who owns them, each product's newest first.
pub async fn released_of(
    db: &impl ConnectionTrait,
    products: &[Uuid],
) -> Result<HashMap<Uuid, Vec<ReleasedBuild>>> {
    admitted(db, products, |row| row.rollout_percent == rollout::EVERYBODY).await
}

/// The builds of products that are offered to an account that owns them, each product's newest first.
pub async fn offered_to(
    app: &App,
    account: Uuid,
    products: &[Uuid],
) -> Result<HashMap<Uuid, Vec<ReleasedBuild>>> {
    let db = &app.db.read;
    let mut builds = admitted(db, products, |row| rollout::admits(row, account)).await?;
    let all =
        builds.iter_mut().flat_map(|(product, builds)| builds.iter_mut().map(|build| (*product, build)));
    stamped::show(app, db, account, &mut all.collect::<Vec<_>>()).await?;
    Ok(builds)
}

async fn admitted(
    db: &impl ConnectionTrait,
    products: &[Uuid],
    admits: impl Fn(&build::Model) -> bool,
) -> Result<HashMap<Uuid, Vec<ReleasedBuild>>> {
    let mut rows = queries::released(db, products).await?;
    rows.retain(admits);
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut files = queries::files(db, &ids).await?;
    let mut builds: HashMap<Uuid, Vec<ReleasedBuild>> = HashMap::new();
    for row in rows {
        let (product, files) = (row.product_id, files.remove(&row.id).unwrap_or_default());
        builds.entry(product).or_default().extend(ReleasedBuild::of(row, files));
    }
    Ok(builds)
}

/// The newest released build of a product that fits and is offered to the account.
pub async fn newest(
    db: &impl ConnectionTrait,
    product_id: Uuid,
    account: Uuid,
    wanted: &Wanted,
) -> Result<Option<ReleasedBuild>> {
    let offered = queries::fitting(db, product_id, wanted).await?;
    let mut offered = offered.into_iter();
    let Some((id, _)) = offered.find(|(id, percent)| rollout::admits_at(*id, *percent, account)) else {
        return Ok(None);
    };
    let Some(row) = queries::build(db, id).await? else { return Ok(None) };
    let files = files_of(db, id).await?;
    Ok(ReleasedBuild::of(row, files))
}

/// What an account that has the build `since`, by id or version, would get of the newest one that fits.
pub async fn update_of(
    app: &App,
    product_id: Uuid,
    account: Uuid,
    wanted: &Wanted,
    since: Option<&str>,
) -> Result<Option<Update>> {
    let db = &app.db.read;
    let Some(build) = newest(db, product_id, account, wanted).await? else { return Ok(None) };
    let since = match since {
        Some(named) => earlier(db, product_id, &build, named).await?,
        None => None,
    };
    let had = match &since {
        Some(earlier) => files_of(db, earlier.id).await?,
        None => Vec::new(),
    };
    let has = |file: &BuildFile| had.iter().any(|had| had.name == file.name && had.sha256 == file.sha256);
    let changed: Vec<String> =
        build.files.iter().filter(|file| !has(file)).map(|file| file.name.clone()).collect();
    let mut build = build;
    stamped::show(app, db, account, &mut [(product_id, &mut build)]).await?;
    Ok(Some(Update {
        up_to_date: since.as_ref().is_some_and(|earlier| earlier.id == build.id),
        changed_size: build
            .files
            .iter()
            .filter(|file| changed.contains(&file.name))
            .map(|file| file.size)
            .sum(),
        changed,
        since,
        build,
    }))
}

/// The build of the product that a caller names, released or withdrawn since. A version is one of the same platform,
/// processor and channel as what it is compared with.
async fn earlier(
    db: &impl ConnectionTrait,
    product_id: Uuid,
    newest: &ReleasedBuild,
    named: &str,
) -> Result<Option<Earlier>> {
    let row = match named.parse::<Uuid>() {
        Ok(id) => queries::once_released(db, product_id, id).await?,
        Err(_) => queries::of_version(db, product_id, newest, named).await?,
    };
    Ok(row.map(|row| Earlier { id: row.id, version: row.version }))
}

async fn files_of(db: &impl ConnectionTrait, build: Uuid) -> Result<Vec<BuildFile>> {
    Ok(queries::files(db, &[build]).await?.remove(&build).unwrap_or_default())
}
