//! What the lines of a batch change, gathered so that each table is written once.
use entity::{
    product::{self, Status},
    product_category, product_language, product_platform, product_price, product_tag, product_translation,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait,
};
use uuid::Uuid;

use super::{batch::Existing, line::Wanted, sales::SaleChanges};
use crate::{
    catalog::{
        Product,
        contents::{language_rows, platform_rows, price_rows},
        derived,
        pricing::replace_prices,
        queries::{parts, products},
        slugs,
    },
    clock::Clock,
    error::Result,
    events::{self, Event},
};

/// What is written in the end, for all lines at once.
#[derive(Default)]
pub(super) struct Changes {
    inserts: Vec<Product>,
    updates: Vec<product::ActiveModel>,
    /// Products that were there, whose parts are replaced.
    there: Vec<Uuid>,
    /// Slugs that are left, with the products that had them.
    left: Vec<(Uuid, String)>,
    /// Slugs that are taken.
    taken: Vec<String>,
    events: Vec<Event>,
    pub(super) sales: SaleChanges,
    pub(super) tags: Vec<product_tag::Model>,
    pub(super) categories: Vec<product_category::Model>,
    platforms: Vec<product_platform::Model>,
    languages: Vec<product_language::Model>,
    prices: Vec<product_price::Model>,
    translations: Vec<product_translation::Model>,
}

impl Changes {
    /// Notes what is to be recorded, done by somebody who is signed in or at the command line.
    pub(super) fn note(&mut self, actor: Option<Uuid>, event: Event) {
        self.events.push(match actor {
            Some(actor) => event.actor(actor),
            None => event.by_operator(),
        });
    }

    /// Notes what a line changes, but for its labels and sales; the row of a new product is whole.
    pub(super) fn record(
        &mut self,
        actor: Option<Uuid>,
        there: Option<Existing>,
        before: Product,
        after: Product,
        wanted: &Wanted,
    ) {
        let id = after.id;
        self.note(actor, Event::new(if there.is_some() { "product.updated" } else { "product.created" }, id));
        match after.status {
            Status::Published if before.status != Status::Published => {
                self.note(actor, Event::new("product.published", id));
            }
            Status::Archived if before.status != Status::Archived => {
                self.note(actor, Event::new("product.archived", id));
            }
            _ => {}
        }
        if there.is_none() {
            self.taken.push(after.slug.clone());
        } else if before.slug != after.slug {
            self.taken.push(after.slug.clone());
            self.left.push((id, before.slug));
        }
        self.platforms.extend(platform_rows(id, wanted.line.platforms.as_deref().unwrap_or_default()));
        self.languages.extend(language_rows(id, wanted.line.languages.as_deref().unwrap_or_default()));
        let before = there.as_ref().map(|there| there.prices.as_slice()).unwrap_or_default();
        self.prices.extend(price_rows(id, &wanted.prices).into_iter().map(|price| {
            // A line can't say what buyers may choose: they go on to, where the price is what it was.
            let same =
                before.iter().find(|row| (&row.currency, &row.country) == (&price.currency, &price.country));
            same.filter(|row| row.amount == price.amount).cloned().unwrap_or(price)
        }));
        self.translations.extend(wanted.translation_rows(id));
        match there {
            None => self.inserts.push(after),
            Some(there) => {
                // A line can't say what a product costs in one country.
                self.prices.extend(there.prices.into_iter().filter(|price| !price.country.is_empty()));
                self.there.push(id);
                self.updates.push(columns(after));
            }
        }
    }

    /// Writes all that was noted.
    pub(super) async fn write(self, tx: &impl ConnectionTrait, clock: &Clock) -> Result<()> {
        let now = clock.now();
        for update in self.updates {
            products::update(tx, update).await.map_err(slugs::taken)?;
        }
        products::insert(tx, self.inserts).await.map_err(slugs::taken)?;
        for (id, slug) in self.left {
            slugs::left(tx, id, slug, now).await?;
        }
        // Behind those that are left: one may be another's in the same batch.
        slugs::taken_up(tx, self.taken).await?;
        parts::replace_tags(tx, &self.there, self.tags).await?;
        parts::replace_categories(tx, &self.there, self.categories).await?;
        parts::replace_platforms(tx, &self.there, self.platforms).await?;
        parts::replace_languages(tx, &self.there, self.languages).await?;
        // Before the prices, which buyers may choose of nothing on sale.
        self.sales.write(tx, now).await?;
        replace_prices(tx, &self.there, self.prices, clock).await?;
        parts::replace_translations(tx, &self.there, self.translations).await?;
        derived::rebuild(tx, &self.there, now).await?;
        events::record_all(tx, self.events, clock).await?;
        Ok(())
    }
}

/// The columns that an import writes of a product that was there.
fn columns(row: Product) -> product::ActiveModel {
    product::ActiveModel {
        id: Unchanged(row.id),
        slug: Set(row.slug),
        kind: Set(row.kind),
        status: Set(row.status),
        title: Set(row.title),
        summary: Set(row.summary),
        description: Set(row.description),
        publisher: Set(row.publisher),
        developer: Set(row.developer),
        release_date: Set(row.release_date),
        media_urls: Set(row.media_urls),
        published_at: Set(row.published_at),
        ..Default::default()
    }
}
