//! A new product: a draft until it is published.
use chrono::NaiveDate;
use entity::{
    product::{self, Kind, Status},
    product_platform::Platform,
};
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    contents::{Contents, NewPrice},
    derived, queries, release,
    requirements::requirement_faults,
    slugs::{self, SLUG_TAKEN},
};
use crate::{
    app::App,
    error::{Error, Result},
    events::Event,
    values::{Locale, Slug, Word},
};

/// A product as an editor hands it in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProduct {
    /// What it is.
    pub kind: Kind,
    /// In the store's own language.
    pub title: Word,
    /// Its name in addresses; made from the title when absent.
    pub slug: Option<Slug>,
    /// One or two sentences.
    #[schema(max_length = 500)]
    pub summary: Option<String>,
    /// Markdown.
    #[schema(max_length = 100_000)]
    pub description: Option<String>,
    /// Who sells it.
    pub publisher: Option<Word>,
    /// Who made it.
    pub developer: Option<Word>,
    /// First released.
    pub release_date: Option<NaiveDate>,
    /// Slugs of tags that exist.
    #[schema(max_items = 50)]
    pub tags: Option<Vec<Slug>>,
    /// Slugs of categories that exist.
    #[schema(max_items = 50)]
    pub categories: Option<Vec<Slug>>,
    /// What it runs on.
    #[schema(max_items = 20)]
    pub platforms: Option<Vec<Platform>>,
    /// BCP 47.
    #[schema(max_items = 200)]
    pub languages: Option<Vec<Locale>>,
    /// Youngest age it is meant for, years.
    #[schema(minimum = 0, maximum = 21)]
    pub age_rating: Option<i32>,
    /// What it needs, by platform: `minimum` and `recommended` with `memory_mb` and `storage_mb` in whole megabytes, and
    /// whatever else its publisher states; at most 16 KiB, four levels deep.
    #[schema(value_type = Option<Object>)]
    pub system_requirements: Option<Map<String, Value>>,
    /// Whether it is sold before it is released: needs a release date to come. Default: no.
    #[schema(nullable = false)]
    pub preorder: Option<bool>,
    /// One for each currency and country.
    #[schema(max_items = 1000)]
    pub prices: Option<Vec<NewPrice>>,
}

/// How the slug of a new product is found.
#[derive(Clone, Copy)]
enum Naming<'a> {
    Given(&'a Slug),
    FromTitle,
    FromTitleAndId,
}

/// Makes a draft and answers its id.
///
/// A slug that was given and is taken is 409; one that is made from the title gives way.
pub(super) async fn create(app: &App, editor: Uuid, new: NewProduct) -> Result<Uuid> {
    let id = app.clock.new_id();
    let contents = Contents {
        tags: new.tags.clone(),
        categories: new.categories.clone(),
        platforms: new.platforms.clone(),
        languages: new.languages.clone(),
        prices: new.prices.clone(),
    };
    let naming = new.slug.as_ref().map_or(Naming::FromTitle, Naming::Given);
    match insert(app, editor, id, &new, &contents, naming).await {
        // Another product of the same title was committed between the look and the insert.
        Err(Error::Refused(SLUG_TAKEN, _)) if new.slug.is_none() => {
            insert(app, editor, id, &new, &contents, Naming::FromTitleAndId).await?;
        }
        outcome => outcome?,
    }
    Ok(id)
}

async fn insert(
    app: &App,
    editor: Uuid,
    id: Uuid,
    new: &NewProduct,
    contents: &Contents,
    naming: Naming<'_>,
) -> Result<()> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let faults = requirement_faults(new.system_requirements.as_ref());
            let contents = contents.resolve(tx, faults).await?;
            let slug = match naming {
                Naming::Given(slug) => slug.clone(),
                Naming::FromTitle => slugs::from_title(tx, new.title.as_str(), id).await?,
                Naming::FromTitleAndId => slugs::from_title_and_id(new.title.as_str(), id),
            };
            let row = product::Model {
                kind: new.kind,
                summary: new.summary.clone().unwrap_or_default(),
                description: new.description.clone().unwrap_or_default(),
                publisher: new.publisher.as_ref().map(Word::to_string),
                developer: new.developer.as_ref().map(Word::to_string),
                release_date: new.release_date,
                preorder: new.preorder.unwrap_or_default(),
                age_rating: new.age_rating,
                system_requirements: new.system_requirements.clone().map(Value::Object),
                ..blank(id, slug.clone(), new.title.to_string(), now)
            };
            if row.preorder {
                release::require_to_come(tx, &row, now).await?;
            }
            insert_row(tx, row).await?;
            slugs::taken_up(tx, vec![slug.into_string()]).await?;
            contents.write(tx, id, &app.clock).await?;
            derived::rebuild(tx, &[id], now).await?;
            Ok(Event::new("product.created", id).actor(editor).record(tx, &app.clock).await?)
        })
        .await
}

async fn insert_row(tx: &impl ConnectionTrait, row: product::Model) -> Result<()> {
    queries::products::insert(tx, vec![row]).await.map_err(slugs::taken)
}

/// A draft of which only the title is known. Its version is 0: the edit that writes it makes it 1.
pub(super) fn blank(
    id: Uuid,
    slug: Slug,
    title: String,
    now: chrono::DateTime<chrono::Utc>,
) -> product::Model {
    product::Model {
        id,
        external_id: None,
        slug: slug.into_string(),
        kind: Kind::Software,
        status: Status::Draft,
        title,
        sort_title: String::new(),
        summary: String::new(),
        description: String::new(),
        publisher: None,
        developer: None,
        release_date: None,
        age_rating: None,
        system_requirements: None,
        media_urls: json!([]),
        pictures: json!([]),
        tags: json!([]),
        categories: json!([]),
        platforms: json!([]),
        languages: json!([]),
        search_text: String::new(),
        rating_sum: 0,
        rating_count: 0,
        rating_average: 0.0,
        stars_1: 0,
        stars_2: 0,
        stars_3: 0,
        stars_4: 0,
        stars_5: 0,
        popularity: 0,
        pay_what_you_want: false,
        preorder: false,
        version: 0,
        created_at: now,
        updated_at: now,
        published_at: None,
    }
}
