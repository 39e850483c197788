//! Categories and tags as visitors see them: named in their language, with how many published products they hold.
use std::collections::HashMap;

use entity::{category_translation, tag_translation};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::sql::Sql;
use crate::{
    error::Result,
    keys::MacKey,
    values::{Locale, fold},
    web::{Cursor, Page, PageQuery, locale::Wanted},
};

/// A category with what stands below it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CategoryNode {
    /// Its name in addresses.
    pub slug: String,
    /// In the reader's language where there is a translation.
    pub name: String,
    /// Published products in it or anywhere below it, each counted once.
    pub product_count: i64,
    /// By name.
    #[schema(no_recursion)]
    pub children: Vec<CategoryNode>,
}

/// A tag.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TagCount {
    /// Its name in addresses.
    pub slug: String,
    /// In the reader's language where there is a translation.
    pub name: String,
    /// Published products that bear it.
    pub product_count: i64,
}

/// What cursors of the list of tags are bound to.
const TAGS: &str = "tags";

const COUNTED_CATEGORIES: &str = "WITH RECURSIVE below(shelf, id) AS (\
    SELECT c.id, c.id FROM category c \
    UNION SELECT b.shelf, c.id FROM below b JOIN category c ON c.parent_id = b.id), \
    counted(shelf, products) AS (\
    SELECT b.shelf, COUNT(DISTINCT x.product_id) FROM below b \
    JOIN product_category x ON x.category_id = b.id \
    JOIN product p ON p.id = x.product_id AND p.status = 'published' GROUP BY b.shelf) \
    SELECT c.id, c.slug, c.name, c.parent_id, COALESCE(n.products, 0) \
    FROM category c LEFT JOIN counted n ON n.shelf = c.id";

/// A label with its id, before it is named in the reader's language.
struct Label {
    id: Uuid,
    slug: String,
    name: String,
    parent: Option<Uuid>,
    products: i64,
}

/// The tree of categories, by name; and the language of the names.
pub async fn categories(
    db: &impl ConnectionTrait,
    wanted: &Wanted,
    own: &Locale,
) -> Result<(Vec<CategoryNode>, Locale)> {
    let mut sql = Sql::default();
    sql.push(COUNTED_CATEGORIES);
    let mut labels = Vec::new();
    for row in db.query_all_raw(sql.statement(db)).await? {
        labels.push(Label {
            id: row.try_get_by_index(0)?,
            slug: row.try_get_by_index(1)?,
            name: row.try_get_by_index(2)?,
            parent: row.try_get_by_index(3)?,
            products: row.try_get_by_index(4)?,
        });
    }
    let named = category_names(db, wanted, own).await?;
    let locale = name_all(&mut labels, named, wanted, own);
    let mut below: HashMap<Option<Uuid>, Vec<Label>> = HashMap::new();
    for label in labels {
        below.entry(label.parent).or_default().push(label);
    }
    Ok((nodes(None, &mut below), locale))
}

fn nodes(parent: Option<Uuid>, below: &mut HashMap<Option<Uuid>, Vec<Label>>) -> Vec<CategoryNode> {
    let mut here = below.remove(&parent).unwrap_or_default();
    here.sort_by_cached_key(|label| (fold(&label.name), label.slug.clone()));
    let node = |label: Label| CategoryNode {
        children: nodes(Some(label.id), below),
        slug: label.slug,
        name: label.name,
        product_count: label.products,
    };
    here.into_iter().map(node).collect()
}

/// A page of tags by slug; and the language of the names.
pub async fn tags(
    db: &impl ConnectionTrait,
    key: &MacKey,
    page: &PageQuery,
    wanted: &Wanted,
    own: &Locale,
) -> Result<(Page<TagCount>, Locale)> {
    let after: Option<String> = page.cursor.as_ref().map(|text| Cursor::read(key, TAGS, text)).transpose()?;
    let mut sql = Sql::default();
    let beyond = after.map(|slug| format!("WHERE t.slug > {}", sql.bind(slug))).unwrap_or_default();
    let limit = page.limit().saturating_add(1);
    sql.push(&format!(
        "SELECT t.id, t.slug, t.name, (SELECT COUNT(*) FROM product_tag x JOIN product p ON p.id = x.product_id \
         WHERE x.tag_id = t.id AND p.status = 'published') FROM tag t {beyond} ORDER BY t.slug LIMIT {limit}"
    ));
    let mut labels = Vec::new();
    for row in db.query_all_raw(sql.statement(db)).await? {
        labels.push(Label {
            id: row.try_get_by_index(0)?,
            slug: row.try_get_by_index(1)?,
            name: row.try_get_by_index(2)?,
            parent: None,
            products: row.try_get_by_index(3)?,
        });
    }
    let named = tag_names(db, &labels, wanted, own).await?;
    let locale = name_all(&mut labels, named, wanted, own);
    let tag = |label: Label| TagCount { slug: label.slug, name: label.name, product_count: label.products };
    Ok((Page::of(labels, page.limit(), key, TAGS, |label| label.slug.clone())?.map(tag), locale))
}

/// Labels that have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LabelKind {
    /// Categories.
    Category,
    /// Tags.
    Tag,
}

/// What all labels of a kind are called in the best language there is for the reader, by slug.
pub async fn names(
    db: &impl ConnectionTrait,
    kind: LabelKind,
    wanted: &Wanted,
    own: &Locale,
) -> Result<HashMap<String, String>> {
    let mut sql = Sql::default();
    sql.push(match kind {
        LabelKind::Category => "SELECT c.id, c.slug, c.name FROM category c",
        LabelKind::Tag => "SELECT t.id, t.slug, t.name FROM tag t",
    });
    let mut labels = Vec::new();
    for row in db.query_all_raw(sql.statement(db)).await? {
        labels.push(Label {
            id: row.try_get_by_index(0)?,
            slug: row.try_get_by_index(1)?,
            name: row.try_get_by_index(2)?,
            parent: None,
            products: 0,
        });
    }
    let named = match kind {
        LabelKind::Category => category_names(db, wanted, own).await?,
        LabelKind::Tag => tag_names(db, &labels, wanted, own).await?,
    };
    name_all(&mut labels, named, wanted, own);
    Ok(labels.into_iter().map(|label| (label.slug, label.name)).collect())
}

/// A label's id, a language, its name in it.
type Name = (Uuid, String, String);

async fn category_names(
    db: &impl ConnectionTrait,
    wanted: &Wanted,
    own: &Locale,
) -> Result<Vec<Name>, DbErr> {
    use category_translation::{Column, Entity};
    let Some(languages) = in_languages(Column::Locale, wanted, own) else { return Ok(Vec::new()) };
    let columns = [Column::CategoryId, Column::Locale, Column::Name];
    Entity::find().select_only().columns(columns).filter(languages).into_tuple().all(db).await
}

async fn tag_names(
    db: &impl ConnectionTrait,
    labels: &[Label],
    wanted: &Wanted,
    own: &Locale,
) -> Result<Vec<Name>, DbErr> {
    use tag_translation::{Column, Entity};
    let Some(languages) = in_languages(Column::Locale, wanted, own) else { return Ok(Vec::new()) };
    let columns = [Column::TagId, Column::Locale, Column::Name];
    let these = Column::TagId.is_in(labels.iter().map(|label| label.id));
    Entity::find().select_only().columns(columns).filter(these).filter(languages).into_tuple().all(db).await
}

/// Rows in the languages that could be chosen; none when the store's own is what the reader wants.
pub(super) fn in_languages(column: impl ColumnTrait, wanted: &Wanted, own: &Locale) -> Option<Condition> {
    let wishes = wanted.ahead_of(own);
    let any = wishes.iter().fold(Condition::any(), |any, wish| {
        any.add(column.eq(wish.language())).add(column.starts_with(format!("{}-", wish.language())))
    });
    (!wishes.is_empty()).then_some(any)
}

/// Names every label in the best language there is, and says which is the best that occurs.
fn name_all(labels: &mut [Label], named: Vec<Name>, wanted: &Wanted, own: &Locale) -> Locale {
    let mut names: HashMap<Uuid, Vec<(Locale, String)>> = HashMap::new();
    for (id, locale, name) in named {
        if let Ok(locale) = Locale::parse(&locale) {
            names.entry(id).or_default().push((locale, name));
        }
    }
    let mut shown = vec![own.clone()];
    for label in labels {
        let mut there = names.remove(&label.id).unwrap_or_default();
        there.sort_by(|left, right| left.0.as_str().cmp(right.0.as_str()));
        there.insert(0, (own.clone(), label.name.clone()));
        let locales: Vec<Locale> = there.iter().map(|(locale, _)| locale.clone()).collect();
        let Some(best) = wanted.choose(&locales) else { continue };
        if let Some((locale, name)) = there.into_iter().find(|(locale, _)| locale == best) {
            label.name = name;
            shown.push(locale);
        }
    }
    wanted.choose(&shown).unwrap_or(own).clone()
}
