//! Every operation with keys that are limited to products: what stays within one of theirs is open to them, all else closed.
use mist::accounts::{
    Scope,
    matrix::{Access, MATRIX, Row, Within},
};
use serde_json::{Value, json};

use super::{Verdict, World, ask, id};
use crate::{
    openapi::operations,
    support::{Client, TestApp, everything},
};

/// A client with a new key of `owner` that has every scope, for these products alone.
async fn limited(app: &TestApp, owner: &Client, products: &[&str]) -> Client {
    let scopes: Vec<&str> = Scope::ALL.into_iter().map(Scope::name).collect();
    let body = json!({"name": "key", "scopes": scopes, "products": products});
    let reply = owner.post("/api/v1/me/api-keys", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    app.holder(reply.json()["key"].as_str().unwrap())
}

/// A product that has nothing to do with anybody.
async fn elsewhere(world: &World) -> String {
    let body = json!({"kind": "game", "title": "Elsewhere"});
    id(&world.editor.post("/api/v1/admin/products", body).await)
}

fn row(method: &str, template: &str) -> &'static Row {
    MATRIX.iter().find(|row| row.path == template && row.method == method).unwrap()
}

/// Every operation; the one that takes the build away is the last.
fn all() -> Vec<(String, String, Value)> {
    let mut all = operations();
    all.sort_by_key(|(method, template, _)| method == "DELETE" && template.ends_with("/builds/{id}"));
    all
}

#[tokio::test]
async fn a_limited_key_reaches_its_products_and_nothing_else() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let key = limited(&app, &world.admin, &[&world.product, &world.owned]).await;
    let mut reached = 0;
    for (method, template, operation) in all() {
        let row = row(&method, &template);
        let open = row.access == Access::Open || row.within.is_some();
        let reply = ask(&key, &method, &world.path(&template), &operation).await;
        let expected = if open { Verdict::LetIn } else { Verdict::WithoutScope };
        assert_eq!(Verdict::of(&reply), expected, "{method} {template}: {}", reply.text());
        reached += usize::from(row.within.is_some());
    }
    assert!(reached > 20, "only {reached} operations stay within a product");
}

#[tokio::test]
async fn a_key_that_is_limited_to_others_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let key = limited(&app, &world.admin, &[&elsewhere(&world).await]).await;
    // Its first use is noted.
    assert_eq!(key.get("/api/v1/me").await.code(), "insufficient_scope");
    let before = everything::rows(&app.app.db.read).await;
    for (method, template, operation) in all() {
        if row(&method, &template).access == Access::Open {
            continue;
        }
        let reply = ask(&key, &method, &world.path(&template), &operation).await;
        assert_eq!(Verdict::of(&reply), Verdict::WithoutScope, "{method} {template}: {}", reply.text());
    }
    let after = everything::rows(&app.app.db.read).await;
    assert_eq!(everything::changed(&before, &after), Vec::<String>::new());
}

#[test]
fn what_a_path_names_a_product_for_is_open_to_limited_keys_and_no_other() {
    for row in MATRIX {
        let names = |prefix: &str| row.path.strip_prefix(prefix).is_some();
        let expected = if names("/api/v1/admin/products/{id}") || names("/api/v1/products/{id}/updates") {
            Some(Within::Product("id"))
        } else if names("/api/v1/admin/builds/{id}") {
            Some(Within::Build("id"))
        } else if names("/api/v1/library/{product_id}") || names("/api/v1/opds/library/{product_id}") {
            Some(Within::Product("product_id"))
        } else {
            None
        };
        let Row { method, path, access, within } = row;
        assert_eq!(
            *within, expected,
            "{method} {path}: where all that it touches is of the product in its path, its row says so"
        );
        if let Some(within) = within {
            assert!(matches!(access, Access::By(_)), "{method} {path}");
            assert!(path.contains(&format!("{{{}}}", within.parameter())), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn however_a_product_is_written_it_is_judged_as_the_one_it_is() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let (mine, other) = (&world.product, elsewhere(&world).await);
    let key = limited(&app, &world.admin, &[mine]).await;
    let simple = |id: &str| id.replace('-', "");
    for (written, status) in [
        (mine.clone(), 200),
        (mine.to_uppercase(), 200),
        (simple(mine), 200),
        (mine.replace('-', "%2D"), 200),
        (other.clone(), 403),
        (other.to_uppercase(), 403),
        (simple(&other), 403),
        ("mine".to_owned(), 403),
        ("%FF".to_owned(), 403),
        ("%00".to_owned(), 403),
        (format!("{mine}%00"), 403),
        (format!("{other}%2F..%2F{mine}"), 403),
    ] {
        let reply = key.get(&format!("/api/v1/admin/products/{written}")).await;
        assert_eq!(reply.status, status, "{written}: {}", reply.text());
        let head = key.request(reqwest::Method::HEAD, &format!("/api/v1/admin/products/{written}"));
        assert_eq!(head.send().await.unwrap().status().as_u16(), status, "HEAD {written}");
    }
}

#[tokio::test]
async fn a_limited_key_keeps_its_product_and_the_builds_of_it() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let other = elsewhere(&world).await;
    let of_other = format!("/api/v1/admin/products/{other}/builds");
    let foreign = id(&world.editor.post(&of_other, json!({"version": "1", "platform": "linux"})).await);
    let key = limited(&app, &world.admin, &[&world.product]).await;

    let mine = format!("/api/v1/admin/products/{}", world.product);
    let edit = json!({"title": "Renamed by a program"});
    assert_eq!(key.patch(&mine, "*", edit.clone()).await.status, 200);
    let build = json!({"version": "2", "platform": "linux"});
    let build = id(&key.post(&format!("{mine}/builds"), build).await);
    let file = |build: &str| format!("/api/v1/admin/builds/{build}/files/game.bin");
    assert_eq!(key.put(&file(&build), json!("bytes")).await.status, 201);
    assert_eq!(key.act(&format!("/api/v1/admin/builds/{build}/release")).await.status, 200);

    for (reply, what) in [
        (key.patch(&format!("/api/v1/admin/products/{other}"), "*", edit).await, "another product"),
        (key.post(&of_other, json!({"version": "2", "platform": "linux"})).await, "a build of another"),
        (key.put(&file(&foreign), json!("bytes")).await, "a file of another's build"),
        (key.act(&format!("/api/v1/admin/builds/{foreign}/release")).await, "another's build"),
        (key.put(&file(&app.clock.new_id().to_string()), json!("bytes")).await, "a build that isn't there"),
        (key.get("/api/v1/admin/products").await, "the list of all"),
        (key.post("/api/v1/admin/products", json!({"kind": "game", "title": "New"})).await, "a new product"),
        (key.post("/api/v1/admin/tags", json!({"slug": "new", "name": "New"})).await, "a tag"),
        (key.post("/api/v1/admin/categories", json!({"slug": "new", "name": "New"})).await, "a category"),
        (key.act("/api/v1/admin/import").await, "the import"),
        (key.get("/api/v1/library").await, "the whole library"),
        (key.get("/api/v1/orders").await, "orders"),
    ] {
        assert_eq!((reply.status, reply.code().as_str()), (403, "insufficient_scope"), "{what}");
    }
}

#[tokio::test]
async fn a_key_whose_products_are_gone_reaches_nothing() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let draft = elsewhere(&world).await;
    let key = limited(&app, &world.admin, &[&draft]).await;
    let path = format!("/api/v1/admin/products/{draft}");
    let gone = key.request(reqwest::Method::DELETE, &path).header("if-match", "*");
    assert_eq!(gone.send().await.unwrap().status().as_u16(), 204);
    assert_eq!(key.get(&path).await.status, 404);
    let reply = key.get(&format!("/api/v1/admin/products/{}", world.product)).await;
    assert_eq!(reply.code(), "insufficient_scope");
}

#[tokio::test]
async fn a_limit_gives_no_scope_and_tells_nothing_of_other_products() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let wish = |scope: &str, products: Value| json!({"name": "key", "scopes": [scope], "products": products});
    let keys = "/api/v1/me/api-keys";
    let made = world.admin.post(keys, wish("catalog:write", json!([world.product]))).await.json();
    let keeper = app.holder(made["key"].as_str().unwrap());
    let mine = format!("/api/v1/admin/products/{}", world.product);
    assert_eq!(keeper.get(&mine).await.status, 200);
    assert_eq!(keeper.get(&format!("{mine}/builds")).await.code(), "insufficient_scope");

    let owner = &world.customer;
    let whole = owner.post(keys, wish("library:read", Value::Null)).await.json();
    let part = owner.post(keys, wish("library:read", json!([world.owned]))).await.json();
    assert_eq!((&whole["products"], &part["products"]), (&Value::Null, &json!([world.owned])));
    let whole = app.holder(whole["key"].as_str().unwrap());
    let part = app.holder(part["key"].as_str().unwrap());
    let public = format!("/api/v1/products/{}", world.product);
    assert_eq!(whole.get(&public).await.json()["owned"], json!(false));
    assert_eq!(part.get(&public).await.json().get("owned"), None, "it is told what a stranger is");
    assert_eq!(part.get(&format!("/api/v1/library/{}", world.owned)).await.status, 200);
    assert_eq!(part.get(&format!("/api/v1/library/{}", world.product)).await.code(), "insufficient_scope");
}
