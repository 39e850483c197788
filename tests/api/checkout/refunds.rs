//! What was bought is given back: whole or line by line, each line once, and by whom it may be.
use chrono::TimeDelta;
use entity::{entitlement, ledger_entry, refund};
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, end, id, order, read};
use crate::support::{Client, Reply};

fn refund_path(order: &Value) -> String {
    format!("/api/v1/orders/{}/refund", id(order))
}

async fn give_back(client: &Client, order: &Value, products: &[Uuid]) -> Reply {
    client.post(&refund_path(order), json!({"items": products, "reason": "not for me"})).await
}

async fn give_all_back(client: &Client, order: &Value) -> Reply {
    client.post(&refund_path(order), json!({"reason": "not for me"})).await
}

/// Refused, for that reason.
fn refused(reply: &Reply, reason: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (409, "not_refundable"), "{}", reply.text());
    assert_eq!(reply.json()["reason"], reason);
}

async fn owns(client: &Client, product: Uuid) -> bool {
    client.get(&format!("/api/v1/library/{product}")).await.status == 200
}

/// What the store holds at its providers.
async fn held(shop: &Shop) -> i64 {
    let entries = ledger_entry::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    let at_providers = entries.iter().filter(|entry| entry.account == ledger_entry::Account::Provider);
    at_providers.map(|entry| entry.amount).sum()
}

async fn refunds(shop: &Shop) -> Vec<refund::Model> {
    refund::Entity::find().all(&shop.app.app.db.read).await.unwrap()
}

/// As if it had been downloaded.
async fn downloaded(shop: &Shop, product: Uuid) {
    let now = entitlement::ActiveModel {
        last_downloaded_at: Set(Some(shop.app.clock.now())),
        ..Default::default()
    };
    let rows = entitlement::Entity::update_many().set(now);
    rows.filter(entitlement::Column::ProductId.eq(product)).exec(shop.app.app.db.writer()).await.unwrap();
}

/// A released build of a product with one file.
async fn deliverable(shop: &Shop, product: Uuid, bytes: &'static [u8]) {
    let builds = format!("/api/v1/admin/products/{product}/builds");
    let build = shop.editor.post(&builds, json!({"version": "1.0.0", "platform": "any"})).await.json();
    let build = format!("/api/v1/admin/builds/{}", id(&build));
    let file = shop.editor.request(Method::PUT, &format!("{build}/files/game.zip")).body(bytes);
    assert_eq!(Reply::of(file).await.status, 201);
    assert_eq!(shop.editor.act(&format!("{build}/release")).await.status, 200);
}

#[tokio::test]
async fn what_has_left_for_its_buyer_be_it_one_byte_is_given_back_no_more() {
    let shop = Shop::new().await;
    let (game, book) = (shop.sell("Celeste", 1999).await, shop.sell("Walden", 999).await);
    deliverable(&shop, game, b"all of the game").await;
    deliverable(&shop, book, b"all of the book").await;
    let bought = buy(&shop.ada, &[game, book]).await;
    let link = async |product: Uuid| {
        let reply = shop.ada.post(&format!("/api/v1/library/{product}/downloads"), json!({})).await;
        reply.json()["url"].as_str().unwrap().to_owned()
    };
    let (game_link, book_link) = (link(game).await, link(book).await);
    let nobody = shop.app.nobody();
    let part = Reply::of(nobody.request(Method::GET, &game_link).header("range", "bytes=1-1")).await;
    assert_eq!((part.status, part.text().as_str()), (206, "l"));
    refused(&give_back(&shop.ada, &bought, &[game]).await, "downloaded");

    // What a link says of its file is no part of it.
    assert_eq!(Reply::of(nobody.request(Method::HEAD, &book_link)).await.status, 200);
    let none = Reply::of(nobody.request(Method::GET, &book_link).header("range", "bytes=99-")).await;
    assert_eq!(none.status, 416);
    assert_eq!(give_back(&shop.ada, &bought, &[book]).await.status, 200);
    assert_eq!(Reply::of(nobody.request(Method::GET, &book_link)).await.code(), "link_revoked");
    shop.is_sound().await;
}

#[tokio::test]
async fn an_order_given_back_is_owned_no_more_and_its_money_is_returned_once() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let bought = buy(&shop.ada, &[game]).await;
    let reply = give_all_back(&shop.ada, &bought).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let given = reply.json();
    assert_eq!((&given["status"], &given["items"][0]["refunded"]), (&json!("refunded"), &json!(true)));
    assert_eq!(given["refunded_at"], read(&shop.ada, &bought).await["refunded_at"]);
    assert!(given["refunded_at"].is_string());
    assert!(!owns(&shop.ada, game).await);
    assert_eq!(held(&shop).await, 0);
    refused(&give_all_back(&shop.ada, &bought).await, "already_refunded");

    shop.app.run_jobs().await;
    let refunds = refunds(&shop).await;
    assert_eq!(refunds.len(), 1);
    assert_eq!((refunds[0].amount, refunds[0].status), (1999, refund::Status::Succeeded));
    let happened = shop.events().await;
    assert!(
        happened.ends_with(&["entitlement.revoked".to_owned(), "order.refunded".to_owned()]),
        "{happened:?}"
    );
    shop.is_sound().await;
    buy(&shop.ada, &[game]).await;
    assert!(owns(&shop.ada, game).await, "what was given back can be bought again");
    shop.is_sound().await;
}

#[tokio::test]
async fn lines_are_given_back_one_by_one_until_none_is_left() {
    let shop = Shop::new().await;
    let (one, two) = (shop.sell("One", 300).await, shop.sell("Two", 500).await);
    let bought = buy(&shop.ada, &[one, two]).await;
    let part = give_back(&shop.ada, &bought, &[two]).await.json();
    assert_eq!(part["status"], "partially_refunded");
    assert_eq!(held(&shop).await, 300);
    assert!(owns(&shop.ada, one).await && !owns(&shop.ada, two).await);
    refused(&give_back(&shop.ada, &bought, &[one, two]).await, "already_refunded");
    assert_eq!(held(&shop).await, 300, "a refusal gives nothing back");
    shop.is_sound().await;
    assert_eq!(give_all_back(&shop.ada, &bought).await.json()["status"], "refunded");
    assert_eq!(held(&shop).await, 0);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_buyer_gives_back_within_the_days_of_the_policy() {
    let mut shop = Shop::new().await;
    let bought = buy(&shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    shop.app.advance(TimeDelta::days(14));
    shop.ada_again().await;
    refused(&give_all_back(&shop.ada, &bought).await, "too_late");
    shop.is_sound().await;
}

#[tokio::test]
async fn what_was_downloaded_is_kept_unless_the_store_says_otherwise() {
    for (allowed, status) in [(false, 409), (true, 200)] {
        let shop = Shop::with(|config| config.checkout.refund_downloaded = allowed).await;
        let game = shop.sell("Celeste", 1999).await;
        let bought = buy(&shop.ada, &[game]).await;
        downloaded(&shop, game).await;
        let reply = give_all_back(&shop.ada, &bought).await;
        assert_eq!(reply.status, status, "{}", reply.text());
        if !allowed {
            refused(&reply, "downloaded");
        }
    }
}

#[tokio::test]
async fn only_what_is_paid_and_undisputed_is_given_back() {
    let shop = Shop::new().await;
    let open = order(&shop.ada, &[shop.sell("Open", 100).await]).await;
    refused(&give_all_back(&shop.ada, &open).await, "not_paid");
    let disputed = buy(&shop.ada, &[shop.sell("Disputed", 100).await]).await;
    end(&shop.ada, &disputed, "dispute").await;
    refused(&give_all_back(&shop.ada, &disputed).await, "disputed");

    let (mine, other) = (shop.sell("Mine", 100).await, shop.sell("Other", 100).await);
    let bought = buy(&shop.ada, &[mine]).await;
    let reply = give_back(&shop.ada, &bought, &[mine, other]).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "not_in_order"));
    assert_eq!(reply.json()["errors"][0]["field"], "items[1]");
    for (body, code) in [
        (json!({}), "required"),
        (json!({"reason": ""}), "required"),
        (json!({"reason": " \n"}), "required"),
        (json!({"reason": "x", "items": []}), "too_few"),
        (json!({"reason": "x", "keep_access": true}), "unknown_field"),
    ] {
        let reply = shop.ada.post(&refund_path(&bought), body).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, code), "{}", reply.text());
    }
    let eve = shop.app.account("eve").await;
    assert_eq!(give_all_back(&eve, &bought).await.status, 404);
    shop.is_sound().await;
}

#[tokio::test]
async fn support_gives_back_whenever_it_will_and_may_leave_the_product() {
    let mut shop = Shop::new().await;
    let (kept, lost) = (shop.sell("Kept", 300).await, shop.sell("Lost", 500).await);
    let bought = buy(&shop.ada, &[kept, lost]).await;
    downloaded(&shop, kept).await;
    shop.app.advance(TimeDelta::days(400));
    let (support, path) = (shop.app.support().await, format!("/api/v1/admin/orders/{}/refund", id(&bought)));
    let body = json!({"items": [kept], "reason": "a gesture", "keep_access": true});
    let reply = support.post(&path, body).await;
    assert_eq!((reply.status, &reply.json()["status"]), (200, &json!("partially_refunded")));
    assert_eq!(support.post(&path, json!({"reason": "a mistake"})).await.json()["status"], "refunded");
    shop.ada_again().await;
    assert!(owns(&shop.ada, kept).await && !owns(&shop.ada, lost).await);
    let item = shop.ada.get(&format!("/api/v1/library/{kept}")).await.json();
    assert_eq!(item["source"], "grant");
    assert_eq!(held(&shop).await, 0);
    shop.is_sound().await;
}

#[tokio::test]
async fn what_cost_nothing_is_given_back_without_a_provider() {
    let shop = Shop::new().await;
    let free = shop.sell("Free", 0).await;
    let bought = order(&shop.ada, &[free]).await;
    assert_eq!(give_all_back(&shop.ada, &bought).await.json()["status"], "refunded");
    assert!(!owns(&shop.ada, free).await);
    assert_eq!(refunds(&shop).await[0].status, refund::Status::Succeeded);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_refund_sent_again_under_its_key_is_the_same_refund() {
    let shop = Shop::new().await;
    let (one, two) = (shop.sell("One", 300).await, shop.sell("Two", 500).await);
    let bought = buy(&shop.ada, &[one, two]).await;
    let send = |products: Vec<Uuid>| {
        let request = shop.ada.request(Method::POST, &refund_path(&bought)).header("idempotency-key", "k");
        Reply::of(request.json(&json!({"items": products, "reason": "why not"})))
    };
    let first = send(vec![one]).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (200, ""));
    let again = send(vec![one]).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, "true"));
    assert_eq!(first.json(), again.json());
    assert_eq!(send(vec![two]).await.code(), "idempotency_key_reused");
    assert_eq!(held(&shop).await, 500);
    shop.is_sound().await;
}

#[tokio::test]
async fn refunds_at_once_give_the_money_back_once() {
    let shop = Shop::new().await;
    let bought = buy(&shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    let replies = futures::future::join_all((0..10).map(|_| give_all_back(&shop.ada, &bought))).await;
    let given = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(given, 1);
    replies.iter().filter(|reply| reply.status != 200).for_each(|reply| refused(reply, "already_refunded"));
    assert_eq!((held(&shop).await, refunds(&shop).await.len()), (0, 1));
    shop.is_sound().await;
}
