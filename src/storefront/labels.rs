//! Categories and tags as visitors see them: named in their language, with how many published products they hold. The names
//! are those that lists show, and the counts the index's, so that nothing is counted in the tables.
use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::Arc,
};

use search::{Named, Snapshot};
use serde::Serialize;
use utoipa::ToSchema;

use super::{cards::names, index::ask};
use crate::{
    app::App,
    catalog::listing::{Label, LabelKind, language_of},
    error::Result,
    values::{Locale, fold},
    web::{Cursor, Page, PageQuery, locale::Wanted},
};

/// A category with what stands below it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct CategoryNode {
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
pub(super) struct TagCount {
    /// Its name in addresses.
    pub slug: String,
    /// In the reader's language where there is a translation.
    pub name: String,
    /// Published products that bear it.
    pub product_count: i64,
}

/// What cursors of the list of tags are bound to.
const TAGS: &str = "tags";

/// The tree of categories, by name; and the language of the names.
pub(super) async fn categories(app: &App, wanted: &Wanted) -> Result<(Vec<CategoryNode>, Locale)> {
    let snapshot = app.read_model.snapshot(app).await?;
    let labels = names(app, LabelKind::Category, wanted).await?;
    let counts = counted(snapshot, Named::Category, labels.keys().cloned().collect()).await?;
    let language = language(labels.values(), wanted, app);
    let mut below: BTreeMap<Option<&str>, Vec<(&str, &Label)>> = BTreeMap::new();
    for (slug, label) in labels.iter() {
        below.entry(label.parent.as_deref()).or_default().push((slug.as_str(), label));
    }
    Ok((nodes(None, &mut below, &counts), language))
}

fn nodes<'a>(
    parent: Option<&'a str>,
    below: &mut BTreeMap<Option<&'a str>, Vec<(&'a str, &'a Label)>>,
    counts: &HashMap<String, u64>,
) -> Vec<CategoryNode> {
    let mut here = below.remove(&parent).unwrap_or_default();
    here.sort_by_cached_key(|(slug, label)| (fold(&label.name), (*slug).to_owned()));
    let node = |(slug, label): (&'a str, &'a Label)| CategoryNode {
        children: nodes(Some(slug), below, counts),
        slug: slug.to_owned(),
        name: label.name.clone(),
        product_count: count(counts, slug),
    };
    here.into_iter().map(node).collect()
}

/// A page of tags by slug; and the language of the names.
pub(super) async fn tags(app: &App, page: &PageQuery, wanted: &Wanted) -> Result<(Page<TagCount>, Locale)> {
    let key = &app.keys.cursor;
    let after: Option<String> = page.cursor.as_ref().map(|text| Cursor::read(key, TAGS, text)).transpose()?;
    let snapshot = app.read_model.snapshot(app).await?;
    let labels = names(app, LabelKind::Tag, wanted).await?;
    let from = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let behind = labels.range::<str, _>((from, Bound::Unbounded));
    let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX).saturating_add(1);
    let some: Vec<(&String, &Label)> = behind.take(limit).collect();
    let some = Page::of(some, page.limit(), key, TAGS, |(slug, _)| (*slug).clone())?;
    let slugs = some.items.iter().map(|(slug, _)| (*slug).clone()).collect();
    let counts = counted(snapshot, Named::Tag, slugs).await?;
    let language = language(some.items.iter().map(|(_, label)| *label), wanted, app);
    let tag = |(slug, label): (&String, &Label)| TagCount {
        slug: slug.clone(),
        name: label.name.clone(),
        product_count: count(&counts, slug),
    };
    Ok((some.map(tag), language))
}

/// How many documents bear each of these labels, of those that occur; the slugs come in their order.
async fn counted(snapshot: Arc<Snapshot>, named: Named, slugs: Vec<String>) -> Result<HashMap<String, u64>> {
    let asked = move |label: &str| slugs.binary_search_by(|slug| slug.as_str().cmp(label)).is_ok();
    let found = ask(snapshot, move |snapshot| snapshot.occurring(named, usize::MAX, asked)).await?;
    Ok(found.into_iter().map(|one| (one.label, one.documents)).collect())
}

fn count(counts: &HashMap<String, u64>, slug: &str) -> i64 {
    counts.get(slug).and_then(|count| i64::try_from(*count).ok()).unwrap_or_default()
}

fn language<'a>(labels: impl Iterator<Item = &'a Label>, wanted: &Wanted, app: &App) -> Locale {
    let texts = labels.map(|label| label.language.clone()).collect();
    language_of(texts, wanted, &app.config.store.locale)
}
