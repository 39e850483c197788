//! What a product's row holds a second time, for reading: rebuilt by every edit, in its transaction.
use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::{product, product_platform::Platform};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait, DbErr,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    media,
    queries::{self, categories, parts, products},
    requirements::least_memory,
};
use crate::values::{fold, words};

/// Products rebuilt by one round of reading.
const ROUND: usize = 200;

/// Completes the row of a product that is made with all its parts, as [`rebuild`] would: `texts` are what its
/// translations say and what its tags are called.
pub(super) fn complete(row: &mut product::Model, texts: &[String]) {
    row.sort_title = fold(&row.title);
    row.search_text = search_text(row, texts);
    row.version += 1;
}

/// Ends an edit of products: rebuilds their labels, pictures, search text and sort key, and raises their versions.
///
/// Called last in the transaction of every edit; locks the products if the caller did not.
pub(super) async fn rebuild(
    tx: &impl ConnectionTrait,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    for ids in ids.chunks(ROUND) {
        let rows = products::lock_all(tx, ids).await?;
        let labels = Labels::read(tx, ids).await?;
        let pictures = media::of_products(tx, ids).await?;
        for row in rows {
            let id = row.id;
            let set = |values: Option<&BTreeSet<String>>| json!(values.cloned().unwrap_or_default());
            let update = product::ActiveModel {
                id: Unchanged(id),
                sort_title: Set(fold(&row.title)),
                tags: Set(set(labels.tags.get(&id))),
                categories: Set(set(labels.categories.get(&id))),
                platforms: Set(set(labels.platforms.get(&id))),
                languages: Set(set(labels.languages.get(&id))),
                pictures: Set(json!(pictures.get(&id).map_or(&[][..], Vec::as_slice))),
                search_text: Set(search_text(&row, labels.texts.get(&id).map_or(&[], Vec::as_slice))),
                ..Default::default()
            };
            products::update(tx, update).await?;
            for (platform, stated) in labels.memory.get(&id).into_iter().flatten() {
                let least = least_memory(row.system_requirements.as_ref(), *platform);
                if least != *stated {
                    parts::set_memory(tx, id, *platform, least).await?;
                }
            }
        }
        products::raise_version(tx, ids, now).await?;
    }
    Ok(())
}

/// Ends an edit of a label: what the rows of the products that bear it say of labels is written again, by one statement for
/// many of them, and their versions rise. `now` is the moment of their last edit from then on.
///
/// Locks the products.
pub(super) async fn relabel(
    tx: &impl ConnectionTrait,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    for ids in ids.chunks(ROUND) {
        let rows = products::lock_all(tx, ids).await?;
        let mut labels = Labels::read(tx, ids).await?;
        let relabelled = rows.iter().map(|row| products::Relabelled {
            id: row.id,
            search_text: search_text(row, labels.texts.get(&row.id).map_or(&[], Vec::as_slice)),
            tags: json!(labels.tags.remove(&row.id).unwrap_or_default()),
            categories: json!(labels.categories.remove(&row.id).unwrap_or_default()),
        });
        let relabelled: Vec<_> = relabelled.collect();
        products::relabel(tx, &relabelled, now).await?;
    }
    Ok(())
}

type Sets = HashMap<Uuid, BTreeSet<String>>;

/// What stands in other tables about products.
#[derive(Default)]
struct Labels {
    tags: Sets,
    categories: Sets,
    platforms: Sets,
    languages: Sets,
    /// The memory that is noted for each platform.
    memory: HashMap<Uuid, Vec<(Platform, Option<i64>)>>,
    /// Texts to search, beside the row's own.
    texts: HashMap<Uuid, Vec<String>>,
}

impl Labels {
    async fn read(tx: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Self, DbErr> {
        let mut labels = Self::default();
        for row in queries::translations(tx, ids).await? {
            labels
                .texts
                .entry(row.product_id)
                .or_default()
                .extend([Some(row.title), row.summary].into_iter().flatten());
        }
        labels.read_tags(tx, ids).await?;
        let links = parts::categories(tx, ids).await?;
        let wanted: BTreeSet<Uuid> = links.iter().map(|link| link.category_id).collect();
        let wanted: Vec<Uuid> = wanted.into_iter().collect();
        let slugs: HashMap<Uuid, String> =
            categories::by_ids(tx, &wanted).await?.into_iter().map(|row| (row.id, row.slug)).collect();
        for link in links {
            labels
                .categories
                .entry(link.product_id)
                .or_default()
                .extend(slugs.get(&link.category_id).cloned());
        }
        for row in parts::platforms(tx, ids).await? {
            labels.memory.entry(row.product_id).or_default().push((row.platform, row.memory_mb));
            labels.platforms.entry(row.product_id).or_default().insert(word_of(&row.platform));
        }
        for row in parts::languages(tx, ids).await? {
            labels.languages.entry(row.product_id).or_default().insert(row.language);
        }
        Ok(labels)
    }

    async fn read_tags(&mut self, tx: &impl ConnectionTrait, ids: &[Uuid]) -> Result<(), DbErr> {
        let links = parts::tags(tx, ids).await?;
        let wanted: BTreeSet<Uuid> = links.iter().map(|link| link.tag_id).collect();
        let wanted: Vec<Uuid> = wanted.into_iter().collect();
        let tags = names_of_tags(tx, Some(&wanted)).await?;
        for link in links {
            let Some(tag) = tags.get(&link.tag_id) else { continue };
            self.tags.entry(link.product_id).or_default().insert(tag.slug.clone());
            self.texts.entry(link.product_id).or_default().extend(tag.names.iter().cloned());
        }
        Ok(())
    }
}

/// What a tag is called.
#[derive(Debug)]
pub(super) struct Called {
    /// In addresses.
    pub slug: String,
    /// In every language, with its slug.
    pub names: Vec<String>,
}

/// What tags are called, by their ids: those of some, or of all there are.
pub(super) async fn names_of_tags(
    tx: &impl ConnectionTrait,
    tags: Option<&[Uuid]>,
) -> Result<HashMap<Uuid, Called>, DbErr> {
    let mut called: HashMap<Uuid, Called> = HashMap::new();
    for row in queries::tags::by_ids(tx, tags).await? {
        called.insert(row.id, Called { names: vec![row.name, row.slug.clone()], slug: row.slug });
    }
    for row in queries::tags::all_names(tx, tags).await? {
        if let Some(tag) = called.get_mut(&row.tag_id) {
            tag.names.push(row.name);
        }
    }
    Ok(called)
}

/// The word that stands for a platform in the database and on the wire.
fn word_of(platform: &Platform) -> String {
    sea_orm::ActiveEnum::to_value(platform)
}

/// Every folded word once, each between two spaces: a word is found by `% word%`.
fn search_text(row: &product::Model, others: &[String]) -> String {
    let own = [Some(&row.title), Some(&row.summary), row.publisher.as_ref(), row.developer.as_ref()];
    let mut text = " ".to_owned();
    let mut seen = BTreeSet::new();
    for source in own.into_iter().flatten().chain(others) {
        for word in words(source) {
            if !seen.contains(&word) {
                text.push_str(&word);
                text.push(' ');
                seen.insert(word);
            }
        }
    }
    text
}
