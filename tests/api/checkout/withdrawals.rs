//! A buyer withdraws within 14 days in two steps, and loses the right by delivery alone.
use chrono::Duration;
use entity::refund;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, id, order as place, read, usd};
use crate::support::{Client, Reply};

async fn state(client: &Client, order: &Value, body: Value) -> Reply {
    client.post(&format!("/api/v1/orders/{}/withdrawal", id(order)), body).await
}

async fn confirm(client: &Client, order: &Value) -> Reply {
    client.act(&format!("/api/v1/orders/{}/withdrawal/confirm", id(order))).await
}

/// Refused, for that reason.
fn refused(reply: &Reply, reason: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (409, "not_withdrawable"), "{}", reply.text());
    assert_eq!(reply.json()["reason"], reason);
}

/// As if it had been downloaded.
async fn downloaded(shop: &Shop, product: Uuid) {
    let now = shop.app.clock.now();
    let (app, account) = (&shop.app.app, shop.ada.account_id());
    app.db.write(async |tx| mist::library::note_download(tx, account, product, now).await).await.unwrap();
}

#[tokio::test]
async fn who_withdraws_states_it_confirms_it_and_gets_the_money_and_a_mail() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let bought = buy(&shop.ada, &[game]).await;

    let stated = state(&shop.ada, &bought, json!({})).await;
    assert_eq!(stated.status, 200, "{}", stated.text());
    let stated = stated.json();
    assert_eq!((&stated["status"], &stated["confirmed_at"]), (&json!("prepared"), &Value::Null));
    assert_eq!((&stated["refund"], &stated["items"][0]["title"]), (&usd(1999), &json!("Celeste")));
    assert_eq!(stated["lost"], json!([]));
    let number = bought["number"].as_str().unwrap();
    let statement = format!(
        "I, ada, hereby withdraw from my contract for the products below of order {number}, bought on 22 November 2026."
    );
    assert_eq!(stated["statement"], statement);
    assert_eq!(read(&shop.ada, &bought).await["status"], "paid", "stating it does nothing yet");

    shop.app.advance(Duration::minutes(1));
    let confirmed = confirm(&shop.ada, &bought).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    assert_eq!(confirmed.json()["status"], "confirmed");
    assert_eq!(read(&shop.ada, &bought).await["status"], "refunded");
    let again = confirm(&shop.ada, &bought).await;
    assert_eq!(again.json(), confirmed.json(), "again it changes nothing");
    let refunds = refund::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    assert_eq!((refunds.len(), refunds[0].amount, refunds[0].reason.as_str()), (1, 1999, "withdrawal"));

    let letters = shop.app.letters("ada@example.com").await;
    let received: Vec<_> = letters.iter().filter(|letter| letter.subject.contains("withdrawal")).collect();
    assert_eq!(received.len(), 1);
    for told in ["22 November 2026, 12:01:00 UTC", statement.as_str(), "Celeste: 19.99 USD"] {
        assert!(received[0].text.contains(told), "{told}: {}", received[0].text);
    }
    shop.is_sound().await;
}

#[tokio::test]
async fn the_right_is_lost_product_by_product_by_what_was_delivered() {
    let shop = Shop::new().await;
    let (celeste, hades, portal) =
        (shop.sell("Celeste", 1000).await, shop.sell("Hades", 2000).await, shop.sell("Portal", 3000).await);
    let keys = format!("/api/v1/admin/products/{hades}/license-keys");
    assert_eq!(shop.editor.post(&keys, json!({"keys": ["HADES-1"]})).await.status, 201);
    let bought = buy(&shop.ada, &[celeste, hades, portal]).await;
    let all = state(&shop.ada, &bought, json!({})).await.json();
    assert_eq!(all["refund"], usd(6000), "nothing was delivered");

    // Her library shows the key; the other one she downloads after she has stated that she withdraws from it.
    let item = shop.ada.get(&format!("/api/v1/library/{hades}")).await.json();
    assert_eq!(item["license_keys"], json!(["HADES-1"]));
    downloaded(&shop, celeste).await;
    refused(&confirm(&shop.ada, &bought).await, "delivered");
    refused(&state(&shop.ada, &bought, json!({"items": [hades]})).await, "delivered");

    let rest = state(&shop.ada, &bought, json!({})).await.json();
    assert_eq!((&rest["refund"], rest["items"].as_array().unwrap().len()), (&usd(3000), 1));
    let lost: Vec<_> =
        rest["lost"].as_array().unwrap().iter().map(|lost| (&lost["title"], &lost["reason"])).collect();
    let (celeste, hades) = (json!("Celeste"), json!("Hades"));
    assert_eq!(lost, [(&celeste, &json!("downloaded")), (&hades, &json!("key_shown"))]);
    assert_eq!(confirm(&shop.ada, &bought).await.status, 200);
    let left = read(&shop.ada, &bought).await;
    assert_eq!(left["status"], "partially_refunded");
    refused(&state(&shop.ada, &bought, json!({})).await, "delivered");
    shop.is_sound().await;
}

#[tokio::test]
async fn the_right_ends_with_the_fourteenth_day() {
    let mut shop = Shop::new().await;
    let (celeste, hades) = (shop.sell("Celeste", 1999).await, shop.sell("Hades", 1999).await);
    let (first, second) = (buy(&shop.ada, &[celeste]).await, buy(&shop.ada, &[hades]).await);
    // Bought on a Sunday: the fourteenth day after it is a Sunday too, so it is until Monday's end.
    shop.app.advance(Duration::days(15) + Duration::hours(11));
    shop.ada_again().await;
    assert_eq!(state(&shop.ada, &first, json!({})).await.json()["until"], "2026-12-08T00:00:00Z");
    assert_eq!(confirm(&shop.ada, &first).await.status, 200);
    assert_eq!(state(&shop.ada, &second, json!({})).await.status, 200);
    shop.app.advance(Duration::hours(1));
    shop.ada_again().await;
    refused(&confirm(&shop.ada, &second).await, "too_late");
    refused(&state(&shop.ada, &second, json!({})).await, "too_late");
}

#[tokio::test]
async fn what_can_not_be_withdrawn_from_says_why() {
    let shop = Shop::new().await;
    let (celeste, hades) = (shop.sell("Celeste", 1999).await, shop.sell("Hades", 1999).await);
    let open = place(&shop.ada, &[celeste]).await;
    refused(&state(&shop.ada, &open, json!({})).await, "not_paid");
    let bought = buy(&shop.ada, &[hades]).await;
    assert_eq!(confirm(&shop.ada, &bought).await.code(), "withdrawal_not_prepared");
    let stray = state(&shop.ada, &bought, json!({"items": [celeste]})).await;
    assert_eq!((stray.status, stray.json()["errors"][0]["code"].as_str()), (422, Some("not_in_order")));
    let bob = shop.app.account("bob").await;
    assert_eq!(state(&bob, &bought, json!({})).await.status, 404);
    assert_eq!(confirm(&bob, &bought).await.status, 404);
    let refund = format!("/api/v1/orders/{}/refund", id(&bought));
    assert_eq!(shop.ada.post(&refund, json!({"reason": "no fun"})).await.status, 200);
    refused(&state(&shop.ada, &bought, json!({})).await, "already_refunded");
}

#[tokio::test]
async fn many_confirmations_at_once_are_one_refund() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let bought = buy(&shop.ada, &[game]).await;
    assert_eq!(state(&shop.ada, &bought, json!({})).await.status, 200);
    let replies = futures::future::join_all((0..8).map(|_| confirm(&shop.ada, &bought))).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    assert_eq!(refund::Entity::find().all(&shop.app.app.db.read).await.unwrap().len(), 1);
    let letters = shop.app.letters("ada@example.com").await;
    assert_eq!(letters.iter().filter(|letter| letter.subject.contains("withdrawal")).count(), 1);
    shop.is_sound().await;
}
