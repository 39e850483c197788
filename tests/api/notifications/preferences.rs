//! How somebody wants to be told.
use serde_json::{Value, json};

use super::{PREFERENCES, choose, follow, kinds, shop};
use crate::checkout::shop::buy;

#[tokio::test]
async fn what_is_chosen_holds_and_the_rest_stays() {
    let shop = shop().await;
    let before = shop.ada.get(PREFERENCES).await.json();
    assert_eq!(before["order_paid"], json!({"email": false, "in_app": true}));
    assert_eq!(before["wishlist_price_drop"], json!({"email": true, "in_app": true}));
    assert_eq!(before["password_changed"], json!({"email": true, "in_app": true}));
    assert_eq!(before["order_disputed"], Value::Null, "staff alone are told of it");
    let reply = choose(
        &shop.ada,
        json!({"order_paid": {"email": true, "in_app": false}, "order_refunded": {"email": false}}),
    )
    .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let mut expected = before.clone();
    expected["order_paid"] = json!({"email": true, "in_app": false});
    expected["order_refunded"] = json!({"email": false, "in_app": true});
    assert_eq!(reply.json(), expected);
    assert_eq!(shop.ada.get(PREFERENCES).await.json(), expected);
    assert_eq!(shop.app.account("bob").await.get(PREFERENCES).await.json(), before, "others chose nothing");

    buy(&shop.ada, &[shop.sell("Celeste", 900).await]).await;
    follow(&shop.app).await;
    assert_eq!(kinds(&shop.ada).await, ["download_ready"]);
    let subjects = shop.app.subjects("ada@example.com").await;
    assert!(subjects.iter().any(|subject| subject.ends_with("is paid")), "{subjects:?}");
}

#[tokio::test]
async fn what_is_switched_off_altogether_is_not_kept() {
    let shop = shop().await;
    choose(&shop.ada, json!({"order_paid": {"email": false, "in_app": false}})).await;
    buy(&shop.ada, &[shop.sell("Celeste", 900).await]).await;
    follow(&shop.app).await;
    assert_eq!(kinds(&shop.ada).await, ["download_ready"]);
    let rows = crate::support::everything::values_of(&shop.app.app.db.read, "notification.kind").await;
    assert_eq!(rows, ["download_ready"]);
}

#[tokio::test]
async fn what_keeps_an_account_safe_can_not_be_switched_off() {
    let shop = shop().await;
    for (body, field) in [
        (json!({"password_changed": {"email": false}}), "password_changed.email"),
        (json!({"passkey_added": {"in_app": false}}), "passkey_added.in_app"),
    ] {
        let reply = choose(&shop.ada, body).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "always_on"));
        assert_eq!(reply.faults(), [(field.to_owned(), "always_on".to_owned())]);
    }
    assert_eq!(
        choose(&shop.ada, json!({"password_changed": {"email": true, "in_app": true}})).await.status,
        200
    );
    let refused =
        choose(&shop.ada, json!({"order_paid": {"email": true}, "new_device": {"email": false}})).await;
    assert_eq!(refused.status, 422);
    assert_eq!(shop.ada.get(PREFERENCES).await.json()["order_paid"]["email"], false, "all or nothing");
}

#[tokio::test]
async fn what_nobody_is_told_of_is_no_field() {
    let shop = shop().await;
    for name in ["no_such_kind", "order_disputed"] {
        let reply = choose(&shop.ada, json!({name: {"email": true}})).await;
        assert_eq!(
            (reply.status, reply.faults()),
            (422, vec![(name.to_owned(), "unknown_field".to_owned())])
        );
    }
    let support = shop.app.support().await;
    let reply = choose(&support, json!({"order_disputed": {"email": false}})).await;
    assert_eq!(reply.json()["order_disputed"], json!({"email": false, "in_app": true}), "{}", reply.text());
}
