use chrono::Duration;
use entity::{account, order};
use mist::background;
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::json;

use super::person::{ADDRESS, AGENT, IP, ME, NAME, delete, leave_traces, shop, sign_in, zenobia};
use crate::{
    checkout::shop::{end, id},
    support::{PASSWORD, Reply, TestApp, everything::places_of},
};

#[tokio::test]
async fn no_table_remembers_who_was_erased() {
    let shop = shop().await;
    let zenobia = zenobia(&shop).await;
    let traces = leave_traces(&shop, &zenobia).await;
    sign_in(&shop, "another violet engine").await;
    background::tick(&shop.app.app, "events").await.unwrap();
    // These are still on their way to the audit log.
    let session = sign_in(&shop, PASSWORD).await.json();
    sign_in(&shop, "another violet engine").await;

    let refresh_token = session["refresh_token"].as_str().unwrap();
    let traits = [NAME, ADDRESS, IP, AGENT, refresh_token];
    let read = &shop.app.app.db.read;
    let before = places_of(read, &traits).await;
    for place in [
        "account.display_name",
        "account.email",
        "credit_entry.reason",
        "audit_entry.ip",
        "event_origin.ip",
        "idempotency_key.key",
        "orders.success_url",
        "refresh_token.token_hash",
        "session.ip",
        "session.user_agent",
        "staff_grant.reason",
    ] {
        assert!(before.contains(&place.to_owned()), "{place} is not among {before:?}");
    }

    let reply = delete(&zenobia, json!({"password": PASSWORD})).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
    assert_eq!(places_of(read, &traits).await, Vec::<String>::new());
    background::tick(&shop.app.app, "events").await.unwrap();
    shop.app.run_jobs().await;
    assert_eq!(places_of(read, &traits).await, Vec::<String>::new(), "written after it");

    // What the books need is there, and belongs to nobody that can be told.
    let paid = order::Entity::find_by_id(id(&traces.paid)).one(read).await.unwrap().unwrap();
    assert_eq!((paid.account_id, paid.status), (zenobia.account_id(), order::Status::Paid));
    let open = order::Entity::find_by_id(id(&traces.open)).one(read).await.unwrap().unwrap();
    assert_eq!(open.status, order::Status::Cancelled);
    let row = account::Entity::find_by_id(zenobia.account_id()).one(read).await.unwrap().unwrap();
    assert_eq!((row.status, row.erased_at), (account::Status::Suspended, Some(shop.app.clock.now())));
    assert!(row.email.ends_with("@erased.invalid") && row.country.is_none(), "{row:?}");
    shop.is_sound().await;
}

#[tokio::test]
async fn who_was_erased_is_out_at_once_and_the_address_is_free() {
    let shop = shop().await;
    let zenobia = zenobia(&shop).await;
    let other = shop.app.nobody().with_session(&sign_in(&shop, PASSWORD).await.json());
    assert_eq!((zenobia.get(ME).await.status, other.get(ME).await.status), (200, 200));
    assert_eq!(delete(&zenobia, json!({"password": PASSWORD})).await.status, 204);
    assert_eq!((zenobia.get(ME).await.status, other.get(ME).await.status), (401, 401));
    let body = json!({"refresh_token": other.session()["refresh_token"]});
    assert_eq!(shop.app.nobody().post("/api/v1/auth/refresh", body).await.status, 401);
    assert_eq!(sign_in(&shop, PASSWORD).await.code(), "invalid_credentials");
    let again = super::person::zenobia(&shop).await;
    assert_ne!(again.account_id(), zenobia.account_id());
    assert_eq!(again.get("/api/v1/orders").await.json()["items"], json!([]));
}

#[tokio::test]
async fn an_erasure_asks_for_the_password() {
    let shop = shop().await;
    let zenobia = zenobia(&shop).await;
    let traces = leave_traces(&shop, &zenobia).await;
    let reply = delete(&zenobia, json!({"password": "another violet engine"})).await;
    assert_eq!(reply.status, 422);
    assert_eq!(reply.faults(), [("password".to_owned(), "invalid_credentials".to_owned())]);
    assert_eq!(delete(&zenobia, json!({})).await.faults(), [("password".to_owned(), "required".to_owned())]);
    assert_eq!(delete(&shop.app.nobody(), json!({"password": PASSWORD})).await.status, 401);
    let order = zenobia.get(&format!("/api/v1/orders/{}", id(&traces.open))).await.json();
    assert_eq!((&order["status"], zenobia.get(ME).await.status), (&json!("pending"), 200));
}

#[tokio::test]
async fn the_last_admin_can_not_be_erased() {
    let app = TestApp::new().await;
    let (admin, ada) = (app.admin().await, app.account("ada").await);
    let reply = delete(&admin, json!({"password": PASSWORD})).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "last_admin"));
    let path = format!("/api/v1/admin/accounts/{}", ada.account_id());
    let promoted = admin.request(Method::PATCH, &path).json(&json!({"roles": ["admin"]}));
    assert_eq!(Reply::of(promoted).await.status, 200);
    // Of two who go at once, one must stay.
    let body = || json!({"password": PASSWORD});
    let (left, right) = futures::future::join(delete(&admin, body()), delete(&ada, body())).await;
    let mut statuses = [left.status, right.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409], "{} {}", left.text(), right.text());
}

#[tokio::test]
async fn what_is_written_at_the_same_time_brings_nothing_back() {
    let shop = shop().await;
    for _ in 0..4 {
        let zenobia = zenobia(&shop).await;
        let name = zenobia.request(Method::PATCH, ME).json(&json!({"display_name": NAME}));
        let body = json!({"email": ADDRESS, "password": PASSWORD});
        let visitor = shop.app.nobody().coming_from(IP, AGENT);
        let (erased, _, _, _) = futures::future::join4(
            delete(&zenobia, json!({"password": PASSWORD})),
            Reply::of(name),
            visitor.post("/api/v1/auth/login", body),
            background::tick(&shop.app.app, "events"),
        )
        .await;
        assert_eq!(erased.status, 204, "{}", erased.text());
        background::tick(&shop.app.app, "events").await.unwrap();
        assert_eq!(places_of(&shop.app.app.db.read, &[NAME, ADDRESS, AGENT]).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn staff_see_an_erased_account_and_change_nothing_of_it() {
    let shop = shop().await;
    let (admin, zenobia) = (shop.app.admin().await, zenobia(&shop).await);
    delete(&zenobia, json!({"password": PASSWORD})).await;
    let path = format!("/api/v1/admin/accounts/{}", zenobia.account_id());
    let shown = admin.get(&path).await.json();
    assert_eq!((&shown["status"], &shown["display_name"]), (&json!("suspended"), &json!("Erased account")));
    let reply = Reply::of(admin.request(Method::PATCH, &path).json(&json!({"status": "active"}))).await;
    assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"));
    let found = admin.get(&format!("/api/v1/admin/accounts?q={NAME}")).await.json();
    assert_eq!(found["items"], json!([]));
}

#[tokio::test]
async fn a_receipt_is_not_sent_to_who_was_erased() {
    let shop = shop().await;
    let zenobia = zenobia(&shop).await;
    let game = shop.sell("A Game", 1000).await;
    let order = crate::checkout::shop::order(&zenobia, &[game]).await;
    assert_eq!(end(&zenobia, &order, "succeed").await.status, 200);
    assert_eq!(delete(&zenobia, json!({"password": PASSWORD})).await.status, 204);
    shop.app.advance(Duration::minutes(1));
    shop.app.run_jobs().await;
    let mails = shop.app.mails();
    assert!(!mails.is_empty(), "others are mailed");
    assert!(mails.iter().all(|mail| !mail.to_lowercase().contains(ADDRESS)), "{mails:?}");
}
