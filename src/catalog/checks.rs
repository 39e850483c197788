//! What must be true of products, of the files of their builds and of their pictures.
use std::collections::HashMap;

use entity::{
    build, build_file, category, object, product, product_category, product_language, product_platform,
    product_tag, tag,
};
use futures::{StreamExt, TryStreamExt, stream};
use objects::{Key, Verdict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType},
};
use serde_json::Value;
use uuid::Uuid;

use super::media_checks;
use crate::{app::App, check::Violation, error::Result};

/// Rows that are looked at together.
pub(super) const BATCH: u64 = 200;
/// Objects that the store is asked for at once.
pub(super) const LOOKED_AT_ONCE: usize = 16;
const LABELS: &str = "what is kept beside a product equals its tags, categories, platforms and languages";
pub(super) const OBJECTS: &str = "a file has its object, of equal size and digest, whole in the store";

/// The products whose labels disagree with their tables, and the files that have no sound object.
pub async fn violations(app: &App) -> Result<Vec<Violation>> {
    let mut violations = labels(app).await?;
    violations.extend(files(app).await?);
    violations.extend(media_checks::violations(app).await?);
    Ok(violations)
}

async fn labels(app: &App) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    let mut after = Uuid::nil();
    loop {
        let products = product::Entity::find()
            .filter(product::Column::Id.gt(after))
            .order_by_asc(product::Column::Id)
            .limit(BATCH)
            .all(&app.db.read)
            .await?;
        let Some(last) = products.last() else { return Ok(violations) };
        after = last.id;
        for suspect in mislabelled(&app.db.read, &products).await? {
            // It may have been edited between two statements: judged again while nobody can.
            let wrong = app
                .db
                .write(async |tx| {
                    let row =
                        product::Entity::find_by_id(suspect).lock(LockType::NoKeyUpdate).all(tx).await?;
                    mislabelled(tx, &row).await
                })
                .await?;
            violations.extend(wrong.into_iter().map(|id| Violation::new(LABELS, format!("product {id}"))));
        }
    }
}

async fn mislabelled(db: &impl ConnectionTrait, products: &[product::Model]) -> Result<Vec<Uuid>> {
    let ids: Vec<Uuid> = products.iter().map(|product| product.id).collect();
    let [tags, categories, platforms, languages] = [
        tags(db, &ids).await?,
        categories(db, &ids).await?,
        platforms(db, &ids).await?,
        languages(db, &ids).await?,
    ];
    let wrong = products.iter().filter(|product| {
        let differs = |kept: &Value, rows: &Labels| {
            let rows = rows.get(&product.id).cloned().unwrap_or_default();
            sorted(kept) != Some(rows)
        };
        differs(&product.tags, &tags)
            || differs(&product.categories, &categories)
            || differs(&product.platforms, &platforms)
            || differs(&product.languages, &languages)
    });
    Ok(wrong.map(|product| product.id).collect())
}

/// The labels of products, sorted.
type Labels = HashMap<Uuid, Vec<String>>;

fn gathered(pairs: impl IntoIterator<Item = (Uuid, String)>) -> Labels {
    let mut labels = Labels::new();
    for (product, label) in pairs {
        labels.entry(product).or_default().push(label);
    }
    labels.values_mut().for_each(|labels| labels.sort());
    labels
}

fn sorted(kept: &Value) -> Option<Vec<String>> {
    let mut labels: Vec<String> =
        kept.as_array()?.iter().map(|label| label.as_str().map(str::to_owned)).collect::<Option<_>>()?;
    labels.sort();
    Some(labels)
}

async fn tags(db: &impl ConnectionTrait, products: &[Uuid]) -> Result<Labels> {
    let rows = product_tag::Entity::find()
        .filter(product_tag::Column::ProductId.is_in(products.iter().copied()))
        .all(db)
        .await?;
    let named =
        tag::Entity::find().filter(tag::Column::Id.is_in(rows.iter().map(|row| row.tag_id))).all(db).await?;
    let slugs: HashMap<Uuid, String> = named.into_iter().map(|tag| (tag.id, tag.slug)).collect();
    Ok(gathered(rows.iter().filter_map(|row| Some((row.product_id, slugs.get(&row.tag_id)?.clone())))))
}

async fn categories(db: &impl ConnectionTrait, products: &[Uuid]) -> Result<Labels> {
    let rows = product_category::Entity::find()
        .filter(product_category::Column::ProductId.is_in(products.iter().copied()))
        .all(db)
        .await?;
    let named = category::Entity::find()
        .filter(category::Column::Id.is_in(rows.iter().map(|row| row.category_id)))
        .all(db)
        .await?;
    let slugs: HashMap<Uuid, String> =
        named.into_iter().map(|category| (category.id, category.slug)).collect();
    Ok(gathered(rows.iter().filter_map(|row| Some((row.product_id, slugs.get(&row.category_id)?.clone())))))
}

async fn platforms(db: &impl ConnectionTrait, products: &[Uuid]) -> Result<Labels> {
    let rows = product_platform::Entity::find()
        .filter(product_platform::Column::ProductId.is_in(products.iter().copied()))
        .all(db)
        .await?;
    let label = |row: product_platform::Model| {
        let name = serde_json::to_value(row.platform).ok()?;
        Some((row.product_id, name.as_str()?.to_owned()))
    };
    Ok(gathered(rows.into_iter().filter_map(label)))
}

async fn languages(db: &impl ConnectionTrait, products: &[Uuid]) -> Result<Labels> {
    let rows = product_language::Entity::find()
        .filter(product_language::Column::ProductId.is_in(products.iter().copied()))
        .all(db)
        .await?;
    Ok(gathered(rows.into_iter().map(|row| (row.product_id, row.language))))
}

async fn files(app: &App) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    let mut after = (Uuid::nil(), String::new());
    loop {
        let files = page(&app.db.read, &after).await?;
        let Some(last) = files.last() else { return Ok(violations) };
        after = (last.build_id, last.name.clone());
        let objects = objects(&app.db.read, files.iter().map(|file| file.object_key.clone())).await?;
        let judged = stream::iter(files).map(|file| judge(app, &objects, file));
        let broken: Vec<Option<String>> = judged.buffered(LOOKED_AT_ONCE).try_collect().await?;
        violations.extend(broken.into_iter().flatten().map(|subject| Violation::new(OBJECTS, subject)));
    }
}

/// The name of a file that has no sound object.
async fn judge(app: &App, objects: &Objects, file: build_file::Model) -> Result<Option<String>> {
    let kept = Kept { key: &file.object_key, size: file.size, sha256: &file.sha256 };
    let broken = !kept.is_sound(app, objects).await? && still_there(app, &file).await?;
    Ok(broken.then(|| format!("file {} of build {}", file.name, file.build_id)))
}

/// Files of builds that are released or being made, by build and name.
async fn page(db: &impl ConnectionTrait, after: &(Uuid, String)) -> Result<Vec<build_file::Model>> {
    let kept = build::Entity::find()
        .select_only()
        .column(build::Column::Id)
        .filter(build::Column::Status.is_in([build::Status::Draft, build::Status::Released]));
    let place = Expr::tuple([
        Expr::col((build_file::Entity, build_file::Column::BuildId)),
        Expr::col((build_file::Entity, build_file::Column::Name)),
    ]);
    let after = Expr::tuple([Expr::value(after.0), Expr::value(after.1.clone())]);
    Ok(build_file::Entity::find()
        .filter(build_file::Column::BuildId.in_subquery(sea_orm::QueryTrait::into_query(kept)))
        .filter(place.gt(after))
        .order_by_asc(build_file::Column::BuildId)
        .order_by_asc(build_file::Column::Name)
        .limit(BATCH)
        .all(db)
        .await?)
}

/// What a row says of an object.
pub(super) struct Kept<'a> {
    pub(super) key: &'a str,
    pub(super) size: i64,
    pub(super) sha256: &'a str,
}

impl Kept<'_> {
    /// Whether the object's row and the store agree.
    pub(super) async fn is_sound(&self, app: &App, objects: &Objects) -> Result<bool> {
        let Some(object) = objects.get(self.key) else { return Ok(false) };
        let (Ok(key), Ok(size)) = (Key::parse(self.key), u64::try_from(self.size)) else { return Ok(false) };
        let agree = object.size == self.size && object.sha256 == self.sha256;
        Ok(agree && app.objects.verify_size(&key, size).await? == Verdict::Sound)
    }
}

/// Rows of objects by their keys.
pub(super) type Objects = HashMap<String, object::Model>;

/// The rows of objects.
pub(super) async fn objects(
    db: &impl ConnectionTrait,
    keys: impl Iterator<Item = String>,
) -> Result<Objects> {
    let rows = object::Entity::find().filter(object::Column::Key.is_in(keys)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

/// A draft's file may have been removed between two looks.
async fn still_there(app: &App, file: &build_file::Model) -> Result<bool> {
    let row = build_file::Entity::find_by_id((file.build_id, file.name.clone())).one(&app.db.read).await?;
    Ok(row.as_ref() == Some(file))
}
