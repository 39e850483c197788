//! What categories and tags are called for a reader, and where categories stand.
use std::collections::{BTreeMap, HashMap};

use entity::{category, category_translation, tag, tag_translation};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{error::Result, values::Locale, web::locale::Wanted};

/// Labels that have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LabelKind {
    /// Categories.
    Category,
    /// Tags.
    Tag,
}

/// A label as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// In the best language there is for the reader.
    pub name: String,
    /// That language.
    pub language: Locale,
    /// The slug of the category it stands in; none at the top, and none of tags.
    pub parent: Option<String>,
}

/// All labels of a kind as a reader sees them, by slug.
pub async fn labels(
    db: &impl ConnectionTrait,
    kind: LabelKind,
    wanted: &Wanted,
    own: &Locale,
) -> Result<BTreeMap<String, Label>> {
    let rows: Vec<(Uuid, String, String, Option<Uuid>)> = match kind {
        LabelKind::Category => {
            let rows = category::Entity::find().all(db).await?.into_iter();
            rows.map(|row| (row.id, row.slug, row.name, row.parent_id)).collect()
        }
        LabelKind::Tag => {
            let rows = tag::Entity::find().all(db).await?.into_iter();
            rows.map(|row| (row.id, row.slug, row.name, None)).collect()
        }
    };
    let mut names: HashMap<Uuid, Vec<(Locale, String)>> = HashMap::new();
    for (id, locale, name) in translated(db, kind, wanted, own).await? {
        if let Ok(locale) = Locale::parse(&locale) {
            names.entry(id).or_default().push((locale, name));
        }
    }
    let slugs: HashMap<Uuid, String> = rows.iter().map(|(id, slug, ..)| (*id, slug.clone())).collect();
    let label = |(id, slug, name, parent): (Uuid, String, String, Option<Uuid>)| {
        let mut there = names.remove(&id).unwrap_or_default();
        there.sort_by(|left, right| left.0.as_str().cmp(right.0.as_str()));
        let language = wanted.best_of(own, there.iter().map(|(locale, _)| locale.clone()));
        let better = there.into_iter().find(|(locale, _)| *locale == language).map(|(_, name)| name);
        let parent = parent.and_then(|parent| slugs.get(&parent).cloned());
        (slug, Label { name: better.unwrap_or(name), language, parent })
    };
    Ok(rows.into_iter().map(label).collect())
}

/// The names of labels in the languages that could be chosen: id, language, name.
async fn translated(
    db: &impl ConnectionTrait,
    kind: LabelKind,
    wanted: &Wanted,
    own: &Locale,
) -> Result<Vec<(Uuid, String, String)>, DbErr> {
    use category_translation::Column as OfCategory;
    use tag_translation::Column as OfTag;
    match kind {
        LabelKind::Category => {
            let Some(languages) = in_languages(OfCategory::Locale, wanted, own) else {
                return Ok(Vec::new());
            };
            let columns = [OfCategory::CategoryId, OfCategory::Locale, OfCategory::Name];
            let names = category_translation::Entity::find().select_only().columns(columns);
            names.filter(languages).into_tuple().all(db).await
        }
        LabelKind::Tag => {
            let Some(languages) = in_languages(OfTag::Locale, wanted, own) else { return Ok(Vec::new()) };
            let names = tag_translation::Entity::find().select_only();
            let names = names.columns([OfTag::TagId, OfTag::Locale, OfTag::Name]);
            names.filter(languages).into_tuple().all(db).await
        }
    }
}

/// Rows in the languages that could be chosen; none when the store's own is what the reader wants.
pub(super) fn in_languages(column: impl ColumnTrait, wanted: &Wanted, own: &Locale) -> Option<Condition> {
    let wishes = wanted.ahead_of(own);
    let any = wishes.iter().fold(Condition::any(), |any, wish| {
        any.add(column.eq(wish.language())).add(column.starts_with(format!("{}-", wish.language())))
    });
    (!wishes.is_empty()).then_some(any)
}
