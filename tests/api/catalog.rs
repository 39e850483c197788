//! Keeping the catalog: products, their prices and texts, categories and tags.
use chrono::Duration;
use serde_json::{Value, json};

use crate::support::{Client, Reply, TestApp};

const PRODUCTS: &str = "/api/v1/admin/products";

/// A product of a title and nothing else.
async fn made(editor: &Client, title: &str) -> Value {
    let reply = editor.post(PRODUCTS, json!({"kind": "game", "title": title})).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

fn path(product: &Value) -> String {
    format!("{PRODUCTS}/{}", product["id"].as_str().unwrap())
}

async fn labels(editor: &Client) {
    for (kind, slug) in [("tags", "sea"), ("tags", "whales"), ("categories", "novels")] {
        let reply = editor.post(&format!("/api/v1/admin/{kind}"), json!({"slug": slug, "name": slug})).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
}

async fn event_kinds(app: &TestApp) -> Vec<String> {
    use sea_orm::{EntityTrait, QueryOrder};
    let rows = entity::event::Entity::find().order_by_asc(entity::event::Column::Id);
    let rows = rows.all(&app.app.db.read).await.unwrap();
    rows.into_iter().map(|row| row.kind).filter(|kind| kind.starts_with("product.")).collect()
}

async fn row(app: &TestApp, product: &Value) -> entity::product::Model {
    use sea_orm::EntityTrait;
    let id: uuid::Uuid = product["id"].as_str().unwrap().parse().unwrap();
    entity::product::Entity::find_by_id(id).one(&app.app.db.read).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_editor_makes_a_draft_with_everything_in_it() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    labels(&editor).await;
    let reply = editor
        .post(
            PRODUCTS,
            json!({
                "kind": "ebook", "title": " Moby-Dick; or, The Whale ", "summary": "A captain hunts a whale.",
                "description": "# Call me *Ishmael*", "publisher": "Harper & Brothers", "developer": "Herman Melville",
                "release_date": "1851-11-14", "tags": ["whales", "sea", "sea"], "categories": ["novels"],
                "platforms": ["web", "any"], "languages": ["en", "de-at"], "age_rating": 12,
                "system_requirements": {"reader": {"minimum": "eyes"}},
                "prices": [
                    {"currency": "USD", "amount": 999},
                    {"currency": "usd", "amount": 499, "country": "in"},
                    {"currency": "JPY", "amount": 0},
                ],
            }),
        )
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let product = reply.json();
    assert_eq!(reply.header("location"), path(&product));
    assert_eq!(reply.header("etag"), "\"1\"");
    let id = product["id"].clone();
    assert_eq!(
        product,
        json!({
            "id": id, "slug": "moby-dick-or-the-whale", "kind": "ebook", "status": "draft", "external_id": null,
            "title": "Moby-Dick; or, The Whale", "summary": "A captain hunts a whale.",
            "description": "# Call me *Ishmael*",
            "description_html": "<h1>Call me <em>Ishmael</em></h1>\n",
            "publisher": "Harper & Brothers", "developer": "Herman Melville", "release_date": "1851-11-14",
            "cover_url": null, "media": [], "tags": ["sea", "whales"], "categories": ["novels"],
            "platforms": ["any", "web"], "languages": ["de-AT", "en"], "age_rating": 12,
            "system_requirements": {"reader": {"minimum": "eyes"}},
            "price": {
                "amount": 999, "base_amount": 999, "currency": "USD", "discount_percent": 0, "sale_ends_at": null,
                "lowest_price_30d": null,
            },
            "prices": [
                {"currency": "JPY", "amount": 0, "country": null},
                {"currency": "USD", "amount": 999, "country": null},
                {"currency": "USD", "amount": 499, "country": "IN"},
            ],
            "translations": {}, "locale": "en", "available_locales": ["en"], "builds": [],
            "rating": {"average": 0.0, "count": 0}, "version": 1,
            "created_at": "2026-11-22T12:00:00Z", "updated_at": "2026-11-22T12:00:00Z", "published_at": null,
        })
    );
    let again = editor.get(&path(&product)).await;
    assert_eq!((again.json(), again.header("etag")), (product.clone(), "\"1\""));
    let row = row(&app, &product).await;
    assert_eq!(
        row.search_text,
        " moby dick or the whale a captain hunts harper brothers herman melville sea whales "
    );
    assert_eq!(row.sort_title, "moby-dick; or, the whale");
}

#[tokio::test]
async fn one_answer_names_every_faulty_field() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let reply = editor
        .post(
            PRODUCTS,
            json!({
                "kind": "film", "slug": "A B", "summary": "x".repeat(501), "release_date": "10000-01-01",
                "platforms": ["amiga"], "languages": ["english!"], "age_rating": 22, "version": 7,
                "prices": [{"currency": "USD", "amount": -1}, {"currency": "XXX", "amount": 1, "country": "ZZ"}],
                "description": "a\u{0}b",
            }),
        )
        .await;
    assert_eq!(reply.status, 422);
    let mut faults = reply.faults();
    faults.sort();
    let expected = [
        ("age_rating", "out_of_range"),
        ("description", "nul_character"),
        ("kind", "invalid_choice"),
        ("languages[0]", "invalid_locale"),
        ("platforms[0]", "invalid_choice"),
        ("prices[0].amount", "out_of_range"),
        ("prices[1].country", "invalid_country"),
        ("prices[1].currency", "invalid_currency"),
        ("release_date", "invalid_date"),
        ("slug", "invalid_slug"),
        ("summary", "too_long"),
        ("title", "required"),
        ("version", "unknown_field"),
    ];
    let expected: Vec<_> = expected.map(|(field, code)| (field.to_owned(), code.to_owned())).into();
    assert_eq!(faults, expected);
}

#[tokio::test]
async fn unknown_labels_doubled_prices_and_deep_requirements_are_refused() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    labels(&editor).await;
    let reply = editor
        .post(
            PRODUCTS,
            json!({
                "kind": "game", "title": "x", "tags": ["sea", "nope"], "categories": ["neither"],
                "prices": [
                    {"currency": "USD", "amount": 1}, {"currency": "USD", "amount": 1, "country": "US"},
                    {"currency": "usd", "amount": 2},
                ],
                "system_requirements": {"a": {"b": {"c": {"d": {"e": 1}}}}},
            }),
        )
        .await;
    let expected = [
        ("system_requirements", "too_deep"),
        ("tags[1]", "unknown_tag"),
        ("categories[0]", "unknown_category"),
        ("prices[2]", "duplicate"),
    ];
    let expected: Vec<_> = expected.map(|(field, code)| (field.to_owned(), code.to_owned())).into();
    assert_eq!((reply.status, reply.faults()), (422, expected));
}

#[tokio::test]
async fn a_slug_is_one_products_alone() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    assert_eq!(made(&editor, "Terminal").await["slug"], "terminal");
    assert_eq!(made(&editor, "Terminal!").await["slug"], "terminal-2");
    assert_eq!(made(&editor, "TERMINAL").await["slug"], "terminal-3");
    assert_eq!(made(&editor, "端末").await["slug"], "product");
    let reply = editor.post(PRODUCTS, json!({"kind": "game", "title": "x", "slug": "terminal-2"})).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "slug_taken"));
}

#[tokio::test]
async fn of_simultaneous_creations_one_gets_the_slug_and_titles_give_way() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let ask = |body: Value| {
        let editor = editor.clone();
        async move { editor.post(PRODUCTS, body).await.status }
    };
    let given = || ask(json!({"kind": "game", "title": "x", "slug": "one"}));
    let mut statuses: Vec<u16> = futures::future::join_all((0..8).map(|_| given())).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    let titled = || ask(json!({"kind": "game", "title": "Same"}));
    let statuses = futures::future::join_all((0..12).map(|_| titled())).await;
    assert_eq!(statuses, [201; 12]);
}

#[tokio::test]
async fn an_edit_keeps_what_is_absent_and_clears_what_is_null() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    labels(&editor).await;
    let body = json!({
        "kind": "game", "title": "Old", "summary": "Short.", "publisher": "P", "developer": "D", "age_rating": 6,
        "release_date": "2020-01-01", "tags": ["sea"], "system_requirements": {"ram": 1}, "platforms": ["linux"],
    });
    let product = editor.post(PRODUCTS, body).await.json();
    app.advance(Duration::minutes(1));
    let changes = json!({
        "title": "New", "publisher": null, "age_rating": null, "release_date": null, "system_requirements": null,
        "tags": ["whales"], "prices": [{"currency": "EUR", "amount": 5}],
    });
    let reply = editor.patch(&path(&product), "\"1\"", changes).await;
    assert_eq!((reply.status, reply.header("etag")), (200, "\"2\""), "{}", reply.text());
    let edited = reply.json();
    let shown = |name: &str| edited[name].clone();
    assert_eq!(shown("title"), "New");
    assert_eq!(
        (shown("slug"), shown("summary"), shown("developer")),
        (json!("old"), json!("Short."), json!("D"))
    );
    for cleared in ["publisher", "age_rating", "release_date", "system_requirements"] {
        assert_eq!(shown(cleared), Value::Null, "{cleared}");
    }
    assert_eq!((shown("tags"), shown("platforms")), (json!(["whales"]), json!(["linux"])));
    assert_eq!(shown("prices"), json!([{"currency": "EUR", "amount": 5, "country": null}]));
    assert_eq!((shown("version"), shown("updated_at")), (json!(2), json!("2026-11-22T12:01:00Z")));
    assert_eq!(row(&app, &product).await.search_text, " new short d whales ");
    let reply = editor.patch(&path(&product), "*", json!({"title": null, "kind": null, "tags": null})).await;
    let expected = ["kind", "tags", "title"].map(|field| (field.to_owned(), "wrong_type".to_owned()));
    assert_eq!((reply.status, reply.faults()), (422, expected.to_vec()));
}

#[tokio::test]
async fn an_edit_names_the_version_it_was_made_from() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let product = made(&editor, "x").await;
    let at = path(&product);
    let bare = Reply::of(editor.request(reqwest::Method::PATCH, &at).json(&json!({}))).await;
    assert_eq!((bare.status, bare.code().as_str()), (428, "precondition_required"));
    assert_eq!(editor.delete(&at).await.code(), "precondition_required");
    for stale in ["\"2\"", "W/\"1\"", "1", "\"x\""] {
        let reply = editor.patch(&at, stale, json!({"title": "y"})).await;
        assert_eq!((reply.status, reply.code().as_str()), (412, "precondition_failed"), "{stale}");
    }
    assert_eq!(editor.patch(&at, "\"0\", \"1\"", json!({"title": "y"})).await.status, 200);
    assert_eq!(editor.patch(&at, "*", json!({})).await.header("etag"), "\"3\"");
    let prices = |if_match: &'static str| {
        let request = editor.request(reqwest::Method::PUT, &format!("{at}/prices")).json(&json!([]));
        Reply::of(request.header("if-match", if_match))
    };
    assert_eq!(prices("\"1\"").await.status, 412);
    assert_eq!(prices("\"3\"").await.header("etag"), "\"4\"");
    assert_eq!(editor.put(&format!("{at}/prices"), json!([])).await.header("etag"), "\"5\"");
}

#[tokio::test]
async fn of_simultaneous_edits_of_one_version_one_wins() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let product = made(&editor, "x").await;
    let edits = (0..10).map(|number| {
        let (editor, at) = (editor.clone(), path(&product));
        async move { editor.patch(&at, "\"1\"", json!({"title": format!("title {number}")})).await.status }
    });
    let mut statuses = futures::future::join_all(edits).await;
    statuses.sort_unstable();
    assert_eq!(statuses[..2], [200, 412]);
    assert_eq!(statuses[9], 412);
    assert_eq!(row(&app, &product).await.version, 2);
}

#[tokio::test]
async fn a_slug_that_was_left_redirects_until_somebody_takes_it() {
    use sea_orm::{EntityTrait, QueryOrder};
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let product = made(&editor, "one").await;
    let retired = || async {
        let rows = entity::retired_slug::Entity::find().order_by_asc(entity::retired_slug::Column::Slug);
        let rows = rows.all(&app.app.db.read).await.unwrap();
        rows.into_iter().map(|row| (row.slug, row.product_id.to_string())).collect::<Vec<_>>()
    };
    let id = product["id"].as_str().unwrap().to_owned();
    let rename = |slug: &'static str| {
        let (editor, at) = (editor.clone(), path(&product));
        async move { editor.patch(&at, "*", json!({"slug": slug})).await.status }
    };
    assert_eq!((rename("two").await, rename("three").await), (200, 200));
    assert_eq!(retired().await, [("one".to_owned(), id.clone()), ("two".to_owned(), id.clone())]);
    assert_eq!(rename("one").await, 200);
    assert_eq!(retired().await, [("three".to_owned(), id.clone()), ("two".to_owned(), id.clone())]);
    let other = editor.post(PRODUCTS, json!({"kind": "game", "title": "x", "slug": "two"})).await;
    assert_eq!(other.status, 201);
    assert_eq!(retired().await, [("three".to_owned(), id)]);
    assert_eq!(made(&editor, "Three").await["slug"], "three-2");
    let reply = editor.patch(&path(&other.json()), "*", json!({"slug": "one"})).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "slug_taken"));
}

#[tokio::test]
async fn what_was_never_sold_can_be_deleted_and_what_was_given_cannot() {
    use sea_orm::{EntityTrait, IntoActiveModel};
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let (sold, unsold) = (made(&editor, "sold").await, made(&editor, "unsold").await);
    let grant = entity::entitlement::Model {
        id: app.clock.new_id(),
        account_id: editor.account_id(),
        product_id: sold["id"].as_str().unwrap().parse().unwrap(),
        source: entity::entitlement::Source::Grant,
        source_id: app.clock.new_id(),
        status: entity::entitlement::Status::Active,
        granted_at: app.clock.now(),
        revoked_at: None,
        last_downloaded_at: None,
    };
    entity::entitlement::Entity::insert(grant.into_active_model()).exec(app.app.db.writer()).await.unwrap();
    let delete = |product: &Value| {
        Reply::of(editor.request(reqwest::Method::DELETE, &path(product)).header("if-match", "\"1\""))
    };
    let reply = delete(&sold).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "product_sold"));
    assert_eq!(delete(&unsold).await.status, 204);
    assert_eq!(editor.get(&path(&unsold)).await.status, 404);
    assert_eq!(delete(&unsold).await.status, 404);
    assert_eq!(editor.get(&path(&sold)).await.status, 200);
}

#[tokio::test]
async fn a_product_is_published_when_it_can_be_sold() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let product = made(&editor, "x").await;
    let at = path(&product);
    let reply = editor.act(&format!("{at}/publish")).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "not_publishable"));
    let expected = [("prices", "no_price"), ("builds", "nothing_to_deliver")];
    assert_eq!(reply.faults(), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    editor.put(&format!("{at}/prices"), json!([{"currency": "USD", "amount": 0}])).await;
    editor.patch(&at, "*", json!({"release_date": "2026-11-22"})).await;
    assert_eq!(editor.act(&format!("{at}/publish")).await.faults().len(), 1);
    editor.patch(&at, "*", json!({"release_date": "2026-11-23"})).await;
    let reply = editor.act(&format!("{at}/publish")).await;
    assert_eq!((reply.status, reply.json()["status"].as_str()), (200, Some("published")));
    assert_eq!(reply.json()["published_at"], "2026-11-22T12:00:00Z");
    let version = reply.header("etag").to_owned();
    assert_eq!(editor.act(&format!("{at}/publish")).await.header("etag"), version);
    app.advance(Duration::minutes(5));
    let reply = editor.act(&format!("{at}/archive")).await;
    assert_eq!((reply.status, reply.json()["status"].as_str()), (200, Some("archived")));
    let reply = editor.act(&format!("{at}/publish")).await;
    assert_eq!(reply.json()["published_at"], "2026-11-22T12:00:00Z");
    let kinds: Vec<String> =
        event_kinds(&app).await.into_iter().filter(|kind| kind != "product.updated").collect();
    assert_eq!(kinds, ["product.created", "product.published", "product.archived", "product.published"]);
}

#[tokio::test]
async fn a_product_speaks_several_languages() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let product = made(&editor, "The Whale").await;
    let at = format!("{}/translations", path(&product));
    let reply = editor.put(&format!("{at}/de-at"), json!({"title": "Der Wal", "summary": "Über Wale"})).await;
    assert_eq!((reply.status, reply.header("etag")), (200, "\"2\""), "{}", reply.text());
    let texts = json!({"title": "Der Wal", "summary": "Über Wale", "description": null});
    assert_eq!(reply.json()["translations"], json!({"de-AT": texts}));
    assert_eq!(reply.json()["available_locales"], json!(["de-AT", "en"]));
    assert_eq!(
        (reply.json()["title"].as_str(), reply.json()["locale"].as_str()),
        (Some("The Whale"), Some("en"))
    );
    assert_eq!(row(&app, &product).await.search_text, " the whale der wal uber wale ");
    editor.put(&format!("{at}/de-AT"), json!({"title": "Wal"})).await;
    assert_eq!(row(&app, &product).await.search_text, " the whale wal ");
    assert_eq!(editor.put(&format!("{at}/no_such"), json!({"title": "x"})).await.status, 404);
    assert_eq!(editor.put(&format!("{at}/fr"), json!({"title": " "})).await.faults()[0].1, "required");
    assert_eq!(editor.delete(&format!("{at}/de-AT")).await.status, 204);
    assert_eq!(editor.delete(&format!("{at}/de-AT")).await.status, 404);
    assert_eq!(row(&app, &product).await.version, 4);
}

#[tokio::test]
async fn nothing_in_a_description_runs() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let description =
        "<script>alert(1)</script>\n\n[x](javascript:alert(1)) [y](https://example.com) <b onclick=x>";
    let body = json!({"kind": "game", "title": "<script>", "description": description});
    let product = editor.post(PRODUCTS, body).await.json();
    assert_eq!(product["description"], description);
    let html = product["description_html"].as_str().unwrap();
    assert!(!html.contains("<script") && !html.contains("javascript:") && !html.contains("<b"), "{html}");
    assert!(html.contains("<a href=\"https://example.com\" rel=\"nofollow noopener\">y</a>"), "{html}");
    let huge = json!({"kind": "game", "title": "x", "description": "x".repeat(100_001)});
    assert_eq!(editor.post(PRODUCTS, huge).await.faults()[0].1, "too_long");
}

#[tokio::test]
async fn only_editors_keep_the_catalog() {
    let app = TestApp::new().await;
    let (editor, customer, support) = (app.editor().await, app.account("ada").await, app.support().await);
    let product = made(&editor, "x").await;
    for (who, status) in [(app.nobody(), 401), (customer, 403), (support, 403)] {
        assert_eq!(who.get(&path(&product)).await.status, status);
        assert_eq!(who.post(PRODUCTS, json!({"nonsense": 1})).await.status, status);
        assert_eq!(who.patch(&path(&product), "*", json!({})).await.status, status);
        assert_eq!(who.act(&format!("{}/publish", path(&product))).await.status, status);
        assert_eq!(who.post("/api/v1/admin/tags", json!({"slug": "x", "name": "x"})).await.status, status);
    }
    for id in ["0190b5a6-7c1e-7d2b-8f3a-111111111111", "nonsense", "a%00b"] {
        let at = format!("{PRODUCTS}/{id}");
        assert_eq!(editor.get(&at).await.status, 404);
        assert_eq!(editor.patch(&at, "*", json!({"nonsense": 1})).await.status, 404);
        assert_eq!(editor.put(&format!("{at}/prices"), json!("nonsense")).await.status, 404);
        assert_eq!(editor.act(&format!("{at}/archive")).await.status, 404);
    }
}

#[tokio::test]
async fn a_tag_that_is_renamed_or_deleted_is_so_on_its_products_too() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    labels(&editor).await;
    let body = json!({"kind": "game", "title": "x", "tags": ["sea", "whales"]});
    let product = editor.post(PRODUCTS, body).await.json();
    let tag = "/api/v1/admin/tags/sea";
    let change =
        |at: &'static str, body: Value| Reply::of(editor.request(reqwest::Method::PATCH, at).json(&body));
    let reply = change(tag, json!({"slug": "ocean", "name": "The Océan"})).await;
    assert_eq!((reply.status, reply.json()["slug"].as_str()), (200, Some("ocean")), "{}", reply.text());
    let reply = editor.put("/api/v1/admin/tags/ocean/translations/de", json!({"name": "Meer"})).await;
    assert_eq!(reply.json(), json!({"slug": "ocean", "name": "The Océan", "translations": {"de": "Meer"}}));
    let renamed = row(&app, &product).await;
    assert_eq!((renamed.tags, renamed.version), (json!(["ocean", "whales"]), 3));
    for word in [" meer ", " ocean ", " whales "] {
        assert!(renamed.search_text.contains(word), "{}", renamed.search_text);
    }
    let reply = change("/api/v1/admin/tags/ocean", json!({"slug": "whales"})).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "slug_taken"));
    assert_eq!(change(tag, json!({})).await.status, 404);
    assert_eq!(editor.delete("/api/v1/admin/tags/ocean/translations/de").await.status, 204);
    assert_eq!(editor.delete("/api/v1/admin/tags/ocean/translations/de").await.status, 404);
    assert_eq!(editor.delete("/api/v1/admin/tags/ocean").await.status, 204);
    assert_eq!(editor.delete("/api/v1/admin/tags/ocean").await.status, 404);
    let left = row(&app, &product).await;
    assert_eq!((left.tags, left.search_text.as_str()), (json!(["whales"]), " x whales "));
    let reply = editor.post("/api/v1/admin/tags", json!({"slug": "whales", "name": "again"})).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "slug_taken"));
}

#[tokio::test]
async fn categories_form_a_tree() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let at = "/api/v1/admin/categories";
    let make = |body: Value| {
        let editor = editor.clone();
        async move { editor.post(at, body).await }
    };
    let change = |slug: &'static str, body: Value| {
        Reply::of(editor.request(reqwest::Method::PATCH, &format!("{at}/{slug}")).json(&body))
    };
    assert_eq!(make(json!({"slug": "games", "name": "Games"})).await.status, 201);
    let reply = make(json!({"slug": "puzzle", "name": "Puzzle", "parent": "games"})).await;
    assert_eq!(
        reply.json(),
        json!({"slug": "puzzle", "name": "Puzzle", "parent": "games", "translations": {}})
    );
    make(json!({"slug": "sudoku", "name": "Sudoku", "parent": "puzzle"})).await;
    let reply = make(json!({"slug": "x", "name": "X", "parent": "nope"})).await;
    assert_eq!(reply.faults(), [("parent".to_owned(), "unknown_category".to_owned())]);
    for parent in ["games", "puzzle", "sudoku"] {
        let reply = change("games", json!({"parent": parent})).await;
        assert_eq!((reply.status, reply.code().as_str()), (409, "category_cycle"), "{parent}");
    }
    assert_eq!(change("games", json!({"parent": "nope"})).await.faults()[0].1, "unknown_category");
    let product =
        editor.post(PRODUCTS, json!({"kind": "game", "title": "x", "categories": ["sudoku"]})).await.json();
    let reply = change("sudoku", json!({"slug": "number-place", "parent": null})).await;
    assert_eq!((reply.status, reply.json()["parent"].clone()), (200, Value::Null));
    assert_eq!(row(&app, &product).await.categories, json!(["number-place"]));
    let reply = editor.delete(&format!("{at}/games")).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "category_not_empty"));
    assert_eq!(editor.delete(&format!("{at}/number-place")).await.status, 204);
    assert_eq!(row(&app, &product).await.categories, json!([]));
    assert_eq!(editor.delete(&format!("{at}/puzzle")).await.status, 204);
    assert_eq!(editor.delete(&format!("{at}/games")).await.status, 204);
    assert_eq!(
        editor.put(&format!("{at}/games/translations/de"), json!({"name": "Spiele"})).await.status,
        404
    );
}

#[tokio::test]
async fn simultaneous_moves_close_no_circle() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let at = "/api/v1/admin/categories";
    for slug in ["a", "b"] {
        editor.post(at, json!({"slug": slug, "name": slug})).await;
    }
    let moved = |slug: &'static str, parent: &'static str| {
        Reply::of(
            editor.request(reqwest::Method::PATCH, &format!("{at}/{slug}")).json(&json!({"parent": parent})),
        )
    };
    let (first, second) = futures::future::join(moved("a", "b"), moved("b", "a")).await;
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}
