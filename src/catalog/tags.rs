//! Tags: words that products are found by.
use std::collections::BTreeMap;

use entity::{tag, tag_translation};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ConnectionTrait,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{derived, queries::tags, slugs};
use crate::{
    app::App,
    error::{NOT_FOUND, Result},
    events::Event,
    values::{Locale, Slug, Word},
};

/// A new tag.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTag {
    /// Its name in addresses.
    pub slug: Slug,
    /// In the store's own language.
    pub name: Word,
}

/// What changes of a tag; what is absent stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TagChanges {
    /// Its name in addresses.
    #[schema(nullable = false)]
    pub slug: Option<Slug>,
    /// In the store's own language.
    #[schema(nullable = false)]
    pub name: Option<Word>,
}

/// A tag as the back office shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AdminTag)]
pub struct Tag {
    /// Its name in addresses.
    pub slug: String,
    /// In the store's own language.
    pub name: String,
    /// Its names in other languages, by BCP 47 tag.
    pub translations: BTreeMap<String, String>,
}

/// Makes a tag.
pub async fn create(app: &App, editor: Uuid, new: &NewTag) -> Result<Tag> {
    let row = tag::Model {
        id: app.clock.new_id(),
        slug: new.slug.to_string(),
        name: new.name.to_string(),
        created_at: app.clock.now(),
    };
    app.db
        .write(async |tx| {
            tags::insert(tx, row.clone()).await.map_err(slugs::taken)?;
            Event::new("tag.created", row.id).actor(editor).record(tx, &app.clock).await?;
            shown(tx, row.clone()).await
        })
        .await
}

/// The tag of a slug; 404 when there is none.
pub(super) async fn find(app: &App, slug: &Slug) -> Result<tag::Model> {
    Ok(tags::by_slug(&app.db.read, slug.as_str()).await?.ok_or(NOT_FOUND)?)
}

/// Renames a tag; its products follow.
pub(super) async fn change(app: &App, editor: Uuid, slug: &Slug, changes: &TagChanges) -> Result<Tag> {
    app.db
        .write(async |tx| {
            let mut row = locked(tx, slug).await?;
            if changes.slug.is_none() && changes.name.is_none() {
                return shown(tx, row).await;
            }
            let update = tag::ActiveModel {
                id: Unchanged(row.id),
                slug: changes.slug.as_ref().map_or(NotSet, |slug| Set(slug.to_string())),
                name: changes.name.as_ref().map_or(NotSet, |name| Set(name.to_string())),
                created_at: NotSet,
            };
            tags::update(tx, update).await.map_err(slugs::taken)?;
            row.slug = changes.slug.as_ref().map_or(row.slug, Slug::to_string);
            row.name = changes.name.as_ref().map_or(row.name, Word::to_string);
            finish(tx, app, editor, row.id).await?;
            shown(tx, row).await
        })
        .await
}

/// Deletes a tag, from its products too.
pub(super) async fn delete(app: &App, editor: Uuid, slug: &Slug) -> Result<()> {
    app.db
        .write(async |tx| {
            let row = locked(tx, slug).await?;
            let products = tags::products(tx, row.id).await?;
            tags::delete(tx, row.id).await?;
            let now = app.clock.now();
            derived::relabel(tx, &products, now).await?;
            Ok(Event::new("tag.deleted", row.id).actor(editor).changing(now).record(tx, &app.clock).await?)
        })
        .await
}

/// Names a tag in a language, or with `None` forgets that name.
pub async fn translate(
    app: &App,
    editor: Uuid,
    slug: &Slug,
    locale: &Locale,
    name: Option<&Word>,
) -> Result<Tag> {
    app.db
        .write(async |tx| {
            let row = locked(tx, slug).await?;
            match name {
                Some(name) => {
                    let (locale, name) = (locale.to_string(), name.to_string());
                    tags::put_name(tx, tag_translation::Model { tag_id: row.id, locale, name }).await?;
                }
                None if !tags::delete_name(tx, row.id, locale.as_str()).await? => {
                    return Err(NOT_FOUND.into());
                }
                None => {}
            }
            finish(tx, app, editor, row.id).await?;
            shown(tx, row).await
        })
        .await
}

/// A tag, held until the transaction ends. Comes before its products are locked, as all who lock both do.
async fn locked(tx: &impl ConnectionTrait, slug: &Slug) -> Result<tag::Model> {
    Ok(tags::lock(tx, slug.as_str()).await?.ok_or(NOT_FOUND)?)
}

async fn finish(tx: &impl ConnectionTrait, app: &App, editor: Uuid, tag: Uuid) -> Result<()> {
    let products = tags::products(tx, tag).await?;
    let now = app.clock.now();
    derived::relabel(tx, &products, now).await?;
    Ok(Event::new("tag.updated", tag).actor(editor).changing(now).record(tx, &app.clock).await?)
}

async fn shown(tx: &impl ConnectionTrait, row: tag::Model) -> Result<Tag> {
    let translations = tags::names(tx, row.id).await?;
    Ok(Tag { slug: row.slug, name: row.name, translations })
}
