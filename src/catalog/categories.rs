//! Categories: the shelves of the store, which form a tree.
use std::collections::{BTreeMap, HashMap};

use entity::{category, category_translation};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ConnectionTrait,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{derived, edit::given, queries::categories, slugs};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result, is_foreign_key_violation},
    events::Event,
    values::{Locale, Slug, Word},
};

const CATEGORY_CYCLE: Refusal =
    Refusal::conflict("category_cycle", "A category can't stand in itself or in one that it holds.");
const CATEGORY_NOT_EMPTY: Refusal =
    Refusal::conflict("category_not_empty", "It holds other categories: move or delete them first.");

/// A new category.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCategory {
    /// Its name in addresses.
    pub slug: Slug,
    /// In the store's own language.
    pub name: Word,
    /// The slug of the category it stands in; none at the top.
    pub parent: Option<Slug>,
}

/// What changes of a category: what is absent stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CategoryChanges {
    /// Its name in addresses.
    #[schema(nullable = false)]
    pub slug: Option<Slug>,
    /// In the store's own language.
    #[schema(nullable = false)]
    pub name: Option<Word>,
    /// The slug of the category it stands in; null for the top.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Slug>)]
    pub parent: Option<Option<Slug>>,
}

/// A category as the back office shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AdminCategory)]
pub struct Category {
    /// Its name in addresses.
    pub slug: String,
    /// In the store's own language.
    pub name: String,
    /// The slug of the category it stands in; null at the top.
    pub parent: Option<String>,
    /// Its names in other languages, by BCP 47 tag.
    pub translations: BTreeMap<String, String>,
}

/// Makes a category.
pub async fn create(app: &App, editor: Uuid, new: &NewCategory) -> Result<Category> {
    let id = app.clock.new_id();
    app.db
        .write(async |tx| {
            let parent_id = match &new.parent {
                Some(parent) => {
                    let found = categories::ids(tx, &[parent.to_string()]).await?;
                    Some(*found.get(parent.as_str()).ok_or_else(unknown_parent)?)
                }
                None => None,
            };
            let row = category::Model {
                id,
                slug: new.slug.to_string(),
                name: new.name.to_string(),
                parent_id,
                created_at: app.clock.now(),
            };
            categories::insert(tx, row.clone()).await.map_err(slugs::taken)?;
            Event::new("category.created", id).actor(editor).record(tx, &app.clock).await?;
            shown(tx, row).await
        })
        .await
}

/// The category of a slug; 404 when there is none.
pub(super) async fn find(app: &App, slug: &Slug) -> Result<category::Model> {
    Ok(categories::by_slug(&app.db.read, slug.as_str()).await?.ok_or(NOT_FOUND)?)
}

/// Renames or moves a category; its products follow.
pub(super) async fn change(
    app: &App,
    editor: Uuid,
    slug: &Slug,
    changes: &CategoryChanges,
) -> Result<Category> {
    app.db
        .write(async |tx| {
            let tree = categories::lock_tree(tx).await?;
            let mut row = one_of(&tree, slug)?.clone();
            let parent = match &changes.parent {
                None => None,
                Some(None) => Some(None),
                Some(Some(parent)) => {
                    let parent = one_of(&tree, parent).map_err(|_| unknown_parent())?.id;
                    refuse_cycle(&tree, row.id, parent)?;
                    Some(Some(parent))
                }
            };
            let update = category::ActiveModel {
                id: Unchanged(row.id),
                slug: changes.slug.as_ref().map_or(NotSet, |slug| Set(slug.to_string())),
                name: changes.name.as_ref().map_or(NotSet, |name| Set(name.to_string())),
                parent_id: parent.map_or(NotSet, Set),
                created_at: NotSet,
            };
            categories::update(tx, update).await.map_err(slugs::taken)?;
            let before = (row.slug.clone(), row.parent_id);
            row.slug = changes.slug.as_ref().map_or(row.slug, Slug::to_string);
            row.name = changes.name.as_ref().map_or(row.name, Word::to_string);
            row.parent_id = parent.unwrap_or(row.parent_id);
            if row.slug != before.0 {
                let products = categories::products(tx, row.id).await?;
                derived::relabel(tx, &products, app.clock.now()).await?;
            }
            let mut event = Event::new("category.updated", row.id).actor(editor);
            if (&row.slug, row.parent_id) != (&before.0, before.1) {
                event = event.moving();
            }
            event.record(tx, &app.clock).await?;
            shown(tx, row).await
        })
        .await
}

/// Deletes a category, from its products too; 409 while it holds others.
pub(super) async fn delete(app: &App, editor: Uuid, slug: &Slug) -> Result<()> {
    app.db
        .write(async |tx| {
            let tree = categories::lock_tree(tx).await?;
            let id = one_of(&tree, slug)?.id;
            let products = categories::products(tx, id).await?;
            categories::delete(tx, id).await.map_err(|error| {
                if is_foreign_key_violation(&error) { CATEGORY_NOT_EMPTY.into() } else { Error::from(error) }
            })?;
            let now = app.clock.now();
            derived::relabel(tx, &products, now).await?;
            let event = Event::new("category.deleted", id).actor(editor).changing(now);
            Ok(event.record(tx, &app.clock).await?)
        })
        .await
}

/// Names a category in a language, or with `None` forgets that name.
pub async fn translate(
    app: &App,
    editor: Uuid,
    slug: &Slug,
    locale: &Locale,
    name: Option<&Word>,
) -> Result<Category> {
    app.db
        .write(async |tx| {
            let row = categories::by_slug(tx, slug.as_str()).await?.ok_or(NOT_FOUND)?;
            match name {
                Some(name) => {
                    let (locale, name) = (locale.to_string(), name.to_string());
                    let named = category_translation::Model { category_id: row.id, locale, name };
                    categories::put_name(tx, named).await?;
                }
                None if !categories::delete_name(tx, row.id, locale.as_str()).await? => {
                    return Err(NOT_FOUND.into());
                }
                None => {}
            }
            Event::new("category.updated", row.id).actor(editor).record(tx, &app.clock).await?;
            shown(tx, row).await
        })
        .await
}

fn unknown_parent() -> Error {
    Error::field("parent", "unknown_category", "does not exist")
}

fn one_of<'a>(tree: &'a [category::Model], slug: &Slug) -> Result<&'a category::Model> {
    Ok(tree.iter().find(|row| row.slug == slug.as_str()).ok_or(NOT_FOUND)?)
}

/// Walks from the new parent to the top: the category must not be met.
fn refuse_cycle(tree: &[category::Model], moved: Uuid, parent: Uuid) -> Result<()> {
    let parents: HashMap<Uuid, Option<Uuid>> = tree.iter().map(|row| (row.id, row.parent_id)).collect();
    let mut at = Some(parent);
    for _ in 0..=tree.len() {
        match at {
            None => return Ok(()),
            Some(id) if id == moved => return Err(CATEGORY_CYCLE.into()),
            Some(id) => at = parents.get(&id).copied().flatten(),
        }
    }
    Err(CATEGORY_CYCLE.into())
}

async fn shown(tx: &impl ConnectionTrait, row: category::Model) -> Result<Category> {
    let parent = match row.parent_id {
        Some(id) => categories::by_ids(tx, &[id]).await?.into_iter().next().map(|row| row.slug),
        None => None,
    };
    let translations = categories::names(tx, row.id).await?;
    Ok(Category { slug: row.slug, name: row.name, parent, translations })
}
