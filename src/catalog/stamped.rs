//! Copies of files that say whose they are: which bytes an owner gets in the place of a file's own.
use chrono::{DateTime, Utc};
use entity::{
    build_file, product,
    stamped_file::{Column, Entity, Model},
};
use objects::Stored;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{builds::ReleasedBuild, object_rows};
use crate::{
    app::App,
    error::{Error, Result},
};

/// Whose copy of which bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Whose {
    /// The owner.
    pub account: Uuid,
    /// What is owned.
    pub product: Uuid,
    /// SHA-256 of the file's own bytes, lower-case hex.
    pub sha256: String,
}

/// A copy, noted.
pub use entity::stamped_file::Model as StampedFile;

/// A file as the owner of a copy gets it.
pub fn in_place_of(file: build_file::Model, copy: StampedFile) -> build_file::Model {
    build_file::Model { object_key: copy.object_key, size: copy.size, sha256: copy.sha256, ..file }
}

/// The copy that an owner has of a file's bytes.
pub async fn find(db: &impl ConnectionTrait, whose: &Whose) -> Result<Option<StampedFile>> {
    let found = Entity::find()
        .filter(Column::AccountId.eq(whose.account))
        .filter(Column::ProductId.eq(whose.product))
        .filter(Column::SourceSha256.eq(whose.sha256.as_str()));
    Ok(found.one(db).await?)
}

/// Notes a copy whose bytes are durable, and gives the one that counts: of several the first.
pub async fn put(
    tx: &impl ConnectionTrait,
    id: Uuid,
    whose: &Whose,
    stored: &Stored,
    at: DateTime<Utc>,
) -> Result<StampedFile> {
    let row = Model {
        id,
        account_id: whose.account,
        product_id: whose.product,
        source_sha256: whose.sha256.clone(),
        object_key: object_rows::keep(tx, stored, at).await?,
        size: i64::try_from(stored.size).map_err(Error::unexpected)?,
        sha256: stored.sha256.to_hex(),
        used_at: at,
    };
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    find(tx, whose).await?.ok_or_else(|| Error::unexpected("a copy went while it was noted"))
}

/// Notes that a copy was asked for.
pub async fn note_use(tx: &impl ConnectionTrait, copy: &StampedFile, at: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(at))
        .filter(Column::Id.eq(copy.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes an account's copies away. Their bytes are nobody's then.
pub async fn erase(tx: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}

/// Forgets copies that nobody has asked for since then, at most so many, and says how many.
pub async fn forget(tx: &impl ConnectionTrait, before: DateTime<Utc>, most: u64) -> Result<u64> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::UsedAt.lt(before))
        .order_by_asc(Column::UsedAt)
        .limit(most)
        .into_tuple()
        .all(tx)
        .await?;
    let forgotten = Entity::delete_many().filter(Column::Id.is_in(ids)).filter(Column::UsedAt.lt(before));
    Ok(forgotten.exec(tx).await?.rows_affected)
}

/// Whether there are copies of files of that name.
pub fn may_be_stamped(name: &str) -> bool {
    [".epub", ".pdf"].iter().any(|ending| {
        let start = name.len().saturating_sub(ending.len());
        name.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(ending))
    })
}

/// Shows an account the copies that it has in the place of files of some products' builds, where it is given these.
pub async fn show(
    app: &App,
    db: &impl ConnectionTrait,
    account: Uuid,
    builds: &mut [(Uuid, &mut ReleasedBuild)],
) -> Result<()> {
    let any = builds.iter().flat_map(|(_, build)| &build.files).any(|file| may_be_stamped(&file.name));
    if !app.config.delivery.stamp || !any {
        return Ok(());
    }
    let ebooks = product::Entity::find()
        .select_only()
        .column(product::Column::Id)
        .filter(product::Column::Id.is_in(builds.iter().map(|(product, _)| *product)))
        .filter(product::Column::Kind.eq(product::Kind::Ebook));
    let copies = Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.in_subquery(ebooks.into_query()))
        .all(db)
        .await?;
    for (product, build) in builds {
        for file in build.files.iter_mut().filter(|file| may_be_stamped(&file.name)) {
            let is_of = |copy: &&Model| copy.product_id == *product && copy.source_sha256 == file.sha256;
            if let Some(copy) = copies.iter().find(is_of) {
                (file.size, file.sha256) = (copy.size, copy.sha256.clone());
            }
        }
        build.size = build.files.iter().map(|file| file.size).sum();
    }
    Ok(())
}
