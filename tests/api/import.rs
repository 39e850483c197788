//! Importing a catalog: one product a line.
use reqwest::{Body, Method};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use crate::support::{Client, Reply, TestApp};

const IMPORT: &str = "/api/v1/admin/import";
const NDJSON: &str = "application/x-ndjson";

async fn send(editor: &Client, lines: impl Into<Body>) -> Reply {
    Reply::of(editor.request(Method::POST, IMPORT).header("content-type", NDJSON).body(lines)).await
}

/// Imports lines and answers what came of them: created, updated, failed, and the line and code of each fault.
async fn imported(editor: &Client, lines: &[Value]) -> (u64, u64, u64, Vec<(u64, String)>) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    told(&send(editor, text).await)
}

fn told(reply: &Reply) -> (u64, u64, u64, Vec<(u64, String)>) {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let report = reply.json();
    let count = |name: &str| report[name].as_u64().unwrap();
    let errors = report["errors"].as_array().unwrap().iter();
    let errors = errors.map(|bad| (bad["line"].as_u64().unwrap(), bad["code"].as_str().unwrap().to_owned()));
    (count("created"), count("updated"), count("failed"), errors.collect())
}

async fn rows(app: &TestApp) -> Vec<entity::product::Model> {
    let rows = entity::product::Entity::find().order_by_asc(entity::product::Column::ExternalId);
    rows.all(&app.app.db.read).await.unwrap()
}

fn line(id: &str, more: Value) -> Value {
    let mut line = json!({"external_id": id, "kind": "game", "title": id});
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    line
}

fn moby_dick() -> Value {
    json!({
        "external_id": "books/1", "kind": "ebook", "slug": "moby-dick", "title": "Moby-Dick", "summary": "A whale.",
        "description": "*Call me Ishmael.*", "publisher": "Harper", "developer": "Herman Melville",
        "release_date": "1851-11-14", "tags": ["sea", "long-reads"], "categories": ["novels"],
        "platforms": ["any"], "languages": ["en"], "prices": [{"currency": "USD", "amount": 999}],
        "translations": {"de": {"title": "Moby-Dick", "summary": "Ein Wal."}},
        "media_urls": ["https://example.com/moby.png"], "status": "published",
    })
}

#[tokio::test]
async fn a_line_makes_a_product_with_its_labels_and_the_same_line_changes_nothing() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    assert_eq!(imported(&editor, &[moby_dick()]).await, (1, 0, 0, vec![]));
    let id = rows(&app).await[0].id;
    let product = editor.get(&format!("/api/v1/admin/products/{id}")).await.json();
    let shown = |name: &str| product[name].clone();
    assert_eq!(shown("status"), "published");
    assert_eq!((shown("published_at"), shown("version")), (json!("2026-11-22T12:00:00Z"), json!(1)));
    assert_eq!((shown("tags"), shown("categories")), (json!(["long-reads", "sea"]), json!(["novels"])));
    assert_eq!(shown("cover_url"), "https://example.com/moby.png");
    assert_eq!(shown("prices"), json!([{"currency": "USD", "amount": 999, "country": null}]));
    assert_eq!(shown("available_locales"), json!(["de", "en"]));
    assert_eq!(shown("external_id"), "books/1");
    let tags = entity::tag::Entity::find().order_by_asc(entity::tag::Column::Slug);
    let names: Vec<String> =
        tags.all(&app.app.db.read).await.unwrap().into_iter().map(|row| row.name).collect();
    assert_eq!(names, ["Long reads", "Sea"]);

    app.advance(chrono::Duration::minutes(1));
    assert_eq!(imported(&editor, &[moby_dick()]).await, (0, 1, 0, vec![]));
    let again = editor.get(&format!("/api/v1/admin/products/{id}")).await.json();
    assert_eq!(again, product);
}

#[tokio::test]
async fn a_line_says_all_of_a_product_but_what_only_editors_say() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    imported(&editor, &[moby_dick()]).await;
    let id = rows(&app).await[0].id;
    let at = format!("/api/v1/admin/products/{id}");
    let prices =
        json!([{"currency": "USD", "amount": 999}, {"currency": "USD", "amount": 99, "country": "IN"}]);
    editor.patch(&at, "*", json!({"age_rating": 12, "prices": prices})).await;
    let bare = json!({"external_id": "books/1", "kind": "ebook", "title": "The Whale"});
    assert_eq!(imported(&editor, &[bare]).await, (0, 1, 0, vec![]));
    let product = editor.get(&at).await.json();
    let shown = |name: &str| product[name].clone();
    assert_eq!((shown("title"), shown("slug")), (json!("The Whale"), json!("moby-dick")));
    assert_eq!((shown("status"), shown("age_rating")), (json!("published"), json!(12)));
    assert_eq!((shown("tags"), shown("publisher"), shown("summary")), (json!([]), Value::Null, json!("")));
    assert_eq!(shown("prices"), json!([{"currency": "USD", "amount": 99, "country": "IN"}]));
    assert_eq!(shown("translations"), json!({}));
    assert_eq!(shown("version"), 3);
}

#[tokio::test]
async fn a_bad_line_fails_alone() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    editor.post("/api/v1/admin/products", json!({"kind": "game", "title": "x", "slug": "taken"})).await;
    let mut lines: Vec<Vec<u8>> = [
        line("a", json!({})),
        line("b", json!({"slug": "taken"})),
        line("c", json!({"media_urls": ["https://example.com/x", "javascript:alert(1)"]})),
        line("d", json!({"prices": [{"currency": "USD", "amount": 1}, {"currency": "usd", "amount": 2}]})),
        line("e", json!({"prices": [{"currency": "USD", "amount": 1, "country": "US"}]})),
        line("f", json!({"translations": {"english!": {"title": "x"}}})),
        line("g", json!({"title": "a\u{0}b"})),
        line("h", json!({"surprise": true})),
        line("i", json!({"tags": ["Not A Slug"]})),
        json!({"kind": "film", "title": " "}),
        json!([1, 2]),
        line("j", json!({"description": "x".repeat(100_001)})),
    ]
    .iter()
    .map(|line| line.to_string().into_bytes())
    .collect();
    lines.push(b"{\"external_id\": \"k\", \"title\": \"\xff\", \"kind\": \"game\"}".to_vec());
    lines.push(b"not json".to_vec());
    lines.push([b"\"", vec![b'x'; 1024 * 1024].as_slice(), b"\""].concat());
    lines.push(format!("{}{}", "[".repeat(5000), "]".repeat(5000)).into_bytes());
    lines.push(b"".to_vec());
    lines.push(b"  \r".to_vec());
    lines.push([line("z", json!({})).to_string().as_bytes(), b"\r"].concat());
    let reply = send(&editor, lines.join(&b'\n')).await;
    let expected = [
        (2, "slug_taken"),
        (3, "invalid_url"),
        (4, "duplicate"),
        (5, "unknown_field"),
        (6, "invalid_locale"),
        (7, "nul_character"),
        (8, "unknown_field"),
        (9, "invalid_slug"),
        (10, "validation_failed"),
        (11, "wrong_type"),
        (12, "too_long"),
        (13, "malformed_json"),
        (14, "malformed_json"),
        (15, "line_too_long"),
        (16, "malformed_json"),
    ];
    let expected = expected.map(|(line, code)| (line, code.to_owned())).to_vec();
    assert_eq!(told(&reply), (2, 0, 15, expected));
    let ids: Vec<String> = rows(&app).await.into_iter().filter_map(|row| row.external_id).collect();
    assert_eq!(ids, ["a", "z"]);
}

#[tokio::test]
async fn titles_that_repeat_get_slugs_that_stay() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let named = |id: &str| line(id, json!({"title": "Terminal"}));
    assert_eq!(imported(&editor, &[named("1"), named("2"), named("3")]).await.0, 3);
    let slugs = || async { rows(&app).await.into_iter().map(|row| row.slug).collect::<Vec<_>>() };
    let first = slugs().await;
    assert_eq!(first[0], "terminal");
    assert!(first[1].starts_with("terminal-") && first[2].starts_with("terminal-") && first[1] != first[2]);
    assert_eq!(imported(&editor, &[named("3"), named("1"), named("2")]).await, (0, 3, 0, vec![]));
    assert_eq!(slugs().await, first);
}

#[tokio::test]
async fn the_later_of_two_lines_of_one_product_counts() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let lines = [line("a", json!({"title": "One"})), line("a", json!({"title": "Two", "slug": "second"}))];
    assert_eq!(imported(&editor, &lines).await, (1, 1, 0, vec![]));
    let rows = rows(&app).await;
    assert_eq!((rows.len(), rows[0].title.as_str(), rows[0].slug.as_str()), (1, "Two", "second"));
    let retired = entity::retired_slug::Entity::find().all(&app.app.db.read).await.unwrap();
    assert_eq!(retired[0].slug, "one");
}

#[tokio::test]
async fn products_may_take_over_each_others_slugs_in_the_order_of_the_lines() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    imported(&editor, &[line("a", json!({"slug": "one"}))]).await;
    let lines = [line("a", json!({"slug": "two"})), line("b", json!({"slug": "one"}))];
    assert_eq!(imported(&editor, &lines).await, (1, 1, 0, vec![]));
    let slugs: Vec<String> = rows(&app).await.into_iter().map(|row| row.slug).collect();
    assert_eq!(slugs, ["two", "one"]);
    assert!(entity::retired_slug::Entity::find().all(&app.app.db.read).await.unwrap().is_empty());
}

#[tokio::test]
async fn simultaneous_imports_of_one_file_make_each_product_once() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let lines: Vec<Value> =
        (0..120).map(|n| line(&format!("id {n:03}"), json!({"tags": ["a", "b"]}))).collect();
    let both = futures::future::join(imported(&editor, &lines), imported(&editor, &lines)).await;
    assert_eq!((both.0.2, both.1.2), (0, 0), "{both:?}");
    assert_eq!(both.0.0 + both.1.0, 120);
    assert_eq!(rows(&app).await.len(), 120);
}

#[tokio::test]
async fn what_is_told_of_bad_lines_is_bounded_and_all_are_counted() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let (created, updated, failed, errors) = told(&send(&editor, "x\n".repeat(2500)).await);
    assert_eq!((created, updated, failed, errors.len()), (0, 0, 2500, 1000));
}

#[tokio::test]
async fn an_import_is_lines_of_json_from_an_editor() {
    let app = TestApp::new().await;
    let (editor, customer) = (app.editor().await, app.account("ada").await);
    let as_json = Reply::of(editor.request(Method::POST, IMPORT).json(&json!({}))).await;
    assert_eq!((as_json.status, as_json.code().as_str()), (415, "unsupported_media_type"));
    let zipped = editor.request(Method::POST, IMPORT).header("content-type", NDJSON);
    assert_eq!(Reply::of(zipped.header("content-encoding", "gzip").body("x")).await.status, 415);
    assert_eq!(send(&customer, "x").await.status, 403);
    assert_eq!(send(&app.nobody(), "x").await.status, 401);
    assert_eq!(told(&send(&editor, "").await), (0, 0, 0, vec![]));
}

#[tokio::test]
async fn an_imported_product_is_found_by_what_an_edited_one_is() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let path = "/api/v1/admin/tags/sea/translations/de";
    let tag = editor.post("/api/v1/admin/tags", json!({"slug": "sea", "name": "Sea"})).await;
    let named = editor.put(path, json!({"name": "Meer"})).await;
    assert_eq!((tag.status, named.status), (201, 200), "{}", named.text());
    imported(&editor, &[moby_dick()]).await;
    let imported = rows(&app).await.remove(0);
    let product = format!("/api/v1/admin/products/{}", imported.id);
    assert_eq!(editor.patch(&product, "*", json!({"summary": "A whale."})).await.status, 200);
    let edited = rows(&app).await.remove(0);
    let words = |text: &str| {
        let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        words.sort();
        words
    };
    assert!(words(&imported.search_text).contains(&"meer".to_owned()));
    assert_eq!(words(&imported.search_text), words(&edited.search_text));
    let search_text = imported.search_text.clone();
    assert_eq!(
        imported,
        entity::product::Model { search_text, version: 1, updated_at: imported.updated_at, ..edited }
    );
}

#[tokio::test]
async fn a_line_plans_the_sales_that_are_not_over_and_the_same_line_changes_nothing() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let at = |days: i64| (app.clock.now() + chrono::Duration::days(days)).to_rfc3339();
    let sale = |percent: i64, from: i64, to: i64| json!({"percent": percent, "starts_at": at(from), "ends_at": at(to)});
    let with =
        |sales: Value| line("one", json!({"prices": [{"currency": "USD", "amount": 1000}], "sales": sales}));
    let planned = with(json!([sale(50, -3, -1), sale(20, -1, 5), sale(30, 10, 20)]));
    assert_eq!(imported(&editor, std::slice::from_ref(&planned)).await, (1, 0, 0, vec![]));
    let id = rows(&app).await[0].id;
    let path = format!("/api/v1/admin/products/{id}/sales");
    let percents = async || {
        let page = editor.get(&path).await.json();
        let sales = page["items"].as_array().unwrap().iter().map(|sale| sale["percent"].as_i64().unwrap());
        sales.collect::<Vec<_>>()
    };
    assert_eq!(percents().await, [30, 20], "what is over is passed over");
    let before = (rows(&app).await, editor.get(&path).await.json());
    app.advance(chrono::Duration::minutes(10));
    assert_eq!(imported(&editor, &[planned]).await, (0, 1, 0, vec![]));
    assert_eq!((rows(&app).await, editor.get(&path).await.json()), before, "the same line changes nothing");

    let overlapping = with(json!([sale(20, 1, 3), sale(30, 2, 4)]));
    assert_eq!(imported(&editor, &[overlapping]).await.3, [(1, "sale_overlaps".to_owned())]);
    let without = line("one", json!({"prices": [{"currency": "USD", "amount": 1000}], "summary": "Now."}));
    assert_eq!(imported(&editor, &[without]).await, (0, 1, 0, vec![]));
    assert_eq!(percents().await, [30, 20], "a line that says nothing of sales leaves them");
    assert_eq!(imported(&editor, &[with(json!([sale(40, 6, 7)]))]).await, (0, 1, 0, vec![]));
    assert_eq!(percents().await, [40, 20], "the one to come is gone, the one that runs is kept");
    let page = editor.get(&path).await.json();
    assert_eq!(page["items"][1]["ends_at"], json!("2026-11-22T12:10:00Z"), "and has ended");
}

#[tokio::test]
async fn a_line_leaves_buyers_the_choice_where_it_says_the_same_price() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let costs = |amount: i64, summary: &str| {
        line("one", json!({"prices": [{"currency": "USD", "amount": amount}], "summary": summary}))
    };
    imported(&editor, &[costs(500, "Before.")]).await;
    let path = format!("/api/v1/admin/products/{}", rows(&app).await[0].id);
    let chosen =
        json!([{"currency": "USD", "amount": 500, "pay_what_you_want": true, "minimum_amount": 200}]);
    assert_eq!(editor.put(&format!("{path}/prices"), chosen).await.status, 200);
    let least = async || editor.get(&path).await.json()["prices"][0]["minimum_amount"].clone();
    assert_eq!(imported(&editor, &[costs(500, "After.")]).await, (0, 1, 0, vec![]));
    assert_eq!(least().await, 200);
    assert_eq!(imported(&editor, &[costs(600, "After.")]).await, (0, 1, 0, vec![]));
    assert_eq!(least().await, Value::Null, "another price is one that nobody may choose");
}
