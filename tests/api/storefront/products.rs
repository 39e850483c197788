//! One product.
use entity::{entitlement, product::Status};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use uuid::Uuid;

use super::shelf::{Item, add, item, rename, slugs};
use crate::support::{Client, TestApp};

#[tokio::test]
async fn a_product_is_found_by_its_id_and_by_its_slug() {
    let app = TestApp::new().await;
    let id = add(&app, item("moby-dick")).await;
    let by_slug = app.nobody().get("/api/v1/products/moby-dick").await;
    assert_eq!(by_slug.status, 200, "{}", by_slug.text());
    let by_id = app.nobody().get(&format!("/api/v1/products/{id}")).await;
    assert_eq!(by_slug.json(), by_id.json());
    assert_eq!(by_slug.json()["id"], id.to_string());
    assert_eq!(by_slug.json()["price"]["amount"], 1000);
    assert_eq!(by_slug.json()["cover_url"], "https://example.com/cover.png");
    assert_eq!(by_slug.json().get("owned"), None);
    let in_yen = app.nobody().get("/api/v1/products/moby-dick?currency=JPY").await.json();
    assert!(in_yen["price"].is_null());
    let reply = app.nobody().get("/api/v1/products/moby-dick?limit=1").await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "unknown_parameter"));
}

#[tokio::test]
async fn drafts_and_archived_products_are_not_there() {
    let app = TestApp::new().await;
    let draft = add(&app, Item { status: Status::Draft, ..item("draft") }).await;
    add(&app, Item { status: Status::Archived, ..item("gone") }).await;
    rename(&app, draft, "draft", "new-draft").await;
    let unknown = Uuid::nil().to_string();
    for name in [&draft.to_string(), "draft", "new-draft", "gone", "unheard-of", "No%20Slug", "%00", &unknown]
    {
        let reply = app.nobody().get(&format!("/api/v1/products/{name}")).await;
        assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"), "{name}");
    }
}

#[tokio::test]
async fn a_former_slug_leads_to_the_present_one() {
    let app = TestApp::new().await;
    let id = add(&app, item("the-whale")).await;
    rename(&app, id, "the-whale", "moby-dick").await;
    let reply = app.nobody().get("/api/v1/products/the-whale?locale=de&currency=EUR").await;
    assert_eq!(reply.status, 308);
    assert_eq!(reply.header("location"), "/api/v1/products/moby-dick?locale=de&currency=EUR");
    assert_eq!(app.nobody().get(reply.header("location")).await.status, 200);
    let encoded = app.nobody().get("/api/v1/products/the%2Dwhale/related?locale=de").await;
    assert_eq!(
        (encoded.status, encoded.header("location")),
        (308, "/api/v1/products/moby-dick/related?locale=de"),
        "however it is written"
    );
    add(&app, item("the-whale")).await;
    assert_eq!(app.nobody().get("/api/v1/products/the-whale").await.status, 200);
}

#[tokio::test]
async fn who_is_signed_in_sees_what_they_own() {
    let app = TestApp::new().await;
    let (owned, frozen) = (add(&app, item("owned")).await, add(&app, item("frozen")).await);
    add(&app, item("other")).await;
    let (ada, bob) = (app.account("ada").await, app.account("bob").await);
    grant(&app, &ada, owned, entitlement::Status::Active).await;
    grant(&app, &ada, frozen, entitlement::Status::Frozen).await;
    let page = ada.get("/api/v1/products?sort=title").await.json();
    let marks: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| item["owned"].clone()).collect();
    assert_eq!(marks, [false, false, true]);
    assert_eq!(ada.get("/api/v1/products/owned").await.json()["owned"], true);
    assert_eq!(bob.get("/api/v1/products/owned").await.json()["owned"], false);
    let stranger = app.nobody().get("/api/v1/products?sort=title").await.json();
    assert_eq!(stranger["items"][0].get("owned"), None);
}

async fn grant(app: &TestApp, client: &Client, product_id: Uuid, status: entitlement::Status) {
    let row = entitlement::Model {
        id: app.app.clock.new_id(),
        account_id: client.account_id(),
        product_id,
        source: entitlement::Source::Grant,
        source_id: app.app.clock.new_id(),
        status,
        granted_at: app.app.clock.now(),
        revoked_at: None,
        last_downloaded_at: None,
        download_begun_at: None,
    };
    row.into_active_model().insert(app.app.db.writer()).await.unwrap();
}

#[tokio::test]
async fn what_is_no_longer_in_the_store_takes_no_place_among_what_goes_with_a_product() {
    let app = TestApp::new().await;
    let with_tag = |slug| Item { tags: &["sea"], ..item(slug) };
    let product = add(&app, with_tag("moby-dick")).await;
    let sold = add(&app, item("sold")).await;
    add(&app, with_tag("similar")).await;
    for number in 0..30 {
        let slug: &'static str = format!("gone-{number}").leak();
        let gone = add(&app, Item { status: Status::Archived, ..item(slug) }).await;
        bought_together(&app, product, gone, 100).await;
    }
    bought_together(&app, product, sold, 1).await;
    let related = slugs(&app.nobody(), "/api/v1/products/moby-dick/related").await;
    assert_eq!(related[..2], ["sold", "similar"], "{related:?}");
}

async fn bought_together(app: &TestApp, product_id: Uuid, related_id: Uuid, orders: i64) {
    let row = entity::product_affinity::Model { product_id, related_id, orders };
    row.into_active_model().insert(app.app.db.writer()).await.unwrap();
}
