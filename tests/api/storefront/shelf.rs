//! Products that tests put straight into the tables.
use entity::{
    category, product, product_category, product_language, product_platform, product_price, product_tag,
    product_translation, retired_slug, tag,
};
use mist::{
    events::Event,
    values::{fold, words},
};
use product::{Kind, Status};
use product_platform::Platform;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Client, TestApp};

/// A product to be.
#[derive(Clone)]
pub struct Item {
    pub slug: &'static str,
    pub title: &'static str,
    pub kind: Kind,
    pub status: Status,
    pub publisher: Option<&'static str>,
    pub released: Option<&'static str>,
    /// Currency, country, amount.
    pub prices: &'static [(&'static str, &'static str, i64)],
    pub tags: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub platforms: &'static [Platform],
    pub languages: &'static [&'static str],
    /// Language, title.
    pub translations: &'static [(&'static str, &'static str)],
    /// Sum and count of the stars.
    pub stars: (i64, i64),
    pub popularity: i64,
}

impl Default for Item {
    fn default() -> Self {
        Self {
            slug: "",
            title: "",
            kind: Kind::Game,
            status: Status::Published,
            publisher: None,
            released: None,
            prices: &[("USD", "", 1000)],
            tags: &[],
            categories: &[],
            platforms: &[],
            languages: &[],
            translations: &[],
            stars: (0, 0),
            popularity: 0,
        }
    }
}

/// A published product with a slug, titled the same, and nothing else to tell it by.
pub fn item(slug: &'static str) -> Item {
    Item { slug, title: slug, ..Item::default() }
}

/// Puts products onto the shelf, making their tags and categories.
pub async fn stock(app: &TestApp, items: impl IntoIterator<Item = Item>) {
    for item in items {
        add(app, item).await;
    }
}

/// Puts a product onto the shelf and says its id.
pub async fn add(app: &TestApp, item: Item) -> Uuid {
    let db = app.app.db.writer();
    let (id, now) = (app.app.clock.new_id(), app.app.clock.now());
    let titles = [item.title].into_iter().chain(item.translations.iter().map(|(_, title)| *title));
    let search: Vec<String> = titles.flat_map(words).collect();
    #[expect(clippy::cast_precision_loss, reason = "few stars")]
    let average = if item.stars.1 == 0 { 0.0 } else { item.stars.0 as f64 / item.stars.1 as f64 };
    product::Model {
        id,
        external_id: None,
        slug: item.slug.to_owned(),
        kind: item.kind,
        status: item.status,
        title: item.title.to_owned(),
        sort_title: fold(item.title),
        summary: format!("About {}", item.title),
        description: "A *description*.".to_owned(),
        publisher: item.publisher.map(str::to_owned),
        developer: None,
        release_date: item.released.map(|day| day.parse().unwrap()),
        age_rating: None,
        system_requirements: None,
        media_urls: json!(["https://example.com/cover.png"]),
        pictures: json!([]),
        tags: json!(item.tags),
        categories: json!(item.categories),
        platforms: json!(item.platforms),
        languages: json!(item.languages),
        search_text: format!(" {} ", search.join(" ")),
        rating_sum: item.stars.0,
        rating_count: item.stars.1,
        rating_average: average,
        stars_1: 0,
        stars_2: 0,
        stars_3: 0,
        stars_4: 0,
        stars_5: 0,
        popularity: item.popularity,
        pay_what_you_want: false,
        preorder: false,
        version: 1,
        created_at: now,
        updated_at: now,
        published_at: None,
    }
    .into_active_model()
    .insert(db)
    .await
    .unwrap();
    for (currency, country, amount) in item.prices {
        price(app, id, currency, country, *amount).await;
    }
    for slug in item.tags {
        let tag_id = tag(app, slug).await;
        product_tag::Model { product_id: id, tag_id }.into_active_model().insert(db).await.unwrap();
    }
    for slug in item.categories {
        let category_id = category(app, slug, None).await;
        product_category::Model { product_id: id, category_id }.into_active_model().insert(db).await.unwrap();
    }
    for platform in item.platforms {
        let row = product_platform::Model { product_id: id, platform: *platform, memory_mb: None };
        row.into_active_model().insert(db).await.unwrap();
    }
    for language in item.languages {
        let row = product_language::Model { product_id: id, language: (*language).to_owned() };
        row.into_active_model().insert(db).await.unwrap();
    }
    for (locale, title) in item.translations {
        let row = product_translation::Model {
            product_id: id,
            locale: (*locale).to_owned(),
            title: (*title).to_owned(),
            summary: None,
            description: None,
        };
        row.into_active_model().insert(db).await.unwrap();
    }
    tell(app, "product.created", id).await;
    id
}

/// Records what the store itself would have recorded of a change that a test made straight in the tables.
pub async fn tell(app: &TestApp, kind: &'static str, subject: Uuid) {
    let clock = &app.app.clock;
    let event = Event::new(kind, subject).with("product_id", subject.to_string());
    app.app.db.write(async |tx| Ok(event.clone().record(tx, clock).await?)).await.unwrap();
}

/// Sets a product's price.
pub async fn price(app: &TestApp, product_id: Uuid, currency: &str, country: &str, amount: i64) {
    let row = product_price::Model {
        product_id,
        currency: currency.to_owned(),
        country: country.to_owned(),
        amount,
        minimum_amount: None,
        suggested_amount: None,
    };
    row.into_active_model().insert(app.app.db.writer()).await.unwrap();
    tell(app, "product.updated", product_id).await;
}

/// The category of a slug, made below `parent` when it is missing.
pub async fn category(app: &TestApp, slug: &str, parent: Option<Uuid>) -> Uuid {
    let db = app.app.db.writer();
    let there = category::Entity::find().filter(category::Column::Slug.eq(slug)).one(db).await.unwrap();
    if let Some(row) = there {
        return row.id;
    }
    let row = category::Model {
        id: app.app.clock.new_id(),
        slug: slug.to_owned(),
        name: slug.to_owned(),
        parent_id: parent,
        created_at: app.app.clock.now(),
    };
    row.into_active_model().insert(db).await.unwrap().id
}

/// The tag of a slug, made when it is missing.
pub async fn tag(app: &TestApp, slug: &str) -> Uuid {
    let db = app.app.db.writer();
    let there = tag::Entity::find().filter(tag::Column::Slug.eq(slug)).one(db).await.unwrap();
    if let Some(row) = there {
        return row.id;
    }
    let row = tag::Model {
        id: app.app.clock.new_id(),
        slug: slug.to_owned(),
        name: slug.to_owned(),
        created_at: app.app.clock.now(),
    };
    row.into_active_model().insert(db).await.unwrap().id
}

/// Gives a product another slug, and keeps the former as a name that leads to it.
pub async fn rename(app: &TestApp, product_id: Uuid, from: &str, to: &str) {
    let db = app.app.db.writer();
    let row = product::ActiveModel {
        id: sea_orm::ActiveValue::Set(product_id),
        slug: sea_orm::ActiveValue::Set(to.to_owned()),
        ..Default::default()
    };
    row.update(db).await.unwrap();
    let retired = retired_slug::Model { slug: from.to_owned(), product_id, retired_at: app.app.clock.now() };
    retired.into_active_model().insert(db).await.unwrap();
    tell(app, "product.updated", product_id).await;
}

/// The slugs of a list's whole page.
pub async fn slugs(client: &Client, path: &str) -> Vec<String> {
    let reply = client.get(path).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    let page = reply.json();
    page["items"].as_array().unwrap().iter().map(|item| item["slug"].as_str().unwrap().to_owned()).collect()
}

/// The slugs of a list, sorted: for filters, where the order is not the point.
pub async fn found(app: &TestApp, query: &str) -> Vec<String> {
    let mut slugs = slugs(&app.nobody(), &format!("/api/v1/products?limit=100&{query}")).await;
    slugs.sort();
    slugs
}

/// The slugs of a list in its order, page by page of `limit`.
pub async fn walk(client: &Client, query: &str, limit: usize) -> Vec<String> {
    let mut all = Vec::new();
    let mut path = format!("/api/v1/products?limit={limit}&{query}");
    loop {
        let reply = client.get(&path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        let page = reply.json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        all.extend(items.iter().map(|item| item["slug"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else {
            assert!(reply.headers.get("link").is_none());
            return all;
        };
        assert!(reply.header("link").ends_with("; rel=\"next\""), "{}", reply.header("link"));
        assert_eq!(items.len(), limit);
        path = format!("/api/v1/products?limit={limit}&{query}&cursor={cursor}");
    }
}
