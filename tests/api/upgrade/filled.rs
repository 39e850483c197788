//! A store in which something lies in every table.
use std::io::Cursor;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::Duration;
use entity::{
    direct_upload, logged_request, oidc_sign_in, provider_event, sign_in_code, stamped_file,
    suppressed_address,
};
use image::{DynamicImage, ImageFormat, RgbImage};
use mist::background;
use reqwest::Method;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    checkout::shop::{Shop, buy, end, id, wish},
    privacy::{
        person::{leave_traces, zenobia},
        whole_export::leave_the_rest,
    },
    support::{Client, Reply},
    webhooks::{self, receiver},
};

const BOUNDARY: &str = "a-boundary";

async fn post(client: &Client, path: &str, body: Value) -> Value {
    let reply = client.post(path, body).await;
    assert!(reply.status < 300, "POST {path}: {} {}", reply.status, reply.text());
    if reply.body.is_empty() { Value::Null } else { reply.json() }
}

async fn put(client: &Client, path: &str, body: Value) {
    let reply = client.put(path, body).await;
    assert!(reply.status < 300, "PUT {path}: {} {}", reply.status, reply.text());
}

/// A store that was used for everything it can do.
pub async fn shop() -> Shop {
    let shop = Shop::with(|config| {
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        config.webhooks.allow_private = true;
        config.delivery.scanner = vec!["true".to_owned()];
    })
    .await;
    let receiver = receiver::Receiver::new(receiver::Manner::Status(204)).await;
    let admin = shop.app.admin().await;
    let hook = json!({"url": receiver.url, "events": ["order.paid", "build.released"]});
    post(&admin, "/api/v1/admin/webhooks", hook).await;

    let zenobia = zenobia(&shop).await;
    let traces = leave_traces(&shop, &zenobia).await;
    leave_the_rest(&shop, &zenobia, &traces).await;
    let lantern = lantern(&shop, traces.bought).await;
    picture(&shop, lantern).await;
    keys(&shop, lantern).await;
    purchases(&shop, lantern, traces.bought).await;
    upload(&shop, lantern).await;
    by_hand(&shop, &zenobia, traces.bought).await;

    assert_eq!(zenobia.act("/api/v1/notifications/stream-ticket").await.status, 201);
    assert!(zenobia.act("/api/v1/me/passkeys/register/start").await.status < 300);
    let wrong = json!({"email": "ada@example.com", "password": "not her password"});
    assert_eq!(shop.app.nobody().post("/api/v1/auth/login", wrong).await.status, 401);

    follow(&shop).await;
    // What is due a moment after a payment, such as the number of its invoice.
    shop.app.advance(Duration::seconds(30));
    follow(&shop).await;
    for task in ["popularity", "bought_together", "calendar"] {
        background::tick(&shop.app.app, task).await.unwrap();
    }
    // The newest events wait for their readers, with the address from where they came.
    let coming = shop.ada.clone().coming_from("203.0.113.9", "a browser");
    put(&coming, &format!("/api/v1/wishlist/{lantern}"), json!({})).await;
    let name = json!({"display_name": "Ada L."});
    let renamed = Reply::of(coming.request(Method::PATCH, "/api/v1/me").json(&name)).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text());
    shop
}

/// Lets readers, jobs and webhooks catch up.
async fn follow(shop: &Shop) {
    for _ in 0..3 {
        background::tick(&shop.app.app, "events").await.unwrap();
        shop.app.run_jobs().await;
        webhooks::send(shop).await;
    }
}

/// A product with labels, translations, kin, a sale, and a name that it no longer has.
async fn lantern(shop: &Shop, base: Uuid) -> Uuid {
    let editor = &shop.editor;
    for kind in ["tags", "categories"] {
        post(editor, &format!("/api/v1/admin/{kind}"), json!({"slug": "light", "name": "Light"})).await;
        put(editor, &format!("/api/v1/admin/{kind}/light/translations/de"), json!({"name": "Licht"})).await;
    }
    let body = json!({
        "kind": "game", "title": "Lantern", "release_date": "2020-01-01", "tags": ["light"], "categories": ["light"],
        "platforms": ["linux"], "languages": ["en", "de"], "prices": [{"currency": "USD", "amount": 1500}],
    });
    let product = id(&post(editor, "/api/v1/admin/products", body).await);
    let path = format!("/api/v1/admin/products/{product}");
    put(editor, &format!("{path}/translations/de"), json!({"title": "Laterne"})).await;
    put(editor, &format!("{path}/relations"), json!({"edition_of": base})).await;
    post(editor, &format!("{path}/publish"), json!({})).await;
    let change = editor.request(Method::PATCH, &path).header("if-match", "*");
    let renamed = Reply::of(change.json(&json!({"slug": "lantern-renamed"}))).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text());
    shop.price(product, 1200).await;
    let at = |hours| shop.app.clock.now() + Duration::hours(hours);
    post(editor, &format!("{path}/sales"), json!({"percent": 10, "starts_at": at(1), "ends_at": at(48)}))
        .await;
    product
}

async fn picture(shop: &Shop, product: Uuid) {
    let picture: DynamicImage = RgbImage::from_pixel(64, 36, image::Rgb([30, 60, 200])).into();
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    let field = |head: &str| format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name={head}\r\n\r\n");
    let form = [
        field("\"kind\"").into_bytes(),
        b"screenshot\r\n".to_vec(),
        field("\"file\"; filename=\"shot.png\"\r\nContent-Type: image/png").into_bytes(),
        bytes.into_inner(),
        format!("\r\n--{BOUNDARY}--\r\n").into_bytes(),
    ];
    let request = shop.editor.request(Method::POST, &format!("/api/v1/admin/products/{product}/media"));
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let reply = Reply::of(request.header("content-type", kind).body(form.concat())).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
}

/// Keys in a pool, of which one is sold and used.
async fn keys(shop: &Shop, product: Uuid) {
    let path = format!("/api/v1/admin/products/{product}");
    post(
        &shop.editor,
        &format!("{path}/license-keys"),
        json!({"keys": ["KEY-1", "KEY-2", "KEY-3", "KEY-4"]}),
    )
    .await;
    put(&shop.editor, &format!("{path}/license-policy"), json!({"max_activations": 2})).await;
    buy(&shop.ada, &[product]).await;
    let owned = shop.ada.get(&format!("/api/v1/library/{product}")).await.json();
    let used = json!({"license_key": owned["license_keys"][0], "fingerprint": "a machine"});
    post(&shop.app.nobody(), "/api/v1/licenses/activate", used).await;
}

/// Two products together by a coupon, one of them given back; another order is withdrawn from.
async fn purchases(shop: &Shop, lantern: Uuid, other: Uuid) {
    let coupon = json!({"code": "TOGETHER", "percent": 10});
    post(&shop.editor, "/api/v1/admin/coupons", coupon).await;
    let bob = shop.app.account("bob").await;
    let mut body = wish(&[lantern, other]);
    body["coupon"] = json!("TOGETHER");
    let order = post(&bob, "/api/v1/checkout", body).await;
    assert_eq!(end(&bob, &order, "succeed").await.status, 200);
    let eve = shop.app.account("eve").await;
    let back = buy(&eve, &[shop.sell("Given back", 700).await]).await;
    post(&eve, &format!("/api/v1/orders/{}/refund", id(&back)), json!({"reason": "no fun"})).await;
    let withdrawn = buy(&eve, &[shop.sell("Withdrawn", 800).await]).await;
    post(&eve, &format!("/api/v1/orders/{}/withdrawal", id(&withdrawn)), json!({})).await;
    let confirmed = eve.act(&format!("/api/v1/orders/{}/withdrawal/confirm", id(&withdrawn))).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
}

/// An upload that waits for its rest.
async fn upload(shop: &Shop, product: Uuid) {
    let draft = json!({"version": "2", "platform": "linux"});
    let build = id(&post(&shop.editor, &format!("/api/v1/admin/products/{product}/builds"), draft).await);
    let request = shop.editor.request(Method::POST, &format!("/api/v1/admin/builds/{build}/uploads"));
    let request = request.header("tus-resumable", "1.0.0").header("upload-length", 20);
    let name = format!("filename {}", STANDARD.encode("late.bin"));
    assert_eq!(Reply::of(request.header("upload-metadata", name)).await.status, 201);
}

/// What a store has only where it is set up otherwise: as it would be written there.
async fn by_hand(shop: &Shop, zenobia: &Client, product: Uuid) {
    let (db, clock) = (shop.app.app.db.writer(), &shop.app.clock);
    let (now, later) = (clock.now(), clock.now() + Duration::minutes(10));
    let object = entity::object::Entity::find().one(db).await.unwrap().unwrap();
    let build = entity::build::Entity::find().one(db).await.unwrap().unwrap();
    let stamped = stamped_file::Model {
        id: clock.new_id(),
        account_id: zenobia.account_id(),
        product_id: product,
        source_sha256: object.sha256.clone(),
        object_key: object.key.clone(),
        size: object.size,
        sha256: object.sha256.clone(),
        used_at: now,
    };
    stamped.into_active_model().insert(db).await.unwrap();
    let upload = direct_upload::Model {
        id: clock.new_id(),
        build_id: build.id,
        file_name: "direct.bin".to_owned(),
        size: 5,
        object_key: "ab".repeat(32),
        multipart_id: "an-upload".to_owned(),
        part_bytes: 8 * 1024 * 1024,
        status: direct_upload::Status::Open,
        refusal: None,
        created_at: now,
        expires_at: later,
    };
    upload.into_active_model().insert(db).await.unwrap();
    let logged = logged_request::Model { request_id: "a-request".to_owned(), at: now };
    logged.into_active_model().insert(db).await.unwrap();
    let sign_in = oidc_sign_in::Model {
        state_hash: vec![1; 32],
        provider: "accounts".to_owned(),
        return_to: None,
        expires_at: later,
        used_at: None,
    };
    sign_in.into_active_model().insert(db).await.unwrap();
    let code = sign_in_code::Model {
        code_hash: vec![2; 32],
        account_id: zenobia.account_id(),
        expires_at: later,
        used_at: None,
    };
    code.into_active_model().insert(db).await.unwrap();
    let suppressed = suppressed_address::Model {
        address_hash: vec![3; 32],
        reason: suppressed_address::Reason::Bounce,
        at: now,
    };
    suppressed.into_active_model().insert(db).await.unwrap();
    let told = provider_event::Model {
        id: clock.new_id(),
        provider: "stripe".to_owned(),
        event_id: "evt_1".to_owned(),
        kind: "charge.updated".to_owned(),
        news: None,
        received_at: now,
        applied_at: Some(now),
        outcome: Some("ignored".to_owned()),
    };
    told.into_active_model().insert(db).await.unwrap();
}
