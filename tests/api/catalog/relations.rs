//! Add-ons, editions and bundles: what products are to each other, without chains.
use reqwest::Method;
use serde_json::{Value, json};

use super::{made, path};
use crate::support::{Client, Reply, TestApp};

async fn relate(editor: &Client, product: &Value, relations: Value) -> Reply {
    editor.put(&format!("{}/relations", path(product)), relations).await
}

async fn related(editor: &Client, product: &Value, relations: Value) {
    let reply = relate(editor, product, relations).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// In the store from here on.
async fn publish(editor: &Client, product: &Value) {
    let prices = json!([{"currency": "USD", "amount": 900}]);
    assert_eq!(editor.put(&format!("{}/prices", path(product)), prices).await.status, 200);
    let body = json!({"release_date": "2999-01-01"});
    let change = editor.request(Method::PATCH, &path(product)).header("if-match", "*").json(&body);
    assert_eq!(Reply::of(change).await.status, 200);
    assert_eq!(editor.act(&format!("{}/publish", path(product))).await.status, 200);
}

fn slugs(page: &Value, field: &str) -> Vec<String> {
    let all = page[field].as_array().unwrap_or_else(|| panic!("{field}: {page}"));
    all.iter().map(|kin| kin["slug"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_page_shows_the_published_kin_of_a_product() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let mut all = Vec::new();
    for title in ["Base", "Season", "Deluxe", "Gold", "Complete", "Unready"] {
        all.push(made(&editor, title).await);
    }
    let [base, season, deluxe, gold, complete, unready] = all.as_slice() else { panic!() };
    related(&editor, season, json!({"adds_to": base["id"]})).await;
    related(&editor, unready, json!({"adds_to": base["id"]})).await;
    related(&editor, deluxe, json!({"edition_of": base["id"]})).await;
    related(&editor, gold, json!({"edition_of": base["id"]})).await;
    related(&editor, complete, json!({"contains": [season["id"], base["id"]]})).await;
    let german = json!({"title": "Grundspiel"});
    assert_eq!(editor.put(&format!("{}/translations/de", path(base)), german).await.status, 200);
    for product in [base, season, deluxe, gold, complete] {
        publish(&editor, product).await;
    }
    let page =
        async |slug: &str| app.nobody().get(&format!("/api/v1/products/{slug}?locale=de")).await.json();
    let shown = page("base").await;
    assert_eq!(slugs(&shown, "add_ons"), ["season"], "what isn't in the store isn't shown");
    assert_eq!(
        (slugs(&shown, "editions"), slugs(&shown, "bundles")),
        (vec!["deluxe".to_owned(), "gold".to_owned()], vec!["complete".to_owned()],)
    );
    assert_eq!((&shown["adds_to"], &shown["edition_of"]), (&json!(null), &json!(null)));
    assert_eq!(page("season").await["adds_to"]["title"], "Grundspiel");
    let shown = page("deluxe").await;
    assert_eq!(
        (shown["edition_of"]["slug"].clone(), slugs(&shown, "editions")),
        (json!("base"), vec!["gold".to_owned()])
    );
    assert_eq!(slugs(&page("complete").await, "contains"), ["season", "base"], "as their editor named them");
    let kept = editor.get(&path(unready)).await.json();
    assert_eq!(kept["relations"], json!({"adds_to": base["id"], "edition_of": null, "contains": []}));
}

#[tokio::test]
async fn what_leads_in_a_circle_or_a_chain_is_refused() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let (base, add_on, other) =
        (made(&editor, "Base").await, made(&editor, "Add-on").await, made(&editor, "Other").await);
    related(&editor, &add_on, json!({"adds_to": base["id"]})).await;
    related(&editor, &other, json!({"contains": [base["id"]]})).await;
    let unknown = "01900000-0000-7000-8000-000000000000";
    for (product, relations, field, code) in [
        (&base, json!({"adds_to": base["id"]}), "adds_to", "itself"),
        (&base, json!({"edition_of": unknown}), "edition_of", "unknown_product"),
        (&base, json!({"adds_to": other["id"]}), "adds_to", "nested"),
        (&other, json!({"adds_to": add_on["id"]}), "adds_to", "nested"),
        (&base, json!({"contains": [add_on["id"]]}), "contains[0]", "nested"),
        (&add_on, json!({"contains": [base["id"], other["id"]]}), "contains[1]", "nested"),
        (&other, json!({"contains": [base["id"], base["id"]]}), "contains[1]", "duplicate"),
        (&other, json!({"contains": vec![unknown; 51]}), "contains", "too_many"),
        (&other, json!({"contains": 1}), "contains", "wrong_type"),
        (&other, json!({"base": base["id"]}), "base", "unknown_field"),
    ] {
        let reply = relate(&editor, product, relations.clone()).await;
        let errors = reply.json()["errors"].clone();
        let told = (errors[0]["field"].as_str(), errors[0]["code"].as_str());
        assert_eq!((reply.status, told), (422, (Some(field), Some(code))), "{relations} {}", reply.text());
    }
    assert_eq!(editor.get(&path(&base)).await.json()["version"], base["version"], "nothing was changed");
}

#[tokio::test]
async fn what_others_are_related_to_is_not_deleted() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let (base, add_on) = (made(&editor, "Base").await, made(&editor, "Add-on").await);
    related(&editor, &add_on, json!({"adds_to": base["id"]})).await;
    let delete = async |product: &Value| {
        Reply::of(editor.request(Method::DELETE, &path(product)).header("if-match", "*")).await
    };
    let reply = delete(&base).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "product_related"));
    assert_eq!(delete(&add_on).await.status, 204);
    assert_eq!(delete(&base).await.status, 204);
}

#[tokio::test]
async fn a_bundle_begins_as_a_draft_and_is_never_empty_in_the_store() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let (base, bundle) = (made(&editor, "Base").await, made(&editor, "Bundle").await);
    related(&editor, &bundle, json!({"contains": [base["id"]]})).await;
    let prices = json!([{"currency": "USD", "amount": 900}]);
    assert_eq!(editor.put(&format!("{}/prices", path(&bundle)), prices).await.status, 200);
    let early = editor.act(&format!("{}/publish", path(&bundle))).await;
    assert_eq!((early.status, early.json()["errors"][0]["code"].clone()), (409, json!("not_published")));
    publish(&editor, &base).await;
    assert_eq!(editor.act(&format!("{}/publish", path(&bundle))).await.status, 200);
    let emptied = relate(&editor, &bundle, json!({})).await;
    assert_eq!((emptied.status, emptied.code().as_str()), (409, "bundle_in_store"));
    let sold = made(&editor, "Sold by itself").await;
    publish(&editor, &sold).await;
    let turned = relate(&editor, &sold, json!({"contains": [base["id"]]})).await;
    assert_eq!((turned.status, turned.code().as_str()), (409, "no_bundle"));
}

#[tokio::test]
async fn two_edits_at_once_build_no_chain() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    for round in 0..10 {
        let (one, two) =
            (made(&editor, &format!("One {round}")).await, made(&editor, &format!("Two {round}")).await);
        let (first, second) = tokio::join!(
            relate(&editor, &one, json!({"adds_to": two["id"]})),
            relate(&editor, &two, json!({"adds_to": one["id"]})),
        );
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422]);
    }
}
