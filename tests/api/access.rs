//! Who may call what: every operation of the API document, tried as everybody.
use mist::accounts::{Role, Scope, matrix};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    openapi::operations,
    support::{Client, Reply, TestApp},
};

/// These end the caller's own session; `accounts.rs` tries them as the people they are for.
const SESSION_ENDING: [&str; 4] = ["logout", "delete_session", "change_password", "erase_me"];

/// Everybody there is, and what belongs to the customer.
struct World {
    nobody: Client,
    customer: Client,
    other: Client,
    editor: Client,
    support: Client,
    admin: Client,
    product: String,
    build: String,
    order: String,
    payment: String,
}

impl World {
    async fn new(app: &TestApp) -> Self {
        let (customer, other) = (app.account("customer").await, app.account("other").await);
        let (editor, support, admin) = (app.editor().await, app.support().await, app.admin().await);
        let prices = json!([{"currency": "USD", "amount": 900}]);
        let body = json!({"kind": "game", "title": "Mine", "platforms": ["linux"], "prices": prices, "release_date": "2999-01-01"});
        let product = id(&editor.post("/api/v1/admin/products", body).await);
        editor.act(&format!("/api/v1/admin/products/{product}/publish")).await;
        let body = json!({"version": "1", "platform": "linux"});
        let build = id(&editor.post(&format!("/api/v1/admin/products/{product}/builds"), body).await);
        editor.post("/api/v1/admin/tags", json!({"slug": "thing", "name": "Thing"})).await;
        editor.post("/api/v1/admin/categories", json!({"slug": "thing", "name": "Thing"})).await;
        let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
        let order = customer.post("/api/v1/checkout", body).await;
        let payment = order.json()["payment"]["id"].as_str().unwrap().to_owned();
        Self {
            nobody: app.nobody(),
            customer,
            other,
            editor,
            support,
            admin,
            product,
            build,
            order: id(&order),
            payment,
        }
    }

    /// The path with the customer's own things, or the store's, in it.
    fn path(&self, template: &str) -> String {
        let session = self.customer.session_id().to_string();
        let account = self.customer.account_id().to_string();
        let owned: &str = match template.trim_start_matches("/api/v1") {
            path if path.starts_with("/auth/sessions/") => &session,
            path if path.starts_with("/admin/accounts/") => &account,
            path if path.starts_with("/admin/builds/") => &self.build,
            path if path.contains("/orders/") => &self.order,
            path if path.starts_with("/payments/") => &self.payment,
            path if path.contains("/tags/") || path.contains("/categories/") => "thing",
            _ => &self.product,
        };
        let mut path = String::new();
        for part in template.split_inclusive(['{', '}']) {
            match part.strip_suffix('}') {
                Some("product_id") => path.push_str(&self.product),
                Some("locale") => path.push_str("de"),
                Some("name") => path.push_str("file.bin"),
                Some(_) => path.push_str(owned),
                None => path.push_str(part.trim_end_matches('{')),
            }
        }
        path
    }
}

fn id(reply: &Reply) -> String {
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()["id"].as_str().unwrap().to_owned()
}

/// What an operation asks of its caller: nothing, a session, or a role.
fn role(operation: &Value) -> Option<&str> {
    let requirement = operation["security"].as_array().and_then(|all| all.first())?;
    let roles = requirement.get("bearer")?;
    Some(roles.get(0).and_then(Value::as_str).unwrap_or("customer"))
}

async fn ask(who: &Client, method: &str, path: &str, operation: &Value) -> Reply {
    let request = who.request(Method::from_bytes(method.as_bytes()).unwrap(), path);
    let takes_json = operation.pointer("/requestBody/content/application~1json").is_some();
    Reply::of(if takes_json { request.json(&json!({})) } else { request }).await
}

/// A client with a new key of `owner`, for every scope or for those that `kept` keeps.
async fn holder(app: &TestApp, owner: &Client, kept: impl Fn(Scope) -> bool) -> Client {
    let scopes: Vec<&str> = Scope::ALL.into_iter().filter(|it| kept(*it)).map(Scope::name).collect();
    let reply = owner.post("/api/v1/me/api-keys", json!({"name": "key", "scopes": scopes})).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    app.holder(reply.json()["key"].as_str().unwrap())
}

#[test]
fn the_matrix_has_every_operation_with_the_role_of_its_handler_and_no_other() {
    let operations = operations();
    for (method, path, operation) in &operations {
        let row = matrix::MATRIX.iter().find(|row| row.path == path && row.method == method);
        let row = row.unwrap_or_else(|| panic!("{method} {path} has no row in src/accounts/matrix.rs"));
        assert_eq!(row.access.role().map(Role::name), role(operation), "{method} {path}");
        assert_eq!(row.access.scope().map(Scope::name), operation["x-scope"].as_str(), "{method} {path}");
    }
    assert_eq!(
        matrix::MATRIX.len(),
        operations.len(),
        "a row of the matrix is no operation or is there twice"
    );
}

#[test]
fn the_page_of_roles_is_that_of_the_matrix() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/roles.md");
    let kept = std::fs::read_to_string(file).unwrap();
    assert!(kept == matrix::page(), "docs/roles.md is out of date: `cargo run -- roles > docs/roles.md`");
}

#[tokio::test]
async fn a_key_opens_what_its_scope_names_and_nothing_else() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    for (method, template, operation) in operations() {
        let path = world.path(&template);
        let asked = operation["x-scope"].as_str();
        let owner = if role(&operation) == Some("customer") { &world.customer } else { &world.admin };
        let allowed =
            |scope: Scope| scope.role() == Role::Customer || owner.account_id() == world.admin.account_id();
        let without = holder(&app, owner, |scope| allowed(scope) && Some(scope.name()) != asked).await;
        let reply = ask(&without, &method, &path, &operation).await;
        if role(&operation).is_none() {
            assert!(![401, 403].contains(&reply.status) || path.contains("/downloads/"), "{method} {path}");
        } else {
            let told = (reply.status, reply.code());
            assert_eq!(told, (403, "insufficient_scope".to_owned()), "{method} {path} without {asked:?}");
        }
        if asked.is_some() {
            let with = holder(&app, owner, |scope| Some(scope.name()) == asked).await;
            let reply = ask(&with, &method, &path, &operation).await;
            assert!(![401, 403].contains(&reply.status), "{method} {path} with {asked:?}: {}", reply.text());
        }
        for key in owner.get("/api/v1/me/api-keys?limit=100").await.json()["items"].as_array().unwrap() {
            owner.delete(&format!("/api/v1/me/api-keys/{}", key["id"].as_str().unwrap())).await;
        }
    }
}

#[tokio::test]
async fn who_is_suspended_reaches_only_what_is_public() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let account = world.other.account_id();
    let key = holder(&app, &world.other, |scope| scope.role() == Role::Customer).await;
    let path = format!("/api/v1/admin/accounts/{account}");
    let suspended = world.admin.patch(&path, "*", json!({"status": "suspended"})).await;
    assert_eq!(suspended.status, 200, "{}", suspended.text());
    for (method, path, operation) in operations() {
        if role(&operation).is_some() {
            for who in [&world.other, &key] {
                let reply = ask(who, &method, &world.path(&path), &operation).await;
                assert_eq!(reply.status, 401, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_stranger_reaches_what_is_public_and_nothing_else() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let mut closed = 0;
    for (method, path, operation) in operations() {
        let reply = ask(&world.nobody, &method, &world.path(&path), &operation).await;
        if role(&operation).is_none() {
            assert_ne!(reply.code_if_refused(), Some("unauthorized".to_owned()), "{method} {path} is public");
        } else {
            assert_eq!((reply.status, reply.header("www-authenticate")), (401, "Bearer"), "{method} {path}");
            closed += 1;
        }
    }
    assert!(closed > 30, "only {closed} operations ask who is there");
}

#[tokio::test]
async fn a_role_opens_its_own_operations_and_no_others() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let everybody = [
        ("customer", &world.other),
        ("editor", &world.editor),
        ("support", &world.support),
        ("admin", &world.admin),
    ];
    for (method, path, operation) in operations() {
        let Some(asked) = role(&operation).filter(|asked| *asked != "customer") else { continue };
        for (held, who) in everybody {
            let reply = ask(who, &method, &world.path(&path), &operation).await;
            if held == asked || held == "admin" {
                assert!(![401, 403].contains(&reply.status), "{method} {path} as {held}: {}", reply.text());
            } else {
                assert_eq!(
                    (reply.status, reply.code().as_str()),
                    (403, "forbidden"),
                    "{method} {path} as {held}"
                );
            }
        }
    }
}

#[tokio::test]
async fn what_is_anothers_is_not_there() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let mut tried = 0;
    for (method, template, operation) in operations() {
        let path = world.path(&template);
        let personal = ["/auth/sessions/", "/orders/", "/payments/", "/library/"];
        let personal = personal.iter().any(|part| template.starts_with(&format!("/api/v1{part}")));
        if role(&operation) != Some("customer") || !personal {
            continue;
        }
        for who in [&world.other, &world.editor, &world.support, &world.admin] {
            let reply = ask(who, &method, &path, &operation).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (404, "not_found"),
                "{method} {template}: {}",
                reply.text()
            );
        }
        let name = operation["operationId"].as_str().unwrap();
        if !SESSION_ENDING.contains(&name) {
            let reply = ask(&world.customer, &method, &path, &operation).await;
            assert!(
                ![401, 403].contains(&reply.status),
                "{method} {template} as its owner: {}",
                reply.text()
            );
        }
        tried += 1;
    }
    assert!(tried >= 6, "only {tried} operations on somebody's own things");
    assert_eq!(
        world.customer.get("/api/v1/auth/sessions").await.status,
        200,
        "the owner's session is still there"
    );
}
