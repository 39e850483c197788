//! Who may call what: every operation of the API document, tried as everybody.
//!
//! A new operation needs its row in `src/accounts/matrix.rs` and, if its path names something, that thing in
//! [`World::thing`]; where either is missing the tests say so.
mod bodies;
mod everybody;
mod extra_fields;
mod keys;
mod limited_keys;
mod matrix;
mod others;

use entity::direct_upload;
use reqwest::Method;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, Reply, TestApp, security_key::SecurityKey};

/// Everybody there is, and what belongs to the customer.
struct World {
    nobody: Client,
    customer: Client,
    other: Client,
    editor: Client,
    support: Client,
    admin: Client,
    product: String,
    owned: String,
    /// In the store, and owned by both customers.
    reviewed: String,
    /// The other customer's, of that.
    review: String,
    build: String,
    /// Of a file that comes in parts, into that build.
    upload: String,
    /// Paid by the customer for somebody else.
    gift: String,
    order: String,
    number: String,
    payment: String,
    session: String,
    key: String,
    passkey: String,
    coupon: String,
    webhook: String,
    delivery: String,
    /// Whom staff sign out.
    helped: String,
}

impl World {
    async fn new(app: &TestApp) -> Self {
        let (customer, other) = (app.account("customer").await, app.account("other").await);
        let (editor, support, admin) = (app.editor().await, app.support().await, app.admin().await);
        let prices = json!([{"currency": "USD", "amount": 900}]);
        let body = json!({"kind": "game", "title": "Mine", "platforms": ["linux"], "prices": prices, "release_date": "2999-01-01"});
        let product = id(&editor.post("/api/v1/admin/products", body).await);
        editor.act(&format!("/api/v1/admin/products/{product}/publish")).await;
        let owned =
            id(&editor.post("/api/v1/admin/products", json!({"kind": "game", "title": "Given"})).await);
        let grants = format!("/api/v1/admin/accounts/{}/grants", customer.account_id());
        id(&support.post(&grants, json!({"product_id": owned, "reason": "a gift"})).await);
        let (reviewed, review) = review(&editor, &support, &customer, &other).await;
        let body = json!({"version": "1", "platform": "linux"});
        let build = id(&editor.post(&format!("/api/v1/admin/products/{product}/builds"), body).await);
        let upload = begin_upload(&editor, &build).await;
        begin_direct_upload(app, &build, &upload).await;
        editor.post("/api/v1/admin/tags", json!({"slug": "thing", "name": "Thing"})).await;
        editor.post("/api/v1/admin/categories", json!({"slug": "thing", "name": "Thing"})).await;
        let coupon = id(&editor.post("/api/v1/admin/coupons", json!({"code": "THING", "percent": 5})).await);
        let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
        let order = customer.post("/api/v1/checkout", body).await;
        let body = json!({"url": "https://hooks.example/mist", "events": ["order.paid"]});
        let webhook = id(&admin.post("/api/v1/admin/webhooks", body).await);
        let delivery = admin.act(&format!("/api/v1/admin/webhooks/{webhook}/test")).await.json();
        let gift = gift(app, &customer, &product).await;
        let text = |pointer: &str| order.json().pointer(pointer).unwrap().as_str().unwrap().to_owned();
        let key =
            customer.post("/api/v1/me/api-keys", json!({"name": "mine", "scopes": ["orders:read"]})).await;
        let asked = customer.act("/api/v1/me/passkeys/register/start").await.json();
        let credential = SecurityKey::new(&app.app.public_url("")).create(&asked["public_key"]).await;
        let body = json!({"id": asked["id"], "credential": credential});
        let passkey = customer.post("/api/v1/me/passkeys/register/finish", body).await;
        Self {
            nobody: app.nobody(),
            session: sign_in(app, "customer").await.session_id().to_string(),
            product,
            owned,
            reviewed,
            review,
            coupon,
            webhook,
            delivery: delivery["id"].as_str().unwrap().to_owned(),
            build,
            upload,
            gift,
            order: id(&order),
            number: text("/number"),
            payment: text("/payment/id"),
            key: id(&key),
            passkey: id(&passkey),
            helped: app.account("helped").await.account_id().to_string(),
            customer,
            other,
            editor,
            support,
            admin,
        }
    }

    /// The customer's own thing, or the store's, that a parameter of a path names.
    fn thing(&self, template: &str, parameter: &str) -> String {
        let path = template.trim_start_matches("/api/v1");
        match parameter {
            "product_id"
                if ["/library/", "/opds/library/"].iter().any(|own| path.starts_with(own))
                    || path.contains("/grants/") =>
            {
                self.owned.clone()
            }
            "product_id" | "product" => self.product.clone(),
            "upload_id" => self.upload.clone(),
            "delivery_id" => self.delivery.clone(),
            "payment_id" => self.payment.clone(),
            "locale" => "de".to_owned(),
            "name" => "file.bin".to_owned(),
            "slug" => "thing".to_owned(),
            "provider" | "grant" => "none".to_owned(),
            _ if path.starts_with("/auth/sessions/") => self.session.clone(),
            _ if path == "/admin/accounts/{id}/sessions" => self.helped.clone(),
            _ if path.starts_with("/admin/accounts/") => self.customer.account_id().to_string(),
            _ if path.starts_with("/admin/coupons/") => self.coupon.clone(),
            _ if path.starts_with("/admin/webhooks/") => self.webhook.clone(),
            _ if path.starts_with("/admin/builds/") => self.build.clone(),
            _ if path.starts_with("/admin/products/") || path.starts_with("/media/") => self.product.clone(),
            _ if path.ends_with("/updates") => self.owned.clone(),
            _ if path.starts_with("/products/") => self.reviewed.clone(),
            _ if path.starts_with("/reviews/") || path.starts_with("/admin/reviews/") => self.review.clone(),
            _ if path.starts_with("/me/api-keys/") => self.key.clone(),
            _ if path.starts_with("/me/passkeys/") => self.passkey.clone(),
            _ if path.starts_with("/gifts/") => self.gift.clone(),
            _ if path.starts_with("/orders/") || path.starts_with("/admin/orders/") => self.order.clone(),
            _ => panic!("World::thing knows no {{{parameter}}} of {template}"),
        }
    }

    /// The path with these things in it.
    fn path(&self, template: &str) -> String {
        filled(template, |parameter| self.thing(template, parameter))
    }

    /// Whoever has the right that an operation asks for: the owner, or the admin.
    fn entitled(&self, operation: &Value) -> &Client {
        match role(operation) {
            None => &self.nobody,
            Some("customer") => &self.customer,
            Some(_) => &self.admin,
        }
    }
}

/// A product that both customers own, and the review of it by the other.
async fn review(editor: &Client, support: &Client, customer: &Client, other: &Client) -> (String, String) {
    let prices = json!([{"currency": "USD", "amount": 900}]);
    let body = json!({"kind": "game", "title": "Reviewed", "prices": prices, "release_date": "2999-01-01"});
    let product = id(&editor.post("/api/v1/admin/products", body).await);
    editor.act(&format!("/api/v1/admin/products/{product}/publish")).await;
    for owner in [customer, other] {
        let grants = format!("/api/v1/admin/accounts/{}/grants", owner.account_id());
        id(&support.post(&grants, json!({"product_id": product, "reason": "a gift"})).await);
    }
    let review = other.put(&format!("/api/v1/products/{product}/reviews/mine"), json!({"rating": 4})).await;
    (product, id(&review))
}

/// What the customer paid for somebody else.
async fn gift(app: &TestApp, customer: &Client, product: &str) -> String {
    app.prove("customer@example.com").await;
    let body = json!({
        "items": [{"product_id": product}], "accept_immediate_delivery": true, "gift": {"email": "friend@example.com"},
    });
    let order = customer.post("/api/v1/checkout", body).await.json();
    let path = format!("/api/v1/payments/mock/{}", order["payment"]["id"].as_str().unwrap());
    assert_eq!(customer.post(&path, json!({"outcome": "succeed"})).await.status, 200);
    order["gift_id"].as_str().unwrap().to_owned()
}

/// The id of an upload of which nothing came yet.
async fn begin_upload(editor: &Client, build: &str) -> String {
    let path = format!("/api/v1/admin/builds/{build}/uploads");
    let begun = editor
        .request(Method::POST, &path)
        .header("tus-resumable", "1.0.0")
        .header("upload-length", 10)
        .header("upload-metadata", "filename YS56aXA=");
    let reply = Reply::of(begun).await;
    reply.header("location").rsplit('/').next().unwrap().to_owned()
}

/// One straight into a bucket, of the same id.
async fn begin_direct_upload(app: &TestApp, build: &str, id: &str) {
    let row = direct_upload::Model {
        id: id.parse().unwrap(),
        build_id: build.parse().unwrap(),
        file_name: "b.zip".to_owned(),
        size: 10,
        object_key: "b".repeat(64),
        multipart_id: "upload".to_owned(),
        part_bytes: 10,
        status: direct_upload::Status::Refused,
        refusal: Some("missing".to_owned()),
        created_at: app.clock.now(),
        expires_at: app.clock.now() + chrono::Duration::hours(1),
    };
    row.into_active_model().insert(app.app.db.writer()).await.unwrap();
}

/// A template with something in the place of each parameter.
fn filled(template: &str, thing: impl Fn(&str) -> String) -> String {
    let parts = template.split_inclusive(['{', '}']).map(|part| match part.strip_suffix('}') {
        Some(parameter) => thing(parameter),
        None => part.trim_end_matches('{').to_owned(),
    });
    parts.collect()
}

fn id(reply: &Reply) -> String {
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()["id"].as_str().unwrap().to_owned()
}

async fn sign_in(app: &TestApp, name: &str) -> Client {
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
    Client::signed_in(&app.url, &app.nobody().post("/api/v1/auth/login", body).await.json())
}

/// What an operation asks of its caller: nothing, a session, or a role, of several the first.
fn role(operation: &Value) -> Option<&str> {
    roles_of(operation).first().copied()
}

/// The roles of which an operation asks one: none of a stranger, `customer` for a session.
fn roles_of(operation: &Value) -> Vec<&str> {
    let alternatives = operation["security"].as_array().into_iter().flatten();
    let bearers = alternatives.filter_map(|requirement| requirement.get("bearer"));
    bearers.map(|roles| roles.get(0).and_then(Value::as_str).unwrap_or("customer")).collect()
}

/// Asks with an empty object where a body belongs: who may is judged before it.
async fn ask(who: &Client, method: &str, path: &str, operation: &Value) -> Reply {
    let request = who.request(Method::from_bytes(method.as_bytes()).unwrap(), path);
    let takes_json = operation.pointer("/requestBody/content/application~1json").is_some();
    Reply::of(if takes_json { request.json(&json!({})) } else { request }).await
}

/// What a caller is told of being let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// 401 `unauthorized`.
    Stranger,
    /// 403 `forbidden`.
    WithoutRole,
    /// 403 `insufficient_scope`.
    WithoutScope,
    /// Anything else: the operation itself answered.
    LetIn,
}

impl Verdict {
    fn of(reply: &Reply) -> Self {
        if reply.header("content-type") == "application/opds-authentication+json" && reply.status == 401 {
            let ways: Vec<_> = reply.headers.get_all("www-authenticate").iter().collect();
            assert_eq!(ways, ["Bearer", "Basic realm=\"OPDS\", charset=\"UTF-8\""]);
            return Self::Stranger;
        }
        match (reply.status, reply.code_if_refused().as_deref()) {
            (401, Some("unauthorized")) => {
                assert_eq!(reply.header("www-authenticate"), "Bearer");
                Self::Stranger
            }
            (403, Some("forbidden")) => Self::WithoutRole,
            (403, Some("insufficient_scope")) => Self::WithoutScope,
            _ => Self::LetIn,
        }
    }
}
