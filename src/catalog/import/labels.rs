//! Tags and categories that an import names: those that are not there are made.
use std::collections::HashMap;

use entity::{category, tag};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    catalog::queries::{categories, tags},
    clock::Clock,
    error::Result,
};

/// The ids of tags and categories; those that are not there are made, named from their slugs.
pub(super) async fn ensure(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tag_slugs: &[String],
    category_slugs: &[String],
) -> Result<(HashMap<String, Uuid>, HashMap<String, Uuid>)> {
    let mut known_tags = tags::ids(tx, tag_slugs).await?;
    let mut known_categories = categories::ids(tx, category_slugs).await?;
    let new = |slugs: &[String], known: &HashMap<String, Uuid>| -> Vec<(Uuid, String, String)> {
        let new = slugs.iter().filter(|slug| !known.contains_key(*slug));
        new.map(|slug| (clock.new_id(), slug.clone(), name(slug))).collect()
    };
    let created_at = clock.now();
    let new_tags = new(tag_slugs, &known_tags);
    if !new_tags.is_empty() {
        let rows = new_tags.into_iter().map(|(id, slug, name)| tag::Model { id, slug, name, created_at });
        tags::ensure(tx, rows.collect()).await?;
        known_tags = tags::ids(tx, tag_slugs).await?;
    }
    let new_categories = new(category_slugs, &known_categories);
    if !new_categories.is_empty() {
        let rows = new_categories.into_iter().map(|(id, slug, name)| category::Model {
            id,
            slug,
            name,
            parent_id: None,
            created_at,
        });
        categories::ensure(tx, rows.collect()).await?;
        known_categories = categories::ids(tx, category_slugs).await?;
    }
    Ok((known_tags, known_categories))
}

/// A name from a slug: `role-playing` is called `Role playing`.
fn name(slug: &str) -> String {
    let spaced = slug.replace('-', " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
