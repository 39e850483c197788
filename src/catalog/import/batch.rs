//! Lines written together, in one transaction.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{product_category, product_price, product_tag, product_translation, sale};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    changes::Changes,
    labels::{self, Ensured},
    line::Wanted,
    sales::{self, SaleChanges},
};
use crate::{
    catalog::{
        Product,
        contents::price_rows,
        create::blank,
        derived::{self, Called},
        pricing::grouped,
        queries::{parts, products, slugs as slug_rows},
        slugs::{self, SLUG_TAKEN},
    },
    clock::Clock,
    db::Db,
    error::{Error, Result},
    keys::sha256,
    values::Slug,
};

/// Hexadecimal digits that tell a slug from another made from the same title.
const SUFFIX_DIGITS: usize = 8;

/// Where an import writes, and who does it.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub db: &'a Db,
    pub clock: &'a Clock,
    pub actor: Option<Uuid>,
}

/// What became of a line.
pub(super) enum Outcome {
    /// It made a product.
    Created,
    /// Its product is as it says.
    Updated,
    /// It can't be written.
    Refused(Error),
}

impl Source<'_> {
    /// Writes lines of different products in one transaction. Most refusals are of one line; one that only the
    /// database could find fails the transaction.
    pub(super) async fn write(&self, lines: &[(u64, Wanted)]) -> Result<Vec<Outcome>> {
        let source = *self;
        self.db.write(async |tx| Writing::begin(tx, source, lines).await?.write(tx, lines).await).await
    }
}

/// What is known while a batch is written.
struct Writing<'a> {
    source: Source<'a>,
    tags: HashMap<String, Uuid>,
    /// What tags are called, by their ids.
    called: HashMap<Uuid, Called>,
    categories: HashMap<String, Uuid>,
    /// Products that were there, by external id.
    there: HashMap<String, Existing>,
    /// Slugs in use, those given in this batch included.
    taken: HashMap<String, Uuid>,
    retired: HashMap<String, Uuid>,
    changes: Changes,
}

/// A product that was there, with what an import may change of it.
pub(super) struct Existing {
    row: Product,
    /// Those that run or are to come.
    sales: Vec<sale::Model>,
    pub(super) prices: Vec<product_price::Model>,
    translations: Vec<product_translation::Model>,
}

impl<'a> Writing<'a> {
    async fn begin(tx: &impl ConnectionTrait, source: Source<'a>, lines: &[(u64, Wanted)]) -> Result<Self> {
        let every = |set: fn(&Wanted) -> &BTreeSet<String>| -> Vec<String> {
            let all: BTreeSet<&String> = lines.iter().flat_map(|(_, wanted)| set(wanted)).collect();
            all.into_iter().cloned().collect()
        };
        let tags = every(|wanted| &wanted.tags);
        let categories = every(|wanted| &wanted.categories);
        let Ensured { tags, categories, events } =
            labels::ensure(tx, source.clock, &tags, &categories).await?;
        let mut changes = Changes::default();
        events.into_iter().for_each(|event| changes.note(source.actor, event));
        let tag_ids: Vec<Uuid> = tags.values().copied().collect();
        let called = derived::names_of_tags(tx, Some(&tag_ids)).await?;
        let external_ids = lines.iter().map(|(_, wanted)| wanted.line.external_id.to_string()).collect();
        let there = existing(tx, external_ids, source.clock).await?;
        let candidates: Vec<String> =
            lines.iter().flat_map(|(_, wanted)| candidates(wanted)).map(Slug::into_string).collect();
        Ok(Self {
            source,
            tags,
            called,
            categories,
            there,
            taken: slug_rows::owners(tx, &candidates).await?,
            retired: slug_rows::retired(tx, &candidates).await?,
            changes,
        })
    }

    async fn write(mut self, tx: &impl ConnectionTrait, lines: &[(u64, Wanted)]) -> Result<Vec<Outcome>> {
        let outcomes = lines.iter().map(|(_, wanted)| self.plan(wanted)).collect();
        self.changes.write(tx, self.source.clock).await?;
        Ok(outcomes)
    }

    /// Decides what a line changes.
    fn plan(&mut self, wanted: &Wanted) -> Outcome {
        let there = self.there.remove(wanted.line.external_id.as_str());
        let id = there.as_ref().map_or_else(|| self.source.clock.new_id(), |there| there.row.id);
        let running = there.as_ref().map(|there| there.sales.clone()).unwrap_or_default();
        let planned = wanted.line.sales.as_deref();
        let planned =
            planned.map(|wanted| SaleChanges::of(wanted, id, running, self.source.clock)).transpose();
        let sales = match planned {
            Ok(sales) => sales.unwrap_or_default(),
            Err(error) => return Outcome::Refused(error),
        };
        // Last of what may refuse the line, for it is taken from the others of the batch.
        let Some(slug) = self.slug(id, wanted, there.as_ref().map(|there| there.row.slug.as_str())) else {
            return Outcome::Refused(SLUG_TAKEN.into());
        };
        let outcome = if there.is_some() { Outcome::Updated } else { Outcome::Created };
        let now = self.source.clock.now();
        let before = there.as_ref().map_or_else(
            || Product {
                external_id: Some(wanted.line.external_id.to_string()),
                ..blank(id, slug.clone(), String::new(), now)
            },
            |there| there.row.clone(),
        );
        let mut after = wanted.applied(before.clone(), slug, now);
        if let Some(there) = &there
            && there.row == after
            && there.says(wanted)
            && sales.is_empty()
        {
            return outcome;
        }
        let label = |known: &HashMap<String, Uuid>, slugs: &BTreeSet<String>| -> Vec<Uuid> {
            slugs.iter().filter_map(|slug| known.get(slug).copied()).collect()
        };
        self.changes.sales.extend(sales);
        let tags = label(&self.tags, &wanted.tags);
        let categories = label(&self.categories, &wanted.categories);
        if there.is_none() {
            derived::complete(&mut after, &self.texts(wanted, &tags));
        }
        self.changes.record(self.source.actor, there, before, after, wanted);
        self.changes
            .tags
            .extend(tags.into_iter().map(|tag_id| product_tag::Model { product_id: id, tag_id }));
        let categories =
            categories.into_iter().map(|category_id| product_category::Model { product_id: id, category_id });
        self.changes.categories.extend(categories);
        outcome
    }

    /// What a line's product is found by beside its own row: its translations, and what its tags are called.
    fn texts(&self, wanted: &Wanted, tags: &[Uuid]) -> Vec<String> {
        let translated = wanted.translations.values();
        let translated = translated.flat_map(|texts| [Some(texts.title.to_string()), texts.summary.clone()]);
        let called = tags.iter().filter_map(|tag| self.called.get(tag)).flat_map(|tag| tag.names.clone());
        translated.flatten().chain(called).collect()
    }

    /// The slug of a line's product; none when the one it asks for is another's.
    fn slug(&mut self, id: Uuid, wanted: &Wanted, current: Option<&str>) -> Option<Slug> {
        let slug = match (&wanted.line.slug, current.and_then(|slug| slug.parse().ok())) {
            (None, Some(current)) => return Some(current),
            (Some(given), _) => Some(given.clone()).filter(|slug| self.is_free(slug, id)),
            (None, None) => candidates(wanted)
                .into_iter()
                .find(|slug| self.is_free(slug, id) && !self.retired.contains_key(slug.as_str())),
        }?;
        if let Some(current) = current {
            self.taken.remove(current);
        }
        self.taken.insert(slug.to_string(), id);
        Some(slug)
    }

    fn is_free(&self, slug: &Slug, id: Uuid) -> bool {
        self.taken.get(slug.as_str()).is_none_or(|owner| *owner == id)
    }
}

impl Existing {
    /// Whether the rows beside its own are what a line says; labels, platforms and languages are judged by the row.
    fn says(&self, wanted: &Wanted) -> bool {
        let id = self.row.id;
        let prices = |rows: &[product_price::Model]| -> BTreeMap<String, i64> {
            let everywhere = rows.iter().filter(|row| row.country.is_empty());
            everywhere.map(|row| (row.currency.clone(), row.amount)).collect()
        };
        let texts = |rows: Vec<product_translation::Model>| -> BTreeMap<String, product_translation::Model> {
            rows.into_iter().map(|row| (row.locale.clone(), row)).collect()
        };
        prices(&self.prices) == prices(&price_rows(id, &wanted.prices))
            && texts(self.translations.clone()) == texts(wanted.translation_rows(id))
    }
}

/// The slugs a line's product may get: the one it names, or one from its title, plain or with a suffix that stays the
/// same however often and in whichever order the lines come.
fn candidates(wanted: &Wanted) -> Vec<Slug> {
    if let Some(slug) = &wanted.line.slug {
        return vec![slug.clone()];
    }
    let base = slugs::base(wanted.line.title.as_str());
    let mut suffix = hex::encode(sha256(wanted.line.external_id.as_str().as_bytes()));
    suffix.truncate(SUFFIX_DIGITS);
    let distinct = base.numbered(&suffix);
    vec![base, distinct]
}

async fn existing(
    tx: &impl ConnectionTrait,
    external_ids: Vec<String>,
    clock: &Clock,
) -> Result<HashMap<String, Existing>> {
    let rows = products::lock_imported(tx, external_ids).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut prices = grouped(parts::prices(tx, &ids).await?, |row| row.product_id);
    let mut translations = grouped(parts::translations(tx, &ids).await?, |row| row.product_id);
    let mut sales = sales::there(tx, &ids, clock.now()).await?;
    let there = rows.into_iter().filter_map(|row| {
        let existing = Existing {
            prices: prices.remove(&row.id).unwrap_or_default(),
            translations: translations.remove(&row.id).unwrap_or_default(),
            sales: sales.remove(&row.id).unwrap_or_default(),
            row,
        };
        Some((existing.row.external_id.clone()?, existing))
    });
    Ok(there.collect())
}
