//! Tags and categories that an import names: those that are not there are made.
use std::collections::HashMap;

use entity::{category, tag};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    catalog::queries::{categories, tags},
    clock::Clock,
    error::Result,
    events::Event,
};

/// The ids of tags and categories by slug, and what is to be recorded of those that were made.
pub(super) struct Ensured {
    pub(super) tags: HashMap<String, Uuid>,
    pub(super) categories: HashMap<String, Uuid>,
    pub(super) events: Vec<Event>,
}

/// Finds tags and categories; those that are not there are made, named from their slugs.
pub(super) async fn ensure(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tag_slugs: &[String],
    category_slugs: &[String],
) -> Result<Ensured> {
    let mut known_tags = tags::ids(tx, tag_slugs).await?;
    let mut known_categories = categories::ids(tx, category_slugs).await?;
    let new = |slugs: &[String], known: &HashMap<String, Uuid>| -> Vec<(Uuid, String, String)> {
        let new = slugs.iter().filter(|slug| !known.contains_key(*slug));
        new.map(|slug| (clock.new_id(), slug.clone(), name(slug))).collect()
    };
    // What another import makes at the same time is its own to record.
    let made = |kind, new: &[(Uuid, String, String)], known: &HashMap<String, Uuid>| -> Vec<Event> {
        let ids = new.iter().filter(|(id, slug, _)| known.get(slug) == Some(id));
        ids.map(|(id, ..)| Event::new(kind, *id)).collect()
    };
    let created_at = clock.now();
    let mut events = Vec::new();
    let new_tags = new(tag_slugs, &known_tags);
    if !new_tags.is_empty() {
        let rows = new_tags.iter().cloned();
        let rows = rows.map(|(id, slug, name)| tag::Model { id, slug, name, created_at });
        tags::ensure(tx, rows.collect()).await?;
        known_tags = tags::ids(tx, tag_slugs).await?;
        events.extend(made("tag.created", &new_tags, &known_tags));
    }
    let new_categories = new(category_slugs, &known_categories);
    if !new_categories.is_empty() {
        let rows = new_categories.iter().cloned().map(|(id, slug, name)| category::Model {
            id,
            slug,
            name,
            parent_id: None,
            created_at,
        });
        categories::ensure(tx, rows.collect()).await?;
        known_categories = categories::ids(tx, category_slugs).await?;
        events.extend(made("category.created", &new_categories, &known_categories));
    }
    Ok(Ensured { tags: known_tags, categories: known_categories, events })
}

/// A name from a slug: `role-playing` is called `Role playing`.
fn name(slug: &str) -> String {
    let spaced = slug.replace('-', " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
