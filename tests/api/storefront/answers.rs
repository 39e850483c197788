//! What strangers are answered is kept, and given again only while it is true.
use chrono::Duration;
use entity::product;
use mist::background;
use reqwest::Method;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::json;
use uuid::Uuid;

use super::shelf::{Item, add, item, tell};
use crate::support::{Client, Reply, TestApp};

const LIST: &str = "/api/v1/products?kind=game";
const DETAIL: &str = "/api/v1/products/moby-dick";

/// Changes a title where nobody sees it: by hand, in the table, without an event.
async fn retitle(app: &TestApp, id: Uuid, title: &str) {
    let (title, updated_at) = (Set(title.to_owned()), Set(app.clock.now()));
    let row = product::ActiveModel { id: Set(id), title, updated_at, ..Default::default() };
    row.update(app.app.db.writer()).await.unwrap();
}

/// The title that the list and the page of the only product show.
async fn title(app: &TestApp) -> String {
    let list = app.nobody().get(LIST).await.json()["items"][0]["title"].as_str().unwrap().to_owned();
    let detail = app.nobody().get(DETAIL).await.json()["title"].as_str().unwrap().to_owned();
    assert_eq!(list, detail);
    list
}

#[tokio::test]
async fn a_warm_answer_needs_no_statement_until_the_catalog_changes() {
    let app = TestApp::new().await;
    let id = add(&app, item("moby-dick")).await;
    assert_eq!(title(&app).await, "moby-dick");
    retitle(&app, id, "The Whale").await;
    assert_eq!(title(&app).await, "moby-dick", "the table was not read");
    tell(&app, "order.paid", id).await;
    assert_eq!(title(&app).await, "moby-dick", "what is no change of the catalog ends nothing");
    tell(&app, "product.updated", id).await;
    assert_eq!(title(&app).await, "The Whale");
}

#[tokio::test]
async fn another_list_of_products_that_were_shown_reads_no_row() {
    let app = TestApp::new().await;
    let id = add(&app, item("moby-dick")).await;
    let title = async |path: &str| app.nobody().get(path).await.json()["items"][0]["title"].clone();
    assert_eq!(title(LIST).await, "moby-dick");
    retitle(&app, id, "The Whale").await;
    let others = ["sort=title", "kind=game", "q=moby"].map(|query| format!("/api/v1/products?{query}"));
    for path in &others {
        assert_eq!(title(path).await, "moby-dick", "{path}");
    }
    assert_eq!(
        title("/api/v1/products?country=DE&sort=title").await,
        "The Whale",
        "another market's is read"
    );
    tell(&app, "product.updated", id).await;
    for path in &others[..2] {
        assert_eq!(title(path).await, "The Whale", "{path}");
    }
}

#[tokio::test]
async fn a_page_that_was_shown_reads_no_row_for_who_is_signed_in_either() {
    let app = TestApp::new().await;
    let id = add(&app, item("moby-dick")).await;
    let (ada, bob) = (app.account("ada").await, app.account("bob").await);
    let title = async |who: &Client, path: &str| who.get(path).await.json()["title"].clone();
    let by_id = format!("/api/v1/products/{id}");
    for path in [DETAIL, &by_id] {
        assert_eq!(title(&ada, path).await, "moby-dick");
    }
    retitle(&app, id, "The Whale").await;
    for path in [DETAIL, &by_id, &by_id.to_uppercase().replace("/API/V1/PRODUCTS", "/api/v1/products")] {
        assert_eq!(title(&bob, path).await, "moby-dick", "{path}");
    }
    assert_eq!(title(&app.nobody(), &format!("{DETAIL}?currency=USD")).await, "moby-dick");
    assert_eq!(title(&bob, &format!("{DETAIL}?country=DE")).await, "The Whale", "another market's is read");
    tell(&app, "product.updated", id).await;
    assert_eq!(title(&bob, DETAIL).await, "The Whale");
}

#[tokio::test]
async fn a_page_that_was_shown_tells_everybody_of_their_own_wishlist() {
    let app = TestApp::new().await;
    let id = add(&app, item("moby-dick")).await;
    let (ada, bob) = (app.account("ada").await, app.account("bob").await);
    let wished = async |who: &Client| who.get(DETAIL).await.json().get("wishlisted").cloned();
    assert_eq!(wished(&ada).await, Some(json!(false)));
    let added = ada.request(Method::PUT, &format!("/api/v1/wishlist/{id}"));
    assert_eq!(Reply::of(added).await.status, 204);
    assert_eq!(wished(&ada).await, Some(json!(true)), "at once");
    assert_eq!(wished(&bob).await, Some(json!(false)));
    assert_eq!(wished(&app.nobody()).await, None);
}

#[tokio::test]
async fn what_lists_show_changes_when_a_sale_begins_and_when_it_ends() {
    let app = TestApp::new().await;
    let id = add(&app, Item { prices: &[("USD", "", 1000)], ..item("moby-dick") }).await;
    let editor = app.editor().await;
    let queries = ["sort=title", "kind=game", "q=moby"].map(|query| format!("/api/v1/products?{query}"));
    let amounts = async || {
        let mut amounts = Vec::new();
        for path in &queries {
            amounts
                .push(app.nobody().get(path).await.json()["items"][0]["price"]["amount"].as_i64().unwrap());
        }
        amounts
    };
    assert_eq!(amounts().await, [1000, 1000, 1000]);
    let at = |minutes: i64| (app.clock.now() + Duration::minutes(minutes)).to_rfc3339();
    let sale = json!({"percent": 20, "starts_at": at(2), "ends_at": at(4)});
    let planned = editor.post(&format!("/api/v1/admin/products/{id}/sales"), sale).await;
    assert_eq!(planned.status, 201, "{}", planned.text());
    assert_eq!(amounts().await, [1000, 1000, 1000], "it has not begun");
    app.advance(Duration::minutes(2));
    assert_eq!(amounts().await, [800, 800, 800]);
    app.advance(Duration::minutes(2));
    assert_eq!(amounts().await, [1000, 1000, 1000]);
}

#[tokio::test]
async fn an_answer_lasts_no_longer_than_it_says_of_itself() {
    let app = TestApp::new().await;
    let id = add(&app, item("moby-dick")).await;
    let title = async || app.nobody().get(DETAIL).await.json()["title"].clone();
    assert_eq!(title().await, "moby-dick");
    retitle(&app, id, "The Whale").await;
    app.advance(Duration::milliseconds(4_999));
    assert_eq!(title().await, "moby-dick");
    app.advance(Duration::milliseconds(1));
    assert_eq!(title().await, "The Whale", "max-age=5");
}

#[tokio::test]
async fn who_asks_for_the_same_languages_is_given_the_same_answer_however_they_are_written() {
    let app = TestApp::new().await;
    let id = add(&app, item("moby-dick")).await;
    let title = async |accepted: &str| {
        let request = app.nobody().request(Method::GET, DETAIL).header("accept-language", accepted);
        Reply::of(request).await.json()["title"].clone()
    };
    assert_eq!(title("de-AT, de;q=0.9, en;q=0.8").await, "moby-dick");
    retitle(&app, id, "The Whale").await;
    assert_eq!(title("en;q=0.1,de;q=0.2,de-at;q=0.3,*;q=0.05").await, "moby-dick", "it was kept");
    assert_eq!(title("en, de").await, "The Whale", "other languages may lead to another");
}

#[tokio::test]
async fn a_write_is_seen_by_the_next_read() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let body = json!({"kind": "game", "title": "0", "slug": "moby-dick", "release_date": "2027-01-01",
        "prices": [{"currency": "USD", "amount": 100}]});
    let made = editor.post("/api/v1/admin/products", body).await;
    let path = format!("/api/v1/admin/products/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(app.nobody().get(DETAIL).await.status, 404);
    assert_eq!(editor.act(&format!("{path}/publish")).await.status, 200);
    for round in 1..=100 {
        let changed = editor.patch(&path, "*", json!({"title": round.to_string()})).await;
        assert_eq!(changed.status, 200);
        assert_eq!(title(&app).await, round.to_string());
    }
    assert_eq!(editor.act(&format!("{path}/archive")).await.status, 200);
    assert_eq!(app.nobody().get(DETAIL).await.status, 404);
}

#[tokio::test]
async fn another_copy_hears_of_a_change_from_the_log() {
    let app = TestApp::new().await;
    let id = add(&app, item("moby-dick")).await;
    let copy = app.another_copy().await;
    let follow = async || {
        background::tick(&app.app, "events").await.unwrap();
        background::tick(&copy.app, "catalog index").await.unwrap();
    };
    follow().await;
    assert_eq!(title(&copy).await, "moby-dick");
    retitle(&app, id, "The Whale").await;
    follow().await;
    assert_eq!(title(&copy).await, "moby-dick", "nothing was told");
    for kind in ["product.updated", "build.released"] {
        let next = format!("The Whale, {kind}");
        retitle(&app, id, &next).await;
        tell(&app, kind, id).await;
        follow().await;
        assert_eq!(title(&copy).await, next);
    }
}

#[tokio::test]
async fn pages_of_a_copy_show_a_change_though_its_index_can_not_be_written() {
    let app = TestApp::new().await;
    let id = add(&app, item("moby-dick")).await;
    let copy = app.another_copy().await;
    background::tick(&app.app, "events").await.unwrap();
    background::tick(&copy.app, "catalog index").await.unwrap();
    assert_eq!(title(&copy).await, "moby-dick");
    std::fs::remove_dir_all(copy.app.config.folder("index").join("2")).unwrap();
    retitle(&app, id, "The Whale").await;
    tell(&app, "product.updated", id).await;
    background::tick(&app.app, "events").await.unwrap();
    assert!(background::tick(&copy.app, "catalog index").await.is_err());
    assert_eq!(copy.nobody().get(DETAIL).await.json()["title"], "The Whale");
}

#[tokio::test]
async fn every_request_gets_its_own_id_and_is_judged_by_itself() {
    let app = TestApp::new().await;
    add(&app, item("moby-dick")).await;
    let ada = app.account("ada").await;
    let ids: Vec<String> = [
        app.nobody().get(DETAIL).await.header("x-request-id").to_owned(),
        app.nobody().get(DETAIL).await.header("x-request-id").to_owned(),
    ]
    .into();
    assert!(ids[0] != ids[1] && ids.iter().all(|id| Uuid::parse_str(id).is_ok()), "{ids:?}");
    let with = |name: &'static str, value: &'static str| {
        Reply::of(app.nobody().request(Method::GET, DETAIL).header(name, value))
    };
    assert_eq!(with("x-request-id", "mine").await.header("x-request-id"), "mine");
    assert_eq!(with("accept", "text/html").await.status, 406);
    assert_eq!(with("authorization", "Bearer nonsense").await.status, 401);
    assert_eq!(with("accept-language", "de").await.header("content-language"), "en");
    let own = ada.get(DETAIL).await;
    assert_eq!(
        (own.json()["owned"].as_bool(), own.header("cache-control")),
        (Some(false), "private, no-store")
    );
    assert!(app.nobody().get(DETAIL).await.json().get("owned").is_none());
    assert_eq!(app.nobody().get(&format!("{DETAIL}?unknown=1")).await.status, 422);
    assert_eq!(app.nobody().get(DETAIL).await.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn a_store_that_keeps_nothing_answers_the_same() {
    let app = TestApp::with(|config| config.storefront.cache_bytes = 0).await;
    let id = add(&app, item("moby-dick")).await;
    assert_eq!(title(&app).await, "moby-dick");
    retitle(&app, id, "The Whale").await;
    assert_eq!(title(&app).await, "The Whale");
}
