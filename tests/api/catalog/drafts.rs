//! Making products, and what of one is refused.
use serde_json::json;

use super::{PRODUCTS, labels, made, path, row};
use crate::support::TestApp;

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
            "adds_to": null, "add_ons": [], "edition_of": null, "editions": [], "contains": [], "bundles": [],
            "relations": {"adds_to": null, "edition_of": null, "contains": []},
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
