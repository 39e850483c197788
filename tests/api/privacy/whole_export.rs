//! The export against the database itself: a table that points at accounts is in it, or stands here with why it isn't.
use entity::identity;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value, json};
use uuid::Uuid;

use super::person::{ADDRESS, EXPORT, Traces, leave_traces, shop, zenobia};
use crate::{
    checkout::{
        gifts,
        shop::{Shop, buy, id},
    },
    support::{Client, Reply, authenticator, everything, security_key::SecurityKey},
};

/// The columns that make a row somebody's, and the list of the export that tells of the row.
const TOLD: [(&str, &str); 23] = [
    ("account_link.account_id", "mail_links"),
    ("api_key.account_id", "api_keys"),
    ("audit_entry.account_id", "audit_log"),
    ("cart_coupon.account_id", "cart_coupon"),
    ("cart_item.account_id", "cart"),
    ("credit_entry.account_id", "credit"),
    ("download_grant.account_id", "downloads"),
    ("entitlement.account_id", "entitlements"),
    ("gift.account_id", "gifts_sent"),
    ("gift.claimed_by", "gifts_claimed"),
    ("idempotency_key.account_id", "idempotency_keys"),
    ("identity.account_id", "identities"),
    ("notification.account_id", "notifications"),
    ("notification_preference.account_id", "notification_preferences"),
    ("orders.account_id", "orders"),
    ("passkey.account_id", "passkeys"),
    ("recovery_code.account_id", "second_factors"),
    ("review.account_id", "reviews"),
    ("review_report.account_id", "review_reports"),
    ("review_vote.account_id", "review_votes"),
    ("session.account_id", "sessions"),
    ("totp_factor.account_id", "second_factors"),
    ("wishlist_item.account_id", "wishlist"),
];
/// Told too, but left out of [`TOLD`] for what the same list holds otherwise, or not told at all: each with the reason.
const NOT_BY_THEMSELVES: [(&str, &str); 16] = [
    ("audit_entry.actor_id", "in `audit_log`: what the account did"),
    ("credit_balance.account_id", "the sum of `credit`"),
    ("credit_entry.actor_id", "the deed is in `audit_log`, the grant with whom it was given to"),
    ("event.account_id", "the audit log takes every event over, which `audit_log` tells"),
    ("event.actor_id", "the audit log takes every event over, which `audit_log` tells"),
    ("event_origin.account_id", "an address on its way to the audit log, seconds old; told there"),
    ("event_origin.actor_id", "an address on its way to the audit log, seconds old; told there"),
    ("mail_unsubscribe.account_id", "a digest; what it did is in `notification_preferences`"),
    ("passkey_ceremony.account_id", "a sealed challenge that lives minutes and says nothing of anybody"),
    ("refund.requested_by", "the deed is in `audit_log`, the refund in the `orders` of whose it is"),
    ("sign_in_code.account_id", "a digest that lives a minute and says nothing of anybody"),
    ("staff_grant.account_id", "in `grants`"),
    ("staff_grant.granted_by", "the deed is in `audit_log`, the grant with whom it was given to"),
    (
        "stamped_file.account_id",
        "a copy of what `entitlements` tells, which says the name and what `orders` tells",
    ),
    ("stream_ticket.account_id", "a digest that lives a minute and says nothing of anybody"),
    ("webhook_delivery.account_id", "ids and what `orders` tells, on its way to programs of the store's"),
];
const ISSUER: &str = "https://accounts.example";
const SUBJECT: &str = "a-subject-of-somebody";

/// What only its owner and the store may know, however it is written.
struct Secrets(Vec<String>);

/// Leaves something wherever an account can, beside what it buys.
async fn leave_the_rest(shop: &Shop, zenobia: &Client, traces: &Traces) -> Secrets {
    let mut secrets = Vec::new();
    let mut secret = |reply: &Reply, member: &str| {
        assert!(reply.status < 300, "{}", reply.text());
        let told = reply.json()[member].clone();
        secrets.extend(told.as_str().map(ToOwned::to_owned));
        told
    };
    let key = json!({"name": "build server", "scopes": ["orders:read"]});
    secret(&zenobia.post("/api/v1/me/api-keys", key).await, "key");
    let totp = secret(&zenobia.act("/api/v1/me/totp").await, "secret");
    let code = authenticator::code(totp.as_str().unwrap(), shop.app.clock.now());
    let confirmed = zenobia.post("/api/v1/me/totp/confirm", json!({"code": code})).await;
    let codes = secret(&confirmed, "recovery_codes");
    secrets.extend(codes.as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()));

    let asked = zenobia.act("/api/v1/me/passkeys/register/start").await.json();
    let credential = SecurityKey::new(&shop.app.app.public_url("")).create(&asked["public_key"]).await;
    let body = json!({"id": asked["id"], "credential": credential});
    assert_eq!(zenobia.post("/api/v1/me/passkeys/register/finish", body).await.status, 201);
    let identity = identity::Model {
        id: shop.app.clock.new_id(),
        account_id: zenobia.account_id(),
        issuer: ISSUER.to_owned(),
        subject: SUBJECT.to_owned(),
        created_at: shop.app.clock.now(),
    };
    identity.into_active_model().insert(shop.app.app.db.writer()).await.unwrap();
    let wished = zenobia.put(&format!("/api/v1/wishlist/{}", traces.wanted), json!({})).await;
    assert!(wished.status < 300, "{}", wished.text());
    let choice = json!({"order_paid": {"email": true}});
    assert_eq!(zenobia.put("/api/v1/me/notification-preferences", choice).await.status, 200);
    exchange_gifts(shop, zenobia).await;
    review(shop, zenobia, traces.bought).await;
    release(shop, traces.bought).await;
    let link = zenobia.post(&format!("/api/v1/library/{}/downloads", traces.bought), json!({})).await;
    assert_eq!(link.status, 201, "{}", link.text());
    Secrets(secrets)
}

/// Zenobia reviews what Ada reviews too, of which she thinks little.
async fn review(shop: &Shop, zenobia: &Client, product: Uuid) {
    buy(&shop.ada, &[product]).await;
    let mine = format!("/api/v1/products/{product}/reviews/mine");
    assert_eq!(zenobia.put(&mine, json!({"rating": 5})).await.status, 201);
    let coupon = shop.editor.post("/api/v1/admin/coupons", json!({"code": "HERS", "percent": 5})).await;
    assert_eq!(coupon.status, 201, "{}", coupon.text());
    assert_eq!(zenobia.put("/api/v1/cart/coupon", json!({"code": "HERS"})).await.status, 200);
    let other = format!("/api/v1/reviews/{}", id(&shop.ada.put(&mine, json!({"rating": 1})).await.json()));
    assert_eq!(zenobia.put(&format!("{other}/vote"), json!({"helpful": false})).await.status, 204);
    assert_eq!(zenobia.post(&format!("{other}/report"), json!({"reason": "spite"})).await.status, 202);
}

/// Zenobia gives something away, and claims what Ada gave.
async fn exchange_gifts(shop: &Shop, zenobia: &Client) {
    shop.app.prove(ADDRESS).await;
    shop.app.prove("ada@example.com").await;
    let product = shop.sell("Exchanged", 100).await;
    gifts::give(shop, zenobia, &[product]).await;
    let (_, token) = gifts::give(shop, &shop.ada, &[product]).await;
    assert_eq!(gifts::claim(zenobia, &token).await.status, 200);
}

/// Gives a product something to download.
async fn release(shop: &Shop, product: Uuid) {
    let body = json!({"version": "1", "platform": "linux"});
    let made = shop.editor.post(&format!("/api/v1/admin/products/{product}/builds"), body).await;
    let build = format!("/api/v1/admin/builds/{}", id(&made.json()));
    let file = shop.editor.request(reqwest::Method::PUT, &format!("{build}/files/game.bin")).body("bytes");
    assert_eq!(Reply::of(file).await.status, 201);
    assert_eq!(shop.editor.act(&format!("{build}/release")).await.status, 200);
}

#[tokio::test]
async fn every_table_that_points_at_accounts_is_told_of_or_excused() {
    let shop = shop().await;
    let there = everything::account_columns(&shop.app.app.db.read).await;
    let mut known: Vec<&str> = TOLD.iter().chain(&NOT_BY_THEMSELVES).map(|(column, _)| *column).collect();
    known.sort_unstable();
    assert_eq!(
        there, known,
        "a column that points at accounts: add its rows to `LISTS` in src/privacy/export.rs and it to `TOLD`, or say \
         in `NOT_BY_THEMSELVES` why they are not taken along"
    );
}

#[tokio::test]
async fn each_list_holds_what_its_table_holds() {
    let shop = shop().await;
    let zenobia = zenobia(&shop).await;
    let traces = leave_traces(&shop, &zenobia).await;
    let Secrets(secrets) = leave_the_rest(&shop, &zenobia, &traces).await;
    mist::background::tick(&shop.app.app, "events").await.unwrap();
    let export = zenobia.get(EXPORT).await;
    let (text, export) = (export.text(), export.json());
    let whose = zenobia.account_id().simple().to_string();
    for (column, list) in TOLD {
        let of_hers = everything::values_of(&shop.app.app.db.read, column).await;
        let of_hers = of_hers.iter().filter(|value| value.replace('-', "").to_lowercase() == whose).count();
        let told = export[list].as_array().map_or(0, Vec::len);
        assert!(of_hers > 0, "the test left nothing in {column}");
        assert!(told >= of_hers, "{told} of {of_hers} rows of {column} are in {list}");
    }
    for secret in secrets {
        assert!(!text.contains(&secret), "a secret is in the export");
    }
    for word in ["hash", "sealed", "credential"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[tokio::test]
async fn the_ways_into_an_account_are_told_without_what_opens_it() {
    let shop = shop().await;
    let zenobia = zenobia(&shop).await;
    let traces = leave_traces(&shop, &zenobia).await;
    leave_the_rest(&shop, &zenobia, &traces).await;
    let export = zenobia.get(EXPORT).await.json();
    let without_ids = |list: &str| {
        let mut rows = export[list].clone();
        rows.as_array_mut().unwrap().iter_mut().for_each(|row| {
            row.as_object_mut().unwrap().remove("id");
        });
        rows
    };
    let now = "2026-11-22T12:00:00Z";
    assert_eq!(without_ids("identities"), json!([{"issuer": ISSUER, "subject": SUBJECT, "created_at": now}]));
    assert_eq!(
        without_ids("api_keys"),
        json!([{
            "name": "build server", "scopes": ["orders:read"], "products": null, "created_at": now, "last_used_at": null,
            "expires_at": null, "revoked_at": null,
        }])
    );
    assert_eq!(
        without_ids("mail_links"),
        json!([{
            "purpose": "verify", "email": ADDRESS, "replaces": null, "created_at": now,
            "expires_at": "2026-11-25T12:00:00Z", "ended_at": now,
        }])
    );
    let factors = export["second_factors"].as_array().unwrap();
    assert_eq!(factors[0], json!({"kind": "totp", "created_at": now, "confirmed": true}));
    assert!(factors.len() > 1, "{factors:?}");
    for code in &factors[1..] {
        assert_eq!(*code, json!({"kind": "recovery_code", "used_at": Value::Null}));
    }
}

#[tokio::test]
async fn a_key_that_is_revoked_is_told_of_too() {
    let shop = shop().await;
    let zenobia = zenobia(&shop).await;
    let wish = json!({"name": "old", "scopes": ["orders:read"]});
    let made = zenobia.post("/api/v1/me/api-keys", wish).await.json();
    zenobia.delete(&format!("/api/v1/me/api-keys/{}", id(&made))).await;
    let export = zenobia.get(EXPORT).await.json();
    assert_eq!(export["api_keys"][0]["revoked_at"], "2026-11-22T12:00:00Z");
    assert_eq!(shop.ada.get(EXPORT).await.json()["api_keys"], json!([]));
}
