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

use super::{batch::Existing, line::Wanted};
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
    events::Event,
};

/// What is written in the end, for all lines at once.
#[derive(Default)]
pub(super) struct Changes {
    ids: Vec<Uuid>,
    inserts: Vec<Product>,
    updates: Vec<product::ActiveModel>,
    /// Products with the slug they leave and the one they take.
    moves: Vec<(Uuid, Option<String>, String)>,
    events: Vec<Event>,
    pub(super) tags: Vec<product_tag::Model>,
    pub(super) categories: Vec<product_category::Model>,
    platforms: Vec<product_platform::Model>,
    languages: Vec<product_language::Model>,
    prices: Vec<product_price::Model>,
    translations: Vec<product_translation::Model>,
}

impl Changes {
    /// Notes what a line changes, but for its labels.
    pub(super) fn record(
        &mut self,
        actor: Option<Uuid>,
        there: Option<Existing>,
        before: Product,
        after: Product,
        wanted: &Wanted,
    ) {
        let id = after.id;
        self.ids.push(id);
        let mut event = |kind| {
            let event = Event::new(kind, id);
            self.events.push(match actor {
                Some(actor) => event.actor(actor),
                None => event.by_operator(),
            });
        };
        event(if there.is_some() { "product.updated" } else { "product.created" });
        match after.status {
            Status::Published if before.status != Status::Published => event("product.published"),
            Status::Archived if before.status != Status::Archived => event("product.archived"),
            _ => {}
        }
        match &there {
            None => self.moves.push((id, None, after.slug.clone())),
            Some(_) if before.slug != after.slug => {
                self.moves.push((id, Some(before.slug), after.slug.clone()));
            }
            Some(_) => {}
        }
        self.platforms.extend(platform_rows(id, wanted.line.platforms.as_deref().unwrap_or_default()));
        self.languages.extend(language_rows(id, wanted.line.languages.as_deref().unwrap_or_default()));
        self.prices.extend(price_rows(id, &wanted.prices));
        self.translations.extend(wanted.translation_rows(id));
        match there {
            None => self.inserts.push(after),
            Some(there) => {
                // A line can't say what a product costs in one country.
                self.prices.extend(there.prices.into_iter().filter(|price| !price.country.is_empty()));
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
        for (id, left, taken) in self.moves {
            slugs::moved(tx, id, left, taken, now).await?;
        }
        parts::replace_tags(tx, &self.ids, self.tags).await?;
        parts::replace_categories(tx, &self.ids, self.categories).await?;
        parts::replace_platforms(tx, &self.ids, self.platforms).await?;
        parts::replace_languages(tx, &self.ids, self.languages).await?;
        replace_prices(tx, &self.ids, self.prices, clock).await?;
        parts::replace_translations(tx, &self.ids, self.translations).await?;
        derived::rebuild(tx, &self.ids, now).await?;
        for event in self.events {
            event.record(tx, clock).await?;
        }
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
