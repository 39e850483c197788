//! An editor changes or deletes a product: of the version they know, and of no other.
use chrono::NaiveDate;
use entity::{
    product::{self, Kind},
    product_platform::Platform,
};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ConnectionTrait,
};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Product,
    contents::{Contents, NewPrice},
    derived,
    queries::products,
    relations, release,
    requirements::requirement_faults,
    slugs,
};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result, is_foreign_key_violation},
    events::Event,
    values::{Locale, Slug, Word},
    web::if_match::IfMatch,
};

const PRODUCT_SOLD: Refusal =
    Refusal::conflict("product_sold", "Somebody owns or bought this product: archive it instead.");

const PRODUCT_RELATED: Refusal = Refusal::conflict(
    "product_related",
    "Other products are its add-ons or editions, or bundles that contain it: change those first.",
);

/// What changes of a product: what is absent stays, `null` clears.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProductChanges {
    /// What it is.
    #[schema(nullable = false)]
    pub kind: Option<Kind>,
    /// In the store's own language.
    #[schema(nullable = false)]
    pub title: Option<Word>,
    /// Its name in addresses; the one it had redirects.
    #[schema(nullable = false)]
    pub slug: Option<Slug>,
    /// One or two sentences.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub summary: Option<Option<String>>,
    /// Markdown.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 100_000)]
    pub description: Option<Option<String>>,
    /// Who sells it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Word>)]
    pub publisher: Option<Option<Word>>,
    /// Who made it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Word>)]
    pub developer: Option<Option<Word>>,
    /// First released.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>)]
    pub release_date: Option<Option<NaiveDate>>,
    /// Slugs of tags that exist.
    #[schema(nullable = false, max_items = 50)]
    pub tags: Option<Vec<Slug>>,
    /// Slugs of categories that exist.
    #[schema(nullable = false, max_items = 50)]
    pub categories: Option<Vec<Slug>>,
    /// What it runs on.
    #[schema(nullable = false, max_items = 20)]
    pub platforms: Option<Vec<Platform>>,
    /// BCP 47.
    #[schema(nullable = false, max_items = 200)]
    pub languages: Option<Vec<Locale>>,
    /// Youngest age it is meant for, years.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 21)]
    pub age_rating: Option<Option<i32>>,
    /// What it needs, by platform: `minimum` and `recommended` with `memory_mb` and `storage_mb` in whole megabytes, and
    /// whatever else its publisher states; at most 16 KiB, four levels deep.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    pub system_requirements: Option<Option<Map<String, Value>>>,
    /// Whether it is sold before it is released. It can be made so while its release date is to come and no build is released:
    /// what is released from then on is delivered on that day.
    #[schema(nullable = false)]
    pub preorder: Option<bool>,
    /// All its prices, one for each currency and country.
    #[schema(nullable = false, max_items = 1000)]
    pub prices: Option<Vec<NewPrice>>,
}

/// Tells a member that is `null` from one that is absent.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A product, held for an edit of the version that the caller names.
pub(super) async fn locked(tx: &impl ConnectionTrait, id: Uuid, asked: &IfMatch) -> Result<Product> {
    let row = products::lock(tx, id).await?.ok_or(NOT_FOUND)?;
    asked.honour(row.version)?;
    Ok(row)
}

/// Ends an edit: rebuilds what is derived, raises the version, writes the event.
pub(super) async fn finish(
    tx: &impl ConnectionTrait,
    app: &App,
    editor: Uuid,
    product: Uuid,
    event: &'static str,
) -> Result<()> {
    derived::rebuild(tx, &[product], app.clock.now()).await?;
    Ok(Event::new(event, product).actor(editor).record(tx, &app.clock).await?)
}

/// Changes a product.
pub(super) async fn change(
    app: &App,
    editor: Uuid,
    id: Uuid,
    asked: &IfMatch,
    changes: &ProductChanges,
) -> Result<()> {
    let contents = Contents {
        tags: changes.tags.clone(),
        categories: changes.categories.clone(),
        platforms: changes.platforms.clone(),
        languages: changes.languages.clone(),
        prices: changes.prices.clone(),
    };
    app.db
        .write(async |tx| {
            let requirements = changes.system_requirements.as_ref().and_then(Option::as_ref);
            let faults = requirement_faults(requirements);
            let contents = contents.resolve(tx, faults).await?;
            let row = locked(tx, id, asked).await?;
            products::update(tx, columns(id, changes)).await.map_err(slugs::taken)?;
            if changes.preorder == Some(true) && !row.preorder {
                let day = changes.release_date.unwrap_or(row.release_date);
                let row = Product { release_date: day, ..row.clone() };
                release::require_to_come(tx, &row, app.clock.now()).await?;
            }
            if let Some(slug) = changes.slug.as_ref().filter(|slug| slug.as_str() != row.slug) {
                slugs::left(tx, id, row.slug, app.clock.now()).await?;
                slugs::taken_up(tx, vec![slug.to_string()]).await?;
            }
            contents.write(tx, id, &app.clock).await?;
            finish(tx, app, editor, id, "product.updated").await
        })
        .await
}

fn columns(id: Uuid, changes: &ProductChanges) -> product::ActiveModel {
    fn text(word: &Option<Word>) -> Option<String> {
        word.as_ref().map(Word::to_string)
    }
    product::ActiveModel {
        id: Unchanged(id),
        kind: changes.kind.map_or(NotSet, Set),
        title: changes.title.as_ref().map_or(NotSet, |title| Set(title.to_string())),
        slug: changes.slug.as_ref().map_or(NotSet, |slug| Set(slug.to_string())),
        summary: changes.summary.clone().map_or(NotSet, |text| Set(text.unwrap_or_default())),
        description: changes.description.clone().map_or(NotSet, |text| Set(text.unwrap_or_default())),
        publisher: changes.publisher.as_ref().map_or(NotSet, |name| Set(text(name))),
        developer: changes.developer.as_ref().map_or(NotSet, |name| Set(text(name))),
        release_date: changes.release_date.map_or(NotSet, Set),
        preorder: changes.preorder.map_or(NotSet, Set),
        age_rating: changes.age_rating.map_or(NotSet, Set),
        system_requirements: changes
            .system_requirements
            .clone()
            .map_or(NotSet, |requirements| Set(requirements.map(Value::Object))),
        ..Default::default()
    }
}

/// Deletes a product; 409 when it was ever sold or given, or when others are related to it.
pub(super) async fn delete(app: &App, editor: Uuid, id: Uuid, asked: &IfMatch) -> Result<()> {
    app.db
        .write(async |tx| {
            locked(tx, id, asked).await?;
            // The rows that point to it keep it from going: told apart, so that the editor knows what to do.
            if relations::is_kin(tx, id).await? {
                return Err(PRODUCT_RELATED.into());
            }
            products::delete(tx, id).await.map_err(|error| {
                if is_foreign_key_violation(&error) { PRODUCT_SOLD.into() } else { Error::from(error) }
            })?;
            Ok(Event::new("product.deleted", id).actor(editor).record(tx, &app.clock).await?)
        })
        .await
}
