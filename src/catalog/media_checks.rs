//! What must be true of the pictures of products.
use std::collections::BTreeSet;

use entity::{product, product_media, product_media_file};
use futures::{StreamExt, TryStreamExt, stream};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    checks::{BATCH, Kept, LOOKED_AT_ONCE, OBJECTS, Objects, objects},
    media::of_products,
};
use crate::{app::App, check::Violation, error::Result};

const PICTURES: &str = "what is kept beside a product equals its pictures";

/// The pictures without a sound object, and the products that show other pictures than they have.
pub(super) async fn violations(app: &App) -> Result<Vec<Violation>> {
    let (mut violations, mut after) = (Vec::new(), (Uuid::nil(), String::new()));
    loop {
        let place = Expr::tuple([
            Expr::col(product_media_file::Column::MediaId),
            Expr::col(product_media_file::Column::Name),
        ]);
        let files = product_media_file::Entity::find()
            .filter(place.gt(Expr::tuple([Expr::value(after.0), Expr::value(after.1)])))
            .order_by_asc(product_media_file::Column::MediaId)
            .order_by_asc(product_media_file::Column::Name)
            .limit(BATCH)
            .all(&app.db.read)
            .await?;
        let Some(last) = files.last() else { return Ok(violations) };
        after = (last.media_id, last.name.clone());
        let rows = objects(&app.db.read, files.iter().map(|file| file.object_key.clone())).await?;
        let judged = stream::iter(files.clone()).map(|file| judge(app, &rows, file));
        let broken: Vec<Option<String>> = judged.buffered(LOOKED_AT_ONCE).try_collect().await?;
        violations.extend(broken.into_iter().flatten().map(|subject| Violation::new(OBJECTS, subject)));
        violations.extend(shown_otherwise(app, &files).await?);
    }
}

/// The name of a file that has no sound object.
async fn judge(app: &App, rows: &Objects, file: product_media_file::Model) -> Result<Option<String>> {
    let kept = Kept { key: &file.object_key, size: file.size, sha256: &file.sha256 };
    let broken = !kept.is_sound(app, rows).await? && still_there(app, &file).await?;
    Ok(broken.then(|| format!("file {} of picture {}", file.name, file.media_id)))
}

async fn still_there(app: &App, file: &product_media_file::Model) -> Result<bool> {
    let id = (file.media_id, file.name.clone());
    Ok(product_media_file::Entity::find_by_id(id).one(&app.db.read).await?.as_ref() == Some(file))
}

/// Compares each product's own list with its tables, while nobody edits it.
async fn shown_otherwise(app: &App, files: &[product_media_file::Model]) -> Result<Vec<Violation>> {
    let pictures = files.iter().map(|file| file.media_id);
    let pictures = product_media::Entity::find()
        .filter(product_media::Column::Id.is_in(pictures))
        .all(&app.db.read)
        .await?;
    let products: BTreeSet<Uuid> = pictures.iter().map(|picture| picture.product_id).collect();
    let mut violations = Vec::new();
    for id in products {
        let wrong = app
            .db
            .write(async |tx| {
                let row = product::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?;
                let kept = of_products(tx, &[id]).await?.remove(&id).unwrap_or_default();
                Ok(row.is_some_and(|row| row.pictures != json!(kept)))
            })
            .await?;
        if wrong {
            violations.push(Violation::new(PICTURES, format!("product {id}")));
        }
    }
    Ok(violations)
}
