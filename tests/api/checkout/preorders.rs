//! What is sold before it is released: charged at once, delivered on its day, and given back until then.
use chrono::{NaiveDate, TimeDelta};
use mist::background;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, id, read};
use crate::support::{Client, PASSWORD, Reply};

/// Eight days after every test begins.
const DAY: &str = "2026-11-30";

/// A pre-order of the store.
async fn preorder(shop: &Shop) -> Uuid {
    let body = json!({
        "kind": "game", "title": "Silksong", "release_date": DAY, "preorder": true,
        "prices": [{"currency": "USD", "amount": 1999}],
    });
    let reply = shop.editor.post("/api/v1/admin/products", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let product = id(&reply.json());
    shop.edit(product, "publish").await;
    product
}

/// Releases a build of a product.
async fn release(editor: &Client, product: Uuid, version: &str) -> String {
    release_as(editor, product, json!({"version": version, "platform": "linux"})).await
}

/// Releases a build, and answers where it is.
async fn release_as(editor: &Client, product: Uuid, body: Value) -> String {
    let made = editor.post(&format!("/api/v1/admin/products/{product}/builds"), body).await;
    let build = format!("/api/v1/admin/builds/{}", id(&made.json()));
    let file = editor.request(Method::PUT, &format!("{build}/files/game.zip")).body("bytes");
    assert_eq!(Reply::of(file).await.status, 201);
    assert_eq!(editor.act(&format!("{build}/release")).await.status, 200);
    build
}

async fn signed_in(shop: &Shop, name: &str) -> Client {
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
    Client::signed_in(&shop.app.url, &shop.app.nobody().post("/api/v1/auth/login", body).await.json())
}

/// The clock stands on the day, a minute in.
async fn day_comes(shop: &mut Shop) {
    let day = DAY.parse::<NaiveDate>().unwrap().and_hms_opt(0, 1, 0).unwrap().and_utc();
    background::tick(&shop.app.app, "calendar").await.unwrap();
    shop.app.advance(day - shop.app.clock.now() - TimeDelta::hours(1));
    background::tick(&shop.app.app, "calendar").await.unwrap();
    shop.app.advance(TimeDelta::hours(1));
    shop.ada_again().await;
    shop.editor = signed_in(shop, "editor").await;
}

async fn download(client: &Client, product: Uuid) -> Reply {
    client.post(&format!("/api/v1/library/{product}/downloads"), json!({})).await
}

async fn give_back(client: &Client, order: &Value) -> Reply {
    client.post(&format!("/api/v1/orders/{}/refund", id(order)), json!({"reason": "no patience"})).await
}

/// What Ada was told in the store that a download is ready for.
async fn told(shop: &Shop) -> Vec<String> {
    background::tick(&shop.app.app, "events").await.unwrap();
    shop.app.run_jobs().await;
    let told = shop.ada.get("/api/v1/notifications").await.json();
    let ready = told["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "download_ready");
    ready.map(|one| one["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_preordered_is_owned_at_once_and_delivered_on_its_day() {
    let mut shop = Shop::new().await;
    let game = preorder(&shop).await;
    assert_eq!(shop.app.nobody().get(&format!("/api/v1/products/{game}")).await.json()["preorder"], true);
    let order = buy(&shop.ada, &[game]).await;
    assert_eq!((&order["status"], &order["items"][0]["preordered"]), (&json!("paid"), &json!(true)));
    assert_eq!(download(&shop.ada, game).await.code(), "not_released");
    release(&shop.editor, game, "1.0").await;
    let item = format!("/api/v1/library/{game}");
    let shown = shop.ada.get(&item).await.json();
    assert_eq!((&shown["preordered"], &shown["builds"]), (&json!(true), &json!([])));
    assert_eq!(
        download(&shop.ada, game).await.code(),
        "not_released",
        "a build is there, and its day is not"
    );
    let updates = format!("/api/v1/products/{game}/updates");
    let early = shop.ada.get(&updates).await;
    assert_eq!((early.status, early.code().as_str()), (409, "not_released"));
    assert_eq!(told(&shop).await, Vec::<String>::new());

    day_comes(&mut shop).await;
    assert_eq!(download(&shop.ada, game).await.status, 201);
    assert_eq!(shop.ada.get(&updates).await.json()["build"]["version"], "1.0");
    let shown = shop.ada.get(&item).await.json();
    assert!(shown.get("preordered").is_none() && shown["builds"][0]["version"] == "1.0", "{shown}");
    assert!(
        shop.app.nobody().get(&format!("/api/v1/products/{game}")).await.json().get("preorder").is_none()
    );
    background::tick(&shop.app.app, "calendar").await.unwrap();
    assert_eq!(told(&shop).await, ["Silksong is out"]);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_day_that_comes_without_a_build_releases_nothing_until_there_is_one() {
    let mut shop = Shop::new().await;
    let game = preorder(&shop).await;
    buy(&shop.ada, &[game]).await;
    day_comes(&mut shop).await;
    background::tick(&shop.app.app, "calendar").await.unwrap();
    assert_eq!(told(&shop).await, Vec::<String>::new());
    assert_eq!(download(&shop.ada, game).await.code(), "not_released");
    release(&shop.editor, game, "1.0").await;
    assert_eq!(told(&shop).await, ["Silksong is out"]);
    assert_eq!(download(&shop.ada, game).await.status, 201);
    release(&shop.editor, game, "1.1").await;
    assert_eq!(told(&shop).await, ["Silksong is out"], "what follows is a new version");
}

#[tokio::test]
async fn neither_an_extra_nor_a_build_for_a_few_is_the_release() {
    let mut shop = Shop::new().await;
    let game = preorder(&shop).await;
    buy(&shop.ada, &[game]).await;
    day_comes(&mut shop).await;
    release_as(&shop.editor, game, json!({"version": "music", "platform": "any", "kind": "extra"})).await;
    release_as(&shop.editor, game, json!({"version": "b1", "platform": "linux", "channel": "beta"})).await;
    assert_eq!(told(&shop).await, Vec::<String>::new());
    assert_eq!(download(&shop.ada, game).await.code(), "not_released");
    let few = json!({"version": "1.0", "platform": "linux", "rollout_percent": 0});
    let build = release_as(&shop.editor, game, few).await;
    assert_eq!(told(&shop).await, Vec::<String>::new(), "who can't download it is told nothing");
    let to_all = shop.editor.request(Method::PATCH, &build).json(&json!({"rollout_percent": 100}));
    assert_eq!(Reply::of(to_all).await.status, 200);
    assert_eq!(told(&shop).await, ["Silksong is out"]);
    assert_eq!(download(&shop.ada, game).await.status, 201);
}

#[tokio::test]
async fn what_was_delivered_stays_released_although_its_build_is_withdrawn() {
    let mut shop = Shop::new().await;
    let game = preorder(&shop).await;
    buy(&shop.ada, &[game]).await;
    let build = release(&shop.editor, game, "1.0").await;
    day_comes(&mut shop).await;
    assert_eq!(shop.editor.act(&format!("{build}/withdraw")).await.status, 200);
    assert_eq!(download(&shop.ada, game).await.code(), "no_build");
    assert!(shop.ada.get(&format!("/api/v1/library/{game}")).await.json().get("preordered").is_none());
}

#[tokio::test]
async fn a_day_that_is_moved_to_today_and_an_archived_preorder_are_releases() {
    let mut shop = Shop::new().await;
    let game = preorder(&shop).await;
    buy(&shop.ada, &[game]).await;
    release(&shop.editor, game, "1.0").await;
    assert_eq!(told(&shop).await, Vec::<String>::new());
    let path = format!("/api/v1/admin/products/{game}");
    assert_eq!(shop.editor.patch(&path, "*", json!({"release_date": "2026-11-22"})).await.status, 200);
    assert_eq!(told(&shop).await, ["Silksong is out"]);

    let other = preorder(&shop).await;
    buy(&shop.ada, &[other]).await;
    assert_eq!(told(&shop).await, ["Silksong is out"], "this one is not");
    release(&shop.editor, other, "1.0").await;
    shop.edit(other, "archive").await;
    day_comes(&mut shop).await;
    background::tick(&shop.app.app, "calendar").await.unwrap();
    assert_eq!(told(&shop).await, ["Silksong is out"; 2], "owners of what is no longer sold are told too");
}

#[tokio::test]
async fn a_preorder_is_given_back_until_so_many_days_after_its_release() {
    let mut shop = Shop::with(|config| config.checkout.refund_days = 2).await;
    let (game, other) = (preorder(&shop).await, shop.sell("Other", 100).await);
    let bob = shop.app.account("bob").await;
    let (mine, his) = (buy(&shop.ada, &[game]).await, buy(&bob, &[game]).await);
    let plain = buy(&shop.ada, &[other]).await;
    release(&shop.editor, game, "1.0").await;
    shop.app.advance(TimeDelta::days(5));
    shop.ada_again().await;
    assert_eq!(give_back(&shop.ada, &plain).await.json()["reason"], "too_late", "what was no pre-order");
    let bob = signed_in(&shop, "bob").await;
    assert_eq!(give_back(&bob, &his).await.json()["status"], "refunded");
    // His money is on its way back within a day.
    shop.app.run_jobs().await;
    day_comes(&mut shop).await;
    shop.app.advance(TimeDelta::days(2));
    shop.ada_again().await;
    assert_eq!(give_back(&shop.ada, &mine).await.json()["reason"], "too_late");
    assert_eq!(read(&shop.ada, &mine).await["status"], "paid");
    shop.is_sound().await;
}

#[tokio::test]
async fn licence_keys_are_shown_when_it_is_released() {
    let mut shop = Shop::new().await;
    let game = preorder(&shop).await;
    let keys = format!("/api/v1/admin/products/{game}/license-keys");
    assert_eq!(shop.editor.post(&keys, json!({"keys": ["AAAA-BBBB"]})).await.status, 201);
    buy(&shop.ada, &[game]).await;
    let item = format!("/api/v1/library/{game}");
    assert_eq!(shop.ada.get(&item).await.json()["license_keys"], json!([]));
    day_comes(&mut shop).await;
    assert_eq!(shop.ada.get(&item).await.json()["license_keys"], json!(["AAAA-BBBB"]));
}

#[tokio::test]
async fn only_what_is_to_come_is_made_a_preorder() {
    let shop = Shop::new().await;
    let make = |date: Value| {
        let body = json!({"kind": "game", "title": "Past", "release_date": date, "preorder": true});
        shop.editor.post("/api/v1/admin/products", body)
    };
    for date in [json!(null), json!("2026-11-22")] {
        let reply = make(date).await;
        assert_eq!(reply.faults(), [("preorder".to_owned(), "not_to_come".to_owned())], "{}", reply.text());
    }
    let game = shop.sell("Built", 100).await;
    release(&shop.editor, game, "1.0").await;
    let path = format!("/api/v1/admin/products/{game}");
    let reply = shop.editor.patch(&path, "*", json!({"preorder": true})).await;
    assert_eq!(reply.faults(), [("preorder".to_owned(), "not_to_come".to_owned())]);
    let keyed = shop.sell("Keyed", 100).await;
    let keys = format!("/api/v1/admin/products/{keyed}/license-keys");
    assert_eq!(shop.editor.post(&keys, json!({"keys": ["CCCC-DDDD"]})).await.status, 201);
    let path = format!("/api/v1/admin/products/{keyed}");
    let reply = shop.editor.patch(&path, "*", json!({"preorder": true, "release_date": DAY})).await;
    assert_eq!(reply.faults(), [("preorder".to_owned(), "not_to_come".to_owned())], "keys were given out");
    let game = preorder(&shop).await;
    release(&shop.editor, game, "1.0").await;
    let path = format!("/api/v1/admin/products/{game}");
    let reply = shop.editor.patch(&path, "*", json!({"preorder": true, "release_date": "2026-12-24"})).await;
    assert_eq!(reply.status, 200, "one that is a pre-order is put off: {}", reply.text());
}

#[tokio::test]
async fn what_is_to_come_and_no_preorder_is_delivered_as_soon_as_it_is_there() {
    let shop = Shop::new().await;
    let game = shop.sell("Early", 100).await;
    buy(&shop.ada, &[game]).await;
    assert_eq!(download(&shop.ada, game).await.code(), "no_build");
    release(&shop.editor, game, "1.0").await;
    assert_eq!(download(&shop.ada, game).await.status, 201);
}
