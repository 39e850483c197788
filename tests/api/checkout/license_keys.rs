//! Licence keys: each purchase takes one, nobody gets another's, and what is given back is sold never again.
use chrono::TimeDelta;
use entity::{event, license_activation, license_key};
use futures::future::join_all;
use mist::background;
use reqwest::Method;
use sea_orm::{EntityTrait, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, checkout, end, id, order};
use crate::support::{Client, PASSWORD, Reply, TestApp};

fn pool_of(product: Uuid) -> String {
    format!("/api/v1/admin/products/{product}/license-keys")
}

async fn put_in(shop: &Shop, product: Uuid, keys: &[&str]) -> Value {
    let reply = shop.editor.post(&pool_of(product), json!({"keys": keys})).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

/// How many keys are available, reserved, sold and revoked.
async fn pool(shop: &Shop, product: Uuid) -> [i64; 4] {
    let pool = shop.editor.get(&pool_of(product)).await.json();
    ["available", "reserved", "sold", "revoked"].map(|place| pool[place].as_i64().unwrap())
}

async fn keys(client: &Client, product: Uuid) -> Value {
    client.get(&format!("/api/v1/library/{product}")).await.json()["license_keys"].clone()
}

/// How often it was told that a pool runs low.
async fn told_low(shop: &Shop) -> usize {
    let told = event::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    told.iter().filter(|row| row.kind == "license_pool.low").count()
}

async fn ask(app: &TestApp, what: &str, body: Value) -> Reply {
    app.nobody().post(&format!("/api/v1/licenses/{what}"), body).await
}

#[tokio::test]
async fn a_purchase_takes_the_next_key_of_the_pool_for_its_buyer_alone() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let added = put_in(&shop, game, &["KEY-1", "KEY-2", " KEY-1 "]).await;
    assert_eq!(added, json!({"added": 2, "duplicates": 1}));
    assert_eq!(put_in(&shop, game, &["KEY-2", "KEY-3"]).await, json!({"added": 1, "duplicates": 1}));

    let open = order(&shop.ada, &[game]).await;
    assert_eq!(pool(&shop, game).await, [2, 1, 0, 0]);
    assert_eq!(end(&shop.ada, &open, "succeed").await.status, 200);
    assert_eq!(pool(&shop, game).await, [2, 0, 1, 0]);
    assert_eq!(keys(&shop.ada, game).await, json!(["KEY-1"]));
    let eve = shop.app.account("eve").await;
    buy(&eve, &[game]).await;
    assert_eq!(keys(&eve, game).await, json!(["KEY-2"]));
    let kept = license_key::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    let told = kept.iter().any(|row| row.sealed.windows(4).any(|part| part == b"KEY-"));
    assert!(!told, "keys lie sealed");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_key_that_was_held_comes_back_when_its_order_ends_unpaid() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    put_in(&shop, game, &["KEY-1"]).await;
    let open = order(&shop.ada, &[game]).await;
    let eve = shop.app.account("eve").await;
    let refused = checkout(&eve, &[game]).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "out_of_keys"));
    assert_eq!(refused.json()["products"], json!([game]));
    assert_eq!(eve.get("/api/v1/orders").await.json()["items"], json!([]), "nothing was written");

    assert_eq!(shop.ada.act(&format!("/api/v1/orders/{}/cancel", id(&open))).await.status, 200);
    assert_eq!(pool(&shop, game).await, [1, 0, 0, 0]);
    order(&eve, &[game]).await;
    shop.app.advance(TimeDelta::hours(2));
    background::tick(&shop.app.app, "order expiry").await.unwrap();
    let key = license_key::Entity::find().one(&shop.app.app.db.read).await.unwrap().unwrap();
    assert_eq!((key.status, key.source_id), (license_key::Status::Available, None));
}

#[tokio::test]
async fn of_fifty_buyers_of_ten_keys_ten_get_one_each() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 0).await;
    let all: Vec<String> = (0..10).map(|number| format!("KEY-{number}")).collect();
    put_in(&shop, game, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut buyers = Vec::new();
    for number in 0..50 {
        buyers.push(shop.app.account(&format!("buyer{number}")).await);
    }
    let games = [game];
    let replies = join_all(buyers.iter().map(|buyer| checkout(buyer, &games))).await;
    let (mut bought, mut out) = (Vec::new(), 0);
    for (buyer, reply) in buyers.iter().zip(replies) {
        match reply.status {
            201 => bought.push(keys(buyer, game).await[0].as_str().unwrap().to_owned()),
            _ => {
                assert_eq!((reply.status, reply.code().as_str()), (409, "out_of_keys"), "{}", reply.text());
                out += 1;
            }
        }
    }
    bought.sort();
    assert_eq!((bought, out), (all, 40));
    assert_eq!(pool(&shop, game).await, [0, 0, 10, 0]);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_key_that_is_given_back_holds_no_more_and_is_never_sold_again() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    put_in(&shop, game, &["KEY-1"]).await;
    let bought = buy(&shop.ada, &[game]).await;
    let on = json!({"license_key": "KEY-1", "fingerprint": "laptop"});
    assert_eq!(ask(&shop.app, "activate", on.clone()).await.status, 201);
    let refund = format!("/api/v1/orders/{}/refund", id(&bought));
    assert_eq!(shop.ada.post(&refund, json!({"reason": "not for me"})).await.status, 200);
    assert_eq!(pool(&shop, game).await, [0, 0, 0, 1]);
    let verdict = ask(&shop.app, "validate", on.clone()).await.json();
    assert_eq!((&verdict["valid"], &verdict["reason"]), (&json!(false), &json!("license_revoked")));
    let refused = ask(&shop.app, "activate", on).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "license_revoked"));
    let eve = shop.app.account("eve").await;
    assert_eq!(checkout(&eve, &[game]).await.code(), "out_of_keys");
}

#[tokio::test]
async fn a_key_whose_payment_is_disputed_is_held_back() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    put_in(&shop, game, &["KEY-1", "KEY-2"]).await;
    let bought = buy(&shop.ada, &[game]).await;
    let on = |device: &str| json!({"license_key": "KEY-1", "fingerprint": device});
    assert_eq!(ask(&shop.app, "activate", on("desk")).await.status, 201);
    assert_eq!(end(&shop.ada, &bought, "dispute").await.status, 200);
    for device in ["desk", "lap"] {
        let refused = ask(&shop.app, "activate", on(device)).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "license_held"), "{device}");
        let verdict = ask(&shop.app, "validate", on(device)).await.json();
        assert_eq!((&verdict["valid"], &verdict["reason"]), (&json!(false), &json!("license_held")));
    }
    assert_eq!(ask(&shop.app, "deactivate", on("desk")).await.status, 204, "a device is set free as ever");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_key_stays_with_who_keeps_access_and_comes_with_a_gift() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    put_in(&shop, game, &["KEY-1", "KEY-2"]).await;
    let bought = buy(&shop.ada, &[game]).await;
    let support = shop.app.support().await;
    let refund = format!("/api/v1/admin/orders/{}/refund", id(&bought));
    let kept = support.post(&refund, json!({"reason": "our mistake", "keep_access": true})).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    assert_eq!(keys(&shop.ada, game).await, json!(["KEY-1"]));

    let eve = shop.app.account("eve").await;
    let grants = format!("/api/v1/admin/accounts/{}/grants", eve.account_id());
    let gift = support.post(&grants, json!({"product_id": game, "reason": "a prize"})).await;
    assert_eq!(gift.status, 201, "{}", gift.text());
    assert_eq!(keys(&eve, game).await, json!(["KEY-2"]));
    assert_eq!(support.delete(&format!("{grants}/{game}")).await.status, 204);
    assert_eq!(pool(&shop, game).await, [0, 0, 1, 1]);
}

#[tokio::test]
async fn a_pool_that_runs_low_is_recorded_once() {
    let shop = Shop::with(|config| config.licenses.low_pool = 1).await;
    let game = shop.sell("Celeste", 0).await;
    put_in(&shop, game, &["KEY-1", "KEY-2", "KEY-3"]).await;
    for name in ["ann", "ben", "cleo"] {
        order(&shop.app.account(name).await, &[game]).await;
    }
    assert_eq!(told_low(&shop).await, 1);
    put_in(&shop, game, &["KEY-4"]).await;
    order(&shop.app.account("dora").await, &[game]).await;
    assert_eq!(told_low(&shop).await, 1, "it ran low all the while");
    put_in(&shop, game, &["KEY-5", "KEY-6"]).await;
    order(&shop.app.account("emma").await, &[game]).await;
    assert_eq!(told_low(&shop).await, 2, "it had been filled");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_pool_that_many_empty_at_once_is_told_of_once_and_again_when_keys_came_back() {
    let shop = Shop::with(|config| config.licenses.low_pool = 3).await;
    let game = shop.sell("Celeste", 1999).await;
    put_in(&shop, game, &["KEY-1", "KEY-2", "KEY-3", "KEY-4", "KEY-5", "KEY-6"]).await;
    let mut buyers = Vec::new();
    for number in 0..12 {
        buyers.push(shop.app.account(&format!("buyer{number}")).await);
    }
    let games = [game];
    let replies = join_all(buyers.iter().map(|buyer| checkout(buyer, &games))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 6);
    assert_eq!(told_low(&shop).await, 1);
    for (buyer, reply) in buyers.iter().zip(&replies).filter(|(_, reply)| reply.status == 201) {
        let cancelled = buyer.act(&format!("/api/v1/orders/{}/cancel", id(&reply.json()))).await;
        assert_eq!(cancelled.status, 200, "{}", cancelled.text());
    }
    for buyer in buyers.iter().take(3) {
        order(buyer, &games).await;
    }
    assert_eq!(told_low(&shop).await, 2);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_key_in_the_wrong_place_is_found() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    put_in(&shop, game, &["KEY-1"]).await;
    buy(&shop.ada, &[game]).await;
    shop.is_sound().await;
    let reserved =
        license_key::ActiveModel { status: Set(license_key::Status::Reserved), ..Default::default() };
    license_key::Entity::update_many().set(reserved).exec(shop.app.app.db.writer()).await.unwrap();
    let violations = background::violations(&shop.app.app).await.unwrap();
    assert!(violations.iter().any(|one| one.to_string().contains("a licence key is held")), "{violations:?}");
}

#[tokio::test]
async fn keys_alone_are_enough_to_be_sold() {
    let shop = Shop::new().await;
    let body = json!({"kind": "game", "title": "Hades", "prices": [{"currency": "USD", "amount": 2499}]});
    let game = id(&shop.editor.post("/api/v1/admin/products", body).await.json());
    let publish = format!("/api/v1/admin/products/{game}/publish");
    assert_eq!(shop.editor.act(&publish).await.code(), "not_publishable");
    put_in(&shop, game, &["KEY-1"]).await;
    assert_eq!(shop.editor.act(&publish).await.status, 200);
    buy(&shop.ada, &[game]).await;
}

#[tokio::test]
async fn a_key_is_active_on_as_many_devices_as_it_may_and_on_each_once() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    put_in(&shop, game, &["KEY-1"]).await;
    let policy = format!("/api/v1/admin/products/{game}/license-policy");
    assert_eq!(shop.editor.put(&policy, json!({"max_activations": 1})).await.status, 204);
    let on = |device: String| json!({"license_key": "KEY-1", "fingerprint": device, "name": "Ada's"});
    assert_eq!(
        ask(&shop.app, "activate", on("early".to_owned())).await.code(),
        "unknown_license",
        "nobody has it yet"
    );
    buy(&shop.ada, &[game]).await;
    let replies =
        join_all((0..20).map(|device| ask(&shop.app, "activate", on(format!("device {device}"))))).await;
    let (in_use, full): (Vec<&Reply>, Vec<&Reply>) = replies.iter().partition(|reply| reply.status == 201);
    assert_eq!((in_use.len(), full.len()), (1, 19));
    assert!(full.iter().all(|reply| (reply.status, reply.code().as_str()) == (409, "activation_limit")));

    let device = replies.iter().position(|reply| reply.status == 201).unwrap();
    let again = ask(&shop.app, "activate", on(format!("device {device}"))).await;
    assert_eq!((again.status, &again.json()["id"]), (200, &in_use[0].json()["id"]));
    let question = |fingerprint: &str| json!({"license_key": "KEY-1", "fingerprint": fingerprint});
    let verdict = ask(&shop.app, "validate", question(&format!("device {device}"))).await.json();
    assert_eq!(
        verdict,
        json!({"valid": true, "reason": null, "product_id": game, "activations": 1, "max_activations": 1})
    );
    let elsewhere = ask(&shop.app, "validate", question("elsewhere")).await.json();
    assert_eq!((&elsewhere["valid"], &elsewhere["reason"]), (&json!(false), &json!("not_activated")));
    assert_eq!(ask(&shop.app, "deactivate", question(&format!("device {device}"))).await.status, 204);
    assert_eq!(ask(&shop.app, "activate", on("another".to_owned())).await.status, 201);
}

#[tokio::test]
async fn devices_are_their_owners_to_take_along_and_are_forgotten_with_them() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    put_in(&shop, game, &["KEY-1"]).await;
    buy(&shop.ada, &[game]).await;
    let on = json!({"license_key": "KEY-1", "fingerprint": "a-serial-number", "name": "Ada's laptop"});
    assert_eq!(ask(&shop.app, "activate", on).await.status, 201);
    let taken = shop.ada.get("/api/v1/me/export").await.json()["license_activations"].clone();
    assert_eq!(
        (&taken[0]["fingerprint"], &taken[0]["name"]),
        (&json!("a-serial-number"), &json!("Ada's laptop"))
    );
    let erase = shop.ada.request(Method::DELETE, "/api/v1/me").json(&json!({"password": PASSWORD}));
    assert_eq!(Reply::of(erase).await.status, 204);
    let left = license_activation::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    assert_eq!(left, []);
}

#[tokio::test]
async fn nobody_tries_keys_one_after_the_other() {
    let shop = Shop::with(|config| config.licenses = Default::default()).await;
    for number in 0..60 {
        let verdict = ask(&shop.app, "validate", json!({"license_key": format!("GUESS-{number}")})).await;
        assert_eq!(verdict.json()["reason"], "unknown_license");
    }
    let refused = ask(&shop.app, "validate", json!({"license_key": "GUESS-60"})).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_attempts"));
}

#[tokio::test]
async fn what_is_no_key_is_refused_and_nothing_is_put_in() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    for bad in [json!([]), json!(["abc"]), json!(["fine-1", "with space"]), json!(["ключи"])] {
        let reply = shop.editor.post(&pool_of(game), json!({"keys": bad})).await;
        assert_eq!(reply.status, 422, "{bad}");
    }
    let nowhere = pool_of(Uuid::nil());
    assert_eq!(shop.editor.post(&nowhere, json!({"keys": ["fine-1"]})).await.status, 404);
    let stale = shop.editor.request(Method::POST, &pool_of(game)).header("if-match", "\"999\"");
    assert_eq!(Reply::of(stale.json(&json!({"keys": ["fine-1"]}))).await.status, 412);
    assert_eq!(pool(&shop, game).await, [0; 4]);
}

#[tokio::test]
async fn a_text_with_a_key_on_each_line_is_put_in_like_a_list() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let send = async |kind: &str, text: &str| {
        let request = shop.editor.request(Method::POST, &pool_of(game)).header("content-type", kind);
        Reply::of(request.body(text.to_owned())).await
    };
    let added = send("text/plain; charset=utf-8", "\u{feff}KEY-1\r\n KEY-2 \n\nKEY-1\n").await;
    assert_eq!((added.status, added.json()), (201, json!({"added": 2, "duplicates": 1})), "{}", added.text());
    assert_eq!(pool(&shop, game).await, [2, 0, 0, 0]);
    for (text, field) in [("KEY-3\nKEY 4\n", "keys[1]"), ("\n \n", "keys"), ("K\u{c9}Y-5", "keys[0]")] {
        let refused = send("text/plain", text).await;
        assert_eq!((refused.status, refused.faults()[0].0.as_str()), (422, field), "{text:?}");
    }
    let many: String = (0..10_001).map(|number| format!("MANY-{number}\n")).collect();
    assert_eq!(send("text/plain", &many).await.faults()[0].0, "keys", "as many as a list may have");
    let refused = send("text/csv", "KEY-3\n").await;
    assert_eq!((refused.status, refused.code().as_str()), (415, "unsupported_media_type"));
    assert_eq!(pool(&shop, game).await, [2, 0, 0, 0], "nothing is put in by halves");
}

#[tokio::test]
async fn what_has_a_key_that_was_shown_is_given_back_unless_the_store_says_otherwise() {
    for (allowed, status) in [(false, 409), (true, 200)] {
        let shop = Shop::with(|config| config.checkout.refund_shown_keys = allowed).await;
        let (game, other) = (shop.sell("Celeste", 1999).await, shop.sell("Hades", 1999).await);
        put_in(&shop, game, &["KEY-1"]).await;
        put_in(&shop, other, &["KEY-2"]).await;
        let bought = buy(&shop.ada, &[game, other]).await;
        assert_eq!(keys(&shop.ada, game).await, json!(["KEY-1"]));
        let refund = format!("/api/v1/orders/{}/refund", id(&bought));
        let reply = shop.ada.post(&refund, json!({"items": [game], "reason": "not for me"})).await;
        assert_eq!(reply.status, status, "{}", reply.text());
        if !allowed {
            assert_eq!(
                (reply.code().as_str(), &reply.json()["reason"]),
                ("not_refundable", &json!("key_shown"))
            );
        }
        let reply = shop.ada.post(&refund, json!({"items": [other], "reason": "not for me"})).await;
        assert_eq!(reply.status, 200, "its key was not shown: {}", reply.text());
        shop.is_sound().await;
    }
}
