//! What staff gives away, and takes back.
use serde_json::json;
use uuid::Uuid;

use super::shop::{Shop, buy};

#[tokio::test]
async fn support_gives_a_product_and_takes_it_back() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let support = shop.app.support().await;
    let ada = shop.ada.account_id();
    let path = format!("/api/v1/admin/accounts/{ada}/grants");
    let reply = support.post(&path, json!({"product_id": game, "reason": " A prize "})).await;
    let grant = reply.json();
    assert_eq!(reply.status, 201, "{grant}");
    assert_eq!(
        grant,
        json!({"id": grant["id"], "account_id": ada, "product_id": game, "reason": "A prize",
               "granted_by": support.account_id(), "granted_at": "2026-11-22T12:00:00Z"})
    );
    let item = shop.ada.get(&format!("/api/v1/library/{game}")).await.json();
    assert_eq!((&item["source"], &item["granted_at"]), (&json!("grant"), &grant["granted_at"]));
    let again = support.post(&path, json!({"product_id": game, "reason": "Another"})).await;
    assert_eq!((again.status, again.code().as_str()), (409, "already_owned"));
    let one = format!("{path}/{game}");
    assert_eq!(support.delete(&one).await.status, 204);
    assert_eq!(support.delete(&one).await.status, 404);
    assert_eq!(shop.ada.get(&format!("/api/v1/library/{game}")).await.status, 404);
    assert_eq!(shop.events().await, ["entitlement.granted", "entitlement.revoked"]);
    assert_eq!(support.post(&path, json!({"product_id": game, "reason": "After all"})).await.status, 201);
    shop.is_sound().await;
}

#[tokio::test]
async fn what_was_bought_is_not_taken_back_as_a_gift() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    buy(&shop.ada, &[game]).await;
    let support = shop.app.support().await;
    let path = format!("/api/v1/admin/accounts/{}/grants/{game}", shop.ada.account_id());
    assert_eq!(support.delete(&path).await.status, 404);
    assert_eq!(shop.ada.get(&format!("/api/v1/library/{game}")).await.status, 200);
}

#[tokio::test]
async fn gifts_are_judged_by_who_asks_then_for_whom_then_what() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let support = shop.app.support().await;
    let path = format!("/api/v1/admin/accounts/{}/grants", shop.ada.account_id());
    assert_eq!(shop.app.nobody().post(&path, json!(1)).await.status, 401);
    assert_eq!(shop.editor.post(&path, json!(1)).await.status, 403);
    assert_eq!(shop.editor.delete(&format!("{path}/{game}")).await.status, 403);
    let nobodys = format!("/api/v1/admin/accounts/{}/grants", Uuid::nil());
    assert_eq!(support.post(&nobodys, json!(1)).await.status, 404);
    assert_eq!(support.delete(&format!("{nobodys}/{game}")).await.status, 404);
    let reply = support.post(&path, json!({"product_id": Uuid::nil(), "reason": "A prize"})).await;
    assert_eq!(reply.faults(), [("product_id".to_owned(), "unknown_product".to_owned())]);
    let reply = support.post(&path, json!({"product_id": "x", "reason": "a\nb", "more": 1})).await;
    let mut faults = reply.faults();
    faults.sort();
    let expected = [("more", "unknown_field"), ("product_id", "invalid_uuid"), ("reason", "invalid_text")];
    assert_eq!(faults, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
}
