//! What is suggested to somebody who types.
use serde_json::{Value, json};

use super::shelf::{Item, item, stock, tag};
use crate::support::TestApp;

/// Kind and text of each suggestion.
async fn suggested(app: &TestApp, query: &str) -> Vec<(String, String)> {
    let reply = app.nobody().get(&format!("/api/v1/search/suggest?{query}")).await;
    assert_eq!(reply.status, 200, "{query}: {}", reply.text());
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let page = reply.json();
    assert_eq!(page["next_cursor"], Value::Null, "it is one page");
    page["items"].as_array().unwrap().iter().map(|one| (text(one, "type"), text(one, "text"))).collect()
}

fn pair(kind: &str, text: &str) -> (String, String) {
    (kind.to_owned(), text.to_owned())
}

async fn shop() -> TestApp {
    let app = TestApp::new().await;
    tag(&app, "strategy").await;
    tag(&app, "empty-strata").await;
    let titled = |slug, title| Item { title, ..item(slug) };
    stock(
        &app,
        [
            Item { popularity: 1, ..titled("strange", "Strange Planet") },
            Item { popularity: 9, tags: &["strategy"], ..titled("street", "Street Kings") },
            Item { publisher: Some("Stráto Works"), ..titled("other", "Another Planet") },
            Item { translations: &[("de", "Straßenkönige")], ..titled("kings", "Road Kings") },
        ],
    )
    .await;
    app
}

#[tokio::test]
async fn products_tags_and_publishers_that_begin_so_are_suggested() {
    // Titles in any language come before what only a tag or a publisher says.
    let app = shop().await;
    assert_eq!(
        suggested(&app, "q=STRA").await,
        [
            pair("product", "Strange Planet"),
            pair("product", "Road Kings"),
            pair("product", "Street Kings"),
            pair("product", "Another Planet"),
            pair("tag", "strategy"),
            pair("publisher", "Stráto Works"),
        ]
    );
    assert_eq!(
        suggested(&app, "q=strat+wor").await,
        [pair("product", "Another Planet"), pair("publisher", "Stráto Works")]
    );
    assert_eq!(suggested(&app, "q=+").await, []);
    assert_eq!(suggested(&app, "q=%2A%5B").await, []);
}

#[tokio::test]
async fn a_suggestion_says_what_leads_to_it() {
    let app = shop().await;
    let page = app.nobody().get("/api/v1/search/suggest?q=street").await.json();
    let first = &page["items"][0];
    assert_eq!((&first["slug"], &first["kind"]), (&json!("street"), &json!("game")));
    let id = first["id"].as_str().unwrap();
    assert_eq!(app.nobody().get(&format!("/api/v1/products/{id}")).await.json()["title"], "Street Kings");

    let page = app.nobody().get("/api/v1/search/suggest?q=strategy").await.json();
    let tag = page["items"].as_array().unwrap().iter().find(|one| one["type"] == "tag").unwrap();
    assert_eq!((&tag["slug"], &tag["product_count"]), (&json!("strategy"), &json!(1)));
}

#[tokio::test]
async fn suggestions_speak_the_readers_language_and_forgive_typing_errors() {
    let app = shop().await;
    assert_eq!(suggested(&app, "q=strassenk&locale=de").await, [pair("product", "Straßenkönige")]);
    assert_eq!(suggested(&app, "q=strete").await[0], pair("product", "Street Kings"));
    assert_eq!(suggested(&app, "q=stra&limit=1").await.iter().filter(|one| one.0 == "product").count(), 1);
}

#[tokio::test]
async fn a_bad_question_is_refused() {
    let app = TestApp::new().await;
    for query in ["", "q=%00", "q=a&limit=0", "q=a&limit=101", "q=a&colour=red"] {
        let reply = app.nobody().get(&format!("/api/v1/search/suggest?{query}")).await;
        assert_eq!(reply.status, 422, "{query}: {}", reply.text());
    }
}

#[tokio::test]
async fn other_words_are_offered_where_these_are_found_nowhere_and_those_are() {
    let app = shop().await;
    let nobody = app.nobody();
    let page = nobody.get("/api/v1/products?q=street+kingsssqq").await.json();
    assert_eq!((&page["items"], &page["did_you_mean"]), (&json!([]), &json!(null)));
    let page = nobody.get("/api/v1/products?q=planett+works").await.json();
    assert_eq!((&page["items"], &page["did_you_mean"]), (&json!([]), &json!("planet works")));
    assert_eq!(nobody.get("/api/v1/products?q=planet+works").await.json()["items"][0]["slug"], "other");
    for nothing in ["planett+strange+road", "planett+works&kind=ebook"] {
        let page = nobody.get(&format!("/api/v1/products?q={nothing}")).await.json();
        assert_eq!((&page["items"], page.get("did_you_mean")), (&json!([]), None), "{nothing}");
    }
}
